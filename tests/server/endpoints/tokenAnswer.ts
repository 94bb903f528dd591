import { jsonAnswer, type HttpAnswer } from '../httpAnswer';
import type { ServerContext } from '../serverContext';
import type { Session } from '../sessionStore';

/** A fresh access token in the body, the session's cookies beside it. */
export async function tokenAnswer(context: ServerContext, session: Session): Promise<HttpAnswer> {
  const { token, claims } = await context.tokens.mint(session.user, session.id);
  const lifeMs = context.sessions.expiresAt(session) - context.clock.now();
  return {
    ...jsonAnswer(200, {
      access_token: token,
      token_type: 'Bearer',
      expires_in: context.tokens.remainingS(claims),
      user: session.user,
    }),
    // A sliding session may outlive any age written here, so its cookies leave with the browser session instead.
    cookies: context.cookies.write(session, context.settings.sliding ? null : lifeMs),
  };
}
