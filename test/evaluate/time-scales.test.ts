import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../src/core/random";
import type { SiteSeries } from "../../src/evaluate/comparison-series";
import { errorParts, summariseParts } from "../../src/evaluate/error-parts";
import { scores } from "../../src/evaluate/metrics";
import { scaleScores, siteScales, type TimeScale } from "../../src/evaluate/time-scales";
import { aSite } from "../helpers/tables";

const YEAR = 365.2425;
const near = (a: number | null | undefined, b: number, within = 1e-9): void => assert.ok(Math.abs(a! - b) < within, `${a} is not ${b}`);
const sum = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0);

/** A site of whole days whose observed and predicted values are functions of the day. */
function series(site: string, years: number, observed: (day: number) => number, predicted: (day: number) => number, cluster = site): SiteSeries {
  const days = Int32Array.from({ length: Math.round(years * YEAR) }, (_, d) => d);
  const [o, p] = [Float64Array.from(days, observed), Float64Array.from(days, predicted)];
  const row = { site, igbp: null, koppen: null, flux: "gpp" as const, n: days.length, n_lost: 0, r2: null, r2_corr: null, rmse: null, nmae: null, rae: null, bias: null, seen: false };
  return { site: aSite(site), cluster, days, observed: o, predicted: p, row };
}

const season = (d: number): number => Math.cos((2 * Math.PI * d) / YEAR);
/** A whole number for each year from 1970: 0, 1, 2 … */
const year = (d: number): number => new Date(d * 86_400_000).getUTCFullYear() - 1970;

test("a record of six years is split into its mean, cycle, days and years; each part finds what was put in", () => {
  const s = siteScales(series("A", 6, (d) => 5 + 3 * season(d) + 0.5 * (d % 2) + year(d), (d) => 4 + 3 * season(d)));
  near(s.mean.predicted, 4, 0.01);
  near(s.mean.observed, 5 + 0.25 + 2.5, 0.01);
  assert.deepEqual([s.seasonal!.observed.length, s.interannual!.observed.length], [46, 6]);
  near(scores(s.seasonal!.observed, s.seasonal!.predicted).r2, 1, 0.01);
  near(sum(s.seasonal!.observed), 0, 1e-9);
  s.interannual!.observed.forEach((v, k) => near(v, k - 2.5, 0.02));
  s.interannual!.predicted.forEach((v) => near(v, 0, 0.05));
});

test("anomalies need three years at the same time of year, annual means five years with half their days", () => {
  const flat = (d: number): number => season(d);
  const at = (years: number): boolean[] => ["seasonal", "anomaly", "interannual"].map((k) => siteScales(series("A", years, flat, flat))[k as "seasonal"] !== null);
  assert.deepEqual(at(0.4), [false, false, false]);
  assert.deepEqual(at(2), [true, false, false]);
  assert.deepEqual(at(3), [true, true, false]);
  assert.deepEqual(at(4.4), [true, true, false]);
  assert.deepEqual(at(5), [true, true, true]);
  const whole = series("A", 6, (d) => year(d), (d) => year(d));
  const keep = whole.days.filter((d) => d < 2 * YEAR || d % 10 < 4);
  const holed = siteScales({ days: keep, observed: Float64Array.from(keep, year), predicted: Float64Array.from(keep, year) });
  assert.equal(holed.interannual, null, "two whole years and four with 40 % of their days");
});

test("a year that lacks a season does not look like another year", () => {
  const whole = series("A", 6, (d) => 10 * season(d), () => 0);
  const keep = whole.days.filter((d) => !(year(d) === 2 && season(d) < -0.5));
  const { interannual } = siteScales({ days: keep, observed: Float64Array.from(keep, (d) => 10 * season(d)), predicted: new Float64Array(keep.length) });
  interannual!.observed.forEach((v) => near(v, 0, 0.06));
});

/** The days of a record that are kept, observed as a function of the day and predicted as 0. */
const holed = (years: number, keep: (day: number) => boolean, observed: (day: number) => number = () => 0): ReturnType<typeof siteScales> => {
  const days = series("A", years, () => 0, () => 0).days.filter(keep);
  return siteScales({ days, observed: Float64Array.from(days, observed), predicted: new Float64Array(days.length) });
};
/** Day of the year, from 1. */
const ofYear = (d: number): number => d - Date.UTC(1970 + year(d), 0) / 86_400_000 + 1;

test("a fifth year counts from 183 days on, an anomaly from 90 days on, a mean cycle from 23 of its bins of 8 days on", () => {
  const fifth = (days: number): number | undefined => holed(5, (d) => year(d) < 4 || ofYear(d) <= days).interannual?.observed.length;
  assert.deepEqual([fifth(183), fifth(182)], [5, undefined]);
  // 30 days of each of three years
  const anomaly = (days: number): number | undefined => holed(3, (d) => ofYear(d) <= (year(d) < 2 ? 30 : days - 60)).anomaly?.observed.length;
  assert.deepEqual([anomaly(90), anomaly(89)], [90, undefined]);
  const cycle = (days: number): number | undefined => holed(1, (d) => ofYear(d) <= days).seasonal?.observed.length;
  assert.deepEqual([cycle(22 * 8 + 1), cycle(22 * 8)], [23, undefined]);
});

test("the bins of a year weigh the same in it, whatever days they have", () => {
  // 1974 has one day of each of its first 23 bins and all of the other 23; it stands out by 1 in the first: half a year of it
  const early = (d: number): boolean => year(d) === 4 && ofYear(d) <= 184;
  const { interannual } = holed(5, (d) => !early(d) || ofYear(d) % 8 === 1, (d) => (early(d) ? 1 : 0));
  interannual!.observed.forEach((v, k) => near(v, k === 4 ? 0.4 : -0.1));
});

test("a scale's R² and RMSE are medians over sites, and its pooled R² is of all their values", () => {
  // R² is 1 − (1 − slope)²: 1, 0.75 and −8
  const sites = [[1, 1, 5], [0.5, 2, 0], [4, 1, -5]].map(([slope, size, level], k) => series(`S${k}`, 1, (d) => level! + size! * season(d), (d) => slope! * size! * season(d)));
  const seasonal = scaleScores(sites).find((s) => s.scale === "seasonal")!;
  near(seasonal.r2, 0.75);
  near(seasonal.rmse, Math.SQRT1_2, 0.01);
  near(seasonal.r2_pooled, 1 - (0.25 * 4 + 9) / 6);
  assert.deepEqual([seasonal.n_sites, seasonal.n_values], [3, 138]);
});

test("sites whose record is too short for a scale are counted beside those that have it, neighbours as one cluster", () => {
  const flat = (d: number): number => season(d);
  const [anomaly] = scaleScores([series("A", 3, flat, flat), series("B", 3, flat, flat, "A"), series("C", 1, flat, flat)]).filter((s) => s.scale === "anomaly");
  assert.deepEqual([anomaly!.n_sites, anomaly!.n_short, anomaly!.n_clusters], [2, 1, 1]);
});

test("a place is the mean of its neighbours, and fewer than five have no R², pooled or not", () => {
  const all = [[0, 0], [2, 2], [4, 4], [6, 6], [6, 9], [10, 7]].map(([o, p], k) => series(`S${k}`, 0.2, () => o!, () => p!, k === 5 ? "S4" : `S${k}`));
  const [spatial, few] = [scaleScores(all)[0]!, scaleScores(all.slice(1))[0]!];
  assert.deepEqual([spatial.n_clusters, spatial.r2, spatial.r2_pooled, spatial.rmse], [5, 1, 1, 0]);
  assert.deepEqual([few.n_clusters, few.r2, few.r2_pooled, few.rmse], [4, null, null, 0]);
});

test("scores by scale: a model with the right season and the wrong places is told so, neighbours count as one place", () => {
  const level = [0, 2, 4, 6, 8, 8];
  const all = level.map((l, k) => series(`S${k}`, 5, (d) => l + season(d) + year(d) / 10, (d) => 8 - l + season(d) - year(d) / 10, k === 5 ? "S4" : `S${k}`));
  const by = Object.fromEntries(scaleScores(all).map((s) => [s.scale, s])) as Record<TimeScale, ReturnType<typeof scaleScores>[number]>;
  assert.deepEqual([by.spatial.n_sites, by.spatial.n_clusters, by.spatial.n_values], [6, 5, 5]);
  near(by.spatial.r2, 1 - 4, 0.05);
  near(by.seasonal.r2, 1, 0.02);
  near(by.interannual.r2, 1 - 4, 0.1);
  assert.deepEqual([by.interannual.n_values, by.interannual.n_short], [30, 0]);
  assert.equal(scaleScores(all.slice(0, 4))[0]!.r2, null, "four places are too few for an R²");
  assert.deepEqual(scaleScores([]).map((s) => [s.n_sites, s.r2, s.rmse]), new Array(4).fill([0, null, null]));
});

test("both splits of the error add up to the MSE, for any series", () => {
  for (let seed = 0; seed < 20; seed++) {
    const r = random(seed, "parts");
    const [a, b, c] = [r.normal(), r.normal(), r.normal()];
    const s = series("A", 0.3 + 3 * r.uniform(), (d) => a + b * season(d) + r.normal(), (d) => c * season(d) + 0.3 * r.normal());
    const p = errorParts(s)!;
    const mse = sum([...s.observed].map((o, i) => (s.predicted[i]! - o) ** 2)) / s.days.length;
    near(p.mse, mse);
    near(p.bias2 + p.variance + p.phase, mse);
    near(p.bias2 + p.seasonal + p.day_to_day, mse);
    assert.ok(Object.values(p).every((v) => v >= 0));
  }
});

test("each fault shows in its own part", () => {
  const truth = (d: number): number => 3 * season(d);
  const shares = (predicted: (d: number) => number): Record<string, number> => {
    const p = errorParts(series("A", 4, truth, predicted))!;
    return { bias2: p.bias2 / p.mse, variance: p.variance / p.mse, phase: p.phase / p.mse, seasonal: p.seasonal / p.mse, day_to_day: p.day_to_day / p.mse };
  };
  near(shares((d) => truth(d) + 1)["bias2"], 1, 1e-6);
  near(shares((d) => 2 * truth(d))["variance"], 1, 1e-3);
  near(shares((d) => 3 * season(d - 30))["phase"], 1, 1e-3);
  assert.ok(shares((d) => 3 * season(d - 30))["seasonal"]! > 0.98);
  assert.ok(shares((d) => truth(d) + (d % 2 === 0 ? 1 : -1))["day_to_day"]! > 0.95);
});

test("the Kling–Gupta terms are correlation, ratio of standard deviations and bias in those of the observations", () => {
  const observed = [1, 2, 3, 4, 5];
  const predicted = [2, 2, 6, 4, 10];
  const s = summariseParts([{ ...series("A", 1, () => 0, () => 0), days: Int32Array.from(observed, (_, d) => d), observed: Float64Array.from(observed), predicted: Float64Array.from(predicted) }])!;
  // Σ dO dP = 18, Σ dO² = 10, Σ dP² = 44.8; means 3 and 4.8
  near(s.kge_r, 18 / Math.sqrt(10 * 44.8), 1e-9);
  near(s.kge_alpha, Math.sqrt(4.48), 1e-9);
  near(s.kge_beta, 1.8 / Math.sqrt(2), 1e-9);
});

test("parts over sites are means, shares sum to 1, and a site without variation has no Kling–Gupta terms", () => {
  const all = [series("A", 1, (d) => season(d), (d) => 2 * season(d) + 1), series("B", 1, () => 1, () => 2)];
  const s = summariseParts(all)!;
  assert.equal(s.n_sites, 2);
  near(s.bias2, 1, 0.01);
  near(s.share_bias2! + s.share_variance! + s.share_phase!, 1);
  near(s.share_bias2! + s.share_seasonal! + s.share_day_to_day!, 1);
  near(s.kge_alpha, 2, 1e-6);
  near(s.kge_r, 1, 1e-6);
  near(s.kge_beta, 1 / Math.SQRT1_2, 0.02);
  assert.equal(summariseParts([]), null);
});
