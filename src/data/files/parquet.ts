import * as fs from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import { isWorkbookError, WorkbookError } from "../../core/errors";
import { refuseEndless } from "../../core/files";
import { fetchColumns, sqlName, sqlText, type FetchColumn } from "./duckdb";
import { BAD_DAY } from "../towers/raw-table";

/** A site-day takes more of a file than this: rows that all are alike are no records, and a kilobyte of them may fill the memory. */
const ROWS_PER_BYTE = 64;
const NO_BURDEN = 1_000_000;
/** Longest text of a column, in bytes: what it names is a site, a class or a source. */
const LONGEST_TEXT = 10_000;

/** What a Parquet file holds: its rows and, for each column, DuckDB's type name. */
export interface ParquetSchema {
  readonly rows: number;
  readonly types: ReadonlyMap<string, string>;
}

/**
 * Rows and columns of a Parquet file.
 * @throws WorkbookError BadFile when it is missing or not whole
 * @example (await parquetSchema(db, "T.parquet")).types.get("site") // "VARCHAR"
 */
export async function parquetSchema(db: DuckDBConnection, file: string, where = "parquetSchema"): Promise<ParquetSchema> {
  if (!fs.existsSync(file)) throw new WorkbookError("BadFile", `${where}: ${file}: a readable file is required, none found; check the path`, { file });
  refuseEndless(file);
  try {
    const described = await db.runAndReadAll(`DESCRIBE SELECT * FROM ${source(file)}`);
    const types = new Map(described.getRows().map((row) => [String(row[0]), String(row[1])]));
    const counted = await db.runAndReadAll(`SELECT count(*) FROM ${source(file)}`);
    const rows = Number(counted.getRows()[0]![0]);
    const { size } = fs.statSync(file);
    if (rows > NO_BURDEN && rows > size * ROWS_PER_BYTE) throw new Error(`${rows} rows in ${size} bytes`);
    return { rows, types };
  } catch (cause) {
    throw notWhole(where, file, cause as Error);
  }
}

/**
 * The first row group of a file that cannot be read in the given columns, with its rows; null when all can, or where the file does not tell its row groups.
 * @example await brokenRowGroup(db, "T.parquet", ["TA_F"]) // "row group 3 (rows 368641–491520)"
 */
export async function brokenRowGroup(db: DuckDBConnection, file: string, columns: readonly string[]): Promise<string | null> {
  const list = db.runAndReadAll(`SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(${sqlText(file)}) ORDER BY row_group_id`);
  // a name in the footer that is no text stops DuckDB here too
  const groups = await list.then((read) => read.getRows(), () => []);
  let first = 0;
  for (const [id, count] of groups) {
    const next = first + Number(count);
    try {
      // hash() needs every value, where count() alone is answered from the footer
      await db.run(`SELECT ${columns.map((c) => `count(hash(${sqlName(c)}))`).join(", ")} FROM read_parquet(${sqlText(file)}, file_row_number = true) WHERE file_row_number >= ${first} AND file_row_number < ${next}`);
    } catch {
      return `row group ${Number(id) + 1} of ${groups.length} (rows ${first + 1}–${next})`;
    }
    first = next;
  }
  return null;
}

/**
 * Runs what reads a Parquet file: a page that is not whole is found only when it is reached, and DuckDB says so in words of its own.
 * @throws WorkbookError BadFile in place of DuckDB's errors
 * @example await wholeParquet("ingest", file, () => parquetTexts(db, file, "site", n))
 */
export async function wholeParquet<T>(where: string, file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || isWorkbookError(error) || error instanceof TypeError || error instanceof RangeError) throw error;
    throw notWhole(where, file, error);
  }
}

function notWhole(where: string, file: string, cause: Error): WorkbookError {
  const said = cause.message.split("\n")[0]!;
  const found = /no magic bytes found at end/i.test(said) ? `${fs.statSync(file).size} bytes without the footer that tells where its row groups lie (truncated)` : said;
  return new WorkbookError("BadFile", `${where}: ${file}: a whole Parquet file is required, found: ${found}; write or copy it again`, { file, cause });
}

/** The file as a table of SQL. */
export function source(file: string): string {
  return `read_parquet(${sqlText(file)})`;
}

/**
 * A column of text `[row]`, null where missing. Few distinct values are expected, so codes are fetched and looked up.
 * @throws Error from DuckDB when the column does not exist
 */
export async function parquetTexts(db: DuckDBConnection, file: string, column: string, n: number): Promise<(string | null)[]> {
  const { values, fetch } = await textCodes(db, file, column);
  if (values.length === 0) return new Array<null>(n).fill(null);
  const codes = (await fetchColumns(db, [fetch], source(file), n)).get(column)!;
  return Array.from(codes, (code) => (code < 0 ? null : values[code]!));
}

/** The distinct texts of a column, and the column to fetch: their positions among them, −1 where missing. */
export async function textCodes(db: DuckDBConnection, file: string, column: string): Promise<{ values: readonly string[]; fetch: FetchColumn }> {
  const name = sqlName(column);
  const longest = Number((await db.runAndReadAll(`SELECT max(strlen(CAST(${name} AS VARCHAR))) FROM ${source(file)}`)).getRows()[0]![0] ?? 0);
  if (longest > LONGEST_TEXT) throw new WorkbookError("BadFile", `ingest: ${file}: texts of at most ${LONGEST_TEXT} bytes required in ${column}, found one of ${longest}; it names no site, class or source: mend the table`, { file, column });
  const found = await db.runAndReadAll(`SELECT DISTINCT CAST(${name} AS VARCHAR) v FROM ${source(file)} WHERE ${name} IS NOT NULL ORDER BY v`);
  const values = found.getRows().map((row) => String(row[0]));
  if (values.length === 0) return { values, fetch: { name: column, sql: "-1", type: "INTEGER" } };
  const type = sqlName(`codes of ${column}`);
  await db.run(`CREATE OR REPLACE TYPE ${type} AS ENUM (${values.map(sqlText).join(", ")})`);
  const sql = `coalesce(enum_code(CAST(CAST(${name} AS VARCHAR) AS ${type}))::INTEGER, -1)`;
  return { values, fetch: { name: column, sql, type: "INTEGER" } };
}

/** SQL of a date column as days since 1970-01-01, `BAD_DAY` where it is no date from 1800 to 2200. DATE, TIMESTAMP, `YYYY-MM-DD` and `YYYYMMDD` are read. */
export function dayColumn(name: string, type: string): FetchColumn {
  const column = sqlName(name);
  const text = `trim(CAST(${column} AS VARCHAR))`;
  const parsed = `CASE WHEN regexp_full_match(${text}, '\\d{4}-\\d{2}-\\d{2}|\\d{8}') THEN CAST(try_strptime(${text}, ['%Y-%m-%d', '%Y%m%d']) AS DATE) END`;
  const date = type.startsWith("DATE") || type.startsWith("TIMESTAMP") ? `CAST(${column} AS DATE)` : parsed;
  const within = `CASE WHEN ${date} BETWEEN DATE '1800-01-01' AND DATE '2200-12-31' THEN date_diff('day', DATE '1970-01-01', ${date}) END`;
  return { name: "day", sql: `coalesce(${within}, ${BAD_DAY})`, type: "INTEGER" };
}

/** SQL of a number column, NaN where missing. */
export function numberColumn(name: string, as = name): FetchColumn {
  return { name: as, sql: `coalesce(CAST(${sqlName(name)} AS FLOAT), 'NaN'::FLOAT)`, type: "FLOAT" };
}

/** Whether DuckDB's type holds numbers. @example isNumberType("DOUBLE") // true */
export function isNumberType(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/.test(type);
}
