export interface Quartiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export function quartiles(values: readonly number[]): Quartiles {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [left, right] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    if (left === undefined || right === undefined) throw new Error('There is no median of nothing.');
    return left + (right - left) * (place % 1);
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}

export function median(values: readonly number[]): number {
  return quartiles(values).median;
}

/** The median of the ratios round by round: what slows a whole round down cancels out. */
export function pairedRatio(values: readonly number[], base: readonly number[]): number {
  return median(values.map((value, round) => value / base[round]!));
}
