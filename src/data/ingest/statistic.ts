import type { UnitStat } from "../columns";

/** The known values in ascending order, sorted once for several statistics. @example sortedKnown(Float32Array.of(3, NaN, 1)) // [1, 3] */
export function sortedKnown(values: Float32Array): Float32Array {
  return values.filter((v) => v === v).sort();
}

/**
 * A statistic of sorted values; NaN when there are none.
 * @example statistic(sortedKnown(Float32Array.of(1, 3, NaN)), "mean") // 2
 */
export function statistic(sorted: Float32Array, stat: UnitStat): number {
  if (sorted.length === 0) return NaN;
  if (stat === "mean") return sorted.reduce((sum, v) => sum + v, 0) / sorted.length;
  const ordered = stat === "p99abs" ? sorted.map(Math.abs).sort() : sorted;
  const share = { median: 0.5, max: 1, p95: 0.95, p99: 0.99, p99abs: 0.99 }[stat];
  return ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))]!;
}
