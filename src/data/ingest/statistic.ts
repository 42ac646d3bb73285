import type { UnitStat } from "../columns";

/** The known values in ascending order, sorted once for several statistics. @example sortedKnown(Float32Array.of(3, NaN, 1)) // [1, 3] */
export function sortedKnown(values: Float32Array): Float32Array {
  const out = new Float32Array(values.length);
  let known = 0;
  // A loop: filter with a function takes several times as long.
  for (let i = 0; i < values.length; i++) if (values[i] === values[i]) out[known++] = values[i]!;
  return out.subarray(0, known).sort();
}

/** Number, least and greatest of the known values; without any the least is ∞, the greatest −∞. @example extent(Float32Array.of(3, NaN, 1)) // { known: 2, least: 1, most: 3 } */
export function extent(values: Float32Array): { known: number; least: number; most: number } {
  let [known, least, most] = [0, Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v !== v) continue;
    known++;
    if (v < least) least = v;
    if (v > most) most = v;
  }
  return { known, least, most };
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
