import type { Variable } from "../columns";
import type { Exclusion } from "./exclusion";
import { sortedKnown, statistic } from "./statistic";

/**
 * Undoes what a product does to its numbers, in place: packed integers are scaled (fill and values outside the valid range become NaN),
 * and rounding noise below zero becomes 0. Scaled columns are left alone; both are told apart by range. Every change is counted.
 * @source MOD09GA v061 user guide (scale 1e-4, fill −28672, valid −100…16,000); ERA5-Land packing, method §2
 * @returns what was taken out or set to zero
 */
export function unpack(site: string, variable: Variable, values: Float32Array): Exclusion[] {
  const out: Exclusion[] = [];
  const packed = variable.packed;
  if (packed !== null && statistic(sortedKnown(values.map(Math.abs)), "p95") > packed.above) {
    let fill = 0;
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      if (v !== v) continue;
      const valid = v >= packed.valid[0] && v <= packed.valid[1];
      if (!valid) fill++;
      values[i] = valid ? v * packed.scale : NaN;
    }
    if (fill > 0) out.push({ site, reason: `${variable.column}: fill or outside ${packed.valid[0]}…${packed.valid[1]} of the packed product`, days: fill });
  }
  if (variable.zeroFrom < 0) {
    let zeroed = 0;
    for (let i = 0; i < values.length; i++) {
      if (values[i]! >= 0 || !(values[i]! >= variable.zeroFrom)) continue;
      values[i] = 0;
      zeroed++;
    }
    if (zeroed > 0) out.push({ site, reason: `${variable.column}: rounding noise below zero set to 0`, days: zeroed });
  }
  return out;
}
