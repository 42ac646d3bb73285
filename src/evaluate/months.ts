import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysInMonth, monthStart } from "../data/grid/cf";
import { daysOf, hasColumn, numbers, siteRows, type DailyTable } from "../data/daily-table";
import type { ProductValues } from "../data/products/product";
import type { Predictions } from "./predictions";

/** Share of a month's days that its mean needs: good days alone are no random sample of a month. */
export const MONTH_SHARE = 0.9;
/** Mean QC that a month needs, where QC is known. */
export const MONTH_QC = 0.75;

/** Monthly mean fluxes, g C m⁻² d⁻¹, NaN = missing, one entry a site and month. */
export interface MonthSeries {
  readonly site: readonly SiteId[];
  /** first day of the month, days since 1970-01-01 `[row]` */
  readonly month: Int32Array;
  readonly gpp: Float32Array;
  readonly reco: Float32Array;
  readonly nee: Float32Array;
}

/**
 * Monthly means of the towers: of a month with the flux on 90 % of its days and a mean QC of at least 0.75, or unknown.
 * @returns the months, and how many of those with any flux were left out
 * @source method §3: QC = 1 days are no random sample, so they are never averaged to a budget
 * @example monthsOfTable(table, ["DE-Hai"]).series.gpp[0]
 */
export function monthsOfTable(table: DailyTable, sites: readonly SiteId[]): { series: MonthSeries; excluded: { few_days: number; low_qc: number } } {
  const days = daysOf(table);
  const qc = hasColumn(table, "nee_qc") ? numbers(table, "nee_qc") : null;
  const wanted = new Set(sites);
  const groups = siteRows(table).filter((r) => wanted.has(r.site.site)).flatMap(({ site, from, to }) => monthsOf(site.site, days, from, to));
  const columns = Object.fromEntries(FLUXES.map((flux) => [flux, hasColumn(table, flux) ? numbers(table, flux) : null])) as Record<Flux, Float32Array | null>;
  const excluded = { few_days: 0, low_qc: 0 };
  const values = groups.map(({ month, rows }) => {
    const quality = qc === null ? null : meanOf(qc, rows, 1);
    const low = quality !== null && quality < MONTH_QC;
    const means = FLUXES.map((flux) => (columns[flux] === null ? NaN : meanOf(columns[flux]!, rows, MONTH_SHARE * daysInMonth(month)) ?? NaN));
    const any = FLUXES.some((flux) => columns[flux] !== null && meanOf(columns[flux]!, rows, 1) !== null);
    if (any && low) excluded.low_qc++;
    else if (any && means.every((v) => Number.isNaN(v))) excluded.few_days++;
    return low ? [NaN, NaN, NaN] : means;
  });
  return { series: toSeries(groups, values), excluded };
}

/** Monthly means of predictions, of months predicted on 90 % of their days. @example monthsOfPredictions(predictions).nee */
export function monthsOfPredictions(predictions: Predictions): MonthSeries {
  const order = Uint32Array.from(predictions.site, (_, i) => i).sort((a, b) => (predictions.site[a]! < predictions.site[b]! ? -1 : predictions.site[a]! > predictions.site[b]! ? 1 : predictions.day[a]! - predictions.day[b]!));
  const groups: Group[] = [];
  for (const row of order) {
    const [site, month] = [predictions.site[row]!, monthStart(predictions.day[row]!)];
    const last = groups[groups.length - 1];
    if (last !== undefined && last.site === site && last.month === month) last.rows.push(row);
    else groups.push({ site, month, rows: [row] });
  }
  return toSeries(groups, groups.map(({ month, rows }) => FLUXES.map((flux) => meanOf(predictions[flux], rows, MONTH_SHARE * daysInMonth(month)) ?? NaN)));
}

/** A monthly product as a series. */
export function monthsOfProduct({ site, day, gpp, reco, nee }: ProductValues): MonthSeries {
  return { site, month: day, gpp, reco, nee };
}

interface Group {
  readonly site: SiteId;
  readonly month: number;
  readonly rows: number[];
}

function monthsOf(site: SiteId, days: Int32Array, from: number, to: number): Group[] {
  const groups: Group[] = [];
  for (let row = from; row < to; row++) {
    const month = monthStart(days[row]!);
    if (groups[groups.length - 1]?.month === month) groups[groups.length - 1]!.rows.push(row);
    else groups.push({ site, month, rows: [row] });
  }
  return groups;
}

/** Mean of the known values, null where fewer than `least` are. */
function meanOf(values: Float32Array, rows: readonly number[], least: number): number | null {
  let [n, sum] = [0, 0];
  for (const row of rows) {
    if (Number.isNaN(values[row]!)) continue;
    n++;
    sum += values[row]!;
  }
  return n === 0 || n < least ? null : sum / n;
}

function toSeries(groups: readonly Group[], values: readonly (readonly number[])[]): MonthSeries {
  const column = (f: number): Float32Array => Float32Array.from(values, (v) => v[f]!);
  return { site: groups.map((g) => g.site), month: Int32Array.from(groups, (g) => g.month), gpp: column(0), reco: column(1), nee: column(2) };
}
