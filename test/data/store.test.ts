import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { COLUMNS } from "../../src/core/columns";
import { parseDay } from "../../src/core/days";
import { isWorkbookError } from "../../src/core/errors";
import { sha256 } from "../../src/core/files";
import { random } from "../../src/core/random";
import type { Site } from "../../src/core/sites";
import { dailyTable, daysOf, numbers, texts, type DailyTable } from "../../src/data/daily-table";
import { sqlText, withDuckDb } from "../../src/data/files/duckdb";
import { readTable, writeTable } from "../../src/data/store";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "store-"));
after(() => fs.rmSync(folder, { recursive: true }));

const SITES: Site[] = [
  { site: "AA-One", lat: 51.3081, lon: 4.5206, igbp: "ENF", koppen: "C", koppenDetail: "Cfb" },
  { site: "BB-Two", lat: null, lon: null, igbp: null, koppen: "B", koppenDetail: null },
  { site: "it's", lat: -12.5, lon: 131.2, igbp: "GRA", koppen: null, koppenDetail: null },
];

function drawn(seed: number, rowsPerSite: number): DailyTable {
  const draw = random(seed, "store");
  const site = SITES.flatMap((s) => new Array<string>(rowsPerSite).fill(s.site));
  const values: Record<string, Float32Array> = {};
  for (const c of COLUMNS) {
    if (draw.uniform() < 0.5) continue;
    values[c.name] = Float32Array.from(site, () => (draw.uniform() < 0.2 ? NaN : c.range[0] + draw.uniform() * (c.range[1] - c.range[0])));
  }
  values["gpp"] ??= new Float32Array(site.length).fill(NaN);
  const variant = site.map(() => (draw.uniform() < 0.3 ? null : "NT_VUT_REF"));
  return dailyTable({ site, day: Int32Array.from(site, (_, i) => 10_000 + (i % rowsPerSite)), text: { target_variant: variant }, numbers: values }, SITES);
}

/** Writes what `select` gives and returns the file. */
async function foreign(name: string, select: string): Promise<string> {
  const file = path.join(folder, name);
  await withDuckDb((db) => db.run(`COPY (${select}) TO ${sqlText(file)} (FORMAT parquet)`));
  return file;
}

const refuses = (file: string, tag: Parameters<typeof isWorkbookError>[1], pattern: RegExp): Promise<void> =>
  assert.rejects(readTable(file), (e) => isWorkbookError(e, tag) && pattern.test((e as Error).message) && (e as Error).message.includes(file));

test("a table written and read again is the same, value for value", async () => {
  for (const seed of [1, 2, 3]) {
    const table = drawn(seed, seed === 3 ? 2500 : 40);
    const file = path.join(folder, `round-${seed}.parquet`);
    await writeTable(table, file);
    const back = await readTable(file);
    assert.deepEqual(back.sites, table.sites);
    assert.deepEqual(back.rows.columnNames(), table.rows.columnNames());
    assert.deepEqual(daysOf(back), daysOf(table));
    for (const name of ["site", "target_variant", "source"] as const) assert.deepEqual(texts(back, name), texts(table, name));
    for (const c of COLUMNS) if (table.rows.columnIndex(c.name) >= 0) assert.deepEqual(numbers(back, c.name), numbers(table, c.name), c.name);
  }
});

test("the same table gives the same bytes", async () => {
  const [a, b] = [path.join(folder, "a.parquet"), path.join(folder, "b.parquet")];
  await writeTable(drawn(4, 2100), a);
  await writeTable(drawn(4, 2100), b);
  assert.equal(sha256(a), sha256(b));
});

test("a missing value is NULL in the file, so that other tools see it", async () => {
  const file = path.join(folder, "null.parquet");
  await writeTable(dailyTable({ site: ["AA-One", "AA-One"], day: Int32Array.of(1, 2), numbers: { nee: Float32Array.of(NaN, 2) } }, SITES), file);
  const rows = await withDuckDb(async (db) => (await db.runAndReadAll(`SELECT CAST(date AS VARCHAR), nee, lat, koppen_detail FROM read_parquet(${sqlText(file)})`)).getRows());
  assert.deepEqual(rows, [["1970-01-02", null, 51.3081, "Cfb"], ["1970-01-03", 2, 51.3081, "Cfb"]]);
});

test("a foreign Parquet with canonical names is read, whatever the type of its dates and numbers", async () => {
  const day = parseDay("2012-02-29");
  for (const [name, date] of [["text", "'2012-02-29'"], ["compact", "'20120229'"], ["number", "20120229"], ["date", "DATE '2012-02-29'"], ["stamp", "TIMESTAMP '2012-02-29 00:00:00'"]]) {
    const table = await readTable(await foreign(`${name}.parquet`, `SELECT 'AA-One' AS site, ${date} AS date, 3::DOUBLE AS gpp, 'x' AS remark`));
    assert.deepEqual([...daysOf(table)], [day], name);
    assert.deepEqual([...numbers(table, "gpp")], [3]);
    assert.equal(table.sites[0]!.lat, null);
  }
});

test("a foreign Parquet that is not a daily table is refused with its file and column", async () => {
  await refuses(path.join(folder, "nowhere.parquet"), "BadFile", /none found/);
  const rubbish = path.join(folder, "rubbish.parquet");
  fs.writeFileSync(rubbish, Buffer.from([1, 2, 3, 0, 255]));
  await refuses(rubbish, "BadFile", /whole Parquet file/);
  await refuses(await foreign("nosite.parquet", "SELECT 'A' AS sit, DATE '2012-01-01' AS date, 1 AS gpp"), "MissingColumn", /column site required.*nearest sit/);
  await refuses(await foreign("names.parquet", "SELECT 'A' AS site, DATE '2012-01-01' AS date, 1 AS TA_F"), "MissingColumn", /ingest/);
  await refuses(await foreign("word.parquet", "SELECT 'A' AS site, DATE '2012-01-01' AS date, 'warm' AS ta_degC"), "BadFile", /ta_degC.*VARCHAR/);
  await refuses(await foreign("empty.parquet", "SELECT 'A' AS site, DATE '2012-01-01' AS date, 1 AS gpp LIMIT 0"), "EmptyTable", /rows required/);
  await refuses(await foreign("leap.parquet", "SELECT 'A' AS site, '2013-02-29' AS date, 1 AS gpp"), "BadDate", /row 1 \(A\)/);
  await refuses(await foreign("code.parquet", "SELECT 'A' AS site, '2013-02-28' AS date, -9999 AS nee"), "BadUnit", /A 2013-02-28.*-9999/);
  await refuses(await foreign("kelvin.parquet", "SELECT 'A' AS site, DATE '2012-01-01' + i::INTEGER AS date, 280 AS ta_degC FROM range(9) t(i)"), "BadUnit", /ta_degC in °C.*9 of 9/);
  await refuses(await foreign("places.parquet", "SELECT 'A' AS site, DATE '2012-01-01' + i::INTEGER AS date, 1 AS gpp, i AS lat FROM range(2) t(i)"), "BadSite", /A: one lat/);
  await assert.rejects(readTable(await foreign("twice.parquet", "SELECT 'A' AS site, '2013-02-28' AS date, 1 AS nee FROM range(2)")), (e) => isWorkbookError(e, "DuplicateDay"));
});

test("nothing is left behind when a table cannot be written", async () => {
  const target = path.join(folder, "taken");
  fs.mkdirSync(path.join(target, "inside"), { recursive: true });
  await assert.rejects(writeTable(drawn(5, 3), target));
  assert.deepEqual(fs.readdirSync(folder).filter((f) => f.includes(".tmp-")), []);
});
