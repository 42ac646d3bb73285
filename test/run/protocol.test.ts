import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { KOPPEN, IGBP } from "../../src/core/quantities";
import { random } from "../../src/core/random";
import type { Site } from "../../src/core/sites";
import { clusterOf, clusterSites } from "../../src/data/splits/clusters";
import { ablationArms, readAblations } from "../../src/run/ablation";
import { DEFAULT_CONFIG, resolveConfig, type SplitLists } from "../../src/run/config";
import { estimateSeconds, runCost } from "../../src/run/experiment-cost";
import { planExperiment } from "../../src/run/experiment-plan";
import { innerFolds, planProtocol } from "../../src/run/protocol";
import { gridArms, PUBLISHED_GRID } from "../../src/run/search";
import { aSite, towerTable } from "../helpers/tables";

/** Sites of several classes, some of them neighbours. */
function someSites(n: number, seed: number): Site[] {
  const r = random(seed);
  return Array.from({ length: n }, (_, i) => aSite(`S${String(i).padStart(2, "0")}`, {
    lat: 20 + Math.floor(i / 2) * 1.5 + (i % 2) * (r.uniform() < 0.3 ? 0.05 : 0.7), igbp: IGBP[r.int(5)]!, koppen: r.uniform() < 0.1 ? null : KOPPEN[r.int(4)]!,
  }));
}

test("of k folds every site is tested once, no cluster is parted, and the draw hangs on its own seed alone", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const sites = someSites(30, seed);
    const clusters = clusterSites(sites);
    const of = clusterOf(clusters);
    const { folds } = planProtocol(sites, clusters, "folds:5", seed);
    assert.deepEqual(folds.flatMap((f) => f.test!).sort(), sites.map((s) => s.site).sort());
    for (const { split, test: held } of folds) {
      assert.ok(typeof split === "object");
      const learned = new Set(split.train.map((s) => of.get(s)));
      assert.ok(held!.every((s) => !learned.has(of.get(s))));
    }
    assert.deepEqual(folds, planProtocol([...sites].reverse(), clusters, "folds:5", seed).folds);
  }
});

test("leaving a climate out leaves all of it out: its sites are the test, nothing of it or beside it trains, unknown climates stay unused", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const sites = someSites(24, seed);
    const clusters = clusterSites(sites);
    const of = clusterOf(clusters);
    const { folds, kind } = planProtocol(sites, clusters, "leave-climate", 1);
    assert.equal(kind, "zero-shot");
    for (const fold of folds) {
      const climate = fold.name.replace("without-", "");
      assert.deepEqual(fold.test, sites.filter((s) => s.koppen === climate).map((s) => s.site));
      const train = (fold.split as SplitLists).train;
      const near = new Set(fold.test!.map((s) => of.get(s)));
      for (const id of train) {
        const site = sites.find((s) => s.site === id)!;
        assert.ok(site.koppen !== null && site.koppen !== climate && !near.has(of.get(id)));
      }
      assert.ok(fold.notes.some((n) => n.includes(`Köppen ${climate}`)), "the class never learned is named");
    }
  }
});

test("known sites and zero-shot are told apart, in kind and in title", () => {
  const sites = someSites(20, 1);
  const temporal = planProtocol(sites, clusterSites(sites), "temporal", 1);
  assert.deepEqual([temporal.kind, temporal.folds[0]!.split, temporal.folds[0]!.test], ["known-sites", "temporal", null]);
  assert.match(temporal.title, /^known sites, new years/);
  for (const name of ["koppen", "igbp", "folds:3", "leave-climate", "published-koppen"]) {
    const protocol = planProtocol(sites.map((s) => ({ ...s, koppen: s.koppen ?? "C" })), clusterSites(sites), name, 1);
    assert.equal(protocol.kind, "zero-shot");
    assert.match(protocol.title, /zero-shot/);
  }
});

test("an unknown protocol and one that the sites do not allow are clear errors", () => {
  const sites = someSites(20, 1);
  const plan = (name: string, of: readonly Site[] = sites): unknown => planProtocol(of, clusterSites(of), name, 1);
  assert.throws(() => plan("kopen"), (e) => isWorkbookError(e, "BadSplit") && /nearest koppen/.test(e.message));
  assert.throws(() => plan("folds:0"), (e) => isWorkbookError(e, "BadSplit"));
  assert.throws(() => plan("folds:99"), (e) => isWorkbookError(e, "BadSplit") && /number of clusters/.test(e.message));
  assert.throws(() => plan("leave-climate", sites.filter((s) => s.koppen === "C")), (e) => isWorkbookError(e, "BadSplit") && /at least 2 Köppen/.test(e.message));
});

test("inner folds of a search hold the training sites of their fold, each once, and none of its test sites", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const sites = someSites(30, seed);
    const clusters = clusterSites(sites);
    for (const outer of planProtocol(sites, clusters, "folds:3", seed).folds) {
      const inner = innerFolds(sites, clusters, outer, 3, seed);
      assert.deepEqual(inner.flatMap((f) => f.test!).sort(), [...(outer.split as SplitLists).train].sort());
      for (const fold of inner) {
        const all = [...(fold.split as SplitLists).train, ...(fold.split as SplitLists).test];
        assert.ok(all.every((s) => !outer.test!.includes(s)));
      }
    }
  }
  const sites = someSites(10, 1);
  const temporal = planProtocol(sites, clusterSites(sites), "temporal", 1).folds[0]!;
  assert.throws(() => innerFolds(sites, clusterSites(sites), temporal, 3, 1), (e) => isWorkbookError(e, "BadSplit") && /holds sites out/.test(e.message));
});

const SITES = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 200);

test("a plan has a run for each arm, fold and seed; seeds differ in nothing but their seed", () => {
  const arms = [{ name: "lstm", config: { model: "lstm" } }, { name: "tamrl", config: {} }];
  const plan = planExperiment(TABLE, { protocol: "folds:2", arms, seeds: [1, 2, 3], config: { epochs: 2 } });
  assert.equal(plan.runs.length, 12);
  assert.equal(new Set(plan.runs.map((r) => r.id)).size, 12);
  const [one, two] = plan.runs.filter((r) => r.arm === "tamrl" && r.fold === "fold-1");
  assert.deepEqual({ ...one!.config, seed: 0 }, { ...two!.config, seed: 0 });
  assert.ok(plan.runs.every((r) => r.config.epochs === 2 && resolveConfig(r.config) !== null));
  const part = planExperiment(TABLE, { protocol: "folds:4", arms, seeds: [1], folds: [2, 4] });
  assert.deepEqual([...new Set(part.runs.map((r) => r.fold))], ["fold-2", "fold-4"]);
  assert.match(part.protocol.title, /folds 2, 4 of 4/);
  assert.throws(() => planExperiment(TABLE, { protocol: "folds:4", arms, seeds: [1], folds: [5] }), (e) => isWorkbookError(e, "BadArgument") && /1 to 4/.test(e.message));
});

test("an arm that can use fewer sites keeps the same folds without them, and an arm that cannot be planned leaves the others be", () => {
  const long = towerTable([...SITES.slice(0, 6)], 400);
  const short = towerTable(SITES, 400).rows.filter((d: { site: string; day: number }) => d.day < 200 || (d.site !== "S1" && d.site !== "S4"));
  const table = { ...towerTable(SITES, 400), rows: short.reify() };
  assert.ok(long.sites.length < table.sites.length);
  const plan = planExperiment(table, { protocol: "folds:2", arms: [{ name: "default", config: {} }, { name: "window 365", config: { window: 365 } }, { name: "satellite false", config: { satellite: false } }], seeds: [1] });
  const lists = (arm: string): (readonly string[])[] => plan.runs.filter((r) => r.arm === arm).map((r) => (r.config.split as SplitLists).test);
  assert.deepEqual(lists("window 365"), lists("default").map((l) => l.filter((s) => s !== "S1" && s !== "S4")));
  assert.ok(plan.notes.some((n) => /window 365: S1 \(.*\), S4 \(.*\) can not be used/.test(n)));
  assert.deepEqual([plan.arms, plan.left.map((l) => l.arm)], [["default", "window 365"], ["satellite false"]]);
  assert.match(plan.left[0]!.reason, /no satellite channel/);
});

test("the committed ablations name known keys, vary one factor each and leave out the level that is the default", () => {
  const ablations = readAblations();
  const { arms, defaults } = ablationArms(TABLE, ablations, {});
  assert.equal(arms[0]!.name, "default");
  assert.ok(arms.slice(1).every((a) => Object.keys(a.config).length === 1));
  for (const arm of arms.slice(1)) for (const [key, value] of Object.entries(arm.config)) assert.notEqual(value, defaults[key], arm.name);
  assert.ok(!arms.some((a) => a.name === "class_weights capped") && arms.some((a) => a.name === "class_weights product"), "auto is settled by the table");
  for (const wanted of ["balance", "embedding", "modulation", "output_modulation", "stages", "class_weights", "position", "satellite", "static_inputs", "validation", "window", "support", "support_season", "partition"]) {
    assert.ok(ablations.factors.some((f) => f.factor === wanted), wanted);
  }
  assert.throws(() => ablationArms(TABLE, ablations, {}, ["balnce"]), (e) => isWorkbookError(e, "BadConfig") && /nearest balance/.test(e.message));
  assert.deepEqual(ablationArms(TABLE, ablations, { balance: "hard" }, ["balance"]).arms.map((a) => a.name), ["default", "balance off", "balance soft-z", "balance soft"]);
});

test("the published grid has 32 combinations that are all configurations, and one key sets both rates", () => {
  const arms = gridArms(PUBLISHED_GRID);
  assert.equal(new Set(arms.map((a) => a.name)).size, 32);
  for (const arm of arms) resolveConfig(arm.config);
  assert.deepEqual(gridArms({ lr: [0.01] })[0]!.config, { lr1: 0.01, lr2: 0.01 });
  assert.throws(() => gridArms({ hiden: [1] }), (e) => isWorkbookError(e, "BadConfig") && /nearest hidden/.test(e.message));
  assert.throws(() => gridArms({ hidden: [] }), (e) => isWorkbookError(e, "BadArgument"));
});

test("the cost of a run grows with what makes it longer, and the estimate with the runs", () => {
  const cost = (more: object): number => runCost(TABLE, { config: resolveConfig({ ...DEFAULT_CONFIG, split: "none", ...more }) }).whole;
  const base = cost({});
  for (const more of [{ epochs: 200 }, { hidden: 256 }, { window: 90 }, { support: 8 }, { layers: 2 }]) assert.ok(cost(more) > base, JSON.stringify(more));
  for (const more of [{ stages: 1 }, { model: "lstm" }, { embedding: "static" }, { stride: 30 }]) assert.ok(cost(more) < base, JSON.stringify(more));
  for (const model of ["climatology", "ridge", "xgboost"]) assert.ok(cost({ model }) > 0 && cost({ model }) < cost({ model: "lstm" }) / 10, model);
  const { runs } = planExperiment(TABLE, { protocol: "folds:2", arms: [{ name: "tamrl", config: {} }], seeds: [1, 2], config: { epochs: 10 } });
  const estimate = (workers: number, of = runs): number => estimateSeconds(TABLE, of, { run: runs[0]!, seconds: 3 }, workers);
  assert.ok(estimate(1) > 4 * 10 * 3 && estimate(1) < 4 * 20 * 3);
  assert.equal(estimate(2), estimate(1) / 2);
  assert.ok(estimate(1, runs.slice(0, 2)) < estimate(1));
});
