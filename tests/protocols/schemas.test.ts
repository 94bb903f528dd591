import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonProtocol, type JsonProtocolOptions, type StandardSchema } from '../../src/protocols';
import { clientInWorld } from '../scenarios/clientInWorld';
import { thrownBy } from './thrownBy';

const schemas: Record<
  string,
  { incoming: StandardSchema<unknown, object>; outgoing: StandardSchema<object> }
> = {
  zod: {
    incoming: z.object({ type: z.literal('chat'), at: z.string().transform(text => new Date(text)) }),
    outgoing: z.object({ type: z.literal('say'), text: z.string().min(1), times: z.number().default(1) }),
  },
  valibot: {
    incoming: v.object({
      type: v.literal('chat'),
      at: v.pipe(
        v.string(),
        v.transform(text => new Date(text)),
      ),
    }),
    outgoing: v.object({
      type: v.literal('say'),
      text: v.pipe(v.string(), v.minLength(1)),
      times: v.optional(v.number(), 1),
    }),
  },
};

describe.each(Object.entries(schemas))(
  'jsonProtocol with a schema of %s',
  (_name, { incoming, outgoing }) => {
    const protocol = jsonProtocol({ incoming, outgoing });

    it('gives handlers the output of the schema', () => {
      const text = '{"type":"chat","at":"2026-11-25T00:00:00Z","extra":1}';
      expect(protocol.read(text)).toEqual({
        kind: 'message',
        message: { type: 'chat', at: new Date('2026-11-25T00:00:00Z') },
        topic: 'chat',
      });
    });

    it('an invalid frame is malformed, with the place and without the value', () => {
      const frame = protocol.read('{"type":"chat","at":123456}');
      expect(frame).toMatchObject({ kind: 'malformed', why: expect.stringContaining('at: ') as string });
      expect(JSON.stringify(frame)).not.toContain('123456');
    });

    it.each(['null', '7', '[]', '"x"', '{}', '{"__proto__":{"type":"chat"}}'])(
      '%s does not fit and throws nothing',
      text => {
        expect(protocol.read(text)).toMatchObject({ kind: 'malformed' });
      },
    );

    it('control frames are read before the schema is asked', () => {
      expect(protocol.read('{"type":"pong"}')).toEqual({ kind: 'pong' });
      expect(protocol.read('{"type":"auth_ok"}')).toMatchObject({ kind: 'ready' });
    });

    it('writes the output of the schema', () => {
      expect(JSON.parse(protocol.write({ type: 'say', text: 'hi' }) as string)).toEqual({
        type: 'say',
        text: 'hi',
        times: 1,
      });
    });

    it('refuses to write what does not fit, and names the place', () => {
      expect(thrownBy(() => protocol.write({ type: 'say', text: '' }))).toMatch(/^invalid-message .*text: /);
      expect(thrownBy(() => protocol.write({ type: 'shout' }))).toMatch(/^invalid-message /);
    });
  },
);

describe('jsonProtocol with schemas', () => {
  it('names three issues and counts the rest', () => {
    const incoming = z.object({ a: z.string(), b: z.string(), c: z.string(), d: z.string(), e: z.string() });
    const frame = jsonProtocol({ incoming }).read('{}') as { why: string };
    expect(frame.why).toMatch(/a: .*; b: .*; c: .* and 2 more/);
    expect(frame.why).not.toContain('d: ');
  });

  it('the topic is taken from the checked message', () => {
    const protocol = jsonProtocol({
      incoming: z.object({ room: z.string().toUpperCase() }),
      topic: message => message.room,
    });
    expect(protocol.read('{"room":"blue"}')).toMatchObject({ topic: 'BLUE' });
  });

  it.each<[string, JsonProtocolOptions<unknown>]>([
    ['no schema', { incoming: {} as never }],
    ['an async schema of valibot', { incoming: v.objectAsync({ a: v.string() }) }],
    ['an outgoing async schema', { outgoing: v.objectAsync({ a: v.string() }) as never }],
  ])('%s is an invalid option at creation', (_name, options) => {
    expect(thrownBy(() => jsonProtocol(options))).toMatch(
      /^invalid-option jsonProtocol: (incoming|outgoing) must/,
    );
  });

  it('an async schema that shows itself late is reported as an invalid option; frame dropped, link kept', async () => {
    const incoming = z.object({ a: z.string().refine(async text => text !== '') });
    const client = clientInWorld({ protocol: jsonProtocol({ incoming }) });
    await client.open();
    client.world.server.last.send({ a: 'x' });
    await client.world.clock.advance(10);
    expect(client.errors.map(({ code }) => code)).toEqual(['invalid-option']);
    expect(client.messages).toEqual([]);
    expect(client.socket.getStatus().link).toBe('open');
    await client.end();
  });

  it('a schema that throws costs its frame and is reported', async () => {
    const incoming: StandardSchema<unknown, object> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate(value) {
          throw new Error(`cannot read ${JSON.stringify(value)}`);
        },
      },
    };
    const client = clientInWorld({ protocol: jsonProtocol({ incoming }) });
    await client.open();
    client.world.server.last.send({ a: 'x' });
    await client.world.clock.advance(10);
    expect(client.errors.map(({ code }) => code)).toEqual(['malformed-frame']);
    expect(client.socket.getStatus().link).toBe('open');
    await client.end();
  });

  it('an invalid frame is reported, never delivered, and never closes the socket', async () => {
    const client = clientInWorld({ protocol: jsonProtocol({ incoming: z.object({ n: z.number() }) }) });
    await client.open();
    for (const n of [1, 'two', 3]) client.world.server.last.send({ n });
    await client.world.clock.advance(10);
    expect(client.messages).toEqual([{ n: 1 }, { n: 3 }]);
    expect(client.errors.map(({ code }) => code)).toEqual(['malformed-frame']);
    expect(client.errors[0]?.message).toContain('n: ');
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    await client.end();
  });

  it('a message that does not fit is thrown back at the sender; the queue stays as it is', async () => {
    const client = clientInWorld({ protocol: jsonProtocol({ outgoing: z.object({ n: z.number() }) }) });
    client.socket.send({ n: 1 });
    expect(() => client.socket.send({ n: 'two' })).toThrow(
      expect.objectContaining({ code: 'invalid-message' }) as Error,
    );
    expect(client.socket.getStatus().queued).toBe(1);
    await client.open();
    expect(client.world.server.last.received.slice(-1)).toEqual([{ n: 1 }]);
    await client.end();
  });
});
