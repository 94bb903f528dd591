import { setTimeout as delay } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { launchPlain } from './harness/launchPlain';

export interface TimelineLifeOptions {
  startDemo: () => Promise<{ readonly url: string; end(): Promise<unknown> }>;
  /** The panel is open from the beginning. */
  isShown: boolean;
  /** How long the page is watched after it opened, the sleep included. */
  runMs: number;
  /** When every process of the browser is stopped, and for how long. */
  sleepAtMs: number;
  sleepMs: number;
  /** When the heap is measured, after a collection. */
  heapAtMs: readonly number[];
}

export interface TimelineLife {
  heapBytes: readonly number[];
  /** Processor time of the page's main thread over the run: all its tasks, and the script in them. */
  taskMs: number;
  scriptMs: number;
  /** What the panel's list says, newest first; empty when it is not shown. */
  lines: readonly string[];
  /** Names of marks that are in sight. */
  marks: readonly string[];
  /** The report as it was copied. */
  report: string;
  /** Secrets that the panel or the report shows, by their kind. */
  leaks: readonly string[];
  /** How many secrets were looked for. */
  secrets: number;
  connection: string;
}

/** A message that nobody else writes. */
const said = 'canary words of a visitor';

/** Lives through some minutes of the demo in a real browser, with or without the panel. */
export async function liveTimeline(options: TimelineLifeOptions): Promise<TimelineLife> {
  const { startDemo, isShown, runMs, sleepAtMs, sleepMs, heapAtMs } = options;
  const [demo, chromium] = await Promise.all([startDemo(), launchPlain()]);
  try {
    const { page, context } = chromium;
    const secrets = collectSecrets(page);
    await page.setViewportSize({ width: 1_280, height: 900 });
    await page.goto(demo.url);
    await page.waitForFunction(
      () => document.querySelector('.pill strong')?.textContent === 'open',
      undefined,
      { polling: 50 },
    );
    if (isShown) {
      await page.getByText('Show the timeline').click();
      await page.getByRole('region', { name: 'Auth socket timeline' }).waitFor();
    }
    await page.fill('#draft', said);
    await page.getByRole('button', { name: 'Send' }).click();
    const session = await context.newCDPSession(page);
    // Processor time: a stopped task would count as a long one on the wall clock.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const startedAt = performance.now();
    const before = await metricsOf(session);
    const until = (ms: number) => delay(Math.max(0, startedAt + ms - performance.now()));

    const heapBytes: number[] = [];
    let hasSlept = false;
    const sleep = async () => {
      hasSlept = true;
      await until(sleepAtMs);
      const wake = chromium.stop();
      await delay(sleepMs);
      wake();
    };
    for (const at of heapAtMs) {
      if (!hasSlept && at > sleepAtMs) await sleep();
      await until(at);
      heapBytes.push(await heapOf(session));
    }
    if (!hasSlept) await sleep();
    await until(runMs);

    const after = await metricsOf(session);
    for (const { value } of await context.cookies()) secrets.add(`cookie ${value}`);
    const panel = isShown ? await readPanel(page) : { lines: [], marks: [], html: '', report: '' };
    const leaks = [...secrets].filter(entry => {
      const secret = entry.slice(entry.indexOf(' ') + 1);
      return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64url')].some(form =>
        `${panel.html}${panel.report}`.includes(form),
      );
    });
    return {
      heapBytes,
      taskMs: (after.TaskDuration - before.TaskDuration) * 1_000,
      scriptMs: (after.ScriptDuration - before.ScriptDuration) * 1_000,
      lines: panel.lines,
      marks: panel.marks,
      report: panel.report,
      leaks: leaks.map(entry => entry.split(' ')[0] ?? entry),
      secrets: secrets.size,
      connection: await page.locator('.pill .detail').first().innerText(),
    };
  } finally {
    await chromium.close();
    await demo.end();
  }
}

/** Tokens as they go out and come in, and what people say to each other: kind, space, secret. */
function collectSecrets(page: Page): Set<string> {
  const secrets = new Set<string>([`message ${said}`]);
  const note = (kind: string, text: string) => {
    for (const [, name, value] of text.matchAll(/"(\w*token\w*|id)"\s*:\s*"([^"]{8,})"/gi))
      secrets.add(`${kind}:${name} ${value}`);
  };
  page.on('response', response => {
    if (response.url().includes('/auth/'))
      response.text().then(
        text => note('answer', text),
        () => {},
      );
  });
  page.on('websocket', socket => {
    socket.on('framesent', ({ payload }) => note('sent', String(payload)));
    socket.on('framereceived', ({ payload }) => note('received', String(payload)));
  });
  return secrets;
}

async function readPanel(page: Page) {
  await page.evaluate(() => {
    navigator.clipboard.writeText = text => {
      document.documentElement.dataset.copied = text;
      return Promise.resolve();
    };
  });
  const panel = page.getByRole('region', { name: 'Auth socket timeline' });
  await panel.getByRole('button', { name: 'Copy as JSON' }).click();
  await panel.getByText(/^Copied/).waitFor();
  return {
    lines: await panel.getByRole('log').locator('li').allInnerTexts(),
    marks: await panel
      .locator('[role=option]')
      .evaluateAll(all => all.map(mark => mark.getAttribute('aria-label') ?? '')),
    html: await panel.evaluate(element => element.outerHTML),
    report: await page.evaluate(() => document.documentElement.dataset.copied ?? ''),
  };
}

async function metricsOf(session: CDPSession): Promise<Record<'TaskDuration' | 'ScriptDuration', number>> {
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string) => metrics.find(metric => metric.name === name)?.value ?? NaN;
  return { TaskDuration: of('TaskDuration'), ScriptDuration: of('ScriptDuration') };
}

async function heapOf(session: CDPSession): Promise<number> {
  // Twice: what the first collection frees may hold more.
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? NaN;
}
