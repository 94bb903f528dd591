import { describe, expect, it } from 'vitest';
import { createTokenCourier, type TokenCourier } from '../../src/adapters/tokenCourier';
import type { AuthSocketOptions } from '../../src/core';
import type { TestWorld } from '../../src/testing';
import { clientInWorld, type ClientInWorld } from '../scenarios/clientInWorld';

const second = 1_000;
const minute = 60 * second;

interface Errand extends ClientInWorld {
  courier: TokenCourier;
  /** Asks, and lets a moment pass; what has been answered by then. */
  ask(isForced?: boolean, withinMs?: number): Promise<string | null | 'pending'>;
  readonly calls: number;
}

/** A session without a socket of its own, connected, with its first token. */
async function errand(
  options: Partial<AuthSocketOptions> = {},
  tokenLifetimeMs = 10 * minute,
  prepare: (world: TestWorld) => void = () => {},
): Promise<Errand> {
  const client = clientInWorld({ url: undefined as never, ...options }, { tokenLifetimeMs });
  const { world, socket } = client;
  prepare(world);
  const courier = createTokenCourier(socket);
  socket.connect();
  await world.clock.advance(0);
  return {
    ...client,
    courier,
    async ask(isForced = false, withinMs = 10) {
      let answer: string | null | 'pending' = 'pending';
      void courier.fetch(isForced).then(token => (answer = token));
      await world.clock.advance(withinMs);
      return answer;
    },
    get calls() {
      return world.tokens.calls.length;
    },
  };
}

describe('a courier', () => {
  it('brings the token in hand', async () => {
    const run = await errand();
    expect(await run.ask()).toBe(await run.socket.getToken());
    expect(run.calls).toBe(1);
    await run.end();
  });

  it('waits for the first token as long as it takes', async () => {
    const run = await errand({}, 10 * minute, ({ tokens }) => tokens.fail(6));
    expect(await run.ask(false, second)).toBe('pending');
    expect(await run.ask(false, minute)).toEqual(expect.any(String));
    await run.end();
  });

  it('asks for a longer life first: some SDKs lose a good token when a forced refresh fails', async () => {
    const run = await errand();
    const first = await run.ask();
    expect(await run.ask(true)).not.toBe(first);
    const [, renewal] = run.world.tokens.calls;
    expect(renewal).toMatchObject({ forceRefresh: false });
    expect(renewal!.minValidityMs).toBeGreaterThan(10 * minute);
    await run.end();
  });

  it('forces a refresh where the source stays with the token that Convex has', async () => {
    const run = await errand();
    const first = (await run.ask()) as string;
    let isForced = false;
    run.world.tokens.answer(() => {
      isForced = run.world.tokens.calls.at(-1)!.forceRefresh;
      if (isForced) run.world.tokens.issue();
      return first;
    });
    expect(await run.ask(true)).toBe('pending');
    expect(isForced).toBe(true);
    await run.world.clock.advance(second);
    expect(await run.ask()).not.toBe(first);
    await run.end();
  });

  it('asks nobody when the session has got another token within the last seconds', async () => {
    const run = await errand();
    await run.ask();
    await run.world.clock.advance(5 * minute);
    const newer = await run.socket.getToken({ forceRefresh: true });
    await run.world.clock.advance(5 * second);
    expect(await run.ask(true)).toBe(newer);
    expect(run.calls).toBe(2);
    await run.end();
  });

  it('asks when the other token of the session is older: its end would come before the next request', async () => {
    const run = await errand();
    await run.ask();
    const newer = await run.socket.getToken({ forceRefresh: true });
    await run.world.clock.advance(20 * second);
    expect(await run.ask(true)).not.toBe(newer);
    expect(run.calls).toBe(3);
    await run.end();
  });

  it('S4-A brings an older token once when the last one has ended, but not twice in a row', async () => {
    const run = await errand({ refreshLeadMs: second }, minute);
    await run.ask();
    const { clock } = run.world;
    await clock.advance(70 * second);
    const calls = run.calls;
    expect(await run.ask(true)).toBe(await run.socket.getToken());
    expect(run.calls).toBe(calls);
    await clock.advance(65 * second);
    const inHand = await run.socket.getToken();
    expect(await run.ask(true)).not.toBe(inHand);
    await run.end();
  });

  it('T14 asks a source without another token again and again, ever more rarely', async () => {
    const run = await errand();
    const first = await run.ask();
    run.world.tokens.answer(first as string);
    expect(await run.ask(true, 5 * minute)).toBe('pending');
    // Twice each: after 0.5, 1, 2, 4, 8 and 16 s, then twice a minute.
    expect(run.calls - 1).toBeGreaterThanOrEqual(28);
    expect(run.calls - 1).toBeLessThanOrEqual(34);
    run.world.tokens.issue();
    await run.world.clock.advance(30 * second);
    expect(await run.ask()).not.toBe(first);
    await run.end();
  });

  it('leaves the asking to a session without a token', async () => {
    const alone = await errand({ refreshLeadMs: second }, minute);
    const run = await errand({ refreshLeadMs: second }, minute);
    await run.ask();
    for (const { world } of [alone, run]) {
      await world.clock.advance(30 * second);
      world.tokens.fail(Infinity);
      await world.clock.advance(31 * second);
    }
    expect(run.socket.getStatus().session).toBe('stale');
    const before = { alone: alone.calls, run: run.calls };
    expect(await run.ask(true, 10 * minute)).toBe('pending');
    await alone.world.clock.advance(10 * minute);
    // Besides the one question at the beginning it only makes sure, every half minute.
    expect(run.calls - before.run).toBeLessThanOrEqual(alone.calls - before.alone + 22);
    await run.end();
    await alone.end();
  });

  it('brings the first token after a sleep, and the sleep costs one call', async () => {
    const run = await errand({ refreshLeadMs: second }, minute);
    const first = await run.ask();
    const { clock, tokens } = run.world;
    await clock.advance(40 * second);
    await clock.sleep(180 * second);
    tokens.fail(3);
    const calls = run.calls;
    expect(await run.ask(true, second)).toBe('pending');
    const second_ = await run.ask(true, 20 * second);
    expect(second_).not.toBe(first);
    expect(run.calls - calls).toBe(4);
    await run.end();
  });

  it('answers null when the session ends, also to those who wait', async () => {
    const run = await errand();
    await run.ask();
    run.world.tokens.hang();
    const pending = run.courier.fetch(true);
    await run.world.clock.advance(second);
    await run.socket.signOut();
    expect(await pending).toBeNull();
    expect(await run.ask()).toBeNull();
    await run.end();
  });

  it('answers null when the client is destroyed or nobody waits any more, and leaves no timer', async () => {
    const run = await errand();
    const first = await run.ask();
    run.world.tokens.answer(first as string);
    const dismissed = run.courier.fetch(true);
    await run.world.clock.advance(second);
    run.courier.dismiss();
    expect(await dismissed).toBeNull();
    const orphaned = run.courier.fetch(true);
    await run.world.clock.advance(second);
    await run.end();
    expect(await orphaned).toBeNull();
  });
});
