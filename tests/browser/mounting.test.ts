import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './harness/launchChromium';
import { startStage, type Stage } from './harness/stage';

let chromium: Browser;
let stage: Stage;

beforeAll(async () => {
  chromium = await launchChromium();
  stage = await startStage({ entry: 'mountingPage.tsx', server: { streamIntervalMs: 0 } });
});

afterAll(async () => {
  await chromium?.close();
  await stage?.close();
});

it('Z05 fifty mounts and unmounts leave no node, no listener and no socket behind', async () => {
  const context = await chromium.newContext();
  const tab = await stage.open(context);
  const devtools = await context.newCDPSession(tab.page);
  await devtools.send('Performance.enable');
  const measure = async () => {
    // Twice: what the first collection frees may hold more.
    await devtools.send('HeapProfiler.collectGarbage');
    await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    const of = (name: string) => metrics.find(metric => metric.name === name)?.value ?? NaN;
    return { nodes: of('Nodes'), listeners: of('JSEventListeners'), heap: of('JSHeapUsedSize') };
  };
  const mount = (times: number) =>
    tab.page.evaluate(async n => {
      for (let i = 0; i < n; i++) await window.mountOnce();
    }, times);
  await mount(10);
  const before = await measure();
  await mount(50);
  const after = await measure();
  expect(stage.connections().filter(({ authenticatedAt }) => authenticatedAt !== null)).toHaveLength(60);
  await stage.server.waitFor(({ sockets }) => sockets.open === 0);
  // A few nodes come and go with the browser's own bookkeeping; fifty leaks would be a thousand.
  expect(after.nodes - before.nodes).toBeLessThanOrEqual(20);
  expect(after.listeners - before.listeners).toBeLessThanOrEqual(5);
  expect(after.heap - before.heap).toBeLessThan(1_000_000);
  tab.assertUndisturbed();
  await context.close();
});
