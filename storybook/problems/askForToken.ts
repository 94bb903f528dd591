import type { GetToken, TokenAnswer } from 'react-auth-socket';
import type { TestWorld } from 'react-auth-socket/testing';

/** A call of the world's token endpoint by a client that is not ours. It rejects while the endpoint cannot be reached. */
export async function askForToken(world: TestWorld): Promise<string> {
  const { getToken } = world.tokens.source as { getToken: GetToken };
  const answer: TokenAnswer = await getToken({
    reason: 'manual',
    forceRefresh: true,
    previous: null,
    minValidityMs: 0,
    attempt: 1,
    signal: new AbortController().signal,
  });
  if (typeof answer !== 'string') throw new Error('no token');
  return answer;
}
