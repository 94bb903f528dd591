/** A time or a span that can be meant: a number above 0 that a Date can hold. Anything else: undefined. */
export function positiveMs(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value <= 8.64e15 ? value : undefined;
}
