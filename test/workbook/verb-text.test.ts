import assert from "node:assert/strict";
import { test } from "node:test";
import { count } from "../../src/core/count";
import type { TrainResult } from "../../src/run/train";
import { ingestText, trainText } from "../../src/workbook/verb-text";

test("one is told in the singular", () => {
  assert.deepEqual([count(0, "site"), count(1, "site"), count(1200, "site")], ["0 sites", "1 site", "1,200 sites"]);
  const result = { header: { config: { model: "lstm" } }, sites: { train: 1, validation: 1, test: 3 }, windows: 40, seconds: 2, dir: "run", warnings: [] } as unknown as TrainResult;
  assert.equal(trainText(result), "lstm: 40 windows of 1 training site, 1 validation site, 3 held out; 2 s → run");
  const report = { n_sites: 1, n_site_days: 3, n_driver_days: 3, files: [{ path: "a.csv", status: "read" }], excluded: [], warnings: [], missing: [] } as unknown as Parameters<typeof ingestText>[0];
  assert.match(ingestText(report, "T.parquet"), /^1 site, 3 site-days with a flux, 3 rows in all, from 1 of 1 file → /);
});
