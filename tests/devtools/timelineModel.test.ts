import { afterEach, describe, expect, it } from 'vitest';
import type { SocketStatus, TraceEvent } from '../../src/core';
import { most, type Timeline } from '../../src/devtools/timeline';
import { look, newTimeline, take } from '../../src/devtools/timelineModel';
import { fittingScale, ticksOf } from '../../src/devtools/timeScale';
import { hours, minutes, seconds, watchedClient, type WatchedClient } from './watchedClient';

let client: WatchedClient;

async function openClient(...args: Parameters<typeof watchedClient>): Promise<void> {
  client = watchedClient(...args);
  await client.open();
}

describe('the lanes', () => {
  afterEach(() => client.end());

  const words = (lane: 'session' | 'link') => client.seen()[lane].map(({ word }) => word);

  it('have a span for every state that lasted, without holes', async () => {
    await openClient();
    await client.pass(minutes(1));
    client.world.server.refuse();
    client.world.server.last.drop();
    await client.pass(seconds(30));
    client.world.server.accept();
    await client.pass(minutes(1));
    expect(words('session')).toEqual(['valid']);
    expect(words('link')).toEqual(['open', 'waiting', 'open']);
    const { link } = client.seen();
    for (const [index, span] of link.entries()) expect(span.to).toBe(link[index + 1]?.from ?? null);
  });

  it('show a token call that takes its time', async () => {
    await openClient();
    client.world.tokens.hang();
    await client.pass(minutes(13));
    client.world.tokens.issue();
    await client.pass(minutes(1));
    expect(words('session')).toContain('refreshing');
    expect(words('session').at(-1)).toBe('valid');
  });

  it('show every token with its life, and a correction by the server as the same token', async () => {
    await openClient();
    const start = client.seen().since;
    expect(client.seen().tokens).toHaveLength(1);
    await client.pass(minutes(14));
    const { tokens } = client.seen();
    expect(tokens).toHaveLength(2);
    expect(tokens[0]).toMatchObject({ from: start, to: tokens[1]?.from, expiresAt: start + minutes(15) });
    expect(tokens[1]?.to).toBeNull();
  });

  it('show no token where none is in hand', async () => {
    await openClient();
    void client.socket.signOut();
    await client.pass(seconds(1));
    expect(client.seen().tokens.at(-1)?.to).toBe(client.seen().now - seconds(1));
  });
});

describe('the marks', () => {
  afterEach(() => client.end());

  it('tell the round trip of a heartbeat, and of one that is on its way', async () => {
    await openClient();
    await client.pass(seconds(26));
    expect(client.marks('heartbeat')).toEqual(['Heartbeat: answered after 0 ms']);
    client.world.server.auto = false;
    await client.pass(seconds(27));
    expect(client.marks('heartbeat').at(-1)).toBe('Heartbeat: on its way');
    await client.pass(120);
    client.world.server.last.send({ type: 'pong' });
    await client.pass(0);
    expect(client.marks('heartbeat').at(-1)).toMatch(/^Heartbeat: answered after \d+(\.\d)? m?s$/);
  });

  it('tell a heartbeat that was answered by other traffic', async () => {
    await openClient();
    client.world.server.auto = false;
    await client.pass(seconds(27));
    client.world.server.last.send({ type: 'news' });
    await client.pass(seconds(29));
    expect(client.marks('heartbeat')[0]).toBe('Heartbeat: answered by other traffic');
  });

  it('tell what page and user did', async () => {
    await openClient();
    client.world.page.hide();
    await client.pass(seconds(1));
    client.world.page.show();
    await client.pass(seconds(1));
    client.socket.disconnect();
    await client.pass(0);
    expect(client.marks()).toEqual([
      'First token',
      'Page hidden',
      'Page in front',
      'Probe: answered after 0 ms',
      'The application wants no link',
    ]);
  });
});

describe('the recorder', () => {
  it('asks for one picture a second while nothing happens, and for none in a hidden or paused panel', async () => {
    await openClient({ heartbeat: false });
    await client.pass(seconds(5));
    const idle = client.pictures();
    await client.pass(seconds(100));
    expect(client.pictures() - idle).toBe(100);

    client.recorder.pause(true);
    const paused = client.pictures();
    await client.pass(minutes(2));
    expect(client.pictures()).toBe(paused);
    client.recorder.pause(false);
    await client.pass(0);
    expect(client.pictures()).toBe(paused + 1);

    client.world.page.hide();
    await client.pass(0);
    const hidden = client.pictures();
    await client.pass(minutes(10));
    expect(client.pictures()).toBe(hidden);
    client.world.page.show();
    await client.pass(0);
    expect(client.pictures()).toBe(hidden + 1);
    await client.end();
  });

  it('asks for one picture of facts that come together', async () => {
    await openClient();
    await client.pass(seconds(10));
    const before = { facts: client.seen().events.length, pictures: client.pictures() };
    client.world.server.last.close(1008, 'forbidden');
    await client.pass(0);
    // The close and the change of the link.
    expect(client.seen().events.length - before.facts).toBe(2);
    expect(client.pictures() - before.pictures).toBe(1);
    await client.end();
  });

  it('leaves the life of the client as it is, to the millisecond', async () => {
    const lived = async (isWatched: boolean) => {
      const one = watchedClient({}, { seed: 7 });
      if (!isWatched) one.lookAway();
      await one.open();
      await one.pass(minutes(5));
      one.world.server.refuse();
      one.world.server.last.drop();
      await one.pass(minutes(2));
      one.world.server.accept();
      await one.world.clock.sleep(hours(2));
      await one.pass(minutes(10));
      const events = one.trace.map(event => JSON.stringify(event));
      await one.end();
      return events;
    };
    expect(await lived(true)).toEqual(await lived(false));
  });

  it('has one timer, and none when it let go', async () => {
    await openClient();
    const watched = client.world.clock.pendingTimers;
    client.lookAway();
    expect(client.world.clock.pendingTimers).toBe(watched - 1);
    const { events } = client.seen();
    await client.pass(minutes(2));
    expect(client.seen().events).toBe(events);
    await client.end();
  });
});

describe('what is kept', () => {
  const status: SocketStatus = {
    session: 'valid',
    link: 'open',
    connection: 1,
    lost: false,
    attempt: 0,
    waitingFor: null,
    tokenExpiresAt: null,
    queued: 0,
    lastClose: null,
    stopReason: null,
    retryAt: null,
  };

  const moment = (ms: number) => ({ wallMs: ms, elapsedMs: ms, isVisible: true, withinMs: 1_000 });

  it('stays small over 10,000 events of every kind', () => {
    const close: TraceEvent = {
      type: 'socket.closed',
      at: 0,
      id: 1,
      code: 1008,
      reason: 'token_expired',
      verdict: 'expired',
    };
    const kinds: readonly TraceEvent[] = [
      { type: 'ping.sent', at: 0, id: 1, cause: 'time.passed' },
      { type: 'pong.received', at: 0, id: 1 },
      close,
      { type: 'link.changed', at: 0, from: 'open', to: 'waiting', cause: 'socket.closed' },
      { type: 'link.opened', at: 0, id: 1, connection: 2, gapMs: 200, cause: 'link.ready' },
      { type: 'token.expiring', at: 0, id: 1 },
    ];
    let timeline: Timeline = newTimeline(status, moment(0));
    let largest = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const at = i * 100;
      const link = i % 6 === 3 ? 'waiting' : 'open';
      const now = {
        ...status,
        ...(link === 'waiting' ? { link, retryAt: at } : { link, retryAt: null }),
        tokenExpiresAt: at + minutes(15),
      } as SocketStatus;
      const kind = kinds[i % kinds.length];
      if (kind) timeline = take(timeline, { ...kind, at }, now, moment(at));
      if (i % 1_000 === 999) {
        timeline = look(timeline, now, { ...moment(at), wallMs: at });
        largest = Math.max(largest, JSON.stringify(timeline).length);
        expect(timeline.events.length).toBeLessThanOrEqual(most.events);
        expect(timeline.marks.length).toBeLessThanOrEqual(most.marks);
        expect(timeline.lines.length).toBeLessThanOrEqual(most.lines);
        for (const lane of ['session', 'link', 'tokens', 'gaps'] as const)
          expect(timeline[lane].length).toBeLessThanOrEqual(most.spans);
      }
    }
    expect(timeline.events).toHaveLength(most.events);
    expect(timeline.events.at(-1)?.at).toBe(999_900);
    expect(largest).toBeLessThan(300_000);
  });
});

describe('the scale', () => {
  const at = (timeline: Timeline, windowMs = minutes(5)) => fittingScale(timeline, windowMs);

  it('has now at the right and the window’s beginning at the left', async () => {
    await openClient();
    await client.pass(minutes(10));
    const timeline = client.seen();
    const scale = at(timeline);
    expect(scale.place(timeline.now)).toBe(100);
    expect(scale.place(timeline.now - minutes(5))).toBe(0);
    expect(scale.place(timeline.now - minutes(1))).toBeCloseTo(80);
    await client.end();
  });

  it('shows a minute first, then two, then the whole window', async () => {
    await openClient();
    const windows: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      windows.push(at(client.seen()).windowMs);
      await client.pass(seconds(59));
    }
    expect(windows).toEqual([minutes(1), minutes(1), minutes(2), minutes(5)]);
    expect(at(client.seen(), seconds(30)).windowMs).toBe(seconds(30));
    await client.end();
  });

  it('draws eight hours of sleep short, with what was before still in sight', async () => {
    await openClient();
    await client.pass(minutes(6));
    await client.world.clock.sleep(hours(8));
    await client.pass(minutes(1));
    const timeline = client.seen();
    const [gap] = timeline.gaps;
    const scale = at(timeline);
    expect(gap).toMatchObject({ word: 'asleep' });
    const left = scale.place(gap?.from ?? 0);
    const right = scale.place(gap?.to ?? 0);
    expect(right - left).toBeCloseTo(100 / 12);
    expect(right).toBeCloseTo(80, 0);
    expect(left).toBeGreaterThan(70);
    // In order, whatever is asked for.
    const places = [-400, -300, -30, -0.5, 0].map(s => scale.place((gap?.from ?? 0) + seconds(s)));
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    const ticks = ticksOf(scale, timeline.now);
    expect(ticks.length).toBeGreaterThan(2);
    expect(ticks.filter(tick => scale.gapAt(tick.at) !== null)).toEqual([]);
    await client.end();
  });
});
