/**
 * Quantile between order statistics (type 7, numpy's default); null for none, and for any value that is not finite.
 * @source Hyndman & Fan 1996, doi:10.1080/00031305.1996.10473566
 * @example quantile([1, 2, 3, 4], 0.5) // 2.5
 */
export function quantile(values: ArrayLike<number>, q: number): number | null {
  const sorted = Float64Array.from(values).sort();
  // a typed array sorts NaN last
  if (sorted.length === 0 || !Number.isFinite(sorted[0]!) || !Number.isFinite(sorted[sorted.length - 1]!)) return null;
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}
