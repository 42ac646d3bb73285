import { asDay, monthOf, yearOf } from "../core/days";
import type { Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, numbers, siteRows, type DailyTable } from "../data/daily-table";
import { monthStart } from "../data/grid/cf";
import { waterBalance } from "./drought-index";
import type { Contender } from "./evaluate";
import { mean, quantile } from "./metrics";
import { predictedRows } from "./predicted-rows";

/** Years of the same season that a year is compared with, at least. */
export const DROUGHT_YEARS = 4;
/** Share of a season's or month's days that must be known. */
const SHARE = 0.8;
/** Growing season by hemisphere: April–September, or October–March. */
const MONTHS = { north: [4, 5, 6, 7, 8, 9], south: [10, 11, 12, 1, 2, 3] } as const;

/** One growing season of a site, tower or model, beside its other years. */
export interface SeasonAnomaly {
  readonly site: SiteId;
  readonly igbp: string | null;
  readonly year: number;
  readonly flux: Flux;
  readonly name: string;
  /** mean of the season, g C m⁻² d⁻¹ */
  readonly value: number;
  /** (value − mean of the other years) / their standard deviation */
  readonly z: number;
  /** the same of the 90-day water balance: below 0 is drier than usual */
  readonly z_water: number | null;
  /** value / mean of the other years; for NEE, whose mean may be 0, null */
  readonly resistance: number | null;
  /** value of the next season / value of this one; null where there is none */
  readonly recovery: number | null;
  /** years compared with */
  readonly years: number;
}

/** What the anomalies are of. */
export interface DroughtOptions {
  readonly contenders?: readonly Contender[];
  readonly sites?: readonly SiteId[];
  /** default GPP */
  readonly flux?: Flux;
}

/**
 * Standardised anomalies of each growing season against the same site's other years, at sites with at least 5 seasons, for the tower and each model on the same
 * days, beside the anomaly of the water balance. A drought year is one of a name (2003 and 2018 in Europe) or of a low `z_water`. Resistance is the season's flux over
 * the others' mean, recovery the next season's over this one's.
 * ERA5-Land's leaf area is a monthly climatology: a model fed by it sees a drought only through the weather and the reflectance.
 * @throws WorkbookError MissingColumn for a table without the flux, ta_degC, sw_in_W_m2 or p_mm_d
 * @source resistance and recovery: Lloret et al. 2011, doi:10.1111/j.1600-0706.2011.19372.x; 2003: Ciais et al. 2005, doi:10.1038/nature03972
 * @example seasonAnomalies(table, { contenders }).filter((a) => a.year === 2018)
 */
export function seasonAnomalies(table: DailyTable, options: DroughtOptions = {}): SeasonAnomaly[] {
  const { flux = "gpp" } = options;
  const days = daysOf(table);
  const water = waterBalance(table);
  const series = seriesOf(table, flux, options.contenders ?? []);
  return rowsOfSites(table, options.sites).flatMap(({ site, rows }) => {
    const south = site.lat !== null && site.lat < 0;
    const months: readonly number[] = south ? MONTHS.south : MONTHS.north;
    const seasons = new Map<number, number[]>();
    for (const row of rows) {
      const day = asDay(days[row]!);
      if (!months.includes(monthOf(day))) continue;
      // a southern season bears the year in which it begins
      const year = yearOf(day) - (south && monthOf(day) <= 3 ? 1 : 0);
      seasons.set(year, [...(seasons.get(year) ?? []), row]);
    }
    const whole = [...seasons].map(([year, own]) => ({ year, own: own.filter((row) => complete(series, row)) })).filter((s) => s.own.length >= SHARE * 182);
    return series.flatMap(({ name, values }) => {
      const means = whole.map((s) => ({ year: s.year, value: mean(s.own.map((row) => values[row]!))!, water: meanKnown(s.own.map((row) => water[row]!)) }));
      return means.flatMap((m): SeasonAnomaly[] => {
        const others = means.filter((o) => o.year !== m.year);
        const z = standardised(m.value, others.map((o) => o.value));
        if (z === null) return [];
        const usual = mean(others.map((o) => o.value))!;
        const next = means.find((o) => o.year === m.year + 1);
        const ratio = (a: number, b: number): number | null => (flux === "nee" || b <= 0 ? null : a / b);
        return [{
          site: site.site, igbp: site.igbp, year: m.year, flux, name, value: m.value, z,
          z_water: m.water === null ? null : standardised(m.water, others.flatMap((o) => o.water ?? [])),
          resistance: ratio(m.value, usual), recovery: next === undefined ? null : ratio(next.value, m.value), years: others.length,
        }];
      });
    });
  });
}

/** Tower and models in the driest tenth of a site's growing-season months. */
export interface DriestMonths {
  readonly site: SiteId;
  readonly igbp: string | null;
  readonly name: string;
  /** months in the driest tenth, and all */
  readonly months: number;
  readonly of: number;
  /** mean standardised anomaly of the flux in them, each month against the same month of other years */
  readonly z: number;
}

/**
 * Mean standardised anomaly of a flux in the driest tenth of each site's growing-season months by the standardised 90-day water balance, tower and models on
 * the same days. Needs 5 years of a month, and 10 such months.
 * @throws WorkbookError MissingColumn as `seasonAnomalies`
 * @example driestMonths(table, { contenders, flux: "gpp" })
 */
export function driestMonths(table: DailyTable, options: DroughtOptions = {}): DriestMonths[] {
  const { flux = "gpp" } = options;
  const days = daysOf(table);
  const water = waterBalance(table);
  const series = seriesOf(table, flux, options.contenders ?? []);
  return rowsOfSites(table, options.sites).flatMap(({ site, rows }) => {
    const season: readonly number[] = site.lat !== null && site.lat < 0 ? MONTHS.south : MONTHS.north;
    const byMonth = new Map<number, number[]>();
    for (const row of rows) if (complete(series, row) && !Number.isNaN(water[row]!) && season.includes(monthOf(asDay(days[row]!)))) byMonth.set(monthStart(days[row]!), [...(byMonth.get(monthStart(days[row]!)) ?? []), row]);
    const months = [...byMonth].filter(([, own]) => own.length >= SHARE * 30).map(([start, own]) => ({ month: monthOf(asDay(start)), water: mean(own.map((row) => water[row]!))!, values: series.map((s) => mean(own.map((row) => s.values[row]!))!) }));
    const scored = months.flatMap((m) => {
      const others = months.filter((o) => o !== m && o.month === m.month);
      const zWater = standardised(m.water, others.map((o) => o.water));
      const z = series.map((_, k) => standardised(m.values[k]!, others.map((o) => o.values[k]!)));
      return zWater === null || z.includes(null) ? [] : [{ water: zWater, z: z as number[] }];
    });
    if (scored.length < 10) return [];
    const limit = quantile(scored.map((m) => m.water), 0.1)!;
    const dry = scored.filter((m) => m.water <= limit);
    return series.map(({ name }, k): DriestMonths => ({ site: site.site, igbp: site.igbp, name, months: dry.length, of: scored.length, z: mean(dry.map((m) => m.z[k]!))! }));
  });
}

/** How far a value lies from others, in their standard deviations; null for fewer than four, or where they are all alike. */
function standardised(value: number, others: readonly number[]): number | null {
  if (others.length < DROUGHT_YEARS) return null;
  const centre = mean(others)!;
  const sd = Math.sqrt(others.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (others.length - 1));
  return sd > 0 ? (value - centre) / sd : null;
}

interface Series {
  readonly name: string;
  readonly values: Float32Array;
}

function seriesOf(table: DailyTable, flux: Flux, contenders: readonly Contender[]): Series[] {
  return [{ name: "observed", values: numbers(table, flux) }, ...contenders.map((c) => ({ name: c.model, values: predictedRows(table, c.predictions, flux) }))];
}

const complete = (series: readonly Series[], row: number): boolean => series.every((s) => Number.isFinite(s.values[row]!));

function meanKnown(values: readonly number[]): number | null {
  return mean(values.filter((v) => !Number.isNaN(v)));
}

function rowsOfSites(table: DailyTable, sites: readonly SiteId[] | undefined): { site: DailyTable["sites"][number]; rows: number[] }[] {
  const wanted = sites === undefined ? null : new Set(sites);
  return siteRows(table).filter(({ site }) => wanted === null || wanted.has(site.site)).map(({ site, from, to }) => ({ site, rows: Array.from({ length: to - from }, (_, i) => from + i) }));
}
