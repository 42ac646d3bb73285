import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { readJson } from "../../src/core/json";
import { numbers, siteRows, type DailyTable } from "../../src/data/daily-table";
import { writeTable } from "../../src/data/store";
import { ablate } from "../../src/evaluate/ablate";
import { experiment, modelSpec } from "../../src/evaluate/experiment";
import { poolFolds, runFolder } from "../../src/evaluate/experiment-scores";
import { chooseByInnerFolds, searchExperiment, type Choice } from "../../src/evaluate/search";
import { readAblations } from "../../src/run/ablation";
import { planExperiment } from "../../src/run/experiment-plan";
import { readSplit, runPaths } from "../../src/run/run-directory";
import type { RunConfig } from "../../src/run/config";
import { readTable } from "../../src/data/store";
import { benchmarkLike } from "../helpers/benchmark-table";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const SITES = Array.from({ length: 6 }, (_, i) => aSite(`S${i}`, { lat: 40 + 2 * i, igbp: i % 2 ? "CRO" : "ENF" }));
const TINY = { epochs: 1, hidden: 4, latent: 2, batch: 64, validate_every: 1, stages: 1 };

async function tableFile(dir: string, change: (table: DailyTable) => DailyTable = (t) => t, days = 200): Promise<string> {
  const file = path.join(dir, "T.parquet");
  await writeTable(change(towerTable(SITES, days)), file);
  return file;
}

const read = (...parts: string[]): string => fs.readFileSync(path.join(...parts), "utf8");
/** Weights of every run, so that two experiments can be compared to the bit. */
const weights = (out: string, ids: readonly string[]): string => ids.map((id) => fs.readFileSync(path.join(runPaths(runFolder(out, id)).weights, "model.safetensors")).toString("base64")).join();

test("every site is scored once by a model that did not see it, all models on the same days; a second call trains nothing", async () => {
  const dir = scratch("experiment");
  const table = await tableFile(dir);
  const out = path.join(dir, "out");
  const spec = modelSpec(["climatology", "lstm"], { protocol: "folds:2", seeds: [1], config: TINY });
  const { json, failed } = await experiment(spec, { table, out, workers: 2 });
  assert.equal(failed, false);
  const rows = json.rows.filter((r) => r["flux"] === "nee");
  assert.deepEqual(rows.map((r) => [r["model"], r["seeds"], r["n_sites"]]), [["climatology", 1, 6], ["lstm", 1, 6]]);
  assert.equal(new Set(rows.map((r) => r["n_days"])).size, 1);
  const plan = planExperiment(await readTable(table), spec);
  for (const run of plan.runs) {
    const { learned } = readSplit(runFolder(out, run.id));
    assert.ok(run.test!.every((s) => !learned.some((l) => l.site === s)));
  }
  const pooled = await poolFolds(plan, await readTable(table), out, new Set(plan.runs.map((r) => r.id)));
  assert.equal(new Set(pooled.pooled[0]!.predictions.site.map((s, i) => `${s} ${pooled.pooled[0]!.predictions.day[i]}`)).size, 6 * 200);
  assert.match(read(out, "comparison", "table.md"), /^# 2-fold by site, zero-shot; seeds 1\n/);
  const before = weights(out, plan.runs.filter((r) => r.arm === "lstm").map((r) => r.id));
  const again = await experiment(spec, { table, out });
  assert.equal(again.json.estimate, 0);
  assert.equal(weights(out, plan.runs.filter((r) => r.arm === "lstm").map((r) => r.id)), before);
  assert.deepEqual(again.json.rows, json.rows);
});

test("a seed may join an experiment; another configuration in its folder is refused", async () => {
  const dir = scratch("experiment");
  const table = await tableFile(dir);
  const out = path.join(dir, "out");
  const spec = modelSpec(["climatology"], { protocol: "folds:2", seeds: [1], config: TINY });
  await experiment(spec, { table, out });
  const { json } = await experiment({ ...spec, seeds: [1, 2] }, { table, out });
  assert.equal(json.runs, 4);
  await assert.rejects(experiment({ ...spec, config: { ...TINY, window: 30 } }, { table, out }), (e) => isWorkbookError(e, "BadRun") && /climatology\/fold-1\/seed-1 was another table, configuration or fold/.test(e.message));
});

test("a run that fails is named, its model stays out of the tables, and the other models go on", async () => {
  const dir = scratch("experiment");
  const table = await tableFile(dir);
  const out = path.join(dir, "out");
  const spec = modelSpec(["climatology", "ridge"], { protocol: "folds:2", seeds: [1], config: TINY });
  fs.mkdirSync(path.join(out, "runs", "ridge", "fold-2"), { recursive: true });
  fs.writeFileSync(path.join(out, "runs", "ridge", "fold-2", "seed-1"), "a file where a run should be");
  const { json, text, failed } = await experiment(spec, { table, out });
  assert.equal(failed, true);
  assert.deepEqual([json.failed.map((f) => f.id), json.incomplete], [["ridge/fold-2/seed-1"], [{ arm: "ridge", seed: 1, folds: ["fold-2"] }]]);
  assert.deepEqual([...new Set(json.rows.map((r) => r["model"]))], ["climatology"]);
  assert.match(text, /in no table: ridge seed 1, for it lacks fold-2/);
});

test("a fold without a day to score is named, and the others are scored", async () => {
  const dir = scratch("experiment");
  const spec = modelSpec(["climatology"], { protocol: "folds:2", seeds: [1], config: TINY });
  const held = new Set(planExperiment(towerTable(SITES, 200), spec).protocol.folds[1]!.test);
  const table = await tableFile(dir, (t) => {
    const qc = numbers(t, "nee_qc").slice();
    for (const rows of siteRows(t)) if (held.has(rows.site.site)) qc.fill(0.5, rows.from, rows.to);
    return { ...t, rows: t.rows.assign({ nee_qc: qc }) };
  });
  const { json } = await experiment(spec, { table, out: path.join(dir, "out") });
  assert.ok(json.notes.some((n) => /^fold-2: no day with an observed flux of QC 1/.test(n)));
  assert.deepEqual(json.rows.map((r) => r["n_sites"]), [3, 3, 3]);
});

test("known sites in new years are scored on their last fifth alone, under their own title", async () => {
  const dir = scratch("experiment");
  const table = await tableFile(dir, undefined, 500);
  const out = path.join(dir, "out");
  const { json } = await experiment(modelSpec(["climatology"], { protocol: "temporal", seeds: [1], config: TINY }), { table, out });
  const nee = json.rows.filter((r) => r["flux"] === "nee");
  assert.deepEqual(nee.map((r) => [r["n_sites"], r["n_days"], r["n_lost"]]), [[6, 600, 0]]);
  assert.match(read(out, "comparison", "table.md"), /^# known sites, new years \(last fifth of each record, 45-day embargo\); seeds 1\n/);
});

test("ablations hold each level against the default on the days of both, and another partition on its own targets", async () => {
  const dir = scratch("experiment");
  const table = await tableFile(dir, (t) => ({ ...t, rows: t.rows.assign({ gpp_dt: numbers(t, "gpp").map((v) => v + 20), reco_dt: numbers(t, "reco").map((v, i) => (i % 4 === 0 ? NaN : v + 20)) }) }));
  const out = path.join(dir, "out");
  const ablations = { ...readAblations(), base: TINY, protocol: "folds:2", folds: [1], seeds: [1] };
  const shifted = path.join(dir, "other.parquet");
  const plus = (t: DailyTable, name: string): Float32Array => numbers(t, name).map((v, i) => (i % 3 === 0 ? NaN : v + 20));
  const other = towerTable(SITES.slice(0, 5), 200);
  await writeTable({ ...other, rows: other.rows.assign({ gpp: plus(other, "gpp"), reco: plus(other, "reco") }) }, shifted);
  const { json, text } = await ablate({ table, out, ablations, factors: ["output_modulation", "partition", "satellite"], otherTargets: shifted });
  assert.deepEqual([...new Set(json.rows.map((r) => r["arm"]))], ["output_modulation false", "partition day", "targets other.parquet"]);
  assert.match(json.left[0]!.reason, /satellite/);
  const gpp = (arm: string): (typeof json.rows)[number] => json.rows.find((r) => r["arm"] === arm && r["flux"] === "gpp")!;
  assert.ok(Number(gpp("partition day")["rmse"]) < 12, "against day-time GPP, which is 20 higher, a model of night-time GPP would be 20 off");
  assert.ok(Number(gpp("targets other.parquet")["rmse"]) < 12 && Number(gpp("targets other.parquet")["rmse_against"]) < 12);
  assert.ok(Number(gpp("output_modulation false")["rmse_against"]) > 0);
  assert.match(text, /One factor at a time from the default \(.*output_modulation true.*partition night/);
  assert.match(read(out, "ablations.csv"), /^arm,against,flux/);
  await assert.rejects(ablate({ table, out: path.join(dir, "published"), ablations, protocol: "published-koppen", factors: ["balance"], otherTargets: shifted }), (e) => isWorkbookError(e, "BadSplit") && /under published-koppen, .* found 1 in one table alone \(S5\)/.test(e.message));
  const short = path.join(dir, "short");
  await assert.rejects(ablate({ table, out: short, ablations, factors: ["balance"], hours: 1e-4 }), (e) => isWorkbookError(e, "BadArgument") && /at most 0.0001 h are allowed, the estimate is .* for 4 runs/.test(e.message));
  assert.deepEqual(fs.readdirSync(short), ["probe"], "a refused experiment leaves its folder free for a smaller one");
});

test("an experiment on the day-time partition is scored against it, in its table and in the choice of a search", async () => {
  const dir = scratch("experiment");
  const table = await tableFile(dir, (t) => ({ ...t, rows: t.rows.assign({ gpp_dt: numbers(t, "gpp").map((v) => v + 20), reco_dt: numbers(t, "reco").map((v) => v + 20) }) }));
  const spec = modelSpec(["climatology"], { protocol: "folds:2", seeds: [1], config: { ...TINY, partition: "day" } });
  const { json } = await experiment(spec, { table, out: path.join(dir, "out"), workers: 1 });
  assert.ok(json.rows.filter((r) => r["flux"] !== "nee").every((r) => Number(r["rmse_mean"]) < 12), "against night-time fluxes it would be 20 off");
  const choices = await chooseByInnerFolds(modelSpec(["lstm"], { protocol: "folds:3", seeds: [1], folds: [1], config: { ...TINY, partition: "day" } }), { table, out: path.join(dir, "search"), grid: { hidden: [2] }, inner: 2, workers: 1 });
  assert.ok(Number(choices[0]!.ranking[0]!.rmse["gpp"]) < 12);
});

test("a search under the benchmark's protocol trains as the benchmark does, inside its training side", async () => {
  const dir = scratch("experiment");
  const table = path.join(dir, "T.parquet");
  await writeTable(benchmarkLike().table, table);
  const out = path.join(dir, "out");
  const spec = modelSpec(["lstm"], { protocol: "published-koppen", seeds: [1], config: { ...TINY, protocol: "carbonfluxbench" } });
  const choices = await chooseByInnerFolds(spec, { table, out, grid: { hidden: [2, 4] }, inner: 2, workers: 1 });
  assert.deepEqual([choices[0]!.fold, choices[0]!.ranking.length], ["published-koppen", 2]);
  const held = planExperiment(await readTable(table), spec).runs[0]!.test!;
  const inner = path.join(out, "search", "runs", "lstm-hidden-2", "published-koppen-inner-1", "seed-1");
  const { config } = readJson<{ config: RunConfig }>(path.join(inner, "config.json"));
  assert.deepEqual([config.window, config.features, config.position, config.hidden], [30, "minimal", true, 2]);
  assert.ok(!readSplit(inner).learned.some((l) => held.includes(l.site)));
});

test("a search chooses by inner folds of the training sites: whatever the test sites hold, scores and choice are the same to the bit", async () => {
  const dir = scratch("experiment");
  const spec = modelSpec(["lstm"], { protocol: "folds:3", seeds: [1], folds: [1], config: TINY });
  const grid = { hidden: [2, 4] };
  const table = await tableFile(dir);
  const held = new Set(planExperiment(await readTable(table), spec).protocol.folds[0]!.test);
  assert.equal(held.size, 2);
  const { text } = await searchExperiment(spec, { table, out: path.join(dir, "out"), grid, inner: 2, workers: 1 });
  assert.match(text, /lstm in fold-1: lstm hidden=\d \(score/);
  const poisonedDir = scratch("experiment");
  const poisoned = await tableFile(poisonedDir, (t) => {
    const spoilt = (name: string, add: number): Float32Array => {
      const values = numbers(t, name).slice();
      for (const rows of siteRows(t)) if (held.has(rows.site.site)) for (let i = rows.from; i < rows.to; i++) values[i] = (i % 7) + add;
      return values;
    };
    return { ...t, rows: t.rows.assign({ gpp: spoilt("gpp", 30), nee: spoilt("nee", -40), ta_degC: spoilt("ta_degC", 25) }) };
  });
  const choices = readJson<Choice[]>(path.join(dir, "out", "search.json"));
  assert.deepEqual(await chooseByInnerFolds(spec, { table: poisoned, out: path.join(poisonedDir, "out"), grid, inner: 2, workers: 1 }), choices);
  assert.equal(choices[0]!.ranking.length, 2);
  const final = readJson<{ config: { hidden: number } }>(path.join(runFolder(path.join(dir, "out"), "lstm/fold-1/seed-1"), "config.json"));
  assert.deepEqual({ hidden: final.config.hidden }, choices[0]!.chosen);
});
