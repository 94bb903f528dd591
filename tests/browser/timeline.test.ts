import { expect, it } from 'vitest';
import { startDemoProcess } from './harness/demoProcess';
import { liveTimeline } from './timelineLife';

it('X02 a browser that stood still: the panel tells of it, shows no secret and costs a few percent of a core', async () => {
  const runMs = 11_500;
  const life = await liveTimeline({
    startDemo: startDemoProcess,
    isShown: true,
    runMs,
    sleepAtMs: 1_000,
    sleepMs: 8_000,
    heapAtMs: [],
  });
  expect(life.lines.join('\n')).toMatch(/Slept \d(\.\d)? s: making sure of link and token/);
  expect(life.marks.join('\n')).toMatch(/^Slept \d(\.\d)? s, /m);
  expect(life.marks.join('\n')).toMatch(/^(Heartbeat|Probe): answered after \d+(\.\d)? m?s, /m);
  expect(life.secrets).toBeGreaterThan(2);
  expect(life.leaks).toEqual([]);
  expect(JSON.parse(life.report)).toMatchObject({
    package: 'react-auth-socket',
    status: { session: 'valid' },
  });
  expect(life.scriptMs / runMs).toBeLessThan(0.2);
});
