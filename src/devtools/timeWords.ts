/** A stretch of time for a reader: `32 ms`, `0.4 s`, `12 s`, `2 min 30 s`, `3 h 5 min`, `12 h`. */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1).replace('.0', '')} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  if (seconds < 595)
    return joined(Math.floor(Math.round(seconds) / 60), 'min', Math.round(seconds) % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours >= 10 ? `${Math.round(minutes / 60)} h` : joined(hours, 'h', minutes % 60, 'min');
}

function joined(whole: number, unit: string, part: number, small: string): string {
  return part === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${part} ${small}`;
}

/** What is left of a token's life: counts seconds down to the last minute, `14 min 59 s`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min ${seconds % 60} s`;
}

const locale = 'en-GB';
const exact = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
const coarse = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });

/** `12:03:04`, in the reader's time zone. */
export function timeOfDay(at: number): string {
  return exact.format(at);
}

/** `12:03`. */
export function hourAndMinute(at: number): string {
  return coarse.format(at);
}

const utc = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });

/** For `<time dateTime>`: `2026-01-01 12:03:04Z`. */
export function machineTime(at: number): string {
  return `${utc.format(at)}Z`;
}
