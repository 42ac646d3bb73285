import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import { COLUMNS, writeHalfHourly } from "../../src/bench/half-hourly";
import { numbers } from "../../src/data/daily-table";
import { ingest } from "../../src/data/ingest/ingest";
import { scratch } from "../helpers/cli";

test("the made-up files are whole, the same each time, have gaps, and are read by ingest", async () => {
  const [a, b] = [scratch("hh"), scratch("hh")];
  const files = await writeHalfHourly(a, 5 * 48 * 20);
  const again = await writeHalfHourly(b, 5 * 48 * 20);
  assert.equal(files.length, 5);
  assert.equal(fs.readFileSync(files[3]!, "utf8"), fs.readFileSync(again[3]!, "utf8"));
  assert.match(fs.readFileSync(files[0]!, "utf8"), /-9999/);
  const { table, report } = await ingest(files);
  assert.deepEqual([table.rows.numRows(), table.sites.length], [100, 5]);
  assert.deepEqual(new Set(report.files.map((f) => f.kind)), new Set(["fluxnet-half-hourly"]));
  for (const { to } of COLUMNS) assert.ok(numbers(table, to).some((v) => v === v), to);
});

test("the peer is told the product's own rule: fluxes, radiation and rain need the whole day, other means 40 half-hours", () => {
  assert.deepEqual(Object.fromEntries(COLUMNS.map((c) => [c.to, c.least])), {
    ta_degC: 40, sw_in_W_m2: 48, vpd_hPa: 40, p_mm_d: 48, pa_kPa: 40, ws_m_s: 40, nee: 48, nee_qc: 48, gpp: 48, reco: 48,
  });
});
