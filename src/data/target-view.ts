import { WorkbookError } from "../core/errors";
import { FLUXES } from "../core/quantities";
import { hasColumn, numbers, type DailyTable } from "./daily-table";

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
 * The table with its fluxes kept only on days that have all of both partitions, so that either can be scored on the same days.
 * @example bothPartitions(table)
 */
export function bothPartitions(table: DailyTable): DailyTable {
  const all = [...FLUXES, "gpp_dt", "reco_dt"].map((name) => numbers(table, name));
  const keep = Uint8Array.from(all[0]!, (_, row) => (all.every((values) => !Number.isNaN(values[row]!)) ? 1 : 0));
  return { ...table, rows: table.rows.assign(Object.fromEntries([...FLUXES, "gpp_dt", "reco_dt"].map((name) => [name, numbers(table, name).map((v, row) => (keep[row] ? v : NaN))]))) };
}
