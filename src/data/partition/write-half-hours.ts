import * as zlib from "node:zlib";
import { writeAtomic } from "../../core/files";
import { formatStamp } from "../half-hourly/stamps";
import type { PartitionedHalfHourly } from "./partition";

/** Columns of a partition in ONEFlux's names; what is not here keeps its base name. */
const NAMES: Readonly<Record<string, string>> = {
  NEE: "NEE_VUT_USTAR50", GPP_NT: "GPP_NT_VUT_USTAR50", RECO_NT: "RECO_NT_VUT_USTAR50", GPP_DT: "GPP_DT_VUT_USTAR50", RECO_DT: "RECO_DT_VUT_USTAR50",
  NEE_05: "NEE_VUT_05", NEE_95: "NEE_VUT_95", TA: "TA_F", SW_IN: "SW_IN_F", VPD: "VPD_F",
};
/** Digits after the point: finer than any of these is measured, and NEE = RECO − GPP holds to it. */
const DIGITS = 5;
const MISSING = "-9999";

/**
 * Writes partitioned half-hours as a gzipped CSV in the layout of ONEFlux's half-hourly files: time stamps of start and end, fluxes first,
 * each flag after its column, -9999 for what is missing. `ingest` and the tools of the flux networks read it.
 * @source layout: Pastorello et al. 2020, doi:10.1038/s41597-020-0534-3
 */
export function writeHalfHours(table: PartitionedHalfHourly, file: string): void {
  const order = [...Object.keys(NAMES), ...[...table.columns.keys()].filter((name) => NAMES[name] === undefined)].filter((name) => table.columns.has(name));
  const columns = order.flatMap((base) => {
    const name = NAMES[base] ?? base;
    const flags = table.quality.get(base);
    const values = table.columns.get(base)!;
    const value = { name, cell: (i: number): string => (Number.isFinite(values[i]!) ? values[i]!.toFixed(DIGITS) : MISSING) };
    return flags === undefined ? [value] : [value, { name: `${name}_QC`, cell: (i: number): string => (flags[i]! <= 3 ? String(flags[i]) : MISSING) }];
  });
  const stamp = (minutes: number): string => formatStamp(minutes).replace(/\D/g, "");
  const lines = [["TIMESTAMP_START", "TIMESTAMP_END", ...columns.map((c) => c.name)].join(",")];
  table.start.forEach((minutes, i) => lines.push(`${stamp(minutes)},${stamp(minutes + table.stepMinutes)},${columns.map((c) => c.cell(i)).join(",")}`));
  writeAtomic(file, zlib.gzipSync(`${lines.join("\n")}\n`, { level: 6 }));
}
