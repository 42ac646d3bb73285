import type * as Sqlite from "node-sqlite3-wasm";
import type { Database } from "node-sqlite3-wasm";
import { dayOrNull } from "../../core/days";
import { WorkbookError, isWorkbookError } from "../../core/errors";
import { refuseEndless } from "../../core/files";
import { nearest } from "../../core/nearest";
import type { Variables } from "../columns";
import type { Detected } from "../towers/detect";
import { sqlName } from "../files/duckdb";
import type { HalfHourly } from "../half-hourly/half-hourly-table";
import type { ScannedRows } from "../half-hourly/scan";
import { onAxis, timeAxis } from "../half-hourly/time-axis";
import { halfHourlyToDaily } from "../half-hourly/to-daily";
import type { InputFile } from "../files/input";
import { joinBlocks } from "../ingest/join-blocks";
import { toBlocks, type FileBlocks } from "../ingest/site-block";
import { denormalise, isNormalised, V2_COLUMNS, type CarbonSenseColumn } from "./layout";

/** The database keeps no flags: a value without one is not taken for measured. */
const NO_FLAG = 255;
type Value = number | bigint | string | Uint8Array | null;

/** Whether a file is a database by its name, as CarbonSense v2 is `carbonsense_v2.sql`. @example detectCarbonSenseDatabase([], input) */
export function detectCarbonSenseDatabase(_names: readonly string[], input: InputFile): Detected | null {
  if (!/^carbonsense.*\.sql$|\.(sqlite3?|db)$/i.test(input.name)) return null;
  return { status: "read", kind: "carbonsense-v2", site: null };
}

/**
 * Reads a CarbonSense v2 database as daily blocks, one site held in half-hours at a time.
 * @throws WorkbookError as `carbonSenseSites`
 * @example await readCarbonSenseDatabase(input, { variables })
 */
export async function readCarbonSenseDatabase(input: InputFile, { variables, variant }: { readonly variables: Variables; readonly variant?: string }): Promise<FileBlocks> {
  const parts: FileBlocks[] = [];
  for (const table of carbonSenseSites(input)) parts.push(toBlocks(halfHourlyToDaily(table, variables), variant));
  return joinBlocks(parts);
}

/**
 * Sites of a CarbonSense v2 database one after the other, so that only one is held: half-hours (or hours) with predictors in physical units again
 * and targets as published, position and class from `site_data`. Flags are not in the database: what is filled up to flag 2 cannot be told from
 * what is measured, so quality is unknown.
 * @throws WorkbookError BadFile (another database, one in an archive, not whole), MissingColumn, BadDate (aggregated to days or months)
 * @source Fortier et al. 2025, arXiv 2406.04940; stage_4.py of github.com/mjfortier/CarbonSense
 * @example for (const table of carbonSenseSites(input)) console.error(table.site)
 */
export function* carbonSenseSites(input: InputFile): Generator<HalfHourly> {
  const file = input.disk;
  if (file === null || /\.gz$/i.test(file)) throw new WorkbookError("BadFile", `ingest: ${input.path}: SQLite as a file of its own required, found it packed; unpack it`, { file: input.path });
  const db = open(file);
  try {
    const columns = presentColumns(db, file);
    const normalised = isNormalised((db.all("SELECT TOD FROM ec_data WHERE TOD IS NOT NULL LIMIT 200") as { TOD: Value }[]).map((row) => Number(row.TOD)));
    for (const { site } of db.all("SELECT DISTINCT site FROM ec_data ORDER BY site") as { site: string }[]) yield readSite(db, file, site, columns, normalised);
  } catch (cause) {
    throw isWorkbookError(cause) ? cause : broken(file, cause);
  } finally {
    db.close();
  }
}

function open(file: string): Database {
  refuseEndless(file);
  // Loaded when a database is read: it takes a tenth of a second, which no other command should wait for.
  const sqlite = require("node-sqlite3-wasm") as typeof Sqlite;
  try {
    return new sqlite.Database(file, { readOnly: true, fileMustExist: true });
  } catch (cause) {
    throw broken(file, cause);
  }
}

function broken(file: string, cause: unknown): WorkbookError {
  return new WorkbookError("BadFile", `ingest: ${file}: a whole SQLite database required, in a folder that may be written to (for its lock), found: ${(cause as Error).message}; copy it there or download it again`, { file, cause });
}

function presentColumns(db: Database, file: string): CarbonSenseColumn[] {
  const tables = (db.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") as { name: string }[]).map((t) => t.name);
  for (const table of ["ec_data", "site_data"]) {
    if (!tables.includes(table)) throw new WorkbookError("BadFile", `ingest: ${file}: table ${table} of CarbonSense v2 required, found ${tables.join(", ") || "no tables"}; no other database is read: give it as CSV or Parquet`, { file });
  }
  const names = (db.all("PRAGMA table_info(ec_data)") as { name: string }[]).map((c) => c.name);
  for (const needed of ["site", "timestamp", "TOD"]) {
    if (!names.includes(needed)) throw new WorkbookError("MissingColumn", `ingest: ${file}: column ${needed} of ec_data required, found ${names.slice(0, 8).join(", ")}, …; nearest ${nearest(needed, names).join(", ")}; download it again`, { file, column: needed });
  }
  return V2_COLUMNS.filter((c) => names.includes(c.name));
}

function readSite(db: Database, file: string, site: string, columns: readonly CarbonSenseColumn[], normalised: boolean): HalfHourly {
  const [{ n }] = db.all("SELECT count(*) AS n FROM ec_data WHERE site = ?", [site]) as [{ n: number }];
  const stamp = new Float64Array(n);
  const line = new Int32Array(n);
  const values = columns.map(() => new Float32Array(n));
  const query = db.prepare(`SELECT id, timestamp, ${columns.map((c) => sqlName(c.name)).join(", ")} FROM ec_data WHERE site = ? ORDER BY timestamp`);
  try {
    let row = 0;
    for (const got of query.iterate([site]) as Iterable<Record<string, Value>>) {
      line[row] = Number(got["id"]);
      stamp[row] = minutesOf(Number(got["timestamp"]), file, site);
      columns.forEach((c, k) => (values[k]![row] = numberOf(got[c.name]!, file, site, c.name)));
      row++;
    }
  } finally {
    query.finalize();
  }
  const rows: ScannedRows = { n, stamp, line, numbers: new Map() };
  const axis = timeAxis(rows, { file: `${file}: ec_data: ${site}`, ends: false });
  const table = new Map<string, Float32Array>();
  columns.forEach((c, k) => {
    if (normalised) denormalise(values[k]!, c);
    table.set(c.base, onAxis(axis, values[k]!));
  });
  const about = db.get("SELECT lat, lon, igbp FROM site_data WHERE site = ?", [site]) as { lat: Value; lon: Value; igbp: Value } | null;
  const degrees = (value: Value | undefined): number | null => (typeof value === "number" ? value : null);
  return {
    file, site, kind: "carbonsense-v2", source: "CarbonSense_v2", stepMinutes: axis.stepMinutes, start: axis.start, utcOffset: null, columns: table,
    quality: new Map(["NEE", "LE", "H"].map((base) => [base, new Uint8Array(axis.start.length).fill(NO_FLAG)])), ...(table.has("NEE") ? { variant: "NT_VUT_REF" } : {}),
    lat: degrees(about?.lat), lon: degrees(about?.lon), igbp: typeof about?.igbp === "string" ? about.igbp : null, warnings: axis.warnings,
  };
}

function numberOf(value: Value, file: string, site: string, column: string): number {
  if (value === null) return NaN;
  if (typeof value === "number") return value;
  throw new WorkbookError("BadFile", `ingest: ${file}: ${site}: numbers required in ${column}, found ${JSON.stringify(String(value)).slice(0, 24)}; download it again`, { file, site, column });
}

/** Minutes since 1970-01-01 of `YYYYMMDDHHMM` as a whole number. */
function minutesOf(stamp: number, file: string, site: string): number {
  const text = String(stamp).padStart(12, "0");
  const day = /^\d{12}$/.test(text) ? dayOrNull(text.slice(0, 8)) : null;
  if (day === null) throw new WorkbookError("BadDate", `ingest: ${file}: ${site}: a time YYYYMMDDHHMM required in timestamp, found ${stamp}; download it again`, { file, site, column: "timestamp", date: String(stamp) });
  return day * 1440 + Number(text.slice(8, 10)) * 60 + Number(text.slice(10));
}
