import { AuthSocketError } from '../machine/errors';
import type { Verdict } from '../machine/verdict';
import { closeTable } from './closeTable';
import { readPhoenixFrame, writePhoenixFrame, type PhoenixMessage, type PhoenixPush } from './phoenixFrame';
import { verdictOfPhoenixReason } from './phoenixReason';
import type { Carrier, DialAnswer, Frame, Inbound, Outbound, SocketProtocol } from './protocol';

export type { PhoenixMessage, PhoenixPush } from './phoenixFrame';

/** Options of `phoenix()`. */
export interface PhoenixOptions {
  /**
   * The channels that every link joins, the first of which makes it ready. A function is called per link, so that a list
   * may grow: join a new topic yourself as well, with a push of `phx_join`.
   *
   * @default none: the link is ready when it is open
   */
  topics?: readonly string[] | (() => readonly string[]);
  /** What else the join of a topic carries, e.g. Supabase's `{ config }`. The token is added to it. @default nothing */
  join?: (topic: string) => Record<string, unknown>;
  /**
   * The name of the token in the join, and of the event that hands a fresh one over.
   *
   * @default 'access_token', as Supabase has it
   */
  tokenField?: string;
  /**
   * For a server that judges the token during the handshake: `ticket()`, `cookie()`, or for Phoenix's own `authToken`
   * `subprotocol({ accept: 'phoenix', prefix: 'base64url.bearer.phx.' })`. No join carries a token then, and a new token
   * means a new link.
   */
  carrier?: Carrier;
  /** What a close code or the reason of a refused join means on your server: `{ 4001: 'revoked', banned: 'forbidden' }`. */
  verdicts?: Readonly<Record<string | number, Verdict>>;
}

const VSN = '2.0.0';

/** The join reference of every channel of ours: with its topic it tells one channel of a socket from another. */
const JOIN = '~join';
/** The ref of the join that makes the link ready. */
const FIRST_JOIN = '~join:first';
const PING = '~ping';
/** Of a heartbeat behind new tokens; the number of the refresh follows. */
const REFRESH = '~refresh:';
const TOKEN = '~token';

/**
 * Phoenix channels, with the serializer 2.0.0, as Supabase Realtime speaks them. The topic of a message is its channel.
 *
 * | from us | from the server |
 * |---|---|
 * | `phx_join` for each of `topics`, with the token | `phx_reply`: ready, or refused · a message too |
 * | `access_token` for each topic, then a heartbeat | `phx_reply` to the heartbeat: the token has arrived |
 * | `heartbeat` on the topic `phoenix` | `phx_reply` |
 * | | `system` with an error, `phx_error`, `phx_close` for one of `topics`: a new link · a message too |
 *
 * Supabase answers no `access_token`. It answers what comes behind, in order, which shows that the token has arrived; one
 * that is no good ends its channel with a `system` error. A link whose channel has died is replaced, the new one first;
 * nothing is done about channels of your own.
 *
 * @see https://hexdocs.pm/phoenix/writing_a_channels_client.html
 */
export function phoenix<In = PhoenixMessage, Out = PhoenixPush>(
  options: PhoenixOptions = {},
): SocketProtocol<In, Out> {
  const { topics = [], join, tokenField = 'access_token', carrier, verdicts = {} } = options;
  if (typeof topics !== 'function') checkTopics(topics);
  if (join !== undefined && typeof join !== 'function') throw invalid('join must be a function');
  if (typeof tokenField !== 'string' || tokenField === '') {
    throw invalid('tokenField must be a non-empty string');
  }
  if (carrier?.hello) throw invalid('carrier must be one that acts during the handshake');

  const ownTopics = (): readonly string[] => (typeof topics === 'function' ? topics() : topics);
  const named = (token: string) => (token === '' || carrier ? {} : { [tokenField]: token });

  const verdictOf = (reason: unknown) => verdictOfPhoenixReason(reason, verdicts);

  function readReply(frame: PhoenixMessage, message: Frame<In>): Frame<In> | readonly Frame<In>[] {
    const { ref } = frame;
    if (ref === PING) return { kind: 'pong' };
    if (ref?.startsWith(REFRESH)) return { kind: 'refreshed', id: Number(ref.slice(REFRESH.length)) };
    if (ref !== FIRST_JOIN && ref !== JOIN && ref !== TOKEN) return message;
    const { status, response } = fieldsOf(frame.payload);
    if (status === 'ok') {
      if (ref === TOKEN) return { kind: 'ignore' };
      return ref === JOIN ? message : [{ kind: 'ready' }, message];
    }
    const verdict = verdictOf(fieldsOf(response).reason);
    if (ref === FIRST_JOIN) return { kind: 'refused', verdict };
    if (verdict === 'expired' || verdict === 'revoked') return [message, { kind: 'verdict', verdict }];
    // The token of a channel that is not there: what became of that was said before.
    if (ref === TOKEN) return verdict === 'protocol' ? { kind: 'ignore' } : message;
    // A topic that is not for this user costs that topic.
    const isPassing = verdict === 'ambiguous' || verdict === 'going-away';
    return isPassing ? [message, { kind: 'verdict', verdict: 'going-away' }] : message;
  }

  const protocol: SocketProtocol<In, Out> = {
    name: 'phoenix',
    async prepare(dial): Promise<DialAnswer> {
      checkTopics(ownTopics());
      const answer = carrier?.prepare ? await carrier.prepare(dial) : { url: dial.url };
      if (!('url' in answer)) return answer;
      const url = new URL(answer.url);
      url.searchParams.set('vsn', VSN);
      return { ...answer, url };
    },
    hello(token) {
      const joins = ownTopics().map((topic, index) => {
        const payload = { ...join?.(topic), ...named(token) };
        return JSON.stringify([JOIN, index === 0 ? FIRST_JOIN : JOIN, topic, 'phx_join', payload]);
      });
      return joins.length > 0 ? joins : null;
    },
    waitsForReady: true,
    ping: () => heartbeat(PING),
    // A server of Bandit's closes a socket that was silent for too long with 1002.
    judgeClose: closeTable({ 1002: 'ambiguous', ...verdicts }),
    write(message): Outbound {
      const { topic, event, payload = {}, ref = null, joinRef } = fieldsOf(message) as unknown as PhoenixPush;
      const own = topic === 'phoenix' ? null : JOIN;
      return writePhoenixFrame({
        topic,
        event,
        payload,
        ref,
        joinRef: joinRef === undefined ? own : joinRef,
      });
    },
    read(data: Inbound) {
      const frame = readPhoenixFrame(data);
      if (typeof frame === 'string') return { kind: 'malformed', why: frame };
      const { event, topic, joinRef } = frame;
      const message: Frame<In> = { kind: 'message', message: frame as In, topic };
      if (event === 'phx_reply') return readReply(frame, message);
      const isLoss = event === 'phx_error' || event === 'phx_close';
      if (!(isLoss || event === 'system') || joinRef !== JOIN || !ownTopics().includes(topic)) return message;
      if (isLoss) return [message, { kind: 'verdict', verdict: 'going-away' }];
      const { status, extension, message: reason } = fieldsOf(frame.payload);
      // An error of another extension leaves the channel alive; this one is about to end it.
      const verdict = status === 'error' && extension === 'system' ? verdictOf(reason) : 'ambiguous';
      return verdict === 'ambiguous' ? message : [message, { kind: 'verdict', verdict }];
    },
  };
  if (carrier) return protocol;
  return {
    ...protocol,
    refresh(token, id) {
      const pushes = ownTopics().map(topic =>
        JSON.stringify([JOIN, TOKEN, topic, tokenField, { [tokenField]: token }]),
      );
      return [...pushes, heartbeat(`${REFRESH}${id}`)];
    },
  };
}

function heartbeat(ref: string): string {
  return JSON.stringify([null, ref, 'phoenix', 'heartbeat', {}]);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function checkTopics(topics: unknown): void {
  const isTopic = (topic: unknown) => typeof topic === 'string' && topic !== '' && topic !== 'phoenix';
  if (Array.isArray(topics) && topics.every(isTopic) && new Set(topics).size === topics.length) return;
  throw invalid('topics must be different non-empty strings, none of them "phoenix"');
}

function invalid(what: string): AuthSocketError {
  return new AuthSocketError('invalid-option', `phoenix: ${what}.`);
}
