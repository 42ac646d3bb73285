import { asDay, monthOf, parseDay } from "../core/days";
import { WorkbookError } from "../core/errors";
import type { Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, numbers, type DailyTable } from "../data/daily-table";
import { rowsOfSite } from "../data/sites/site-gaps";
import { annualSum, daysOfYear, siteYearRows, type SiteYearRows } from "../data/sites/site-years";
import { ustarRange } from "../data/sites/ustar-range";
import type { Contender } from "./evaluate";
import { predictedRows } from "./predicted-rows";

/** A flux added up from 1 January, g C m⁻². */
export interface CumulativeYear {
  readonly site: SiteId;
  readonly year: number;
  readonly flux: Flux;
  /** days without an observation, at which the curve goes on with the mean of their month */
  readonly filled: number;
  /** `[day of the year − 1]`; the last is the annual sum */
  readonly observed: Float64Array;
  /** by the lowest and highest u* percentiles that the source has; null without */
  readonly ustar: { readonly low: Float64Array; readonly high: Float64Array; readonly of: string } | null;
  /** over the days of the observation alone, filled as it is */
  readonly models: readonly { readonly name: string; readonly values: Float64Array }[];
}

/**
 * The cumulative curves of a site: one for each year that has an annual sum. A model that misses days of a year has no curve in it.
 * @throws WorkbookError MissingColumn, EmptyTable where no year of the site has a sum
 * @example cumulativeYears(table, "DE-Hai", "nee", contenders)[0].observed[364] // the annual sum
 */
export function cumulativeYears(table: DailyTable, site: SiteId, flux: Flux, contenders: readonly Contender[] = []): CumulativeYear[] {
  const days = daysOf(table);
  const values = numbers(table, flux);
  const predicted = contenders.map((c) => ({ name: c.model, values: predictedRows(table, c.predictions, flux).map((v, row) => (Number.isNaN(values[row]!) ? NaN : v)) }));
  const years = siteYearRows(table).filter((rows) => rows.site.site === site).map((rows) => ({ rows, total: annualSum(values, days, rows) }));
  const whole = years.filter((y) => y.total.sum !== null);
  if (whole.length === 0) {
    throw new WorkbookError("EmptyTable", `cumulativeYears: ${site}: a year with ${flux} on 90 % of its days is required, found ${years.map((y) => `${y.rows.year}: ${y.total.reason}`).join("; ") || "none"}; choose another site`, { site });
  }
  const range = ustarRange(table, flux, rowsOfSite(table, site));
  return whole.map(({ rows, total }): CumulativeYear => {
    const [low, high] = [range?.low, range?.high].map((daily) => (daily === undefined ? null : curve(daily, days, rows)));
    return {
      site, year: rows.year, flux, filled: daysOfYear(rows.year) - total.known, observed: curve(values, days, rows)!,
      ustar: range && low && high ? { low, high, of: range.percentiles.join("–") } : null,
      models: predicted.flatMap(({ name, values: daily }) => {
        const line = curve(daily, days, rows);
        return line === null ? [] : [{ name, values: line }];
      }),
    };
  });
}

/** The running sum, with the month's mean where a day is missing: it ends at `annualSum`. Null where that has none. */
function curve(values: Float32Array, days: Int32Array, rows: SiteYearRows): Float64Array | null {
  if (annualSum(values, days, rows).sum === null) return null;
  const first = parseDay(`${rows.year}-01-01`);
  const daily = new Float64Array(daysOfYear(rows.year)).fill(NaN);
  for (let row = rows.from; row < rows.to; row++) daily[days[row]! - first] = values[row]!;
  const [sum, n] = [new Float64Array(13), new Float64Array(13)];
  const month = daily.map((_, d) => monthOf(asDay(first + d)));
  daily.forEach((v, d) => {
    if (Number.isNaN(v)) return;
    sum[month[d]!] += v;
    n[month[d]!]++;
  });
  let total = 0;
  return daily.map((v, d) => (total += Number.isNaN(v) ? sum[month[d]!]! / n[month[d]!]! : v));
}
