import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../src/core/random";
import { resolveConfig } from "../../src/run/config";
import { prepareDataset, settleConfig } from "../../src/run/dataset";
import { drawTowers, drawWeight } from "../../src/run/ensemble-draws";
import { aSite, towerTable } from "../helpers/tables";

const cluster = (...sites: string[]): { id: string; sites: string[]; withoutPosition: string[] } => ({ id: sites[0]!, sites, withoutPosition: [] });

test("whole clusters are drawn, as many as there are, and only sites that train", () => {
  const clusters = [cluster("A", "B"), cluster("C"), cluster("D", "X"), cluster("Y")];
  for (let seed = 0; seed < 50; seed++) {
    const draws = drawTowers(["A", "B", "C", "D"], clusters, random(seed, "towers"));
    assert.equal(draws["A"], draws["B"]);
    assert.ok(draws["X"] === undefined && draws["Y"] === undefined);
    assert.equal((draws["A"] ?? 0) + (draws["C"] ?? 0) + (draws["D"] ?? 0), 3);
    assert.deepEqual(draws, drawTowers(["A", "B", "C", "D"], clusters, random(seed, "towers")));
  }
});

test("about 37 % of many clusters are not drawn", () => {
  const sites = Array.from({ length: 400 }, (_, i) => `S${i}`);
  const drawn = Object.keys(drawTowers(sites, sites.map((s) => cluster(s)), random(1, "towers"))).length / 400;
  assert.ok(Math.abs(drawn - 0.632) < 0.05, String(drawn));
});

test("a tower drawn twice weighs twice, and weights have a mean of 1 over the drawn site-days", () => {
  const days = (site: string): number => (site === "A" ? 100 : 300);
  const weight = drawWeight({ A: 2, B: 1 }, days);
  assert.ok(Math.abs(weight("A") / weight("B") - 2) < 1e-12);
  assert.ok(Math.abs((100 * weight("A") + 300 * weight("B")) / 400 - 1) < 1e-12);
  assert.equal(weight("C"), 0);
});

test("training sees drawn towers only, weighted by their draws; every other seed choice leaves the split as it is", () => {
  const sites = Array.from({ length: 10 }, (_, i) => aSite(`S${i}`, { lat: 3 * i }));
  const table = towerTable(sites, 120);
  const prepare = (more: object): ReturnType<typeof prepareDataset> => prepareDataset(table, settleConfig(table, resolveConfig({ model: "lstm", split: { train: sites.slice(0, 9).map((s) => s.site), test: ["S9"] }, class_weights: "off", split_seed: 1, ...more })));
  const [plain, drawn, other] = [prepare({}), prepare({ resample: "towers", seed: 5 }), prepare({ resample: "towers", seed: 6 })];
  assert.deepEqual(drawn.split.validation, plain.split.validation);
  assert.notDeepEqual(drawn.split.draws, other.split.draws);
  const draws = drawn.split.draws!;
  assert.equal(Object.values(draws).reduce((a, b) => a + b, 0), plain.split.train.length);
  assert.deepEqual(drawn.train.sites.map((s) => s.record.site.site), Object.keys(draws));
  const weights = drawn.train.sites.map((s) => s.weight[60]!);
  drawn.train.sites.forEach((s, i) => assert.ok(Math.abs(weights[i]! / weights[0]! - draws[s.record.site.site]! / Object.values(draws)[0]!) < 1e-6));
  assert.ok(Math.abs(weights.reduce((a, b) => a + b, 0) / weights.length - 1) < 1e-6);
  assert.ok(plain.train.sites.every((s) => s.weight[60] === 1) && plain.split.draws === undefined);
});
