import { columnSpec } from "../core/columns";
import { asDay, monthOf } from "../core/days";
import { quantile } from "../core/quantile";

/** Robust standard deviations beyond which a value stands out, and fewest values of a calendar month that are compared. */
const FAR = 6;
const FEWEST = 30;
/** Median absolute deviation of a normal distribution in standard deviations. */
const MAD_TO_SD = 1.4826;

/** The rule in words, for every table that shows its counts. */
export const OUTLIER_RULE = `farther than ${FAR} × ${MAD_TO_SD} MAD from the median of all values of the same calendar month at the site (months of at least ${FEWEST} values; not asked of precipitation, codes, azimuths and quality shares); counted, not taken out`;

/** Whether the rule makes sense for a column: rain has no centre, a code no distance, a share ends at 1. */
export function hasOutliers(column: string): boolean {
  const spec = columnSpec(column);
  return spec !== undefined && spec.fill !== "zero" && spec.fill !== "nearest" && !/_qc$|^nee_measured$|^snow$/.test(column);
}

/**
 * Rows whose value stands out among those of its calendar month: the season is no outlier, a spike is.
 * @source median absolute deviation: Hampel 1974, doi:10.1080/01621459.1974.10482962
 * @example outliers(numbers(table, "ta_degC").subarray(from, to), daysOf(table).subarray(from, to))
 */
export function outliers(values: Float32Array, day: Int32Array): number[] {
  const rows = Array.from({ length: 12 }, (): number[] => []);
  values.forEach((v, i) => {
    if (v === v) rows[monthOf(asDay(day[i]!)) - 1]!.push(i);
  });
  return rows.flatMap((of) => {
    if (of.length < FEWEST) return [];
    const centre = quantile(of.map((i) => values[i]!), 0.5)!;
    const mad = quantile(of.map((i) => Math.abs(values[i]! - centre)), 0.5)!;
    // more than half of one value: no spread to measure by
    return mad > 0 ? of.filter((i) => Math.abs(values[i]! - centre) > FAR * MAD_TO_SD * mad) : [];
  }).sort((a, b) => a - b);
}
