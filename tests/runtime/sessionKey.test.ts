import { describe, expect, it } from 'vitest';
import type { AuthSocketOptions } from '../../src/core';
import { internalsOf } from '../../src/runtime/internals';
import { createTestWorld } from '../../src/testing';
import { clientInWorld } from '../scenarios/clientInWorld';

type Key = AuthSocketOptions['sessionKey'];

/** A client with a key, open, and renders that follow with another one. */
async function renderedWith(first: Key) {
  const world = createTestWorld();
  const client = clientInWorld({ sessionKey: first }, world);
  await client.open();
  const render = async (options: { sessionKey?: Key }) => {
    internalsOf(client.socket).configure({
      url: '/ws',
      getToken: world.tokens.source,
      platform: world.platform,
      ...options,
    });
    await world.clock.advance(1_000);
  };
  return { client, world, render };
}

describe('a sessionKey that is left out, or undefined', () => {
  it.each([
    ['left out', {}],
    ['undefined', { sessionKey: undefined }],
  ])('%s all along is one session, whatever else a render brings', async (_, options) => {
    const { client, world, render } = await renderedWith(undefined);
    await render(options);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', connection: 1 });
    expect(world.tokens.calls).toHaveLength(1);
    await client.end();
  });

  it.each([
    ['left out', {}],
    ['undefined', { sessionKey: undefined }],
  ])('R08 %s after a key is a change: nothing of the former user is kept', async (_, options) => {
    const { client, world, render } = await renderedWith('ada');
    world.tokens.revoke();
    await render(options);
    expect(world.tokens.calls.at(-1)).toMatchObject({ reason: 'changed', previous: null });
    expect(client.socket.getStatus()).toMatchObject({ session: 'signed-out', link: 'stopped' });
    expect(world.server.last.closed).toMatchObject({ code: 1000 });
    await client.end();
  });

  it('a key that was set by setSessionKey() stays while the option is left out', async () => {
    const { client, world, render } = await renderedWith(undefined);
    client.socket.setSessionKey('ada');
    await world.clock.advance(1_000);
    const token = await client.socket.getToken();
    await render({});
    expect(await client.socket.getToken()).toBe(token);
    await client.end();
  });
});
