import { expect, it } from 'vitest';
import { expectNoLeak, openOverWire } from './openOverWire';

const styles = (['policy', '44xx', 'liveblocks', 'pusher', 'bare'] as const).flatMap(closeStyle =>
  (['json', 'text', 'word', 'none'] as const).map(reasonStyle => ({ closeStyle, reasonStyle })),
);

/** Without a word the client finds out by asking; with one it knows. */
const says = ({ closeStyle, reasonStyle }: (typeof styles)[number]) =>
  closeStyle !== 'bare' && reasonStyle !== 'none';

it.each(styles)(
  'S15 an expired token that is told by $closeStyle codes and $reasonStyle reasons costs one refresh and no user',
  async style => {
    const setup = await openOverWire(style, { reconnect: { minMs: 20, maxMs: 200, stableAfterMs: 0 } });
    const { server, client } = setup;
    await server.control({ command: 'expireNow' });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(client.calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true]);
    const { upgradesWithOldToken, refreshes } = server.stats();
    expect(refreshes).toBe(2);
    // Nothing in a 1006 speaks of the token: it is shown once more and turned down by a frame.
    expect(upgradesWithOldToken).toBe(style.closeStyle === 'bare' ? 1 : 0);
    if (says(style)) expect(client.socket.getStatus().lastClose?.verdict).toBe('expired');
    expect(client.ends).toEqual([]);
    expectNoLeak(setup);
  },
);

it.each(styles)(
  'S12 a session that was ended elsewhere ends by the word of the source alone: $closeStyle codes, $reasonStyle reasons',
  async style => {
    const { server, client } = await openOverWire(style, {
      reconnect: { minMs: 20, maxMs: 200, stableAfterMs: 0 },
    });
    await server.control({ command: 'revokeSession', user: 'ada' });
    await client.until(({ session }) => session === 'signed-out');
    expect(client.ends).toEqual([
      { reason: expect.any(String) as string, by: 'token-source', at: expect.any(Number) as number },
    ]);
    expect(client.calls.at(-1)).toMatchObject({ reason: 'rejected', forceRefresh: true });
    expect(server.stats().unauthorized).toEqual({ '/auth/refresh': 1 });
  },
);
