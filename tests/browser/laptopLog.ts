import type { Page } from 'playwright-core';
import { describeEntry, type PageRecorder, type RecordedEntry } from './harness/recordPage';
import type { ClientStatus } from './pages/clientSurface';

/** What became of the user. */
export interface LaptopReport {
  /** How often the signed-in part of the page was mounted. */
  mounts: number;
  /** How often the user went from signed in to not signed in. */
  signOuts: number;
  /** How often the page was reloaded or left, as for a sign-in page elsewhere. */
  reloads: number;
  /** What the user had typed before the sleep, if it is still there. */
  draft: string | null;
  /** What the user sees at the end. */
  screen: string;
  timeline: readonly TimelineRow[];
}

export interface TimelineRow {
  /** Since the page was opened. */
  atMs: number;
  who: 'laptop' | 'network' | 'page';
  what: string;
}

type TimedRow = TimelineRow & { at: number };

/** What happens to the laptop, and what the page tells of it. */
export interface LaptopLog {
  /** Answers the time, epoch ms. */
  note(who: TimelineRow['who'], what: string): number;
  report(page: Page): Promise<LaptopReport>;
}

/** What the user types before the lid is closed. */
export const draftText = 'Dear all, ';

/** `hides` names kinds of entries that the page tells of in words of its own. */
export function laptopLog(tab: PageRecorder, startedAt: number, hides: readonly string[] = []): LaptopLog {
  const rows: TimedRow[] = [];
  return {
    note(who, what) {
      const at = Date.now();
      rows.push({ at, atMs: at - startedAt, who, what });
      return at;
    },
    async report(page) {
      const statuses = tab.find('status').map(statusOf);
      const told = tab.entries.filter(({ kind }) => !hides.includes(kind));
      return {
        mounts: tab.find('mounted').length,
        signOuts: statuses.filter(
          (status, index) => statuses[index - 1]?.isAuthenticated && !status.isAuthenticated,
        ).length,
        reloads: tab.find('navigation').length,
        draft: await page.inputValue('#draft', { timeout: 500 }).catch(() => null),
        screen: await seenOn(page),
        timeline: [...rows, ...told.flatMap(entry => tellingRow(entry, startedAt))].sort(
          (one, other) => one.at - other.at,
        ),
      };
    },
  };
}

export const statusOf = ({ detail }: RecordedEntry): ClientStatus => detail as ClientStatus;

/** The first line of what the user sees. */
export async function seenOn(page: Page): Promise<string> {
  const errorPage = `the browser's own error page`;
  if (page.url().startsWith('chrome-error:')) return errorPage;
  const text = await page.innerText('#root', { timeout: 500 }).catch(() => '');
  return text.split('\n')[0] || errorPage;
}

/** What a reader wants to know of the page's log. */
function tellingRow(entry: RecordedEntry, startedAt: number): TimedRow[] {
  const { kind, detail, heardAt } = entry;
  const row = (what: string) => [{ at: heardAt, atMs: heardAt - startedAt, who: 'page' as const, what }];
  switch (kind) {
    case 'status': {
      const { isLoading, isAuthenticated, isOpen } = statusOf(entry);
      const user = isLoading ? 'not known yet' : isAuthenticated ? 'signed in' : 'SIGNED OUT';
      return row(`user ${user}, link ${isOpen ? 'open' : 'down'}`);
    }
    case 'mounted':
      return row('inbox appears');
    case 'unmounted':
      return row('INBOX IS TAKEN DOWN, the draft with it');
    case 'navigation':
      return row(`THE PAGE ${String((detail as { type: string }).type).toUpperCase()}S ITSELF`);
    case 'note':
      return typeof detail === 'string' ? row(detail) : [];
    case 'lifecycle':
    case 'document.loaded':
    case 'socket.dialled':
    case 'socket.closed':
      return row(describeEntry(entry).slice(10));
    default:
      return [];
  }
}
