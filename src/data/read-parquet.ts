import { WorkbookError } from "../core/errors";
import { KEYS, type Key, type Variables } from "./columns";
import { fetchColumns, withDuckDb } from "./duckdb";
import { mapHeader } from "./header";
import type { InputFile } from "./input";
import { dayColumn, isNumberType, numberColumn, parquetSchema, parquetTexts, source } from "./parquet";
import { BAD_DAY, type RawTable } from "./raw-table";
import { conventionOf, refuseUnnamed, requireTidy } from "./read-tidy";

/**
 * Reads a tidy Parquet file: columns `site` and `date`, then ONEFlux or canonical names; missing as NULL, NaN or −9999.
 * @throws WorkbookError as `readTidyCsv`; BadFile for a Parquet inside an archive and for a column of text where numbers belong
 * @example await readTidyParquet(input, variables)
 */
export async function readTidyParquet(input: InputFile, variables: Variables): Promise<RawTable> {
  const file = input.disk;
  if (file === null) throw new WorkbookError("BadFile", `ingest: ${input.path}: Parquet as a file of its own required, found it inside an archive; unpack it`, { file: input.path });
  return withDuckDb(async (db) => {
    const { rows: n, types } = await parquetSchema(db, file, "ingest");
    const names = [...types.keys()];
    const header = mapHeader(names, variables);
    requireTidy(header, file, variables);
    if (n === 0) throw new WorkbookError("EmptyTable", `ingest: ${file}: data rows required, found none; write the file again`, { file });
    const place = (row: number): string => `row ${row + 1}`;
    const wanted = [...header.plain.values(), ...header.variants.flatMap((v) => [...v.columns.values()])];
    for (const found of wanted) {
      if (!isNumberType(types.get(found.name)!)) throw new WorkbookError("BadFile", `ingest: ${file}: numbers required in ${found.name}, found ${types.get(found.name)!}; convert the column`, { file, column: found.name });
    }
    const texts = new Map<Key, (string | null)[]>();
    for (const key of KEYS) {
      const index = header.keys.get(key);
      if (key !== "date" && index !== undefined) texts.set(key, await parquetTexts(db, file, names[index]!, n));
    }
    const site = texts.get("site")!;
    refuseUnnamed(site, file, place);
    const date = names[header.keys.get("date")!]!;
    const columns = [dayColumn(date, types.get(date)!), ...wanted.map((found) => numberColumn(found.name, String(found.index)))];
    const fetched = await fetchColumns(db, columns, source(file), n);
    const day = fetched.get("day") as Int32Array;
    const bad = day.indexOf(BAD_DAY);
    if (bad >= 0) throw new WorkbookError("BadDate", `ingest: ${file} ${place(bad)} (${site[bad]}): a date YYYYMMDD or YYYY-MM-DD required in ${date}, found none that can be read; mend that row`, { file, site: site[bad]!, column: date });
    const numbers = new Map(wanted.map((found) => [found.index, withoutCodes(fetched.get(String(found.index)) as Float32Array, variables.missingCodes)]));
    return { file, kind: "tidy-parquet", header, site: site as string[], day, place, numbers, texts, source: input.name, dayConvention: conventionOf(header, variables) };
  });
}

function withoutCodes(values: Float32Array, codes: readonly number[]): Float32Array {
  for (let i = 0; i < values.length; i++) if (codes.includes(values[i]!)) values[i] = NaN;
  return values;
}
