import type { DuckDBConnection } from "@duckdb/node-api";
import { WorkbookError } from "../../core/errors";
import { nearest } from "../../core/nearest";
import { streamColumns } from "../files/duckdb";
import { dayColumn, isNumberType, numberColumn, parquetSchema, source, textCodes, type ParquetSchema } from "../files/parquet";
import { BAD_DAY } from "../towers/raw-table";
import { SiteCounter, type Axes } from "./axes";
import { bareSite } from "./folder";

/** What one file gave. */
export interface Laid {
  /** by column `[row]`, NaN where missing */
  readonly numbers: ReadonlyMap<string, Float32Array>;
  /** 1 where the file has the row `[row]` */
  readonly present: Uint8Array;
  /** rows of the file */
  readonly read: number;
  /** rows of other sites, or outside a site's record */
  readonly unused: number;
  /** later rows of a site and day, of which the first is kept */
  readonly duplicates: SiteCounter;
}

/**
 * The schema of a file, held to the columns it must have.
 * @throws WorkbookError BadFile, EmptyTable, MissingColumn naming the nearest columns
 */
export async function requireColumns(db: DuckDBConnection, file: string, texts: readonly string[], numbers: readonly string[]): Promise<ParquetSchema> {
  const schema = await parquetSchema(db, file, "ingest");
  const names = [...schema.types.keys()];
  for (const name of [...texts, ...numbers]) {
    if (!schema.types.has(name)) throw new WorkbookError("MissingColumn", `ingest: ${file}: column ${name} required, found none among ${names.length}; nearest ${nearest(name, names, 2).join(", ")}; download the benchmark's file again`, { file, column: name });
  }
  const text = numbers.find((name) => !isNumberType(schema.types.get(name)!));
  if (text !== undefined) throw new WorkbookError("BadFile", `ingest: ${file}: numbers required in ${text}, found ${schema.types.get(text)}; download the file again`, { file, column: text });
  if (schema.rows === 0) throw new WorkbookError("EmptyTable", `ingest: ${file}: rows required, found none; download the file again`, { file });
  return schema;
}

/**
 * Reads columns of a Parquet file in one pass and lays each value at its site and day. The first row of a site and day wins, whatever
 * network's prefix it carries. Only the named columns are unpacked, and only one piece of the file is held.
 * @throws WorkbookError as `requireColumns`; BadDate with the row; BadFile where rows cannot be read
 * @source CarbonFluxBench, arXiv 2603.09868, load_modis and load_era
 * @example await layParquet(db, "ERA5.parquet", "date", ["temperature_2m"], axes)
 */
export async function layParquet(db: DuckDBConnection, file: string, date: string, columns: readonly string[], axes: Axes): Promise<Laid> {
  const { types, rows: whole } = await requireColumns(db, file, ["site", date], columns);
  const codes = await textCodes(db, file, "site");
  const bySite = new Map(axes.sites.map((axis) => [axis.site, axis]));
  const axisOf = codes.values.map((name) => bySite.get(bareSite(name)) ?? null);
  const numbers = new Map(columns.map((name) => [name, new Float32Array(axes.rows).fill(NaN)]));
  const out = [...numbers.values()];
  const present = new Uint8Array(axes.rows);
  const duplicates = new SiteCounter();
  let [read, unused] = [0, 0];
  await streamColumns(db, [codes.fetch, dayColumn(date, types.get(date)!), ...columns.map((name) => numberColumn(name))], source(file), (parts, rows) => {
    const [site, day] = parts as [Int32Array, Int32Array];
    for (let i = 0; i < rows; i++, read++) {
      if (day[i] === BAD_DAY) throw new WorkbookError("BadDate", `ingest: ${file} row ${read + 1} (${codes.values[site[i]!] ?? "no site"}): a date YYYYMMDD or YYYY-MM-DD required in ${date}, found none that can be read; download the file again`, { file, line: read + 1, column: date });
      const axis = site[i]! < 0 ? null : axisOf[site[i]!]!;
      const at = axis === null ? -1 : day[i]! - axis.first;
      if (axis === null || at < 0 || at >= axis.length) {
        unused++;
        continue;
      }
      const row = axis.offset + at;
      if (present[row] === 1) {
        duplicates.add(axis.site);
        continue;
      }
      present[row] = 1;
      for (let k = 0; k < out.length; k++) {
        const value = parts[k + 2]![i]!;
        out[k]![row] = isCode(value) ? NaN : value;
      }
    }
  });
  if (read !== whole) throw new WorkbookError("BadFile", `ingest: ${file}: a whole Parquet file required, found ${read} of ${whole} rows that can be read; download the file again`, { file });
  return { numbers, present, read, unused, duplicates };
}

/** −9999 in any precision. Energy fluxes reach far below it, so a bound will not do. */
function isCode(value: number): boolean {
  return value > -9999.01 && value < -9998.99;
}
