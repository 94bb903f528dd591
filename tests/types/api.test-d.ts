import {
  createAuthSocket,
  createAuthSocketContext,
  jsonProtocol,
  signedOut,
  unavailable,
  type AuthSocket,
  type GetToken,
  type SocketStatus,
  type StopReason,
  type TokenRequest,
  type TokenSource,
} from '../../src/index';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_proof: Equal<A, B>): void {}

type In = { type: 'chat'; text: string } | { type: 'seen'; by: number };
type Out = { type: 'say'; text: string };

const socket = createAuthSocket<In, Out>({ url: '/ws' });

// What a source may answer, and what it may not.
const good: GetToken = async ({ signal }) =>
  signal.aborted ? unavailable() : Math.random() ? 'token' : signedOut();
// @ts-expect-error null is no answer: say signedOut() or unavailable()
const bad: GetToken = () => null;
// @ts-expect-error a promise of undefined is no answer either
const worse: GetToken = async () => undefined;
const source: TokenSource = { getToken: good, subscribe: () => () => {}, coordinated: true };
createAuthSocket({ getToken: source });
createAuthSocket({ getToken: socket });
// Written in place, a source knows what it is asked.
createAuthSocket({
  getToken: {
    getToken(request) {
      same<typeof request, TokenRequest>(true);
      return unavailable();
    },
  },
});
createAuthSocket({
  getToken: { getToken: async ({ signal }) => (signal.aborted ? unavailable() : 'token') },
});
createAuthSocket({ getToken: request => (same<typeof request, TokenRequest>(true), 'token') });
// @ts-expect-error an object without getToken is no source
createAuthSocket({ getToken: { subscribe: () => () => {} } });

// Messages are typed by topic.
socket.onMessage(message => same<typeof message, In>(true));
socket.onMessage(message => same<typeof message, { type: 'chat'; text: string }>(true), { topic: 'chat' });
socket.onMessage(message => same<typeof message, In>(true), { topic: 'unknown-topic' });
socket.send({ type: 'say', text: 'hi' });
// @ts-expect-error not a message of this socket
socket.send({ type: 'shout' });
same<ReturnType<typeof socket.send>, 'sent' | 'queued' | 'dropped'>(true);

// The status says what exists in which state.
declare const status: SocketStatus;
if (status.link === 'waiting') same<typeof status.retryAt, number>(true);
if (status.link === 'stopped') same<typeof status.stopReason, StopReason>(true);
if (status.link === 'open') same<typeof status.retryAt, null>(true);
// @ts-expect-error read only
status.lost = true;

// Options.
declare const hooksOf: ReturnType<typeof createAuthSocketContext>;
// @ts-expect-error times are numbers
createAuthSocket({ refreshLeadMs: '2 min' });
createAuthSocket<In, Out>({ url: () => new URL('wss://a.test'), protocol: () => jsonProtocol<In, Out>() });
createAuthSocket({ heartbeat: false, sessionKey: null });
// Left out or undefined: one session, whoever it is.
declare const user: { id: string } | undefined;
createAuthSocket({ sessionKey: user?.id });
createAuthSocket({ sessionKey: user?.id ?? null });
void hooksOf.AuthSocketProvider({ url: '/ws', sessionKey: user?.id });
// @ts-expect-error a number is no key
createAuthSocket({ sessionKey: 7 });

// A context of its own carries its own types.
const hooks = createAuthSocketContext<In, Out>();
same<ReturnType<typeof hooks.useSocket>, AuthSocket<In, Out>>(true);
void hooks.AuthSocketProvider({ socket, enabled: false });
void hooks.AuthSocketProvider({ url: '/ws', getToken: good });
// @ts-expect-error either options or a socket
void hooks.AuthSocketProvider({ socket, url: '/ws' });

void [bad, worse];
