import { WorkbookError } from "../core/errors";
import { FLUXES } from "../core/quantities";
import { daysOf, hasColumn, numbers, siteRows, type DailyTable } from "./daily-table";

/** Which partition GPP and RECO come from: by night-time or by day-time data. */
export const PARTITIONS = ["night", "day"] as const;
export type Partition = (typeof PARTITIONS)[number];

/**
 * The table with GPP and RECO of one partition under their canonical names; NEE is the same measurement in both. The table itself
 * for "night", which is what ingest puts there.
 * @throws WorkbookError MissingColumn where the table has no day-time partition
 * @source Lasslop et al. 2010, doi:10.1111/j.1365-2486.2009.02041.x (day-time); Reichstein et al. 2005, doi:10.1111/j.1365-2486.2005.001002.x (night-time)
 * @example numbers(targetView(table, "day"), "gpp")
 */
export function targetView(table: DailyTable, partition: Partition): DailyTable {
  if (partition === "night") return table;
  for (const name of ["gpp_dt", "reco_dt"]) {
    if (!hasColumn(table, name)) throw new WorkbookError("MissingColumn", `targetView: column ${name} (day-time partition) is required, the table has none; ingest files with GPP_DT and RECO_DT, or leave partition at night`, { column: name });
  }
  return { ...table, rows: table.rows.assign({ gpp: numbers(table, "gpp_dt"), reco: numbers(table, "reco_dt") }) };
}

/**
 * Two tables of the same towers with their fluxes kept only on site-days that have all three in both, so that models of either's
 * targets (another partition, another u* threshold) can be scored on the same days, each on its own.
 * @example commonTargets(table, targetView(table, "day"))
 */
export function commonTargets(a: DailyTable, b: DailyTable): readonly [DailyTable, DailyTable] {
  const [daysA, daysB] = [completeDays(a), completeDays(b)];
  return [keptOn(a, daysB, daysA), keptOn(b, daysA, daysB)];
}

/** Days with all three fluxes, by site. */
function completeDays(table: DailyTable): Map<string, Set<number>> {
  const days = daysOf(table);
  const fluxes = FLUXES.map((flux) => numbers(table, flux));
  return new Map(siteRows(table).map(({ site, from, to }) => {
    const known = new Set<number>();
    for (let row = from; row < to; row++) if (fluxes.every((values) => !Number.isNaN(values[row]!))) known.add(days[row]!);
    return [site.site, known] as const;
  }));
}

function keptOn(table: DailyTable, other: ReadonlyMap<string, ReadonlySet<number>>, own: ReadonlyMap<string, ReadonlySet<number>>): DailyTable {
  const days = daysOf(table);
  const keep = new Uint8Array(days.length);
  for (const { site, from, to } of siteRows(table)) {
    for (let row = from; row < to; row++) keep[row] = own.get(site.site)!.has(days[row]!) && other.get(site.site)?.has(days[row]!) ? 1 : 0;
  }
  return { ...table, rows: table.rows.assign(Object.fromEntries(FLUXES.map((flux) => [flux, numbers(table, flux).map((v, row) => (keep[row] ? v : NaN))]))) };
}
