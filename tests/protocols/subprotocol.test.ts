import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAuthSocketError } from '../../src/core';
import { jsonProtocol, subprotocol, type DialAnswer } from '../../src/protocols';
import { clientInWorld } from '../scenarios/clientInWorld';

const url = new URL('wss://app.test/ws?room=1');

function dial(token: string | null, options = { accept: 'chat.v1' }): { url: URL; protocols?: string[] } {
  const answer = subprotocol(options).prepare?.({ url, token, signal: new AbortController().signal });
  return answer as Extract<DialAnswer, { url: URL }>;
}

/** What a browser accepts as a subprotocol: an HTTP token. */
const isOffer = (text: string) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);

describe('subprotocol', () => {
  it('offers the real protocol first and the token, encoded, behind it', () => {
    expect(dial('a.b-c').protocols).toEqual([
      'chat.v1',
      `bearer.${Buffer.from('a.b-c').toString('base64url')}`,
    ]);
    expect(dial('x', { accept: 'v1', prefix: 'auth-' } as never).protocols).toEqual(['v1', 'auth-eA']);
  });

  it('leaves the address alone and says nothing in frames', () => {
    const carrier = subprotocol({ accept: 'chat.v1' });
    expect(dial('abc').url.href).toBe(url.href);
    expect(carrier.hello).toBeUndefined();
    expect(carrier.waitsForReady).toBe(false);
  });

  it('offers the real protocol alone where a cookie is the credential', () => {
    expect(dial(null).protocols).toEqual(['chat.v1']);
  });

  it.each([
    ['padding', 'YQ=='],
    ['a space', 'a b'],
    ['a comma', 'a,b'],
    ['a slash and a plus', 'a/b+c'],
    ['a line break', 'a\r\nSet-Cookie: x'],
    ['NUL', 'a\0b'],
    ['letters outside ASCII', 'schlüssel🔑'],
  ])('I15 a token with %s is encoded and comes out as it went in', (_name, token) => {
    const [, offer = ''] = dial(token).protocols ?? [];
    expect(isOffer(offer)).toBe(true);
    expect(Buffer.from(offer.slice('bearer.'.length), 'base64url').toString('utf8')).toBe(token);
  });

  it('I15 whatever the token is, the offers are two different HTTP tokens', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), token => {
        const offers = dial(token).protocols ?? [];
        expect(offers.every(isOffer)).toBe(true);
        expect(new Set(offers).size).toBe(2);
      }),
    );
  });

  it.each([
    ['accept', { accept: '' }],
    ['accept', { accept: 'a b' }],
    ['accept', { accept: 'a,b' }],
    ['accept', {}],
    ['prefix', { accept: 'v1', prefix: 'bearer:' }],
    ['prefix', { accept: 'v1', prefix: 'Bearer ' }],
  ])('I15 a wrong %s (%o) is an invalid option', (name, options) => {
    let thrown: unknown;
    try {
      subprotocol(options as { accept: string });
    } catch (error) {
      thrown = error;
    }
    expect(isAuthSocketError(thrown) && [thrown.code, thrown.message]).toEqual([
      'invalid-option',
      expect.stringContaining(name),
    ]);
  });

  it('I15 offers that a browser refuses stop the link and are reported, not thrown into a timer', async () => {
    const client = clientInWorld({
      protocol: { ...jsonProtocol(), prepare: ({ url }) => ({ url, protocols: ['a b'] }) },
    });
    client.socket.connect();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: 'misconfigured' });
    expect(client.errors.map(({ code }) => code)).toEqual(['invalid-option']);
    await client.end();
  });

  it('opens a link of the client, with a new token over a new link', async () => {
    const client = clientInWorld(
      {
        protocol: {
          ...jsonProtocol({ carrier: subprotocol({ accept: 'chat.v1' }) }),
          refresh: undefined as never,
        },
      },
      { tokenLifetimeMs: 60_000 },
    );
    const { world, socket } = client;
    await client.open();
    expect(world.server.last.protocols[0]).toBe('chat.v1');
    expect(world.server.last.received).toEqual([]);
    socket.send({ type: 'hello' });
    await world.clock.advance(0);
    expect(world.server.last.received).toEqual([{ type: 'hello' }]);
    await world.clock.advance(40_000);
    expect(world.server.connections).toHaveLength(2);
    expect(world.server.connections.map(({ closed }) => closed?.code ?? null)).toEqual([1000, null]);
    expect(new Set(world.server.connections.map(({ protocols }) => protocols[1])).size).toBe(2);
    expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    await client.end();
  });
});
