import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { parsePreparation } from "../../src/data/preparation";
import { simulate } from "../../src/data/simulate/simulate";
import { readTable, writeTable } from "../../src/data/store";
import { predictRun } from "../../src/evaluate/predict";
import { checkPreparation, runPreparation } from "../../src/run/preparation";
import { readHeader } from "../../src/run/run-directory";
import { train } from "../../src/run/train";
import { scratch } from "../helpers/cli";

test("a mode is one of two words, and nothing where nothing is said", () => {
  assert.equal(parsePreparation("clean", "x"), "clean");
  for (const nothing of [undefined, null, ""]) assert.equal(parsePreparation(nothing, "x"), null);
  assert.throws(() => parsePreparation("cleen", "grid: G"), (e) => isWorkbookError(e, "BadConfig") && /grid: G: preparation: paper or clean required, found "cleen"; nearest clean/.test(e.message));
});

test("a run has a mode where it sees a satellite: the table's, paper where the table does not say", () => {
  assert.deepEqual(runPreparation({}, ["ta_degC", "lat"]), {});
  assert.deepEqual(runPreparation({}, ["ta_degC", "sur_refl_b01"]), { preparation: "paper" });
  assert.deepEqual(runPreparation({ preparation: "clean" }, ["evi"]), { preparation: "clean" });
});

test("two modes are refused by name; what one side does not say is not", () => {
  assert.throws(() => checkPreparation("predict", "RUN", "paper", "clean", "T.parquet"), (e) => isWorkbookError(e, "BadRun") && /predict: T\.parquet: .*paper mode, as those that RUN learned from, required, found clean mode/.test(e.message));
  for (const [required, found] of [["paper", "paper"], [null, "clean"], ["clean", null]] as const) checkPreparation("predict", "RUN", required, found, "T.parquet");
});

test("a table keeps its mode in its file, a run takes it from there, and predict refuses a table of the other", async () => {
  const dir = scratch("preparation");
  const { table } = simulate({ sites: 8, years: 1, seed: 2 });
  await writeTable({ ...table, preparation: "clean" }, path.join(dir, "clean.parquet"));
  const clean = await readTable(path.join(dir, "clean.parquet"));
  assert.equal(clean.preparation, "clean");
  await writeTable(table, path.join(dir, "T.parquet"));
  assert.ok(!("preparation" in (await readTable(path.join(dir, "T.parquet")))));
  const run = path.join(dir, "run");
  await train({ table: clean, out: run, config: { model: "ridge", features: "minimal", split: "none" } });
  assert.equal(readHeader(run).preparation, "clean");
  await predictRun(run, clean);
  await assert.rejects(predictRun(run, { ...table, preparation: "paper" }), (e) => isWorkbookError(e, "BadRun") && /required, found paper mode/.test(e.message));
});
