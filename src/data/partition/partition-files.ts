import * as path from "node:path";
import { asDay, yearOf } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { asFileName } from "../../core/file-name";
import { writeJson } from "../../core/json";
import type { DailyTable } from "../daily-table";
import type { HalfHourly } from "../half-hourly/half-hourly-table";
import { ingest, type IngestOptions } from "../ingest/ingest";
import type { IngestReport } from "../ingest/ingest-report";
import { requireHesseflux } from "./hesseflux";
import { partitionHalfHourly, type PartitionedHalfHourly, type PartitionOptions, type PartitionReport } from "./partition";
import { writeHalfHours } from "./write-half-hours";

/** What `partitionFiles` may be told; `sites` and `skipBad` as in `ingest`. */
export interface PartitionFilesOptions extends PartitionOptions, Pick<IngestOptions, "sites" | "skipBad"> {
  /** folder for the half-hours, the daily table and the report; without it nothing is written */
  readonly out?: string;
  /** what the workbook is that partitions, kept in `partition.json` */
  readonly provenance?: object;
}

/** What came of raw half-hours: the object of `partition --json`, with the table itself. */
export interface PartitionFilesResult {
  readonly table: DailyTable;
  /** of the daily table */
  readonly report: IngestReport;
  readonly partitions: readonly PartitionReport[];
  readonly written: readonly string[];
}

/** A variant of the tower's own team, who do not name their method. */
const TEAM = "PI";
const MINUTES_PER_DAY = 1440;

/**
 * From files of raw half-hours to a daily table with GPP, RECO and NEE: what `ingest` reads of them is filtered, filled and partitioned (`partitionHalfHourly`) before
 * it becomes days. Half-hours that a pipeline has partitioned already, and daily files, are taken as they are. In `out` lie the half-hours in ONEFlux's layout
 * (`SITE_HH_2011-2011.csv.gz`), `daily.parquet`, and `partition.json` with thresholds and counts.
 * @throws WorkbookError MissingPart without hesseflux, before a file is read; else as `ingest` and `partitionHalfHourly` (with `skipBad` the file is named in the report), EmptyTable when nothing was there to partition
 * @example const { table } = await partitionFiles(["AMF_US-CRT_BASE_HH_2-5.csv.gz"], { out: "partitioned" })
 */
export async function partitionFiles(paths: readonly string[], options: PartitionFilesOptions = {}): Promise<PartitionFilesResult> {
  const { out, sites, skipBad, provenance, ...how } = options;
  requireHesseflux();
  const partitions: PartitionReport[] = [];
  const written: string[] = [];
  const halfHours = async (raw: HalfHourly): Promise<HalfHourly> => {
    if (raw.variant !== undefined && raw.variant !== TEAM) return raw;
    const table = await partitionHalfHourly(raw, how);
    partitions.push(table.partition);
    if (out !== undefined) written.push(writeOnce(table, path.join(out, partitionFileName(table)), written));
    return table;
  };
  const daily = out === undefined ? undefined : path.join(out, "daily.parquet");
  const { table, report } = await ingest(paths, { halfHours, ...(daily ? { out: daily } : {}), ...(sites ? { sites } : {}), ...(skipBad ? { skipBad } : {}), ...(how.progress ? { progress: how.progress } : {}) });
  if (partitions.length === 0) throw nothingPartitioned(paths, report);
  if (out !== undefined) {
    const told = path.join(out, "partition.json");
    writeJson(told, { partitions, daily: report, ...(provenance === undefined ? {} : { provenance }) });
    written.push(daily!, told);
  }
  return { table, report, partitions, written };
}

/** Name of a site's file; HR where the steps are hours. @example partitionFileName(table) // "US-CRT_HH_2011-2011.csv.gz" */
export function partitionFileName({ site, start, stepMinutes }: Pick<HalfHourly, "site" | "start" | "stepMinutes">): string {
  const year = (minutes: number): number => yearOf(asDay(Math.floor(minutes / MINUTES_PER_DAY)));
  return `${asFileName(site)}_${stepMinutes === 60 ? "HR" : "HH"}_${year(start[0]!)}-${year(start[start.length - 1]!)}.csv.gz`;
}

function writeOnce(table: PartitionedHalfHourly, file: string, written: readonly string[]): string {
  if (written.includes(file)) throw new WorkbookError("BadSite", `partition: ${table.site}: ${table.file}: one file a site and years required, ${path.basename(file)} is made of another one already; leave one out`, { file: table.file, site: table.site });
  writeHalfHours(table, file);
  return file;
}

function nothingPartitioned(paths: readonly string[], { files }: IngestReport): WorkbookError {
  const bad = files.find((f) => f.status === "bad");
  return new WorkbookError("EmptyTable", `partition: ${paths.join(", ")}: half-hours with raw NEE required, found none among ${files.length} files${bad === undefined ? "" : `; ${bad.path}: ${bad.reason}`}; daily files and partitioned half-hours are for ingest`);
}
