import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { numbers } from "../../../src/data/daily-table";
import { sqlText, withDuckDb } from "../../../src/data/files/duckdb";
import { ingest } from "../../../src/data/ingest/ingest";
import { scratch, scratchFile } from "../../helpers/cli";
import { towerFile, zipOf } from "../towers/tower-file";

// Bad input that other tests meet in one reader, here by way of `ingest`: what a user sees of it.
const root = scratch("ingest-list");

async function refuses(file: string, tag: ErrorTag, ...patterns: RegExp[]): Promise<void> {
  await assert.rejects(ingest([file]), (e) => {
    assert.ok(isWorkbookError(e, tag), String(e));
    for (const pattern of [/^ingest: /, /; /, ...patterns]) assert.match(e.message, pattern);
    return true;
  });
}

const NAME = "FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv";

test("an archive with an entry outside itself, and one that is a bomb, are refused by name; with skipBad the rest is read", async () => {
  const slip = scratchFile("slip.zip", zipOf({ [NAME]: towerFile(), "../../evil.csv": "2" }));
  await refuses(slip, "BadFile", /slip\.zip/, /"\.\.\/\.\.\/evil\.csv"/);
  await refuses(scratchFile("bomb.zip", zipOf({ [NAME]: Buffer.alloc(70 * 2 ** 20, 48) })), "BadFile", /bomb\.zip/, /zip bomb/);
  const { report } = await ingest([slip, scratchFile(NAME, towerFile())], { skipBad: true });
  assert.deepEqual(report.files.map((f) => f.status), ["bad", "read"]);
});

test("a Parquet cut off, and one damaged inside, are refused, the second with its row group", async () => {
  const file = path.join(root, "groups.parquet");
  await withDuckDb((db) => db.run(`COPY (SELECT 'A' AS site, DATE '1850-01-01' + i::INTEGER AS date, (hash(i) % 30000) / 1000.0 AS TA_F, (hash(i) % 3000) / 1000.0 AS NEE_VUT_REF, (hash(i) % 3000) / 1000.0 AS GPP_NT_VUT_REF, 0.1 AS RECO_NT_VUT_REF FROM range(100000) t(i)) TO ${sqlText(file)} (FORMAT parquet, ROW_GROUP_SIZE 20480, COMPRESSION zstd)`), 1);
  const bytes = fs.readFileSync(file);
  await refuses(scratchFile("cut.parquet", bytes.subarray(0, bytes.length - 1000)), "BadFile", /cut\.parquet/, /truncated/);
  const damaged = Buffer.from(bytes).fill(0xee, Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.52));
  await refuses(scratchFile("damaged.parquet", damaged), "BadFile", /damaged\.parquet/, /row group 3 of 5 \(rows 40961–61440\)/);
});

test("a site id that is not UTF-8 is refused with its line and cure", async () => {
  await refuses(scratchFile("own.csv", Buffer.from("site,date,ta_degC,gpp,reco,nee\nAA-One,2012-01-01,1,2,1,-1\nM\u00fchle,2012-01-02,1,2,1,-1\n", "latin1")), "BadFile", /own\.csv/, /line 3/, /UTF-8/);
});

test("a site in two networks keeps one: the report says which, why and how many days", async () => {
  const warm = scratchFile("FLX_AA-One_FLUXNET2015_FULLSET_DD_2012-2013_beta-3.csv", towerFile({ days: 400 }));
  const ameriflux = scratchFile("AMF_AA-One_FLUXNET_SUBSET_DD_2012-2012_3-5.csv", towerFile({ days: 300, change: (row) => ({ ...row, NEE_VUT_REF: Number(row["NEE_VUT_REF"]) + 1 }) }));
  const { table, report } = await ingest([ameriflux, warm]);
  const lost = report.excluded.filter((e) => /is kept \(/.test(e.reason));
  assert.deepEqual(lost.map((e) => [e.site, e.days]), [["AA-One", 300]]);
  assert.match(lost[0]!.reason, /longer record/);
  assert.equal(numbers(table, "nee").filter((v) => v === v).length, 400);
});
