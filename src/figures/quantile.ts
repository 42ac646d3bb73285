/**
 * Quantile `p` of the finite values by linear interpolation between order statistics; NaN where there are none.
 * @source Hyndman & Fan 1996, type 7 (doi:10.1080/00031305.1996.10473566)
 * @example quantile([1, 2, 3, 4], 0.5) // 2.5
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  if (sorted.length === 0) return NaN;
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

/** A box plot's numbers: quartiles, whiskers at the last values within 1.5 interquartile ranges, values beyond. */
export interface BoxStats {
  readonly n: number;
  readonly low: number;
  readonly q25: number;
  readonly median: number;
  readonly q75: number;
  readonly high: number;
  readonly beyond: readonly number[];
}

/**
 * Numbers of a box plot of the finite values.
 * @source Tukey 1977, Exploratory Data Analysis
 * @example boxStats([1, 2, 3, 4, 100]).beyond // [100]
 */
export function boxStats(values: readonly number[]): BoxStats {
  const finite = values.filter(Number.isFinite);
  const [q25, median, q75] = [0.25, 0.5, 0.75].map((p) => quantile(finite, p)) as [number, number, number];
  const reach = 1.5 * (q75 - q25);
  const inside = finite.filter((v) => v >= q25 - reach && v <= q75 + reach);
  const beyond = finite.filter((v) => v < q25 - reach || v > q75 + reach).sort((a, b) => a - b);
  return { n: finite.length, low: Math.min(...inside), q25, median, q75, high: Math.max(...inside), beyond };
}
