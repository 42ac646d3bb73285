import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { fewClusters, pairedBootstrap } from "../../src/evaluate/bootstrap";
import { compare, evaluatePredictions, type Metrics } from "../../src/evaluate/evaluate";
import { planned, predicted } from "./network";

const table = planned(Array.from({ length: 12 }, (_, i) => ({ id: `S${String(i).padStart(2, "0")}`, days: 120 })));
const own = table.sites.map((s) => ({ id: s.site, sites: [s.site], withoutPosition: [] }));
const [good, bad, other] = compare(table, [
  { model: "good", predictions: predicted(table, { sd: 0.5, seed: 1 }) },
  { model: "bad", predictions: predicted(table, { sd: 1.5, seed: 2 }) },
  { model: "other", predictions: predicted(table, { sd: 0.5, seed: 3 }) },
], { tableName: "t" }) as [Metrics, Metrics, Metrics];

test("a better model is told from a worse one, and the reverse is the mirror", () => {
  const d = pairedBootstrap([good], [bad], own, "gpp", { seed: 1, draws: 400 });
  assert.deepEqual([d.a, d.b, d.n_sites, d.n_r2, d.n_clusters], ["good", "bad", 12, 12, 12]);
  assert.ok(d.rmse_mean.value! < -0.5 && d.rmse_mean.high! < 0 && d.rmse_mean.low! <= d.rmse_mean.value!);
  assert.ok(d.r2_median.low! > 0 && d.r2_mean_clipped.low! > 0 && d.win_rate.value === 1);
  assert.ok(Math.abs(d.rmse_mean.value! - (good.summary.gpp.rmse.mean! - bad.summary.gpp.rmse.mean!)) < 1e-12);
  const mirror = pairedBootstrap([bad], [good], own, "gpp", { seed: 1, draws: 400 });
  assert.ok(Math.abs(mirror.rmse_mean.value! + d.rmse_mean.value!) < 1e-12 && mirror.win_rate.value === 0);
});

test("two models of the same skill are not told apart; a model against itself is 0 with half the wins", () => {
  const d = pairedBootstrap([good], [other], own, "nee", { seed: 1, draws: 400 });
  assert.ok(d.rmse_mean.low! < 0 && d.rmse_mean.high! > 0);
  const self = pairedBootstrap([good], [good], own, "nee", { seed: 1, draws: 50 });
  assert.deepEqual([self.rmse_mean, self.r2_median, self.win_rate.value], [{ value: 0, low: 0, high: 0 }, { value: 0, low: 0, high: 0 }, 0.5]);
});

test("the seed decides the draws", () => {
  const draw = (seed: number): unknown => pairedBootstrap([good], [bad], own, "reco", { seed, draws: 100 }).rmse_mean;
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
});

test("sites of one cluster are drawn together, so the interval widens", () => {
  const pairs = [0, 1, 2].map((k) => ({ id: `S0${k}`, sites: table.sites.map((s) => s.site).filter((_, i) => i % 3 === k), withoutPosition: [] }));
  // each cluster its own difference: what a shared weather does
  const tilted: Metrics = { ...good, sites: good.sites.map((r) => ({ ...r, rmse: r.rmse! + (Number(r.site.slice(1)) % 3) - 1 })) };
  const width = (clusters: typeof own): number => {
    const { low, high } = pairedBootstrap([tilted], [other], clusters, "gpp", { seed: 3, draws: 500 }).rmse_mean;
    return high! - low!;
  };
  assert.ok(width(pairs) > 1.3 * width(own), `${width(pairs)} ${width(own)}`);
});

test("several seeds are averaged at each site and resampled inside", () => {
  const worse: Metrics = { ...good, sites: good.sites.map((r) => ({ ...r, rmse: r.rmse! + 1 })) };
  const d = pairedBootstrap([good, worse], [good], own, "gpp", { seed: 1, draws: 300 });
  assert.ok(Math.abs(d.rmse_mean.value! - 0.5) < 1e-12);
  assert.ok(d.rmse_mean.low! === 0 && Math.abs(d.rmse_mean.high! - 1) < 1e-12, JSON.stringify(d.rmse_mean));
  const mirror = pairedBootstrap([good], [good, worse], own, "gpp", { seed: 1, draws: 300 });
  assert.ok(Math.abs(mirror.rmse_mean.low! + 1) < 1e-12 && mirror.rmse_mean.high! === 0, JSON.stringify(mirror.rmse_mean));
});

/** `good` at three sites, with these RMSE and R². */
const three = (rmse: readonly number[], r2: readonly number[], n = 120): Metrics => {
  const of = new Map(["S00", "S01", "S02"].map((site, i) => [site, i]));
  return { ...good, sites: good.sites.filter((r) => of.has(r.site)).map((r) => ({ ...r, n, rmse: rmse[of.get(r.site)!]!, r2: r2[of.get(r.site)!]! })) };
};

test("the interval ends at the 2.5 and 97.5 percentiles of 2000 draws", () => {
  // three sites that differ by −1, 0 and 1: all draws are of one of them in 1 of 27, 3.7 %
  const [a, b] = [three([1, 2, 3], [0, 0, 0]), three([2, 2, 2], [0, 0, 0])];
  assert.deepEqual(pairedBootstrap([a], [b], own, "gpp", { seed: 1 }).rmse_mean, { value: 0, low: -1, high: 1 });
  assert.deepEqual(pairedBootstrap([good], [bad], own, "gpp", { seed: 1 }), pairedBootstrap([good], [bad], own, "gpp", { seed: 1, draws: 2000 }));
});

test("differences are of means, of medians and of means clipped at 0, each of its own", () => {
  const d = pairedBootstrap([three([1, 2, 6], [-2, 0.5, 0.6])], [three([2, 2, 2], [0.1, 0.1, 0.4])], own, "gpp", { seed: 1, draws: 10 });
  const near = (got: number | null, expected: number): void => assert.ok(Math.abs(got! - expected) < 1e-12, `${got}, expected ${expected}`);
  near(d.rmse_mean.value, 1);
  near(d.rmse_median.value, 0);
  near(d.r2_mean.value, -0.9 / 3 - 0.2);
  near(d.r2_mean_clipped.value, 1.1 / 3 - 0.2);
  near(d.r2_median.value, 0.4);
  near(d.win_rate.value, 0.5);
});

test("a site of fewer than 30 scored days is not counted", () => {
  const count = (n: number): number => pairedBootstrap([{ ...good, sites: good.sites.map((r) => (r.site === "S03" ? { ...r, n } : r)) }], [{ ...bad, sites: bad.sites.map((r) => (r.site === "S03" ? { ...r, n } : r)) }], own, "gpp", { seed: 1, draws: 10 }).n_sites;
  assert.deepEqual([count(29), count(30)], [11, 12]);
});

test("runs that were scored on other days, or share no site, are refused", () => {
  const fewer = evaluatePredictions(table, predicted(table, { keep: (_, d) => d > 20 }), { model: "fewer", tableName: "t" });
  assert.throws(() => pairedBootstrap([good], [fewer], own, "gpp", { seed: 1 }), (e) => isWorkbookError(e, "BadArgument") && /S00.*120 and 99/.test(e.message));
  const nothing = evaluatePredictions(table, predicted(table), { model: "n", tableName: "t", seen: new Set(table.sites.map((s) => s.site)) });
  assert.throws(() => pairedBootstrap([good], [nothing], own, "gpp", { seed: 1 }), (e) => isWorkbookError(e, "BadArgument") && /found 0/.test(e.message));
});

test("intervals on fewer than ten clusters are said to say little, from the fewest to the most of them", () => {
  assert.equal(fewClusters([3, 3]), "3 clusters: fewer than 10, an interval of so few says little");
  assert.equal(fewClusters([12, 9, 1]), "1 to 9 clusters: fewer than 10, an interval of so few says little");
  assert.deepEqual([fewClusters([10, 11]), fewClusters([])], [null, null]);
});
