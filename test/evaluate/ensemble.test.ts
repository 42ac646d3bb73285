import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { FLUXES } from "../../src/core/quantities";
import { writeTable } from "../../src/data/store";
import { calibrateEnsemble, resumeEnsemble, trainEnsemble, type EnsembleResult } from "../../src/evaluate/ensemble";
import { calibrateOn, readCalibration } from "../../src/evaluate/ensemble-calibration";
import { combineMembers, withIntervals } from "../../src/evaluate/ensemble-predict";
import { evaluateRuns } from "../../src/evaluate/evaluate-runs";
import { predictRun } from "../../src/evaluate/predict";
import type { Predictions } from "../../src/evaluate/predictions";
import { readPredictions, writePredictions } from "../../src/evaluate/write-predictions";
import { memberDirs } from "../../src/run/ensemble";
import { readHeader, readSplit, runPaths, writeHeader } from "../../src/run/run-directory";
import { train } from "../../src/run/train";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";
import { planned, predicted } from "./network";

const f32 = (...values: number[]): Float32Array => Float32Array.from(values);
const member = (gpp: number[], reco: number[], nee: number[], site = "A"): Predictions => ({ site: gpp.map(() => site), day: Int32Array.from(gpp, (_, i) => i), gpp: f32(...gpp).map((v) => Math.max(0, v)), reco: f32(...reco), nee: f32(...nee), raw: { gpp: f32(...gpp), reco: f32(...reco) } });

test("the mean is of the values before clipping, the spread has divisor n − 1, and a missing day stays missing", () => {
  const p = combineMembers([member([-3, 1, NaN], [1, 2, 3], [4, 1, 0]), member([1, 3, 1], [1, 4, 3], [0, 1, 0])], "seed spread");
  assert.deepEqual([[...p.raw.gpp], [...p.gpp], [...p.nee]], [[-1, 2, NaN], [0, 2, NaN], [2, 1, 0]]);
  assert.deepEqual([...p.spread!.gpp].map((v) => v.toFixed(4)), ["2.8284", "1.4142", "NaN"]);
  assert.equal(p.spread!.kind, "seed spread");
  assert.ok(p.nee.every((n, i) => i === 2 || Math.abs(n - (p.raw.reco[i]! - p.raw.gpp[i]!)) < 1e-6 || i === 1), "members that close leave a mean that closes before clipping");
  assert.throws(() => combineMembers([member([1], [1], [0])], "seed spread"), (e) => isWorkbookError(e, "BadArgument"));
  assert.throws(() => combineMembers([member([1], [1], [0]), member([1], [1], [0], "B")], "seed spread"), (e) => isWorkbookError(e, "BadArgument") && /member 2/.test(e.message));
});

test("calibration pools its parts by cluster, leaves out days that testing would not score, and has no flux without days", () => {
  const table = planned(Array.from({ length: 12 }, (_, i) => ({ id: `S${i}`, days: 60, qc: (d: number) => (d < 20 ? 0.5 : 1) })));
  const part = (site: string): Predictions => combineMembers([0, 1, 2].map((seed) => predicted(table, { sd: 1, seed, keep: (s) => s === site })), "tower-bootstrap spread");
  const c = calibrateOn(table, table.sites.map((s) => ({ predictions: part(s.site), members: 3 })), "tower-bootstrap spread", 5);
  assert.deepEqual([c.fluxes.nee!.n_clusters, c.fluxes.nee!.n_days, c.sites.length, c.sites[0]], [12, 480, 12, { site: "S0", members: 3 }]);
  const p = withIntervals(part("S3"), c, table.sites);
  const [narrow, wide] = p.intervals!;
  assert.deepEqual([narrow!.level, wide!.level], [0.8, 0.9]);
  for (const flux of FLUXES) narrow![flux].low.forEach((low, i) => assert.ok(wide![flux].low[i]! < low && low < p[flux][i]! && p[flux][i]! < narrow![flux].high[i]!));
  const only = { ...table, rows: table.rows.select("site", "day", "target_variant", "source", "day_convention", "nee", "nee_qc") } as typeof table;
  assert.equal(calibrateOn(only, [{ predictions: part("S0"), members: 3 }], "seed spread", 3).fluxes.gpp, null);
});

const SITES = Array.from({ length: 14 }, (_, i) => aSite(`S${String(i).padStart(2, "0")}`, { lat: 30 + 2 * i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 150);
const dir = scratch("ensemble");
const at = (name: string): string => path.join(dir, name);
const CONFIG = { model: "lstm", split: { train: SITES.slice(0, 12).map((s) => s.site), test: ["S12", "S13"] }, epochs: 1, hidden: 4, latent: 4, batch: 64, validate_every: 1 };
let towers: EnsembleResult;

before(async () => {
  towers = await trainEnsemble({ table: TABLE, out: at("towers"), config: { ...CONFIG, ensemble: 4, resample: "towers", seed: 3 } });
});

test("members are plain runs of their own seed on one split; with towers resampled each learns from its own draw", () => {
  const { config } = readHeader(at("towers"));
  const dirs = memberDirs(at("towers"), config);
  assert.deepEqual(dirs.map((d) => path.basename(d)), ["seed-3", "seed-4", "seed-5", "seed-6"]);
  const splits = dirs.map(readSplit);
  for (const [k, d] of dirs.entries()) {
    const own = readHeader(d).config;
    assert.deepEqual([own.ensemble, own.seed, own.split_seed, own.resample], [1, 3 + k, 3, "towers"]);
    assert.deepEqual(splits[k]!.validation, splits[0]!.validation, "one validation side for all");
    assert.deepEqual(splits[k]!.train, Object.keys(splits[k]!.draws!));
    assert.ok(splits[k]!.learned.every((s) => !["S12", "S13"].includes(s.site)));
  }
  assert.equal(new Set(splits.map((s) => JSON.stringify(s.draws))).size, 4);
  const whole = readSplit(at("towers"));
  assert.deepEqual([...whole.train, ...whole.validation].sort(), CONFIG.split.train, "the ensemble as a whole has seen every training site");
});

test("calibration uses each site with the members that have not learned from it, and no test site", () => {
  const c = readCalibration(at("towers"))!;
  const splits = memberDirs(at("towers"), readHeader(at("towers")).config).map(readSplit);
  for (const { site, members } of c.sites) assert.equal(members, splits.filter((s) => !s.train.includes(site)).length, site);
  assert.ok(c.sites.every((s) => s.members >= 2 && !["S12", "S13"].includes(s.site)));
  assert.ok(splits[0]!.validation.every((v) => c.sites.some((s) => s.site === v && s.members === 4)));
  assert.equal(c.spread, "tower-bootstrap spread");
  assert.equal(towers.calibration!.fluxes.nee!.n_clusters, c.sites.length);
  assert.ok(c.fluxes.gpp!.factor["0.8"] !== null);
});

test("predicting with an ensemble gives the members' mean, spread and intervals, which Parquet keeps", async () => {
  const { predictions: p, missing } = await predictRun(at("towers"), TABLE, { sites: ["S12"] });
  const own = await Promise.all(memberDirs(at("towers"), readHeader(at("towers")).config).map(async (d) => (await predictRun(d, TABLE, { sites: ["S12"] })).predictions));
  const i = 100;
  assert.ok(Math.abs(p.nee[i]! - own.reduce((sum, m) => sum + m.nee[i]!, 0) / 4) < 1e-5);
  assert.ok(p.spread!.nee[i]! > 0 && p.intervals!.length === 2 && Number.isNaN(p.spread!.nee[0]!));
  assert.deepEqual(missing.map((m) => m.days), [44]);
  await writePredictions(p, at("P.parquet"));
  const back = await readPredictions(at("P.parquet"));
  const plain = (q: Predictions): unknown => JSON.stringify([q, q.spread?.kind], (_, v) => (v instanceof Float32Array || v instanceof Int32Array ? [...v] : v));
  assert.equal(plain(back), plain(p));
  await writePredictions(own[0]!, at("one.parquet"));
  const single = await readPredictions(at("one.parquet"));
  assert.ok(single.spread === undefined && single.intervals === undefined);
});

test("an ensemble is evaluated like a run: unseen sites by default, with coverage beside the scores", async () => {
  const out = at("out");
  const { metrics, comparison } = await evaluateRuns([at("towers")], { table: TABLE, out });
  assert.deepEqual([...new Set(metrics[0]!.sites.map((s) => s.site))], ["S12", "S13"]);
  assert.ok(comparison!.coverage.length > 0 && fs.existsSync(path.join(out, "coverage.csv")));
  assert.ok(comparison!.coverage.every((r) => r["n_sites"] === 2));
});

test("an ensemble that was interrupted goes on to the same members; finished ones are not trained again", async () => {
  const dirs = memberDirs(at("towers"), readHeader(at("towers")).config);
  const weights = (d: string): Buffer => fs.readFileSync(path.join(d, "weights", "model.safetensors"));
  const before = [weights(dirs[0]!), weights(dirs[3]!)];
  const kept = fs.statSync(path.join(dirs[0]!, "weights", "model.safetensors")).mtimeMs;
  fs.rmSync(dirs[3]!, { recursive: true });
  writeHeader(at("towers"), { ...readHeader(at("towers")), status: "started" });
  await assert.rejects(predictRun(at("towers"), TABLE), (e) => isWorkbookError(e, "BadRun") && /interrupted/.test(e.message));
  await resumeEnsemble({ dir: at("towers"), table: TABLE });
  assert.ok(weights(dirs[0]!).equals(before[0]!) && weights(dirs[3]!).equals(before[1]!));
  assert.equal(fs.statSync(path.join(dirs[0]!, "weights", "model.safetensors")).mtimeMs, kept);
  await assert.rejects(resumeEnsemble({ dir: at("towers"), table: towerTable(SITES, 160) }), (e) => isWorkbookError(e, "BadRun"));
});

test("members of a table on disk are trained in worker processes; seeds leave only the validation sites to calibrate on", async () => {
  const file = at("T.parquet");
  await writeTable(TABLE, file);
  const result = await trainEnsemble({ table: file, out: at("seeds"), config: { ...CONFIG, model: "climatology", ensemble: 2 } });
  const { validation } = readSplit(at("seeds"));
  assert.deepEqual(readCalibration(at("seeds"))!.sites.map((s) => s.site), [...validation].sort());
  assert.equal(readCalibration(at("seeds"))!.spread, "seed spread");
  assert.ok(result.warnings.some((w) => /90 % need 9 calibration clusters/.test(w)), result.warnings.join());
  assert.ok(fs.existsSync(path.join(at("seeds"), "members", "seed-1.done.json")));
  const again = await resumeEnsemble({ dir: at("seeds"), workers: 0 });
  assert.deepEqual(again.calibration, result.calibration, "in this process it goes on with what the workers made");
});

test("without a site to calibrate on there is no interval, and that is said", async () => {
  const result = await trainEnsemble({ table: TABLE, out: at("time"), config: { ...CONFIG, model: "climatology", ensemble: 2, validation: "time" } });
  assert.equal(result.calibration, null);
  assert.ok(result.warnings.some((w) => /no interval/.test(w)));
  const { predictions } = await predictRun(at("time"), TABLE, { sites: ["S12"] });
  assert.ok(predictions.spread !== undefined && predictions.intervals === undefined);
  assert.equal(await calibrateEnsemble(at("time"), TABLE), null);
});

test("a single run and an ensemble are not taken for one another", async () => {
  await assert.rejects(train({ table: TABLE, out: at("x"), config: { ...CONFIG, ensemble: 3 } }), (e) => isWorkbookError(e, "BadConfig") && /trainEnsemble/.test(e.message));
  await assert.rejects(trainEnsemble({ table: TABLE, out: at("x"), config: CONFIG }), (e) => isWorkbookError(e, "BadConfig") && /at least 2/.test(e.message));
  await assert.rejects(trainEnsemble({ table: TABLE, out: at("towers"), config: { ...CONFIG, ensemble: 2 } }), (e) => isWorkbookError(e, "BadRun") && /new run directory/.test(e.message));
  assert.ok(!fs.existsSync(runPaths(at("x")).header));
});
