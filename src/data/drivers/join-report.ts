import type { SiteId } from "../../core/sites";
import type { SourceUse } from "../sources/citations";
import type { MissingReport } from "../ingest/ingest-report";
import type { Preparation } from "../preparation";
import type { SiteBlock } from "../ingest/site-block";

/** What driver files gave to one column of one site. */
export interface DriverJoin {
  readonly site: SiteId;
  readonly column: string;
  /** where the values come from, as the source column would say */
  readonly sources: readonly string[];
  /** days that had no value before */
  readonly filled: number;
  /** days on which the tower has a value that is the same but for rounding */
  readonly same: number;
  /** days on which it differs: the tower's is kept */
  readonly conflict: number;
  /** mean of driver minus tower on days that have both; null where none has */
  readonly mean_difference: number | null;
  /** days of the site that still have none */
  readonly missing: number;
}

/** What `ingest` did with driver files. */
export interface DriverReport {
  /** how satellite values were prepared */
  readonly preparation: Preparation;
  /** days that no tower file has: drivers alone, so that windows have no gaps */
  readonly rows_added: readonly { readonly site: SiteId; readonly days: number }[];
  readonly columns: readonly DriverJoin[];
}

/** What is counted before towers and drivers are joined: afterwards nobody knows whose value it was. */
export type DriverComparison = Pick<DriverReport, "rows_added"> & { readonly columns: readonly Omit<DriverJoin, "missing">[] };

/** The comparison with what is still missing of the joined table. @example driverReport(compareDrivers(towers, drivers), countMissing(merged), "paper") */
export function driverReport({ rows_added, columns }: DriverComparison, missing: readonly MissingReport[], preparation: Preparation): DriverReport {
  const bySite = new Map(missing.map((m) => [m.site, m.days]));
  return { preparation, rows_added, columns: columns.map((c) => ({ ...c, missing: bySite.get(c.site)?.[c.column] ?? 0 })) };
}

/**
 * Counts, by site and column, the days that driver files fill, and those on which tower and driver agree or differ.
 * @example compareDrivers(towers, drivers).columns[0].filled
 */
export function compareDrivers(towers: readonly SiteBlock[], drivers: readonly SiteBlock[]): DriverComparison {
  const sites = [...new Set(drivers.map((b) => b.site))].sort();
  const columns: Omit<DriverJoin, "missing">[] = [];
  const rows_added: { site: SiteId; days: number }[] = [];
  for (const site of sites) {
    const [own, given] = [towers, drivers].map((blocks) => blocks.filter((b) => b.site === site)) as [SiteBlock[], SiteBlock[]];
    const ownDays = new Set(own.flatMap((b) => [...b.day]));
    const added = new Set(given.flatMap((b) => [...b.day].filter((d) => !ownDays.has(d))));
    if (added.size > 0) rows_added.push({ site, days: added.size });
    for (const column of [...new Set(given.flatMap((b) => [...b.numbers.keys()]))].sort()) {
      columns.push({ site, column, sources: sourcesOf(given, column), ...compare(firstValues(own, column), firstValues(given, column)) });
    }
  }
  return { rows_added, columns };
}

/** The sources of the values that drivers gave, with the sites they gave them to. @example driverSources(report)[0].source // "ERA5-Land" */
export function driverSources({ columns }: DriverReport): SourceUse[] {
  const sites = new Map<string, Set<SiteId>>();
  for (const { site, sources, filled } of columns) {
    if (filled > 0) for (const source of sources) sites.set(source, (sites.get(source) ?? new Set()).add(site));
  }
  return [...sites].map(([source, of]) => ({ source, sites: [...of] }));
}

function sourcesOf(blocks: readonly SiteBlock[], column: string): string[] {
  return [...new Set(blocks.filter((b) => b.numbers.has(column)).flatMap((b) => b.text.source[0] ?? []))].sort();
}

/** The value of each day, that of the first file which has one. */
function firstValues(blocks: readonly SiteBlock[], column: string): Map<number, number> {
  const out = new Map<number, number>();
  for (const block of blocks) {
    block.numbers.get(column)?.forEach((value, i) => {
      if (value === value && !out.has(block.day[i]!)) out.set(block.day[i]!, value);
    });
  }
  return out;
}

function compare(own: ReadonlyMap<number, number>, given: ReadonlyMap<number, number>): Pick<DriverJoin, "filled" | "same" | "conflict" | "mean_difference"> {
  let [filled, same, conflict, sum] = [0, 0, 0, 0];
  for (const [day, value] of given) {
    const before = own.get(day);
    if (before === undefined) {
      filled++;
      continue;
    }
    sum += value - before;
    if (Math.abs(value - before) > 1e-5 * Math.max(1, Math.abs(before))) conflict++;
    else same++;
  }
  return { filled, same, conflict, mean_difference: same + conflict === 0 ? null : sum / (same + conflict) };
}
