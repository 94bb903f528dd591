import { LATE_MS } from './deadline';
import type { Traits } from './event';
import type { Settings } from './settings';

/** What is known of the other end's life. Any inbound frame is an answer. */
export type Pulse =
  /** The next ping leaves at `at`, in elapsed ms; null: this link cannot or need not ping. */
  | { name: 'quiet'; at: number | null }
  /**
   * A ping is out, or the server's own is due. `isThrottled`: that began late in a hidden page, so its deadline will be
   * noticed late too, and that is no sign of a stopped process.
   */
  | { name: 'asked'; at: number; isProbe: boolean; isThrottled: boolean };

/** What to do about a link now. */
export type Finding = 'fine' | 'ping' | 'probe' | 'dead';

/** A hidden page whose timers come this late is throttled by the browser, not stopped. */
const THROTTLED_MS = 10_000;

export function isThrottled(lateMs: number, isVisible: boolean): boolean {
  return !isVisible && lateMs > THROTTLED_MS;
}

/** Looks at a pulse at a moment. A deadline noticed late is no proof of death: a fresh probe is, unanswered. */
export function examine(pulse: Pulse, elapsedMs: number, isVisible: boolean): Finding {
  if (pulse.at === null || elapsedMs < pulse.at) return 'fine';
  if (pulse.name === 'quiet') return 'ping';
  const lateMs = elapsedMs - pulse.at;
  const mayBeQueued = lateMs > LATE_MS && !(pulse.isThrottled && isThrottled(lateMs, isVisible));
  return mayBeQueued ? 'probe' : 'dead';
}

/** What is next on a link from which something was heard just now. `isLate`: by a timer that a hidden page held up. */
export function nextPulse(
  { heartbeatMs, pongMs }: Settings,
  { pings, serverPingMs }: Traits,
  elapsedMs: number,
  isLate = false,
): Pulse {
  if (heartbeatMs === null) return { name: 'quiet', at: null };
  if (pings || serverPingMs === null) return { name: 'quiet', at: pings ? elapsedMs + heartbeatMs : null };
  return { name: 'asked', at: elapsedMs + serverPingMs + pongMs, isProbe: false, isThrottled: isLate };
}
