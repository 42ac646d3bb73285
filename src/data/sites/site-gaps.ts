import { columnSpec } from "../../core/columns";
import { asDay, formatDay } from "../../core/days";
import type { SiteId } from "../../core/sites";
import { unknownSite } from "../../core/unknown-site";
import { daysOf, hasColumn, numbers, siteRows, type DailyTable, type SiteRows } from "../daily-table";

/**
 * Where a site's rows lie.
 * @throws WorkbookError BadSite naming the nearest ids
 * @example rowsOfSite(table, "DE-Hai").from
 */
export function rowsOfSite(table: DailyTable, site: SiteId): SiteRows {
  const rows = siteRows(table).find((r) => r.site.site === site);
  if (!rows) throw unknownSite("", site, "the table", table.sites.map((s) => s.site));
  return rows;
}

/** One site of a table, as a table. @throws WorkbookError BadSite @example oneSite(table, "DE-Hai").sites.length // 1 */
export function oneSite(table: DailyTable, site: SiteId): DailyTable {
  const { from, to, site: about } = rowsOfSite(table, site);
  return { ...table, rows: table.rows.slice(from, to).reify(), sites: [about] };
}

/** What a site's record lacks of one column. */
export interface Gaps {
  readonly column: string;
  readonly unit: string;
  /** days of the calendar from the first row to the last */
  readonly days: number;
  readonly missing: number;
  readonly share: number;
  readonly longest: number;
  /** first day of the longest gap */
  readonly longest_from: string | null;
}

/**
 * Missing days of each column of a site between its first row and its last; a day without a row is missing as one without a value is.
 * @throws WorkbookError BadSite
 * @example gapsOf(table, "DE-Hai", ["gpp", "ta_degC"])
 */
export function gapsOf(table: DailyTable, site: SiteId, columns: readonly string[]): Gaps[] {
  const { from, to } = rowsOfSite(table, site);
  const days = daysOf(table);
  const first = days[from]!;
  const length = days[to - 1]! - first + 1;
  return columns.filter((name) => hasColumn(table, name)).map((name): Gaps => {
    const known = new Uint8Array(length);
    const values = numbers(table, name);
    for (let row = from; row < to; row++) if (!Number.isNaN(values[row]!)) known[days[row]! - first] = 1;
    let [missing, run, longest, at] = [0, 0, 0, 0];
    known.forEach((k, d) => {
      run = k === 1 ? 0 : run + 1;
      missing += 1 - k;
      if (run > longest) [longest, at] = [run, d - run + 1];
    });
    return { column: name, unit: columnSpec(name)?.unit ?? "", days: length, missing, share: missing / length, longest, longest_from: longest === 0 ? null : formatDay(asDay(first + at)) };
  });
}
