import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { before, test } from "node:test";
import { tf } from "../../src/backend/tf";
import { isWorkbookError } from "../../src/core/errors";
import { numbers, type DailyTable } from "../../src/data/daily-table";
import { evaluateFewShot, fewShotRows } from "../../src/evaluate/few-shot";
import { fewShotExperiment, type FewShotExperiment } from "../../src/evaluate/few-shot-experiment";
import { predictRun } from "../../src/evaluate/predict";
import { mamlAdapter, shotAdapter, tunedAdapter, type Adapter } from "../../src/run/few-shot-adapters";
import type { PredictContext } from "../../src/run/learner";
import { readFinished, readStandardiser } from "../../src/run/run-directory";
import { siteRows } from "../../src/data/daily-table";
import { layRecord, type SiteRecord } from "../../src/windows/record";
import { aSite, towerTable } from "../helpers/tables";

// The level of a site's fluxes (1, 1.3 or 1.6 times the same function of the weather) shows in nothing but its fluxes.
const IDS = Array.from({ length: 15 }, (_, i) => `S${String(i).padStart(2, "0")}`);
const TEST = ["S12", "S13", "S14"];
const TABLE = towerTable(IDS.map((id, i) => aSite(id, { lat: 30 + 2 * i })), 400);
const CONFIG = { split: { train: IDS.slice(0, 12), test: TEST }, class_weights: "off", position: true, window: 15, stride: 5, epochs: 10, validate_every: 5, hidden: 16, latent: 8, batch: 64, lr1: 3e-3, lr2: 6e-3, dropout: 0, stages: 1, support: 2, support_predict: 4, inner_lr: 0.2 };
const MONTHS = [1, 3];
const out = fs.mkdtempSync(path.join(os.tmpdir(), "few-shot-"));
let experiment: FewShotExperiment;

const contextOf = (run: string): PredictContext => {
  const dir = path.join(out, run);
  return { dir, config: readFinished(dir).config, standardiser: readStandardiser(dir) };
};
const tuned = (): Promise<Adapter> => tunedAdapter(contextOf("tamrl"), new Map(experiment.tuning.map((t) => [t.months, t])));
const recordOf = (adapter: Adapter, table = TABLE): SiteRecord => layRecord(table, siteRows(table)[13]!, adapter.channels, 7);
const rmse = (model: string, k: number): number => fewShotRows(experiment).find((r) => r["flux"] === "gpp" && r["model"] === model && r["k"] === k)!["rmse_mean"] as number;

before(async () => {
  experiment = await fewShotExperiment({ table: TABLE, out, config: CONFIG, months: MONTHS });
});

test("what only a site's fluxes tell is learnt from its first month, by the encoder in one pass", () => {
  assert.ok(rmse("tamrl few-shot", 1) < 0.8 * rmse("tamrl few-shot", 0), `k 0 ${rmse("tamrl few-shot", 0)}, k 1 ${rmse("tamrl few-shot", 1)}`);
  assert.ok(rmse("tamrl few-shot", 3) < 0.8 * rmse("tamrl few-shot", 0));
});

test("fine-tuning and MAML gain from three months too", () => {
  for (const model of ["tamrl fine-tuned", "maml"]) assert.ok(rmse(model, 3) < 0.9 * rmse(model, 0), `${model}: k 0 ${rmse(model, 0)}, k 3 ${rmse(model, 3)}`);
});

test("every model and number of months is scored on the same days, those after the longest months", () => {
  assert.deepEqual(experiment.months, [0, 1, 3]);
  assert.equal(experiment.scores.length, 9);
  for (const { metrics } of experiment.scores) {
    assert.deepEqual(metrics.sites.map((s) => [s.site, s.n, s.n_lost]), experiment.scores[0]!.metrics.sites.map((s) => [s.site, s.n, s.n_lost]));
    assert.ok(metrics.sites.every((s) => s.n === 400 - 91 && s.n_lost === 0));
  }
});

test("the run's plain prediction is that of no months, whatever the fluxes", async () => {
  const adapter = await shotAdapter(contextOf("tamrl-few-shot"));
  const { predictions } = await predictRun(path.join(out, "tamrl-few-shot"), TABLE, { sites: ["S13"] });
  const { fluxes } = await adapter.adapt(recordOf(adapter), 0);
  assert.deepEqual(predictions.nee, fluxes.filter((_, i) => i % 3 === 2));
  adapter.dispose();
});

for (const [name, open] of Object.entries({ "few-shot": () => shotAdapter(contextOf("tamrl-few-shot")), "fine-tuning": tuned, maml: () => mamlAdapter(contextOf("maml")) })) {
  test(`${name}: fluxes after the months change nothing, those within do; and a site leaves no trace in the next`, async () => {
    const adapter = await open();
    const record = recordOf(adapter);
    const changed = (from: number, to: number): SiteRecord => ({ ...record, targets: record.targets.map((v, i) => (i >= 3 * from && i < 3 * to ? v + 5 : v)) });
    const first = await adapter.adapt(record, 3);
    assert.ok(first.windows > 0);
    const none = await adapter.adapt(record, 0);
    const tensors = tf.memory().numTensors;
    assert.notDeepEqual(first.fluxes, none.fluxes);
    assert.deepEqual((await adapter.adapt(changed(91, 400), 3)).fluxes, first.fluxes);
    assert.notDeepEqual((await adapter.adapt(changed(0, 91), 3)).fluxes, first.fluxes);
    assert.deepEqual((await adapter.adapt(record, 0)).fluxes, none.fluxes, "the weights are what they were");
    assert.equal(tf.memory().numTensors, tensors, "no tensor is left behind");
    adapter.dispose();
  });
}

test("a site whose months show no flux with drivers stands as with no months, and is listed", async () => {
  const adapter = await tuned();
  const record = recordOf(adapter);
  const complete = record.complete.map((c, d) => (d < 40 ? 0 : c));
  const { windows, fluxes } = await adapter.adapt({ ...record, complete }, 1);
  assert.equal(windows, 0);
  assert.deepEqual(fluxes, (await adapter.adapt({ ...record, complete }, 0)).fluxes);
  adapter.dispose();
});

test("sites too short for the longest months are listed with the months they could serve", async () => {
  const adapter = await shotAdapter(contextOf("tamrl-few-shot"));
  const end = 80; // 50 days after the first month, none after the third
  const gpp = numbers(TABLE, "gpp");
  const cut = (values: Float32Array): Float32Array => values.map((v, row) => (Math.floor(row / 400) === 13 && row % 400 >= end ? NaN : v));
  const rows = TABLE.rows.assign({ gpp: cut(gpp), reco: cut(numbers(TABLE, "reco")), nee: cut(numbers(TABLE, "nee")) });
  const table: DailyTable = { ...TABLE, rows };
  const found = await evaluateFewShot([adapter], table, { months: [3], tableName: "cut", sites: TEST });
  assert.deepEqual(found.tooShort, [{ site: "S13", flux_days: 80, left: 0, months: 0 }]);
  assert.deepEqual(found.sites, ["S12", "S14"]);
  const one = await evaluateFewShot([adapter], table, { months: [1], tableName: "cut", sites: TEST });
  assert.deepEqual(one.tooShort, []);
  adapter.dispose();
});

test("what cannot be is refused with its cure", async () => {
  const adapter = await shotAdapter(contextOf("tamrl-few-shot"));
  await assert.rejects(adapter.adapt(recordOf(adapter), 24), (e) => isWorkbookError(e, "BadArgument") && /shots/.test(e.message));
  await assert.rejects(evaluateFewShot([adapter], TABLE, { months: [0], tableName: "T" }), (e) => isWorkbookError(e, "BadArgument"));
  await assert.rejects(evaluateFewShot([adapter], TABLE, { months: [24], tableName: "T" }), (e) => isWorkbookError(e, "EmptyTable") && /fewer months/.test(e.message));
  await assert.rejects(evaluateFewShot([adapter], TABLE, { months: [3], tableName: "T", sites: ["S1"] }), (e) => isWorkbookError(e, "BadSite") && /none of its 15; nearest S\d\d/.test(e.message));
  await assert.rejects(shotAdapter(contextOf("tamrl")), (e) => isWorkbookError(e, "BadRun") && /shots=24/.test(e.message));
  await assert.rejects(mamlAdapter(contextOf("tamrl")), (e) => isWorkbookError(e, "BadRun"));
  await assert.rejects(fewShotExperiment({ table: TABLE, out, config: { ...CONFIG, shots: 3 } }), (e) => isWorkbookError(e, "BadConfig"));
  adapter.dispose();
});

test("a single site with an R² has a median and no quartiles", () => {
  const [score] = experiment.scores;
  const { summary } = score!.metrics;
  const row = (n_r2: number): ReturnType<typeof fewShotRows>[number] => fewShotRows({ ...experiment, scores: [{ ...score!, metrics: { ...score!.metrics, summary: { ...summary, gpp: { ...summary.gpp, n_r2 } } } }] })[0]!;
  assert.deepEqual([row(1)["r2_q25"], row(1)["r2_q75"], row(1)["r2_median"]], [null, null, summary.gpp.r2.median]);
  assert.deepEqual([row(2)["r2_q25"], row(2)["r2_q75"]], [summary.gpp.r2.q25, summary.gpp.r2.q75]);
});

test("the table is written with its rule, the sites left out and how the tuning was chosen", () => {
  const text = fs.readFileSync(path.join(out, "few-shot.md"), "utf8");
  assert.match(text, /\| k \|/);
  assert.match(text, /scored on the days after the longest k/);
  assert.match(text, /chosen on validation sites/);
  assert.equal(fs.readFileSync(path.join(out, "few-shot.csv"), "utf8").trim().split("\n").length, 1 + 27);
});
