import type { SiteId } from "../../core/sites";
import type { Exclusion } from "../ingest/exclusion";
import type { ModisProduct } from "./modis-products";

/** A column of an export, row by row, and why a row has no value. */
export interface Column {
  readonly name: string;
  /** in the column's unit, NaN = missing `[row]` */
  readonly values: Float64Array;
  /** of which no mean can be taken: the most frequent counts */
  readonly code: boolean;
  /** null where the value stands, and where there never was one `[row]` */
  readonly why: readonly (string | null)[];
}

/** What a product saw of one site: one entry a date, pixels averaged, in the units of the columns, NaN = missing. */
export interface SiteObservations {
  readonly site: SiteId;
  /** first day of each composite, ascending `[date]` */
  readonly date: Int32Array;
  /** day on which it was seen; of a daily product the date itself `[date]` */
  readonly seen: Float64Array;
  readonly columns: ReadonlyMap<string, Float32Array>;
}

/** All sites' observations, with what was taken out. */
export interface Observed {
  readonly sites: readonly SiteObservations[];
  readonly excluded: readonly Exclusion[];
}

/** Columns of an export with the site and day of each row. */
export interface PixelRows {
  /** `[row]` */
  readonly sites: readonly SiteId[];
  readonly day: Int32Array;
  readonly columns: readonly Column[];
  /** day of the year on which a composite's pixel was seen, where the product tells `[row]` */
  readonly seen: Float64Array | null;
}

/**
 * Averages the pixels of each site and date that have a value; of codes the most frequent counts. A date on which none is left is counted under
 * the reason of the first.
 * @source mean of a ~2 km box: CarbonFluxBench, arXiv 2603.09868
 * @example averagePixels(rows, mod13).sites[0].columns.get("evi")
 */
export function averagePixels({ sites, day, columns, seen }: PixelRows, product: ModisProduct): Observed {
  const excluded: Exclusion[] = [];
  const out = [...datesBySite(sites, day)].map(([site, byDate]) => ofSite(site, byDate, columns, seen, product, excluded));
  return { sites: out, excluded };
}

/** Rows of each date of each site, dates ascending. */
function datesBySite(sites: readonly SiteId[], day: Int32Array): Map<SiteId, Map<number, number[]>> {
  const out = new Map<SiteId, Map<number, number[]>>();
  sites.forEach((site, row) => {
    const dates = out.get(site) ?? new Map<number, number[]>();
    out.set(site, dates);
    const rows = dates.get(day[row]!) ?? [];
    dates.set(day[row]!, rows);
    rows.push(row);
  });
  return new Map([...out].map(([site, dates]) => [site, new Map([...dates].sort(([a], [b]) => a - b))]));
}

function ofSite(site: SiteId, byDate: ReadonlyMap<number, readonly number[]>, columns: readonly Column[], seen: Float64Array | null, product: ModisProduct, excluded: Exclusion[]): SiteObservations {
  const date = Int32Array.from(byDate.keys());
  const rows = [...byDate.values()];
  const out = new Map<string, Float32Array>();
  for (const column of columns) {
    const lost = new Map<string, number>();
    out.set(column.name, Float32Array.from(rows, (of) => {
      const value = valueOf(column, of);
      if (value === value) return value;
      const why = of.map((row) => column.why[row]).find((w) => w !== null && w !== undefined);
      if (why !== undefined && why !== null) lost.set(why, (lost.get(why) ?? 0) + 1);
      return NaN;
    }));
    for (const [why, days] of lost) excluded.push({ site, reason: `${column.name} of ${product.id}: ${why}, ${product.period === 1 ? "days" : "composites"} left out`, days });
  }
  return { site, date, seen: Float64Array.from(date, (day, k) => seenOn(day, rows[k]!, seen, product.period)), columns: out };
}

/** Of the pixels that have one; NaN where none has. */
function valueOf({ values, why, code }: Column, rows: readonly number[]): number {
  // one pixel a day is the common case, and needs no lists
  if (rows.length === 1) return why[rows[0]!] === null ? values[rows[0]!]! : NaN;
  const known = rows.filter((row) => why[row] === null && values[row] === values[row]).map((row) => values[row]!);
  if (known.length === 0) return NaN;
  return code ? mostFrequent(known) : known.reduce((sum, v) => sum + v, 0) / known.length;
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** The day a composite's pixels were seen on, on average; the middle of its period where the file does not tell. */
function seenOn(day: number, rows: readonly number[], seen: Float64Array | null, period: number): number {
  if (period === 1) return day;
  const year = new Date(day * 86_400_000).getUTCFullYear();
  const told = rows.flatMap((row) => {
    const nth = seen?.[row] ?? NaN;
    if (!(nth >= 1 && nth <= 366)) return [];
    const same = Date.UTC(year, 0, nth) / 86_400_000;
    // a composite that begins in December may be seen in January
    const at = same < day ? Date.UTC(year + 1, 0, nth) / 86_400_000 : same;
    return at < day + period ? [at] : [];
  });
  return told.length > 0 ? told.reduce((sum, d) => sum + d, 0) / told.length : day + (period - 1) / 2;
}
