import { describe, expect, it } from 'vitest';
import { playGuideStory, type GuideStory } from '../server/dialects/guideStory';

/** The same page, the same server and the same trouble for both clients. */
const both = (story: Omit<GuideStory, 'client'>) => ({
  reported: () => playGuideStory({ ...story, client: 'reported' }),
  ours: () => playGuideStory({ ...story, client: 'ours' }),
});

describe('3a: the page stays open for hours', () => {
  const lifeMs = 600;
  // A server that is lenient by half a life: a test on a busy machine is not about milliseconds.
  const server = { leewayMs: 300 };

  it('the reported client renews its token once, and is at /login after the second lifetime', async () => {
    const report = await playGuideStory({ client: 'reported', lifeMs, watchMs: 4 * lifeMs, server });
    expect(report).toMatchObject({ sockets: 1, refreshes: 1, acks: 1, logins: 1, isOpen: false });
  });

  it('S3-A ours renews it once per lifetime, on one socket, for five lifetimes', async () => {
    const report = await playGuideStory({ client: 'ours', lifeMs, watchMs: 5 * lifeMs, server });
    expect(report).toMatchObject({ sockets: 1, logins: 0, isOpen: true });
    expect(report.acks).toBeGreaterThanOrEqual(5);
    expect(report.acks).toBe(report.refreshes);
  });
});

describe('3c: the refresh endpoint is away when it is needed, and for a while after the expiry', () => {
  const story = both({
    lifeMs: 600,
    watchMs: 2_500,
    isOverWhenBack: true,
    trouble: (server, note) => {
      note('the refresh endpoint goes away');
      server.faults.set('/auth/refresh', { kind: 'offline', forMs: 900 });
    },
    options: { reconnect: { minMs: 50, maxMs: 200 } },
  });

  it('the reported client has an uncaught rejection, and is at /login with the expiry', async () => {
    expect(await story.reported()).toMatchObject({ sockets: 1, refreshes: 1, uncaught: 1, logins: 1 });
  });

  it('S3-B ours asks again, waits for the endpoint and comes back; nobody is signed out', async () => {
    const report = await story.ours();
    expect(report).toMatchObject({ sockets: 2, logins: 0, isOpen: true });
    expect(report.refreshes).toBeGreaterThanOrEqual(3);
  });
});

describe('3d: a dashboard that only listens', () => {
  const story = both({
    lifeMs: 60_000,
    watchMs: 2_200,
    server: { sessionTtlMs: 1_000, touchThrottleMs: 20 },
    options: { heartbeat: { intervalMs: 50, timeoutMs: 400 } },
  });

  it('the reported client says nothing, so the server ends the session under it', async () => {
    expect(await story.reported()).toMatchObject({ logins: 1, isOpen: false });
  });

  it('S3-E the heartbeat of ours is the sign of life that keeps it', async () => {
    expect(await story.ours()).toMatchObject({ sockets: 1, logins: 0, isOpen: true });
  });
});

describe('3f: the server closes with 1008 because of a rate limit', () => {
  const story = both({
    lifeMs: 60_000,
    watchMs: 2_500,
    isOverWhenBack: true,
    trouble: server =>
      server.control({ command: 'close', code: 1008, reason: '{"code":"rate_limited","retry_after":0.5}' }),
  });

  it('the reported client takes it for the end of the login', async () => {
    expect(await story.reported()).toMatchObject({ sockets: 1, logins: 1, isOpen: false });
  });

  it('S14 ours waits as long as it was told, asks for no token and comes back', async () => {
    const { timeline, ...report } = await story.ours();
    expect(report).toMatchObject({ sockets: 2, refreshes: 0, logins: 0, isOpen: true });
    const [closed, dialled] = ['ends with 1008', 'socket 2 is dialled'].map(
      text => timeline.find(line => line.text.includes(text))?.atMs ?? NaN,
    );
    expect(dialled! - closed!).toBeGreaterThanOrEqual(495);
  });
});

describe('3g: the link is down at the moment of the refresh', () => {
  const story = both({
    lifeMs: 800,
    leadMs: 400,
    watchMs: 3_000,
    isOverWhenBack: true,
    reconnectMs: 10,
    trouble: async server => {
      server.faults.set('/ws', { kind: 'slow', latencyMs: 700, count: 1 });
      await server.control({ command: 'drop' });
    },
  });

  it('the reported client throws at a socket that is connecting; the new token is never presented', async () => {
    const report = await story.reported();
    expect(report).toMatchObject({ refreshes: 1, acks: 0, uncaught: 1, logins: 1, isOpen: false });
  });

  it('ours comes back with a good token', async () => {
    expect(await story.ours()).toMatchObject({ logins: 0, isOpen: true });
  });
});
