import * as v from 'valibot';
import { z } from 'zod';
import { createAuthSocket, jsonProtocol, type SocketProtocol } from '../../src/index';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_proof: Equal<A, B>): void {}

// zod: handlers get the output of `incoming`, senders give the input of `outgoing`.
const zodProtocol = jsonProtocol({
  incoming: z.discriminatedUnion('type', [
    z.object({ type: z.literal('chat'), at: z.iso.datetime().transform(text => new Date(text)) }),
    z.object({ type: z.literal('seen'), by: z.number() }),
  ]),
  outgoing: z.object({ type: z.literal('say'), text: z.string(), times: z.number().default(1) }),
});
type ZodIn = { type: 'chat'; at: Date } | { type: 'seen'; by: number };
type ZodOut = { type: 'say'; text: string; times?: number | undefined };
same<typeof zodProtocol, SocketProtocol<ZodIn, ZodOut>>(true);

const zodSocket = createAuthSocket({ url: '/ws', protocol: zodProtocol });
zodSocket.onMessage(message => same<typeof message, { type: 'seen'; by: number }>(true), { topic: 'seen' });
zodSocket.send({ type: 'say', text: 'hi' });
// @ts-expect-error the schema wants a text
zodSocket.send({ type: 'say' });
// @ts-expect-error a number is no text
zodSocket.send({ type: 'say', text: 1 });

// valibot.
const valibotProtocol = jsonProtocol({
  incoming: v.object({ type: v.literal('tick'), seq: v.pipe(v.string(), v.transform(Number)) }),
  outgoing: v.object({ type: v.literal('resume'), from: v.optional(v.number(), 0) }),
});
same<
  typeof valibotProtocol,
  SocketProtocol<{ type: 'tick'; seq: number }, { type: 'resume'; from?: number | undefined }>
>(true);
const valibotSocket = createAuthSocket({ url: '/ws', protocol: () => valibotProtocol });
valibotSocket.send({ type: 'resume' });
// @ts-expect-error a text is no number
valibotSocket.send({ type: 'resume', from: '7' });

// One schema leaves the other side alone.
same<ReturnType<typeof incomingOnly>, SocketProtocol<{ n: number }, unknown>>(true);
function incomingOnly() {
  return jsonProtocol({ incoming: z.object({ n: z.number() }) });
}
// The topic sees the checked message.
jsonProtocol({ incoming: z.object({ room: z.string() }), topic: message => message.room });
// @ts-expect-error no Standard Schema
jsonProtocol({ incoming: { parse: (value: unknown) => value } });
