import type { CDPSession, Page } from 'playwright-core';
import type { PageEntry, PageEntryKind } from './pageLog';

/** An entry with the moment at which the test heard of it, by the test's own clock. */
export interface RecordedEntry extends PageEntry {
  readonly heardAt: number;
}

export interface EntryQuery {
  /** Only entries from this position of `entries` on. */
  from?: number;
  where?: (entry: RecordedEntry) => boolean;
}

/** Everything one tab wrote into its log, across reloads. */
export interface PageRecorder {
  readonly entries: readonly RecordedEntry[];
  /** For commands of the DevTools protocol. */
  readonly session: CDPSession;
  /** Where the log ends now; a `from` for later questions. */
  mark(): number;
  find(kind: PageEntryKind, query?: EntryQuery): readonly RecordedEntry[];
  /** The first such entry, waited for. Throws after `timeoutMs` (10 s) with the end of the log. */
  waitFor(kind: PageEntryKind, query?: EntryQuery & { timeoutMs?: number }): Promise<RecordedEntry>;
  /** Fetches entries that could not be handed over while they happened, e.g. in the back/forward cache. */
  pull(): Promise<void>;
}

/** Starts to record a tab. Call before it is navigated to the page. */
export async function recordPage(page: Page): Promise<PageRecorder> {
  const session = await page.context().newCDPSession(page);
  const entries: RecordedEntry[] = [];
  const known = new Set<string>();
  const watchers = new Set<() => void>();

  function add(entry: PageEntry): void {
    const key = `${entry.document} ${entry.index}`;
    if (known.has(key)) return;
    known.add(key);
    entries.push({ ...entry, heardAt: Date.now() });
    for (const check of watchers) check();
  }

  session.on('Runtime.bindingCalled', ({ name, payload }) => {
    if (name === 'recordPageEntry') add(JSON.parse(payload) as PageEntry);
  });
  await session.send('Runtime.enable');
  await session.send('Runtime.addBinding', { name: 'recordPageEntry' });

  const find: PageRecorder['find'] = (kind, { from = 0, where = () => true } = {}) =>
    entries.slice(from).filter(entry => entry.kind === kind && where(entry));

  return {
    entries,
    session,
    mark: () => entries.length,
    find,
    waitFor(kind, { timeoutMs = 10_000, ...query } = {}) {
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          watchers.delete(check);
          finish();
        };
        const check = () => {
          const [first] = find(kind, query);
          if (first) settle(() => resolve(first));
        };
        const timer = setTimeout(
          () =>
            settle(() => {
              const tail = entries.slice(-25).map(describeEntry).join('\n');
              reject(new Error(`No "${kind}" within ${timeoutMs} ms. The log ends with\n${tail}`));
            }),
          timeoutMs,
        );
        watchers.add(check);
        check();
      });
    },
    async pull() {
      for (const entry of await page.evaluate(() => window.pageLog)) add(entry);
    },
  };
}

/** One line about an entry. */
export function describeEntry({ heardAt, kind, detail }: RecordedEntry): string {
  const time = new Date(heardAt).toISOString().slice(14, 23);
  return `${time} ${kind}${detail === undefined ? '' : ` ${JSON.stringify(detail)}`}`;
}
