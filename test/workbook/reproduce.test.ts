import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { simulate } from "../../src/data/simulate/simulate";
import { writeTable } from "../../src/data/store";
import { COMPARED, reproduce, trainable } from "../../src/workbook/reproduce";
import { SIZES } from "../../src/workbook/sizes";
import { scratch } from "../helpers/cli";
import { needsXgboost } from "../helpers/xgboost";

test("reproduce leaves tables, figures and a report that say simulated, takes up what it has, and never scores runs of another table", async () => {
  const out = path.join(scratch("reproduce"), "out");
  const first = await reproduce({ out, quick: true, notebooks: false, ablations: { factors: ["stages"], folds: [1], seeds: [1], config: SIZES.quick.config } });
  assert.equal(first.failed, false);
  assert.deepEqual([...new Set(first.json.rows.map((r) => r["model"]))], ["climatology", "ridge", ...(needsXgboost.skip ? [] : ["xgboost"]), "lstm", "ctlstm", "tamrl"]);
  assert.equal(new Set(first.json.rows.map((r) => r["n_days"])).size, 1, "all models on the same site-days");
  assert.equal(first.json.bootstrap.length, needsXgboost.skip ? 12 : 15);
  for (const name of ["report.html", "provenance.json", "table.csv", "table.md", "ablations/ablations.csv", "ablations/ablations.md", "comparison/table.csv", "comparison/sites.csv", "comparison/bootstrap.csv", "figures/site-map-igbp.svg", "figures/observed-predicted.png", "figures/seasonal-cycle-all.csv", "figures/error-by-igbp-rmse.meta.json"]) {
    assert.ok(fs.existsSync(path.join(out, name)), name);
    if (!/png|provenance/.test(name) && !/figures.*csv/.test(name)) assert.match(fs.readFileSync(path.join(out, name), "utf8"), /[Ss]imulated/, name);
  }
  const weights = path.join(out, "runs", "tamrl", "weights", "model.safetensors");
  const made = fs.statSync(weights).mtimeMs;
  const second = await reproduce({ out, quick: true, notebooks: false });
  assert.equal(fs.statSync(weights).mtimeMs, made, "a finished run is not trained again");
  assert.deepEqual(second.json.rows, first.json.rows);
  const other = path.join(scratch("reproduce"), "other.parquet");
  await writeTable(simulate({ sites: 30, years: 1, seed: 5 }).table, other);
  await assert.rejects(reproduce({ out, table: other, quick: true, notebooks: false }), (e) => isWorkbookError(e, "BadRun") && /another table/.test(e.message));
});

test("where XGBoost's library is missing, the other models go on, and the cure is told", async () => {
  const before = process.env["TAMRL_XGBOOST"];
  process.env["TAMRL_XGBOOST"] = "absent.so";
  const said: string[] = [];
  try {
    const { models, leftOut } = await trainable((e) => said.push(e.what));
    assert.deepEqual(models, COMPARED.filter((m) => m !== "xgboost"));
    assert.deepEqual(leftOut.map((l) => l.model), ["xgboost"]);
    for (const told of [leftOut[0]!.why, said.join()]) assert.match(told, /there is none at absent\.so; run npm run setup/);
  } finally {
    if (before === undefined) delete process.env["TAMRL_XGBOOST"];
    else process.env["TAMRL_XGBOOST"] = before;
  }
});
