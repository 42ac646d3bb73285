import { DOUBLE, type DuckDBConnection } from "@duckdb/node-api";
import { columnSpec, knownColumns } from "../core/columns";
import { asDay, formatDay } from "../core/days";
import { WorkbookError } from "../core/errors";
import { replaceAtomic } from "../core/files";
import { isObject, parseJson } from "../core/json";
import { nearest } from "../core/nearest";
import { printable } from "../core/printable";
import { parseIgbp, parseKoppen, type Site } from "../core/sites";
import { TEXT_COLUMNS, dailyTable, daysOf, numbers, texts, type DailyTable, type FeatureSets, type TextColumn } from "./daily-table";
import { appendColumns, fetchColumns, sqlName, sqlText, withDuckDb } from "./files/duckdb";
import { dayColumn, isNumberType, numberColumn, parquetSchema, parquetTexts, source, wholeParquet } from "./files/parquet";
import { parseInputHashes, type InputHash } from "./input-hashes";
import { parsePreparation } from "./preparation";
import { BAD_DAY } from "./towers/raw-table";

/** Where the file keeps the feature sets that came with the table. */
const FEATURE_SETS_KEY = "feature_sets";
/** Where it keeps how the satellite channels were prepared. */
const PREPARATION_KEY = "preparation";
/** Where it keeps what it was made from. */
const INPUTS_KEY = "inputs";

/** What DuckDB may hold beside the table while it writes; the rest waits on disk, beside the file. */
const MEMORY = "500MB";

/** Columns of the file that repeat what is known of the site, so that one file holds all. */
const SITE_COLUMNS = ["lat", "lon", "igbp", "koppen", "koppen_detail"] as const;

/**
 * Writes a daily table to one Parquet file: `site`, `date` (DATE), the text columns, the number columns (FLOAT, NULL = missing) and the
 * site's `lat`, `lon`, `igbp`, `koppen`, `koppen_detail` on each row. Whole or not at all; the same table gives the same bytes.
 * @example await writeTable(table, "T.parquet")
 */
export async function writeTable(table: DailyTable, file: string): Promise<void> {
  await replaceAtomic(file, (temporary) => withDuckDb(async (db) => {
    await db.run(`SET temp_directory = ${sqlText(`${temporary}.spill`)}`);
    await copyOut(db, table, temporary);
  }, 1, MEMORY));
}

async function copyOut(db: DuckDBConnection, table: DailyTable, file: string): Promise<void> {
  const days = daysOf(table);
  const present = knownColumns(table.rows.columnNames()).map((c) => c.name);
  const coded = (["site", ...TEXT_COLUMNS] as const).map((name) => encode(name, texts(table, name)));
  const codes = new Map(coded[0]!.values.map((id, code) => [id, code]));
  const bySite = table.sites.slice().sort((a, b) => codes.get(a.site)! - codes.get(b.site)!);

  const integers = [...coded.map((c) => ({ name: c.name, values: c.codes })), { name: "day", values: days }];
  const floats = present.map((name) => ({ name, values: numbers(table, name) }));
  await appendColumns(db, "rows", [...integers, ...floats]);

  const text = coded.map((c) => `${lookUp(c.values.map(sqlText), c.name)} AS ${sqlName(c.name)}`);
  const site = SITE_COLUMNS.map((name) => `${lookUp(bySite.map((s) => siteLiteral(s, name)), "site")} AS ${name}`);
  const select = [
    text[0]!, `DATE '1970-01-01' + day AS date`, ...text.slice(1),
    ...present.map((name) => `CASE WHEN isnan(${sqlName(name)}) THEN NULL ELSE ${sqlName(name)} END AS ${sqlName(name)}`), ...site,
  ];
  const json = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value));
  const kept = Object.entries({ [FEATURE_SETS_KEY]: json(table.featureSets), [PREPARATION_KEY]: table.preparation, [INPUTS_KEY]: json(table.inputs) }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const sets = kept.length === 0 ? "" : `, KV_METADATA {${kept.map(([key, value]) => `${key}: ${sqlText(value)}`).join(", ")}}`;
  await db.run(`COPY (SELECT ${select.join(", ")} FROM rows) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false${sets})`);
}

/** A text column as codes 0… into its sorted distinct values; −1 = missing. */
function encode(name: string, values: readonly (string | null)[]): { name: string; values: string[]; codes: Int32Array } {
  const distinct = [...new Set(values)].filter((v): v is string => v !== null).sort();
  const codeOf = new Map<string | null, number>(distinct.map((v, code) => [v, code])).set(null, -1);
  const codes = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) codes[i] = i > 0 && values[i] === values[i - 1] ? codes[i - 1]! : codeOf.get(values[i]!)!;
  return { name, values: distinct, codes };
}

/** SQL that turns a code column back into its values; an index outside the list is NULL. */
function lookUp(literals: readonly string[], column: string): string {
  return literals.length === 0 ? "CAST(NULL AS VARCHAR)" : `list_extract([${literals.join(", ")}], CASE WHEN ${sqlName(column)} < 0 THEN NULL ELSE ${sqlName(column)} + 1 END)`;
}

function siteLiteral(site: Site, name: (typeof SITE_COLUMNS)[number]): string {
  if (name === "lat" || name === "lon") return site[name] === null ? `CAST(NULL AS ${DOUBLE.toString()})` : `CAST(${site[name]} AS DOUBLE)`;
  const value = name === "koppen_detail" ? site.koppenDetail : site[name];
  return value === null ? "CAST(NULL AS VARCHAR)" : sqlText(value);
}

/**
 * Reads a daily table from Parquet: one that `writeTable` wrote, or a foreign one with canonical names. Columns that are not canonical are left out.
 * @throws WorkbookError BadFile (not Parquet), MissingColumn (`site`, `date`, no number column, source names instead of canonical ones),
 *   BadDate, DuplicateDay, EmptyTable, BadUnit (missing-value codes, a column mostly outside its range), BadSite (a site with two positions)
 * @example const table = await readTable("T.parquet")
 */
export async function readTable(file: string): Promise<DailyTable> {
  const where = "readTable";
  return wholeParquet(where, file, () => withDuckDb(async (db) => {
    const { rows: n, types } = await parquetSchema(db, file, where);
    for (const required of ["site", "date"]) {
      if (!types.has(required)) throw new WorkbookError("MissingColumn", `${where}: ${file}: column ${required} required, found ${[...types.keys()].slice(0, 8).join(", ")}, …; nearest ${nearest(required, [...types.keys()]).join(", ")}; make the table with ingest`, { file, column: required });
    }
    if (n === 0) throw new WorkbookError("EmptyTable", `${where}: ${file}: rows required, found none; make the table again`, { file });
    const present = knownColumns(types.keys());
    if (present.length === 0) throw new WorkbookError("MissingColumn", `${where}: ${file}: canonical columns such as ta_degC, gpp required, found ${[...types.keys()].slice(0, 8).join(", ")}, …; make the table with ingest`, { file });
    for (const c of present) {
      if (!isNumberType(types.get(c.name)!)) throw new WorkbookError("BadFile", `${where}: ${file}: numbers required in ${c.name}, found ${types.get(c.name)!}; make the table with ingest`, { file, column: c.name });
    }
    const site = await parquetTexts(db, file, "site", n);
    const unnamed = site.findIndex((id) => id === null || id in Object.prototype);
    if (unnamed >= 0) throw new WorkbookError("BadSite", `${where}: ${file} row ${unnamed + 1}: a site id required, found ${site[unnamed] ?? "none"}; remove the row`, { file, line: unnamed + 1, column: "site" });
    const fetched = await fetchColumns(db, [dayColumn("date", types.get("date")!), ...present.map((c) => numberColumn(c.name))], source(file), n);
    const day = fetched.get("day") as Int32Array;
    const badRow = day.indexOf(BAD_DAY);
    if (badRow >= 0) throw new WorkbookError("BadDate", `${where}: ${file} row ${badRow + 1} (${site[badRow]}): a date required, found none that can be read; mend that row`, { file, line: badRow + 1, column: "date" });
    const text: Partial<Record<TextColumn, (string | null)[]>> = {};
    for (const name of TEXT_COLUMNS) if (types.has(name)) text[name] = await parquetTexts(db, file, name, n);
    const values: Record<string, Float32Array> = {};
    for (const c of present) {
      values[c.name] = fetched.get(c.name) as Float32Array;
      checkValues(file, c.name, values[c.name]!, site as string[], day);
    }
    const [sets, preparation, inputs] = [await readKept(db, file, FEATURE_SETS_KEY), parsePreparation(await readKept(db, file, PREPARATION_KEY), `${where}: ${file}`), await readKept(db, file, INPUTS_KEY)];
    const table = dailyTable({ site: site as string[], day, text, numbers: values }, await readSites(db, file, types), sets === null ? undefined : featureSetsOf(sets, file));
    return { ...table, ...(preparation === null ? {} : { preparation }), ...(inputs === null ? {} : { inputs: parseInputHashes(inputs, `${where}: ${file}`) }) };
  }));
}

/**
 * What a table's file says it was made from, its rows unread; null where it says nothing.
 * @throws WorkbookError BadFile
 * @example (await readTableInputs("T.parquet"))?.[0].sha256
 */
export async function readTableInputs(file: string): Promise<InputHash[] | null> {
  const text = await wholeParquet("readTable", file, () => withDuckDb((db) => readKept(db, file, INPUTS_KEY)));
  return text === null ? null : parseInputHashes(text, `readTable: ${file}`);
}

function featureSetsOf(text: string, file: string): FeatureSets {
  try {
    const sets = parseJson(text);
    if (isObject(sets) && Object.values(sets).every((list) => Array.isArray(list) && list.every((name) => typeof name === "string"))) return sets as FeatureSets;
  } catch {
    // said below, with what is required
  }
  throw new WorkbookError("BadFile", `readTable: ${file}: feature sets as lists of columns required, found ${printable(text, 40)}; make the table with ingest`, { file });
}

/** Refuses codes such as −9999 and columns in another unit: `ingest` would have turned them into NaN or an error. */
function checkValues(file: string, column: string, values: Float32Array, site: readonly string[], day: Int32Array): void {
  const [low, high] = columnSpec(column)!.range;
  let outside = 0;
  let known = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v !== v) continue;
    known++;
    if (v >= low && v <= high) continue;
    outside++;
    if (v <= -9990 && low > -9990) throw new WorkbookError("BadUnit", `readTable: ${file}: ${site[i]} ${formatDay(asDay(day[i]!))}: missing as NULL or NaN required in ${column}, found ${v}; make the table with ingest`, { file, site: site[i]!, column });
  }
  if (outside > known / 2) throw new WorkbookError("BadUnit", `readTable: ${file}: ${column} in ${columnSpec(column)!.unit} within ${low}…${high} required, found ${outside} of ${known} values outside; convert the unit, or make the table with ingest`, { file, column });
}

/** What the file keeps beside its rows under a key; null where nothing. */
async function readKept(db: DuckDBConnection, file: string, key: string): Promise<string | null> {
  const read = await db.runAndReadAll(`SELECT decode(value) FROM parquet_kv_metadata(${sqlText(file)}) WHERE decode(key) = ${sqlText(key)}`);
  const text = read.getRows()[0]?.[0];
  return text === undefined || text === null ? null : String(text);
}

async function readSites(db: DuckDBConnection, file: string, types: ReadonlyMap<string, string>): Promise<Site[]> {
  const pair = (name: string): string => (types.has(name) ? `min(${sqlName(name)}), count(DISTINCT ${sqlName(name)})` : "NULL, 0");
  const read = await db.runAndReadAll(`SELECT CAST(site AS VARCHAR), ${SITE_COLUMNS.map(pair).join(", ")} FROM ${source(file)} GROUP BY site ORDER BY 1`);
  return read.getRows().map((row) => {
    const site = String(row[0]);
    SITE_COLUMNS.forEach((name, k) => {
      if (Number(row[2 + 2 * k]) > 1) throw new WorkbookError("BadSite", `readTable: ${file}: ${site}: one ${name} a site required, found ${Number(row[2 + 2 * k])}; mend the table`, { file, site, column: name });
    });
    const [lat, lon, igbp, main, detail] = [0, 1, 2, 3, 4].map((k) => row[1 + 2 * k]);
    const asText = (v: unknown): string | null => (v === null || v === undefined ? null : String(v));
    const asNumber = (v: unknown): number | null => (v === null || v === undefined ? null : Number(v));
    const koppen = parseKoppen(asText(detail) ?? asText(main));
    return { site, lat: asNumber(lat), lon: asNumber(lon), igbp: parseIgbp(asText(igbp)), koppen: koppen.koppen ?? parseKoppen(asText(main)).koppen, koppenDetail: koppen.koppenDetail };
  });
}
