import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { projectRoot } from "../../../src/core/files";
import { sqlText, withDuckDb } from "../../../src/data/files/duckdb";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "parquet-memory-"));
after(() => fs.rmSync(root, { recursive: true }));

const SITES = 1_600;
const DAYS = 10_000;
const GIB = 2 ** 30;
// ingest takes some 165 bytes a site-day of ten columns at its most: 3.1 GiB were measured for 20 million
const COLUMNS = ["TA_F", "SW_IN_F", "VPD_F", "PA_F", "P_F", "WS_F", "NEE_VUT_REF", "GPP_NT_VUT_REF", "RECO_NT_VUT_REF", "NEE_VUT_REF_QC"];

/** Runs a script in a process of its own; its last line is JSON, to which the largest memory it held is added. */
function measured(script: string): { peak: number } & Record<string, number> {
  const code = `(async () => { ${script} })().then((r) => console.log(JSON.stringify({ ...r, peak: process.resourceUsage().maxRSS * 1024 })))`;
  const out = execFileSync(process.execPath, ["--import", "tsx", "--input-type=commonjs", "-e", code], { cwd: projectRoot(), encoding: "utf8", maxBuffer: 1 << 26, env: { ...process.env, NODE_OPTIONS: "--max-old-space-size=8192" } });
  return JSON.parse(out.trim().split("\n").pop()!) as { peak: number } & Record<string, number>;
}

test("16 million site-days of ten columns are joined and cut into windows in less than 4 GB", async () => {
  const [raw, table] = [path.join(root, "raw.parquet"), path.join(root, "T.parquet")];
  // simulated: numbers of plausible size, with GPP, RECO and NEE that close
  const r = (k: number, n: number): string => `(hash(i * 16 + ${k}) % ${n})`;
  const values = [`${r(0, 300)} / 10.0`, `${r(1, 4000)} / 10.0`, `${r(2, 200)} / 10.0`, `95 + ${r(3, 100)} / 10.0`, `${r(4, 200)} / 10.0`, `${r(5, 80)} / 10.0`, `${r(7, 60)} / 10.0 - ${r(6, 100)} / 10.0`, `${r(6, 100)} / 10.0`, `${r(7, 60)} / 10.0`, `${r(8, 100)} / 100.0`];
  const select = `SELECT 'S' || lpad((i // ${DAYS})::VARCHAR, 4, '0') AS site, DATE '1995-01-01' + (i % ${DAYS})::INTEGER AS date, ${values.map((v, k) => `${v} AS ${COLUMNS[k]}`).join(", ")}, 51.5 AS lat, 10.5 AS lon, 'ENF' AS igbp FROM range(${SITES * DAYS}) t(i)`;
  await withDuckDb((db) => db.run(`COPY (${select}) TO ${sqlText(raw)} (FORMAT parquet, COMPRESSION zstd)`), 1, "1GB");

  const joined = measured(`const { ingest } = require("./src/data/ingest/ingest"); const { report } = await ingest([${JSON.stringify(raw)}], { out: ${JSON.stringify(table)} }); return { days: report.n_driver_days, sites: report.n_sites };`);
  assert.deepEqual([joined["days"], joined["sites"]], [SITES * DAYS, SITES]);
  console.error(`ingest of ${SITES * DAYS} rows: ${(joined.peak / GIB).toFixed(2)} GiB at most`);
  assert.ok(joined.peak < 4 * GIB, `${joined.peak / GIB} GiB`);
  const cut = measured(`
    const { readTable } = require("./src/data/store"), { siteRows } = require("./src/data/daily-table"), { channelsOf } = require("./src/core/columns");
    const { layRecord } = require("./src/windows/record"), { cutWindows } = require("./src/windows/windows");
    const table = await readTable(${JSON.stringify(table)});
    const records = siteRows(table).map((rows) => layRecord(table, rows, channelsOf("tower"), 7));
    return { windows: records.reduce((n, record) => n + cutWindows(record, { window: 45, stride: 15, lossDays: 15 }).starts.length, 0) };`);
  console.error(`table, records and windows: ${(cut.peak / GIB).toFixed(2)} GiB at most, ${cut["windows"]} windows`);
  assert.equal(cut["windows"], SITES * Math.floor((DAYS - 45) / 15 + 1));
  assert.ok(cut.peak < 4 * GIB, `${cut.peak / GIB} GiB`);
});
