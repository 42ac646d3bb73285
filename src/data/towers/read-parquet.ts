import type { DuckDBConnection } from "@duckdb/node-api";
import { WorkbookError, isWorkbookError } from "../../core/errors";
import { KEYS, type Key, type Variables } from "../columns";
import { fetchColumns, sqlName, sqlText, withDuckDb, type FetchColumn } from "../files/duckdb";
import type { Found, HeaderMap } from "./header";
import type { InputFile } from "../files/input";
import { joinBlocks } from "../ingest/join-blocks";
import type { Mapping } from "./mapping";
import { mappedHeader } from "./mapping-header";
import { brokenRowGroup, dayColumn, isNumberType, numberColumn, parquetSchema, textCodes } from "../files/parquet";
import { BAD_DAY, type RawTable } from "./raw-table";
import { conventionOf, requireTidy } from "./read-tidy";
import { toBlocks, type FileBlocks } from "../ingest/site-block";

/** Rows that are held as they stand in the file, beside the blocks already made of others. */
const ROWS_AT_ONCE = 500_000;
/** What DuckDB may hold while it reads: a file is streamed, so its size does not matter. */
const MEMORY = "1GB";

/** How a tidy Parquet file is read. */
export interface ParquetOptions {
  /** take fluxes of this target variant alone */
  readonly variant?: string;
  readonly mapping?: Mapping | null;
}

/**
 * Reads a tidy Parquet file: columns `site` and `date`, then ONEFlux or canonical names, or those of a mapping; missing as NULL, NaN or −9999.
 * Sites are read some at a time, so that beside the blocks no more than half a million rows (or one site) are held.
 * @throws WorkbookError as `readTidyCsv`; BadFile for a Parquet inside an archive, for a column of text where numbers belong, and for one that is not
 *   whole, with the row group that cannot be read
 * @example (await readTidyParquet(input, variables)).blocks.length
 */
export async function readTidyParquet(input: InputFile, variables: Variables, options: ParquetOptions = {}): Promise<FileBlocks> {
  const file = input.disk;
  if (file === null || /\.gz$/i.test(file)) throw new WorkbookError("BadFile", `ingest: ${input.path}: Parquet as a file of its own required, found it packed; unpack it`, { file: input.path });
  return withDuckDb(async (db) => {
    const { rows, types } = await parquetSchema(db, file, "ingest");
    const names = [...types.keys()];
    const mapping = options.mapping ?? null;
    const header = mappedHeader(names, variables, file, mapping);
    requireTidy(header, file, variables, mapping);
    if (rows === 0) throw new WorkbookError("EmptyTable", `ingest: ${file}: data rows required, found none; write the file again`, { file });
    const wanted = [...header.plain.values(), ...header.variants.flatMap((v) => [...v.columns.values()])];
    for (const found of wanted) {
      if (!isNumberType(types.get(found.name)!)) throw new WorkbookError("BadFile", `ingest: ${file}: numbers required in ${found.name}, found ${types.get(found.name)!}; convert the column`, { file, column: found.name });
    }
    try {
      const texts = await textColumns(db, file, header);
      const table: Opened = { db, file, header, wanted, texts, date: dateColumn(header, types), variables, source: input.name };
      const site = header.keys.get("site");
      const batches = site === undefined ? [{ where: "true", rows, site: mapping!.site }] : await siteBatches(db, file, names[site]!);
      const parts: FileBlocks[] = [];
      for (const batch of batches) parts.push(toBlocks(await readBatch(table, batch), options.variant));
      return joinBlocks(parts);
    } catch (cause) {
      if (isWorkbookError(cause)) throw cause;
      const said = (cause as Error).message.split("\n")[0]!;
      const group = await brokenRowGroup(db, file, wanted.map((w) => w.name));
      if (group === null) throw new WorkbookError("BadFile", `ingest: ${file}: numbers of single precision and readable text required, found: ${said}; mend that column`, { file, cause });
      throw new WorkbookError("BadFile", `ingest: ${file}: a whole Parquet file required, found that ${group} cannot be read (${said}); copy or write it again`, { file, cause });
    }
  }, 1, MEMORY);
}

interface Opened {
  readonly db: DuckDBConnection;
  readonly file: string;
  readonly header: HeaderMap;
  readonly wanted: readonly Found[];
  readonly texts: ReadonlyMap<Key, { readonly values: readonly string[]; readonly fetch: FetchColumn }>;
  readonly date: FetchColumn & { readonly column: string };
  readonly variables: Variables;
  readonly source: string;
}

/** Rows of some sites. */
interface Batch {
  /** SQL of the condition that picks them */
  readonly where: string;
  readonly rows: number;
  /** the mapping's site, where the file has no column for it */
  readonly site: string | null;
}

async function textColumns(db: DuckDBConnection, file: string, header: HeaderMap): Promise<Opened["texts"]> {
  const out = new Map<Key, Awaited<ReturnType<typeof textCodes>>>();
  for (const key of KEYS) {
    const index = header.keys.get(key);
    if (key !== "date" && index !== undefined) out.set(key, await textCodes(db, file, header.names[index]!));
  }
  return out;
}

function dateColumn(header: HeaderMap, types: ReadonlyMap<string, string>): Opened["date"] {
  const column = header.names[header.keys.get("date")!]!;
  return { ...dayColumn(column, types.get(column)!), column };
}

/** Sites in groups of up to `ROWS_AT_ONCE` rows, in the order of their names. */
async function siteBatches(db: DuckDBConnection, file: string, column: string): Promise<Batch[]> {
  const name = sqlName(column);
  const counted = (await db.runAndReadAll(`SELECT CAST(${name} AS VARCHAR) s, count(*), min(file_row_number) FROM ${numbered(file)} GROUP BY s ORDER BY s NULLS FIRST`)).getRows();
  const batches: { sites: string[]; rows: number }[] = [];
  for (const [site, n, first] of counted) {
    if (site === null || site === "" || String(site) in Object.prototype) throw new WorkbookError("BadSite", `ingest: ${file} row ${Number(first) + 1}: a site id required, found ${site === null || site === "" ? "none" : String(site)}; fill it in or remove the row`, { file, column: "site" });
    const last = batches[batches.length - 1];
    if (last !== undefined && last.rows + Number(n) <= ROWS_AT_ONCE) {
      last.sites.push(String(site));
      last.rows += Number(n);
    } else batches.push({ sites: [String(site)], rows: Number(n) });
  }
  const one = batches.length === 1;
  return batches.map(({ sites, rows }) => ({ where: one ? "true" : `CAST(${name} AS VARCHAR) IN (${sites.map(sqlText).join(", ")})`, rows, site: null }));
}

async function readBatch({ db, file, header, wanted, texts, date, variables, source }: Opened, batch: Batch): Promise<RawTable> {
  const columns: FetchColumn[] = [
    { name: "row", sql: "file_row_number", type: "INTEGER" }, { name: "day", sql: date.sql, type: "INTEGER" },
    ...[...texts].map(([key, text]) => ({ ...text.fetch, name: `text ${key}` })), ...wanted.map((found) => numberColumn(found.name, String(found.index))),
  ];
  const fetched = await fetchColumns(db, columns, `${numbered(file)} WHERE ${batch.where}`, batch.rows);
  const row = fetched.get("row") as Int32Array;
  const place = (i: number): string => `row ${row[i]! + 1}`;
  const known = new Map([...texts].map(([key, { values }]) => [key, Array.from(fetched.get(`text ${key}`)!, (code) => (code < 0 ? null : values[code]!))]));
  const site = (known.get("site") ?? new Array<string | null>(batch.rows).fill(batch.site)) as string[];
  const day = fetched.get("day") as Int32Array;
  const bad = day.indexOf(BAD_DAY);
  if (bad >= 0) throw new WorkbookError("BadDate", `ingest: ${file} ${place(bad)} (${site[bad]}): a date YYYYMMDD or YYYY-MM-DD required in ${date.column}, found none that can be read; mend that row`, { file, site: site[bad]!, column: date.column });
  const numbers = new Map(wanted.map((found) => [found.index, withoutCodes(fetched.get(String(found.index)) as Float32Array, variables.missingCodes)]));
  return { file, kind: "tidy-parquet", header, site, day, place, numbers, texts: known, source, dayConvention: conventionOf(header, variables) };
}

/** The file as a table of SQL with the number of each row. */
function numbered(file: string): string {
  return `read_parquet(${sqlText(file)}, file_row_number = true)`;
}

function withoutCodes(values: Float32Array, codes: readonly number[]): Float32Array {
  for (let i = 0; i < values.length; i++) if (codes.includes(values[i]!)) values[i] = NaN;
  return values;
}
