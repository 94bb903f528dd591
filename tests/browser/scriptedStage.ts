import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { SocketStatus } from '../../src/index';
import type { ReferenceServerOptions } from '../server/serverOptions';
import type { RecordedEntry } from './harness/recordPage';
import { startStage, type Stage, type StagePage } from './harness/stage';
import type { MountSetup, TokenStep } from './pages/lab';

/** A stage whose page mounts the client on demand, with the token answers and options that the test gives. */
export interface ScriptedStage extends Stage {
  open(where: BrowserContext | Page, options?: { user?: string }): Promise<ScriptedTab>;
}

export interface ScriptedTab extends StagePage {
  /** How the next token calls end; after those they go to the server. */
  script(...steps: TokenStep[]): Promise<void>;
  mount(setup?: MountSetup): Promise<void>;
  /** Mounts, and waits for the open link. */
  mountOpen(setup?: MountSetup): Promise<void>;
  /** The next status of which this is true, from position `from` of the log on. */
  waitForStatus(isMet: (status: SocketStatus) => boolean, from?: number, timeoutMs?: number): Promise<Moment>;
  /** What the client says of itself now. */
  status(): Promise<SocketStatus>;
  /** Proves that no access token got into a URL, the console, a log hook, an error, the status, a node or a prop. */
  expectNoLeak(): Promise<void>;
}

export interface Moment extends RecordedEntry {
  readonly status: SocketStatus;
}

export async function startScriptedStage(server: ReferenceServerOptions = {}): Promise<ScriptedStage> {
  const stage = await startStage({ entry: 'scriptedPage.tsx', server });
  return {
    ...stage,
    async open(target, options) {
      const tab = await stage.open(target, options);
      const { page } = tab;
      const mount = (setup: MountSetup = {}) => page.evaluate(given => window.lab.mount(given), setup);
      const waitForStatus: ScriptedTab['waitForStatus'] = async (isMet, from = 0, timeoutMs = 20_000) => {
        const where = ({ detail }: RecordedEntry) => isMet(detail as SocketStatus);
        const entry = await tab.waitFor('status', { from, timeoutMs, where });
        return { ...entry, status: entry.detail as SocketStatus };
      };
      return {
        ...tab,
        script: (...steps) => page.evaluate(next => window.lab.script(next), steps),
        mount,
        async mountOpen(setup) {
          await mount(setup);
          await waitForStatus(isOpen);
        },
        waitForStatus,
        status: () => page.evaluate(() => window.lab.client().getStatus()),
        async expectNoLeak() {
          const { tokens, sinks } = await page.evaluate(readSinks);
          // Without a token nothing could have leaked, and nothing would be shown.
          expect(tokens.length).toBeGreaterThan(0);
          const everywhere: Record<string, readonly string[]> = {
            ...sinks,
            'the console': tab.console.lines,
            'request targets': [
              ...stage.server.stats().requestTargets,
              ...stage.host.requests.map(({ target }) => target),
            ],
          };
          for (const [sink, texts] of Object.entries(everywhere)) {
            const leaks = texts.filter(text => tokens.some(token => text.includes(token)));
            expect(leaks, `tokens in ${sink}`).toEqual([]);
          }
        },
      };
    },
  };
}

export const isOpen = ({ link }: SocketStatus): boolean => link === 'open';

/** Runs in the page: every place where a token of ours could be read by others. */
function readSinks(): { tokens: string[]; sinks: Record<string, string[]> } {
  const { lab } = window;
  const client: unknown = lab.client();
  const props: string[] = [];
  const seen = new Set<unknown>();

  function collect(value: unknown, depth: number): void {
    if (typeof value === 'string') props.push(value);
    if (typeof value !== 'object' || value === null || seen.has(value) || depth > 6) return;
    seen.add(value);
    for (const part of Object.values(value)) collect(part, depth + 1);
  }
  interface Fiber {
    memoizedProps: unknown;
    child: Fiber | null;
    sibling: Fiber | null;
  }
  function walk(fiber: Fiber | null): void {
    if (fiber === null) return;
    collect(fiber.memoizedProps, 0);
    walk(fiber.child);
    walk(fiber.sibling);
  }
  const root = document.getElementById('root') as unknown as Record<string, Fiber>;
  for (const key of Object.keys(root)) if (key.startsWith('__reactContainer')) walk(root[key] ?? null);

  return {
    tokens: [...lab.tokens],
    sinks: {
      'log hooks and errors': [...lab.printed],
      'the client as text': [
        String(client),
        JSON.stringify(client) ?? '',
        JSON.stringify(lab.client().getStatus()),
      ],
      'React props': props,
      'the document': [document.documentElement.outerHTML],
      'the address': [location.href, JSON.stringify(history.state) ?? ''],
      storage: [JSON.stringify(Object.entries(localStorage)), JSON.stringify(Object.entries(sessionStorage))],
    },
  };
}
