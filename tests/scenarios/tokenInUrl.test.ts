import { describe, expect, it } from 'vitest';
import type { SocketProtocol } from '../../src/core';
import { jsonProtocol } from '../../src/protocols';
import { clientInWorld } from './clientInWorld';

const TOKEN = 'canary-access-token+/=';
const getToken = () => TOKEN;

function preparing(address: (url: URL, token: string) => void): SocketProtocol {
  return {
    ...jsonProtocol(),
    prepare({ url, token }) {
      address(url, token ?? '');
      return { url };
    },
  };
}

describe('X01 the access token in the address of a dial', () => {
  it.each<[string, Parameters<typeof clientInWorld>[0]]>([
    [
      'a parameter that prepare added',
      { protocol: preparing((url, token) => url.searchParams.set('t', token)) },
    ],
    [
      'a part of the path',
      { protocol: preparing((url, token) => (url.pathname += `/${encodeURIComponent(token)}`)) },
    ],
    ['the password of the URL', { protocol: preparing((url, token) => (url.password = token)) }],
    ['the url function', { url: () => `wss://app.test/ws?token=${encodeURIComponent(TOKEN)}` }],
    ['the url option', { url: `wss://app.test/ws?token=${encodeURIComponent(TOKEN)}` }],
  ])('is refused before anything is dialled: %s', async (_name, options) => {
    const client = clientInWorld({ getToken, ...options });
    client.socket.connect();
    await client.world.clock.advance(60_000);
    expect(client.world.server.dials).toEqual([]);
    expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: 'misconfigured' });
    expect(client.errors.map(({ code }) => code)).toEqual(['invalid-option']);
    expect(`${client.errors[0]?.stack} ${JSON.stringify(client.trace)}`).not.toContain(TOKEN);
    expect(client.socket.getStatus().session).toBe('valid');
    await client.end();
  });

  it('another parameter is the application’s own business', async () => {
    const client = clientInWorld({ getToken, url: 'wss://app.test/ws?room=7&key=a-public-key' });
    await client.open();
    expect(client.world.server.last.url).toBe('wss://app.test/ws?room=7&key=a-public-key');
    await client.end();
  });

  it('what prepare adds is left out of the reason that a server quotes it in', async () => {
    const client = clientInWorld({
      getToken,
      protocol: preparing(url => url.searchParams.set('nonce', 'one-time-secret-123')),
    });
    await client.open();
    client.world.server.last.close(4000, 'bad nonce one-time-secret-123');
    await client.world.clock.advance(1_000);
    expect(client.trace.some(({ type }) => type === 'socket.closed')).toBe(true);
    expect(JSON.stringify(client.trace)).not.toContain('one-time-secret-123');
    await client.end();
  });
});

describe('X09 a token that would break out of a header or a frame', () => {
  it.each([
    ['a line break', 'good\r\nx-admin: 1'],
    ['NUL', 'good\0'],
    ['DEL', 'good\u007f'],
  ])('with %s is no token: reported once, never presented', async (_name, token) => {
    const client = clientInWorld({ getToken: () => ({ token }) });
    client.socket.connect();
    await client.world.clock.advance(60_000);
    expect(client.world.server.dials).toEqual([]);
    expect(client.errors.map(({ code }) => code)).toEqual(['malformed-token']);
    await expect(client.socket.getToken()).rejects.toMatchObject({ code: 'unavailable' });
    await client.end();
  });
});
