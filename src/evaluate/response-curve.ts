import { asDay, monthOf, yearOf } from "../core/days";
import { mean } from "./metrics";

/** Fewest days in a bin, and fewest months they come from, for a mean to be shown with an interval. */
export const BIN_DAYS = 20;
export const BIN_MONTHS = 3;

/** Mean of one series over the days whose driver lies in a bin. */
export interface ResponseBin {
  /** mean of the driver over those days, in its unit */
  readonly x: number;
  readonly low_edge: number;
  readonly high_edge: number;
  readonly n: number;
  /** calendar months the days come from: days of one month are no independent pieces */
  readonly months: number;
  /** by series: the mean and its 95 % interval */
  readonly series: readonly { readonly name: string; readonly mean: number; readonly low: number; readonly high: number }[];
}

/** Days on which a response is read. */
export interface ResponseDays {
  readonly day: ArrayLike<number>;
  /** site of each day; without it all are of one */
  readonly site?: readonly string[];
  /** the driver `[day]` */
  readonly x: ArrayLike<number>;
  /** tower and models `[day]`; a day counts where all have a value */
  readonly series: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
}

/**
 * A response curve: means of each series in bins of the driver, on the same days for tower and models. The interval is 1.96 standard errors over calendar months
 * of a site as clusters, since days that follow each other share weather and leaves. Bins with fewer than 20 days or 3 months are left out.
 * @source cluster-robust standard error of a mean: Liang & Zeger 1986, doi:10.1093/biomet/73.1.13
 * @example responseCurve({ day, x: sw, series: [{ name: "observed", values: gpp }] }, [0, 50, 100, 150])
 */
export function responseCurve(days: ResponseDays, edges: readonly number[]): ResponseBin[] {
  const members = edges.slice(1).map((): number[] => []);
  for (let i = 0; i < days.day.length; i++) {
    const x = days.x[i]!;
    if (!Number.isFinite(x) || days.series.some((s) => !Number.isFinite(s.values[i]))) continue;
    const bin = edges.findIndex((edge, k) => k > 0 && x < edge) - 1;
    if (bin >= 0 && x >= edges[0]!) members[bin]!.push(i);
  }
  return members.flatMap((rows, k): ResponseBin[] => {
    const clusters = new Map<string, number[]>();
    for (const i of rows) {
      const key = `${days.site?.[i] ?? ""} ${yearOf(asDay(days.day[i]!))}-${monthOf(asDay(days.day[i]!))}`;
      const own = clusters.get(key);
      if (own) own.push(i);
      else clusters.set(key, [i]);
    }
    if (rows.length < BIN_DAYS || clusters.size < BIN_MONTHS) return [];
    const series = days.series.map(({ name, values }) => {
      const m = mean(rows.map((i) => values[i]!))!;
      const half = 1.96 * clusterError([...clusters.values()].map((own) => own.reduce((sum, i) => sum + values[i]! - m, 0)), rows.length);
      return { name, mean: m, low: m - half, high: m + half };
    });
    return [{ x: mean(rows.map((i) => days.x[i]!))!, low_edge: edges[k]!, high_edge: edges[k + 1]!, n: rows.length, months: clusters.size, series }];
  });
}

/** Standard error of a mean of `n` values from the clusters' summed deviations. */
function clusterError(sums: readonly number[], n: number): number {
  const g = sums.length;
  return Math.sqrt((g / (g - 1)) * sums.reduce((total, s) => total + s * s, 0)) / n;
}
