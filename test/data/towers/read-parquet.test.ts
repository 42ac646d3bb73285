import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { readVariables } from "../../../src/data/columns";
import { sqlText, withDuckDb } from "../../../src/data/files/duckdb";
import { listInputs, type InputFile } from "../../../src/data/files/input";
import { readTidyParquet } from "../../../src/data/towers/read-parquet";
import { readTable } from "../../../src/data/store";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "read-parquet-"));
after(() => fs.rmSync(root, { recursive: true }));
const variables = readVariables();
const input = async (file: string): Promise<InputFile> => (await listInputs([file]))[0] as InputFile;

/** A Parquet of a query. */
async function parquet(name: string, select: string, options = ""): Promise<string> {
  const file = path.join(root, name);
  await withDuckDb((db) => db.run(`COPY (${select}) TO ${sqlText(file)} (FORMAT parquet${options})`), 1);
  return file;
}

// 60 sites of 20,000 days: more than is held at once, the sites' rows mixed
const MIXED = "SELECT 'S' || lpad((i % 60)::VARCHAR, 2, '0') AS site, DATE '1960-01-01' + (i // 60)::INTEGER AS date, ((i * 7919) % 1000) / 100.0 AS TA_F, 51.5 AS lat, 'ENF' AS igbp FROM range(1200000) t(i)";

test("a large file whose sites are mixed is read site by site, every row once and in order", async () => {
  const { blocks, sites, unsorted } = await readTidyParquet(await input(await parquet("mixed.parquet", MIXED)), variables);
  assert.deepEqual([blocks.length, unsorted, sites.length], [60, 0, 60]);
  for (const [k, block] of blocks.entries()) {
    assert.equal(block.site, `S${String(k).padStart(2, "0")}`);
    assert.equal(block.day.length, 20_000);
    for (const d of [0, 1, 777, 19_999]) {
      assert.equal(block.day[d], block.day[0]! + d);
      assert.equal(block.numbers.get("ta_degC")![d], Math.fround((((d * 60 + k) * 7919) % 1000) / 100));
    }
  }
  assert.deepEqual(sites[0], { site: "S00", lat: 51.5, lon: null, igbp: "ENF", koppen: null, koppenDetail: null });
});

test("rows are named by their number in the file, also where sites are read apart", async () => {
  const twice = `${MIXED} UNION ALL SELECT 'S59', DATE '1960-01-01', 1, 51.5, 'ENF'`;
  await assert.rejects(readTidyParquet(await input(await parquet("twice.parquet", twice)), variables), (e) => isWorkbookError(e, "DuplicateDay") && /S59: .*\(row 60 and row 1200001\)/.test(e.message));
  const unnamed = "SELECT CASE WHEN i = 4 THEN NULL ELSE 'A' END AS site, DATE '2000-01-01' + i::INTEGER AS date, 1.0 AS TA_F FROM range(9) t(i)";
  await assert.rejects(readTidyParquet(await input(await parquet("unnamed.parquet", unnamed)), variables), (e) => isWorkbookError(e, "BadSite") && /row 5: a site id/.test(e.message));
  const dates = "SELECT 'A' AS site, CASE WHEN i = 2 THEN '2012-13-01' ELSE '2012-01-0' || (i + 1) END AS date, 1.0 AS TA_F FROM range(5) t(i)";
  await assert.rejects(readTidyParquet(await input(await parquet("dates.parquet", dates)), variables), (e) => isWorkbookError(e, "BadDate") && /row 3 \(A\)/.test(e.message));
});

test("a Parquet cut off says that it has no footer; one damaged inside names its row group", async () => {
  const file = await parquet("groups.parquet", "SELECT 'A' AS site, DATE '1800-01-01' + i::INTEGER AS date, (hash(i) % 30000) / 1000.0 AS TA_F FROM range(100000) t(i)", ", ROW_GROUP_SIZE 20480, COMPRESSION zstd");
  const bytes = fs.readFileSync(file);
  const huge = await parquet("huge.parquet", "SELECT 'A' AS site, DATE '2000-01-01' AS date, 1e300 AS TA_F");
  await assert.rejects(readTidyParquet(await input(huge), variables), (e) => isWorkbookError(e, "BadFile") && /TA_F/.test(e.message) && /huge\.parquet/.test(e.message));
  const cut = path.join(root, "cut.parquet");
  fs.writeFileSync(cut, bytes.subarray(0, bytes.length - 1000));
  for (const read of [async () => readTidyParquet(await input(cut), variables), () => readTable(cut)]) {
    await assert.rejects(read(), (e) => isWorkbookError(e, "BadFile") && /without the footer that tells where its row groups lie \(truncated\)/.test(e.message) && /copy it again/.test(e.message));
  }
  const damaged = path.join(root, "damaged.parquet");
  const half = Buffer.from(bytes);
  half.fill(0xee, Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.52));
  fs.writeFileSync(damaged, half);
  await assert.rejects(readTidyParquet(await input(damaged), variables), (e) => isWorkbookError(e, "BadFile") && /row group 3 of 5 \(rows 40961–61440\) cannot be read/.test(e.message));
});
