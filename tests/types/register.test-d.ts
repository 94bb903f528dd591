import {
  createAuthSocket,
  useSocket,
  useSocketMessage,
  useSocketState,
  type AuthSocket,
} from 'react-auth-socket';

type In = { type: 'chat'; text: string } | { type: 'seen'; by: number };
type Out = { type: 'say'; text: string };

const socket = createAuthSocket<In, Out>({ url: '/ws' });

declare module 'react-auth-socket' {
  interface Register {
    socket: typeof socket;
  }
}

const registered: AuthSocket<In, Out> = useSocket();
registered.send({ type: 'say', text: 'hi' });
// @ts-expect-error the registered socket does not send this
registered.send({ type: 'shout' });
useSocketMessage(message => message.text.length, { topic: 'chat' });
const count: number = useSocketState(
  (n, batch) => n + batch.filter(message => message.type === 'seen').length,
  0,
);
void count;
