import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { tf } from "../../src/backend/tf";
import { isWorkbookError } from "../../src/core/errors";
import { dailyTable, numbers, texts, type DailyTable } from "../../src/data/daily-table";
import { embedSites } from "../../src/evaluate/embed";
import { evaluateRuns } from "../../src/evaluate/evaluate-runs";
import { predictRun } from "../../src/evaluate/predict";
import { seenSites } from "../../src/evaluate/seen-sites";
import { readPredictions, writePredictions } from "../../src/evaluate/write-predictions";
import { readSplit } from "../../src/run/run-directory";
import { train } from "../../src/run/train";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const SITES = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 400);
const dir = scratch("runs");
const at = (name: string): string => path.join(dir, name);
const CONFIG = { split: { train: ["S0", "S1", "S2", "S3", "S4", "S5"], test: ["S6", "S7"] }, epochs: 2, hidden: 8, latent: 4, batch: 32, validate_every: 1 };

/** The table without fluxes, and with its rows in another order of sites. */
function driversOnly(table: DailyTable): DailyTable {
  const names = ["ta_degC", "sw_in_W_m2", "vpd_hPa", "p_mm_d", "pa_kPa", "ws_m_s"];
  return dailyTable({ site: texts(table, "site") as string[], day: (table.rows.column("day") as unknown as Int32Array).slice(), numbers: Object.fromEntries(names.map((n) => [n, numbers(table, n).slice()])) }, table.sites);
}

before(async () => {
  for (const model of ["climatology", "lstm", "tamrl"]) await train({ table: TABLE, out: at(model), config: { ...CONFIG, model } });
  await train({ table: TABLE, out: at("hard"), config: { ...CONFIG, model: "tamrl", balance: "hard", epochs: 1 } });
});

test("prediction looks at no flux: with and without the flux columns it is the same", async () => {
  const [a, b] = [await predictRun(at("tamrl"), TABLE), await predictRun(at("tamrl"), driversOnly(TABLE))];
  assert.deepEqual(a.predictions.nee, b.predictions.nee);
});

test("a site's prediction does not depend on which other sites are predicted with it", async () => {
  const all = await predictRun(at("tamrl"), TABLE);
  const one = await predictRun(at("tamrl"), TABLE, { sites: ["S6"] });
  const own = all.predictions.nee.filter((_, i) => all.predictions.site[i] === "S6");
  assert.deepEqual(one.predictions.nee, own);
});

test("days without a whole window are NaN and counted by site; GPP and RECO are clipped, NEE is not", async () => {
  const { predictions, missing } = await predictRun(at("tamrl"), TABLE);
  assert.deepEqual(missing.map((m) => [m.days, m.reason]), SITES.map(() => [44, "the record has no history of a whole window yet"]));
  predictions.gpp.forEach((v, i) => {
    assert.equal(Number.isNaN(v), i % 400 < 44);
    if (Number.isNaN(v)) return;
    assert.ok(v >= 0 && predictions.reco[i]! >= 0);
    assert.equal(v, Math.max(0, predictions.raw.gpp[i]!));
  });
});

test("hard balance closes exactly, before clipping and after", async () => {
  const { predictions: p } = await predictRun(at("hard"), TABLE, { sites: ["S6", "S7"] });
  p.nee.forEach((nee, i) => Number.isNaN(nee) || assert.ok(Math.abs(nee - (p.reco[i]! - p.gpp[i]!)) < 1e-4, `${nee} ${p.reco[i]} ${p.gpp[i]}`));
});

test("all runs are scored on the same site-days, and by default on the sites that none of them saw", async () => {
  const { metrics } = await evaluateRuns([at("climatology"), at("lstm"), at("tamrl")], { table: TABLE });
  for (const m of metrics) assert.deepEqual(m.sites.map((s) => [s.site, s.n]), metrics[0]!.sites.map((s) => [s.site, s.n]));
  assert.deepEqual([...new Set(metrics[0]!.sites.map((s) => s.site))], ["S6", "S7"]);
  assert.equal(metrics[0]!.sites[0]!.n, 356, "the climatology needs no window but is scored on the days that all predict");
});

test("a table of other sites is scored as it is, and one of known sites only is refused", async () => {
  const other = towerTable([aSite("X1"), aSite("X2")], 200);
  const { metrics } = await evaluateRuns([at("lstm")], { table: other });
  assert.deepEqual([...new Set(metrics[0]!.sites.map((s) => s.site))], ["X1", "X2"]);
  const known = towerTable(SITES.slice(0, 3), 200);
  await assert.rejects(evaluateRuns([at("lstm")], { table: known }), (e) => isWorkbookError(e, "BadSite") && /--sites/.test(e.message));
  await assert.rejects(evaluateRuns([at("lstm")], { table: TABLE, sites: ["S9"] }), (e) => isWorkbookError(e, "BadSite") && /nearest/.test(e.message));
});

test("a neighbour of a training tower counts as seen, in whatever table it stands", async () => {
  const near = towerTable([aSite("X1", { lat: 41.05 }), aSite("X2", { lat: 60 })], 200);
  const byDefault = await evaluateRuns([at("lstm")], { table: near });
  assert.deepEqual([...new Set(byDefault.metrics[0]!.sites.map((s) => s.site))], ["X2"]);
  const named = await evaluateRuns([at("lstm")], { table: near, sites: ["X1", "X2"] });
  assert.deepEqual(named.metrics[0]!.sites.filter((s) => s.seen).map((s) => s.site), ["X1", "X1", "X1"]);
  assert.equal(named.metrics[0]!.summary.gpp.n_sites, 1);
});

test("of a published split, which breaks clusters, the sites learned from count as seen and their neighbours do not", () => {
  const near = [aSite("L1", { lat: 50 }), aSite("L2", { lat: 50.01 }), aSite("FAR", { lat: 10 })];
  const table = towerTable(near, 1);
  const split = { train: ["L1"], validation: [], test: ["L2", "FAR"], learned: near.slice(0, 1), removed: [], notes: [] };
  assert.deepEqual([...seenSites({ ...split, wholeClusters: true }, table)].sort(), ["L1", "L2"]);
  assert.deepEqual([...seenSites({ ...split, wholeClusters: false }, table)], ["L1"]);
});

test("an empty site list and a table without a day to score are refused", async () => {
  await assert.rejects(evaluateRuns([at("lstm")], { table: TABLE, sites: [] }), (e) => isWorkbookError(e, "BadArgument"));
  await assert.rejects(evaluateRuns([at("lstm")], { table: towerTable([aSite("X1", { lat: 60 })], 40) }), (e) => isWorkbookError(e, "EmptyTable") && /X1/.test(e.message));
});

test("a run is scored against the partition it was trained on, and two partitions are not scored together", async () => {
  const doubled = { ...TABLE, rows: TABLE.rows.assign({ gpp_dt: numbers(TABLE, "gpp").map((v) => v + 30), reco_dt: numbers(TABLE, "reco").map((v) => v + 30) }) };
  const { lists, model } = { lists: readSplit(at("lstm")), model: "climatology" };
  await train({ table: doubled, out: at("day"), config: { model, partition: "day", split: { train: [...lists.train, ...lists.validation], test: lists.test } } });
  const { metrics } = await evaluateRuns([at("day")], { table: doubled });
  assert.ok(metrics[0]!.summary.gpp.rmse.mean! < 10);
  await assert.rejects(evaluateRuns([at("lstm"), at("day")], { table: doubled }), (e) => isWorkbookError(e, "BadArgument") && /runs of one partition/.test(e.message));
});

test("a run of its own folder keeps its metrics and predictions, which read back as they were", async () => {
  const { predicted } = await evaluateRuns([at("lstm")], { table: TABLE, keep: true });
  const back = await readPredictions(path.join(at("lstm"), "predictions.parquet"));
  // as plain arrays: typed arrays are compared by their bytes, and NaN has many
  const plain = (p: typeof back): unknown => [p.site, ...[p.day, p.gpp, p.reco, p.nee, p.raw.gpp, p.raw.reco].map((v) => [...v])];
  assert.deepEqual(plain(back), plain(predicted[0]!.predictions));
  assert.ok(fs.existsSync(path.join(at("lstm"), "metrics.json")));
  fs.writeFileSync(at("rubbish.parquet"), "no parquet");
  await assert.rejects(readPredictions(at("rubbish.parquet")), (e) => isWorkbookError(e, "BadFile"));
  await writePredictions({ ...predicted[0]!.predictions, site: [], day: new Int32Array(0) }, at("empty.parquet"));
});

test("z is one row a site, does not depend on the other sites, and comes from the support set's site", async () => {
  const { z, latent, sites } = await embedSites(at("tamrl"), TABLE);
  assert.deepEqual(sites, SITES.map((s) => s.site));
  assert.ok(z.every((v) => Number.isFinite(v)) && latent === 4);
  const own = await embedSites(at("tamrl"), TABLE, { sites: ["S6"] });
  assert.deepEqual(own.z, z.subarray(6 * 4, 7 * 4));
  const borrowed = await embedSites(at("tamrl"), TABLE, { sites: ["S6"], supportOf: new Map([["S6", "S1"]]) });
  assert.notDeepEqual(borrowed.z, own.z);
  await assert.rejects(embedSites(at("lstm"), TABLE), (e) => isWorkbookError(e, "BadRun") && /tamrl is required/.test(e.message));
});

test("prediction leaves no tensors behind", async () => {
  await predictRun(at("tamrl"), TABLE, { sites: ["S6"] });
  const before = tf.memory().numTensors;
  await predictRun(at("tamrl"), TABLE, { sites: ["S6", "S7"] });
  await embedSites(at("tamrl"), TABLE, { sites: ["S6"] });
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(readSplit(at("tamrl")).test, ["S6", "S7"]);
});
