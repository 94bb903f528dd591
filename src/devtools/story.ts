import type { TokenReason } from '../machine/effect';
import type { SocketStatus } from '../machine/snapshot';
import type { TraceEvent } from '../runtime/trace';
import { closeWords, verdictWords } from './closeWords';
import { duration } from './timeWords';

/** A ping that left. `sentMs`: elapsed ms. */
export interface Ping {
  readonly mark: number;
  readonly sentMs: number;
  readonly isProbe: boolean;
  readonly isAnswered: boolean;
}

/** What happened lately, as far as it may be the cause of what happens next. */
export interface Story {
  /** Nothing ran for so long, until `at`. */
  readonly gap: { readonly words: string; readonly at: number; readonly isFreeze: boolean } | null;
  /** When the page was frozen or left; null: it is not. */
  readonly frozenAt: number | null;
  readonly isOffline: boolean;
  readonly ping: Ping | null;
  /** Why the link is gone. */
  readonly loss: string | null;
  /** Dials since then that came to nothing. */
  readonly failedDials: number;
  /** A new token came since the link was lost. */
  readonly isRenewed: boolean;
  /** Why a replacement for the open link is on its way. */
  readonly renewal: string | null;
  /** The token call under way. */
  readonly asked: { readonly call: number; readonly reason: TokenReason } | null;
  /** How the session ended. */
  readonly end: string | null;
  /** A sibling's token came in; it is told when it turns out to be in use. */
  readonly sibling: string | null;
}

export const newStory: Story = {
  gap: null,
  frozenAt: null,
  isOffline: false,
  ping: null,
  loss: null,
  failedDials: 0,
  isRenewed: false,
  renewal: null,
  asked: null,
  end: null,
  sibling: null,
};

/** A gap explains what happens within this time after it. */
const GAP_EXPLAINS_MS = 60_000;

const dialling: readonly SocketStatus['link'][] = ['preparing', 'connecting', 'authenticating'];

/** The story with one more fact in it. `status`: the client's at that moment; of a change the new one. */
export function remember(story: Story, event: TraceEvent, status: SocketStatus): Story {
  switch (event.type) {
    case 'page.signalled':
      return { ...story, ...pageFacts(story, event) };
    case 'token.asked':
      return { ...story, asked: { call: event.call, reason: event.reason } };
    case 'token.granted':
      return { ...story, isRenewed: status.link !== 'open', sibling: null };
    case 'sibling.shared':
      return { ...story, sibling: 'another tab refreshed and handed its token over' };
    case 'link.renewalAsked':
      return { ...story, renewal: event.reason ? `asked for (${event.reason})` : 'asked for' };
    case 'link.restarted':
      return { ...story, renewal: 'the address changed' };
    case 'link.judged':
      return event.verdict === 'going-away' ? { ...story, renewal: verdictWords['going-away'] } : story;
    case 'token.nacked':
      return { ...story, renewal: `the server refused the new token (${verdictWords[event.verdict]})` };
    case 'token.acked':
      return { ...story, renewal: null };
    case 'session.left':
      return { ...story, end: event.by === 'other-tab' ? 'in another tab' : 'by the user' };
    case 'sibling.left':
      return { ...story, end: 'in another tab' };
    case 'token.denied':
      return { ...story, end: `by the token source (${event.reason})` };
    case 'dial.denied':
      return { ...story, end: `by the ticket source (${event.reason})` };
    case 'link.changed':
      if (event.from === 'open') {
        return { ...story, loss: lossWords(story, event, status), failedDials: 0, isRenewed: false };
      }
      return isFailedDial(event) ? { ...story, failedDials: story.failedDials + 1 } : story;
    default:
      return story;
  }
}

/** After a link opened nothing of what led to it explains anything else. */
export function settled(story: Story): Story {
  return {
    ...newStory,
    isOffline: story.isOffline,
    frozenAt: story.frozenAt,
    asked: story.asked,
    sibling: story.sibling,
  };
}

export function isFailedDial({ from, to }: Extract<TraceEvent, { type: 'link.changed' }>): boolean {
  return dialling.includes(from) && from !== 'preparing' && to !== 'open' && !dialling.includes(to);
}

/** Everything that led here, the first cause first. */
export function causes({ gap, loss, failedDials, isRenewed }: Story, at: number): string {
  const tries = failedDials === 1 ? '1 try failed' : `${failedDials} tries failed`;
  const recent = gap && at - gap.at < GAP_EXPLAINS_MS ? gap : null;
  return [
    recent && !loss?.startsWith(recent.words) ? recent.words : null,
    // A frozen page closed it itself; that is said already.
    recent?.isFreeze ? null : loss,
    isRenewed ? 'new token' : null,
    failedDials > 0 ? tries : null,
  ]
    .filter(cause => cause !== null)
    .join(', ');
}

/** Why the open link is gone, e.g. `slept 3 min, probe unanswered`. */
function lossWords(
  { gap, ping, isOffline }: Story,
  { cause, at }: Extract<TraceEvent, { type: 'link.changed' }>,
  { lastClose }: SocketStatus,
): string {
  const first = gap && at - gap.at < GAP_EXPLAINS_MS ? `${gap.words}, ` : isOffline ? 'offline, ' : '';
  switch (cause) {
    case 'time.passed':
      if (ping && !ping.isAnswered) return `${first}${ping.isProbe ? 'probe' : 'heartbeat'} unanswered`;
      return `${first}${lastClose?.reason || 'no answer in time'}`;
    case 'socket.closed':
      return first + (lastClose ? closeWords(lastClose) : 'closed');
    case 'link.judged':
      return `${first}the server said so${lastClose ? ` (${verdictWords[lastClose.verdict]})` : ''}`;
    case 'page.signalled':
      return 'the page was frozen or left';
    case 'link.unwanted':
      return 'the application wants none';
    case 'link.restarted':
      return 'the address changed';
    case 'link.renewalAsked':
      return 'asked for';
    case 'session.keyChanged':
    case 'session.replaced':
      return 'another user';
    default:
      return `${first}closed here`;
  }
}

function pageFacts(story: Story, { signal, at }: Extract<TraceEvent, { type: 'page.signalled' }>) {
  switch (signal) {
    case 'offline':
      return { isOffline: true };
    case 'online':
      return { isOffline: false };
    case 'frozen':
    case 'left':
      return { frozenAt: at };
    case 'resumed':
    case 'returned':
    case 'shown':
      if (story.frozenAt === null) return {};
      return {
        frozenAt: null,
        gap: { words: `frozen ${duration(at - story.frozenAt)}`, at, isFreeze: true },
      };
    default:
      return {};
  }
}
