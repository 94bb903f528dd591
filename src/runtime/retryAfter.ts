import { systemClock } from './systemClock';

/** A header longer than this names no time. */
const LONGEST_HEADER = 64;

/**
 * The wait that an HTTP answer names, in ms: delay-seconds or an HTTP-date. undefined: none, or one that makes no sense.
 *
 * A date is compared with the `Date` of the same answer where a page may read it: both are the server's clock.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (text === '' || text.length > LONGEST_HEADER) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  const sentAt = Date.parse(headers.get('date') ?? '');
  const waitMs = at - (Number.isNaN(sentAt) ? systemClock.wallMs() : sentAt);
  return waitMs >= 0 ? waitMs : undefined;
}
