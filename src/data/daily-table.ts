import { table as arqueroTable, type ColumnTable } from "arquero";
import { COLUMNS, columnSpec, knownColumns } from "../core/columns";
import { asDay, formatDay, type Day } from "../core/days";
import { WorkbookError } from "../core/errors";
import { nearest } from "../core/nearest";
import type { Site, SiteId } from "../core/sites";
import type { InputHash } from "./input-hashes";
import type { Preparation } from "./preparation";

/** Text columns of the canonical daily table besides `site`. */
export const TEXT_COLUMNS = ["target_variant", "source", "day_convention"] as const;
export type TextColumn = (typeof TEXT_COLUMNS)[number];

/** Typed columns from which a table is made: one entry a row, NaN = missing. */
export interface DailyColumns {
  readonly site: readonly SiteId[];
  readonly day: Int32Array;
  readonly text?: Partial<Record<TextColumn, readonly (string | null)[]>>;
  readonly numbers: Readonly<Record<string, Float32Array>>;
}

/**
 * The canonical daily table: one row a site and day, sorted by site then day, canonical column names and units, NaN = missing.
 * `rows` is an arquero table with `site`, `day` (days since 1970-01-01), the text columns and Float32Array number columns.
 */
export interface DailyTable {
  readonly rows: ColumnTable;
  /** sites that occur in the rows, sorted by id */
  readonly sites: readonly Site[];
  /** columns of the benchmark's feature sets, where the table came with them */
  readonly featureSets?: FeatureSets;
  /** how the satellite channels were prepared, where the table says */
  readonly preparation?: Preparation;
  /** files that the table was made from, where it says */
  readonly inputs?: readonly InputHash[];
}

/** Reanalysis columns by feature set, as the benchmark lists them. @source CarbonFluxBench, arXiv 2603.09868 */
export type FeatureSets = Readonly<Record<string, readonly string[]>>;

/** Longest site id: pages, figures and files are made of it. */
const LONGEST_ID = 1000;

/**
 * Makes a daily table from typed columns: sorts by site and day, checks names, lengths and uniqueness. Columns that are in order are taken, not copied.
 * @throws WorkbookError MissingColumn for a column that is not canonical, DuplicateDay, BadSite for a site without an entry in `sites`
 * @example dailyTable({ site: ["A"], day: Int32Array.of(0), numbers: { gpp: Float32Array.of(1) } }, sites)
 */
export function dailyTable(columns: DailyColumns, sites: readonly Site[], featureSets?: FeatureSets): DailyTable {
  const n = columns.site.length;
  const names = Object.keys(columns.numbers);
  for (const name of names) {
    if (!columnSpec(name)) throw new WorkbookError("MissingColumn", `dailyTable: canonical columns only, got ${name}; nearest ${nearest(name, COLUMNS.map((c) => c.name)).join(", ")}`, { column: name });
    if (columns.numbers[name]!.length !== n) throw new WorkbookError("BadArgument", `dailyTable: ${name}: ${n} values required, got ${columns.numbers[name]!.length}`, { column: name });
  }
  const order = sortedOrder(columns.site, columns.day);
  const pick = (values: Float32Array): Float32Array => (order ? Float32Array.from(order, (i) => values[i]!) : values);
  const site = order ? Array.from(order, (i) => columns.site[i]!) : columns.site;
  const day = order ? Int32Array.from(order, (i) => columns.day[i]!) : columns.day;
  for (let i = 1; i < n; i++) {
    if (site[i] === site[i - 1] && day[i] === day[i - 1]) {
      const date = formatDay(asDay(day[i]!));
      throw new WorkbookError("DuplicateDay", `dailyTable: ${site[i]}: one row a day required, got two for ${date}; remove one`, { site: site[i]!, date });
    }
  }
  const built: Record<string, unknown> = { site, day };
  for (const name of TEXT_COLUMNS) {
    const values = columns.text?.[name];
    built[name] = values ? (order ? Array.from(order, (i) => values[i] ?? null) : values) : new Array<null>(n).fill(null);
  }
  for (const spec of knownColumns(names)) built[spec.name] = pick(columns.numbers[spec.name]!);
  const present = new Set(site);
  const kept = sites.filter((s) => present.has(s.site)).sort((a, b) => (a.site < b.site ? -1 : 1));
  if (kept.length !== present.size) {
    const known = new Set(kept.map((s) => s.site));
    const missing = [...present].find((s) => !known.has(s)) ?? "a site named twice";
    throw new WorkbookError("BadSite", `dailyTable: one site entry for each id required, got none or several for ${missing}; add it to the site list`, { site: missing });
  }
  // what is kept by site must not find what every object has
  const inherited = kept.find((s) => s.site in Object.prototype);
  if (inherited !== undefined) throw new WorkbookError("BadSite", `dailyTable: a site id required, found ${inherited.site}, which every object has a property of; rename the site`, { site: inherited.site });
  const long = kept.find((s) => s.site.length > LONGEST_ID);
  if (long !== undefined) throw new WorkbookError("BadSite", `dailyTable: a site id of at most ${LONGEST_ID} characters required, found one of ${long.site.length}: ${long.site.slice(0, 40)}…; rename the site`, { site: long.site.slice(0, 40) });
  return { rows: arqueroTable(built as Record<string, ArrayLike<unknown>>) as ColumnTable, sites: kept, ...(featureSets ? { featureSets } : {}) };
}

/** Row indices by site then day, or null when they are so already. */
function sortedOrder(site: readonly string[], day: Int32Array): Uint32Array | null {
  let sorted = true;
  for (let i = 1; i < site.length && sorted; i++) sorted = site[i - 1]! < site[i]! || (site[i - 1] === site[i] && day[i - 1]! <= day[i]!);
  if (sorted) return null;
  const order = Uint32Array.from(site, (_, i) => i);
  return order.sort((a, b) => (site[a]! < site[b]! ? -1 : site[a]! > site[b]! ? 1 : day[a]! - day[b]!));
}

/** Days of the rows `[row]`, since 1970-01-01. @example formatDay(asDay(daysOf(table)[0])) */
export function daysOf(table: DailyTable): Int32Array {
  return table.rows.column("day") as unknown as Int32Array;
}

/** Whether the table has the number column. @example hasColumn(table, "nee_qc") */
export function hasColumn(table: DailyTable, name: string): boolean {
  return table.rows.columnIndex(name) >= 0;
}

/**
 * A number column `[row]` in its physical unit, NaN = missing.
 * @throws WorkbookError MissingColumn
 * @example numbers(table, "gpp")
 */
export function numbers(table: DailyTable, name: string): Float32Array {
  const column = hasColumn(table, name) ? (table.rows.column(name) as unknown) : undefined;
  if (!(column instanceof Float32Array)) {
    throw new WorkbookError("MissingColumn", `numbers: a number column of the table is required, got ${name}; nearest ${nearest(name, table.rows.columnNames()).join(", ")}`, { column: name });
  }
  return column;
}

/** A text column `[row]`, null = missing. @example texts(table, "site")[0] */
export function texts(table: DailyTable, name: TextColumn | "site"): readonly (string | null)[] {
  return table.rows.column(name) as unknown as readonly (string | null)[];
}

/** The rows of one site: `from` (first) to `to` (one past the last). */
export interface SiteRows {
  readonly site: Site;
  readonly from: number;
  readonly to: number;
}

/**
 * Where each site's rows lie, in site order.
 * @example for (const { site, from, to } of siteRows(table)) …
 */
export function siteRows(table: DailyTable): SiteRows[] {
  const ids = texts(table, "site");
  const out: SiteRows[] = [];
  let from = 0;
  for (const site of table.sites) {
    let to = from;
    while (to < ids.length && ids[to] === site.site) to++;
    out.push({ site, from, to });
    from = to;
  }
  return out;
}

/** First and last day of a site's rows. @example period(table, siteRows(table)[0]).first */
export function period(table: DailyTable, rows: SiteRows): { first: Day; last: Day } {
  const days = daysOf(table);
  return { first: asDay(days[rows.from]!), last: asDay(days[rows.to - 1]!) };
}

/** Whether any row comes from the virtual flux network: then every figure and table made of it must say so. @example isSimulated(table) */
export function isSimulated(table: DailyTable): boolean {
  return texts(table, "source").some((s) => s !== null && /simulated/i.test(s));
}
