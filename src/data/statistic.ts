import type { UnitStat } from "./columns";

/**
 * A statistic of the known values; NaN when there are none.
 * @example statistic(Float32Array.of(1, 3, NaN), "mean") // 2
 */
export function statistic(values: Float32Array, stat: UnitStat): number {
  const known = values.filter((v) => v === v);
  if (known.length === 0) return NaN;
  if (stat === "mean") return known.reduce((sum, v) => sum + v, 0) / known.length;
  const sorted = (stat === "p99abs" ? known.map(Math.abs) : known).sort();
  const share = { median: 0.5, max: 1, p95: 0.95, p99: 0.99, p99abs: 0.99 }[stat];
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
