import { span } from '../demo/app/timeWords';

/** A moment of a journey: `0 s`, `12.5 s`, `2 min 5 s`, `8 h 23 s`. */
export function journeyTime(ms: number): string {
  if (ms < 60_000) return ms % 1_000 === 0 ? `${ms / 1_000} s` : span(ms);
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

const utc = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' });

/** `00:12:05`: the same on every machine. */
export function clockTime(at: number): string {
  return utc.format(at);
}
