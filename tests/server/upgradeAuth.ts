import type { IncomingMessage } from 'node:http';
import type { Holder } from './holder';
import { pageOrigin } from './origins';
import type { PolicyCode } from './policyClose';
import type { ServerContext } from './serverContext';
import type { SocketAuthMode } from './serverOptions';
import { countUp } from './serverStats';
import { judgeToken } from './tokenVerdict';

/** What the server makes of a handshake. */
export type Admission =
  /** The credential is to come as the first frame. */
  | { kind: 'awaited' }
  | { kind: 'admitted'; holder: Holder }
  | { kind: 'refused'; code: PolicyCode; status: 401 | 403 };

/** A credential that came with a handshake. */
type Carried = { mode: 'ticket' | 'subprotocol' | 'cookie'; value: string };

/** A token travels in the list of subprotocols behind this. */
const TOKEN_PREFIX = 'bearer.';

/** Judges the credentials that come with the handshake itself. */
export class UpgradeAuth {
  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  async judge(request: IncomingMessage): Promise<Admission> {
    const { faults, settings, stats } = this.#context;
    const takes = (mode: SocketAuthMode) => settings.socketAuth.includes(mode);
    const carried = carriedBy(request).find(({ mode }) => takes(mode));
    if (!carried) {
      if (takes('first-message')) return { kind: 'awaited' };
      if (takes('ticket')) stats().upgradesWithoutTicket += 1;
      return this.#refuse(takes('cookie') ? 'login_required' : 'auth_required');
    }
    const admission = await this.#judge(carried, request);
    const refusal = faults.takeRefusal('refuseAuth');
    if (!refusal) return admission;
    countUp(stats().faultsServed, 'socket refuseAuth');
    if (admission.kind === 'admitted' && admission.holder.claims)
      this.#context.tokens.noteRefusal(admission.holder.claims.jti);
    return this.#refuse(refusal.code);
  }

  #judge({ mode, value }: Carried, request: IncomingMessage): Promise<Admission> {
    switch (mode) {
      case 'ticket':
        return this.#judgeTicket(value, request);
      case 'subprotocol':
        return this.#judgeToken(Buffer.from(value, 'base64url').toString('utf8'));
      case 'cookie':
        return this.#judgeCookie(request);
    }
  }

  async #judgeTicket(ticket: string, request: IncomingMessage): Promise<Admission> {
    const { sessions, tickets, tokens } = this.#context;
    const holder = tickets.redeem(ticket, pageOrigin(request));
    if (typeof holder === 'string')
      return this.#refuse('ticket_invalid', holder === 'wrongOrigin' ? 403 : 401);
    // Token and session may have ended since the ticket was given out.
    const error = holder.claims && tokens.errorOf(holder.claims);
    if (error !== null) return this.#refuse(error);
    const found = await sessions.find(holder.session);
    return 'denied' in found ? this.#refuse(found.denied) : { kind: 'admitted', holder };
  }

  async #judgeToken(token: string): Promise<Admission> {
    const { holder, error, isOld } = await judgeToken(this.#context, token);
    if (isOld) this.#context.stats().upgradesWithOldToken += 1;
    return holder && error === null ? { kind: 'admitted', holder } : this.#refuse(error ?? 'token_invalid');
  }

  async #judgeCookie(request: IncomingMessage): Promise<Admission> {
    const cookie = this.#context.cookies.readSocket(request.headers.cookie);
    if (typeof cookie === 'string') return this.#refuse('login_required');
    const found = await this.#context.sessions.find(cookie.sessionId);
    if ('denied' in found) return this.#refuse(found.denied);
    const { id, user } = found.session;
    return { kind: 'admitted', holder: { user, session: id, claims: null } };
  }

  #refuse(code: PolicyCode, status: 401 | 403 = 401): Admission {
    countUp(this.#context.stats().authErrors, code);
    return { kind: 'refused', code, status };
  }
}

/** Everything in a handshake that may be a credential. */
function carriedBy(request: IncomingMessage): Carried[] {
  const ticket = new URL(request.url ?? '/', 'http://server').searchParams.get('ticket');
  const token = (request.headers['sec-websocket-protocol'] ?? '')
    .split(/\s*,\s*/)
    .find(one => one.startsWith(TOKEN_PREFIX));
  const found: Carried[] = [];
  if (ticket) found.push({ mode: 'ticket', value: ticket });
  if (token) found.push({ mode: 'subprotocol', value: token.slice(TOKEN_PREFIX.length) });
  if (request.headers.cookie) found.push({ mode: 'cookie', value: request.headers.cookie });
  return found;
}
