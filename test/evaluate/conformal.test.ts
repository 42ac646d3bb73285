import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { calibrate, clusterQuantile, intervalOf, localScale, type CalibrationDays } from "../../src/evaluate/conformal";
import { coverageRows, siteCoverage } from "../../src/evaluate/conformal-coverage";
import { classFactors } from "../../src/evaluate/conformal-classes";
import { fitScale } from "../../src/evaluate/conformal-scale";
import type { Predictions } from "../../src/evaluate/predictions";
import { planned, predicted } from "./network";

const f64 = (...values: number[]): Float64Array => Float64Array.from(values);
const near = (a: number, b: number, within = 1e-6): void => assert.ok(Math.abs(a - b) < within, `${a} is not ${b}`);

test("with one day a cluster the quantile is split conformal's: the ⌈(n + 1) level⌉-th score", () => {
  for (const n of [4, 9, 10, 19, 30]) {
    const score = Float64Array.from({ length: n }, (_, i) => i + 1);
    for (const level of [0.8, 0.9]) {
      const rank = Math.ceil((n + 1) * level - 1e-9);
      assert.equal(clusterQuantile(score, score.map(() => 1), n, level), rank <= n ? rank : null, `${n} ${level}`);
    }
  }
});

test("a cluster weighs the same with three days as with three hundred; too few clusters give no quantile", () => {
  const many = 300;
  const score = Float64Array.from({ length: many + 9 }, (_, i) => (i < many ? 100 : i - many + 1));
  const weight = score.map((_, i) => (i < many ? 1 / many : 1));
  assert.equal(clusterQuantile(score, weight, 10, 0.8), 9, "one cluster of ten has the large scores: 8.8 of 11 parts lie below them");
  assert.equal(clusterQuantile(score, score.map(() => 1 / score.length), 1, 0.8), null, "by days it would be 100; one cluster has no such quantile");
  assert.equal(clusterQuantile(f64(1, 2, 3), f64(1, 1, 1), 3, 0.8), null, "three clusters can say 75 % at most");
});

test("a calibration asks clusters, not days: one long record of large errors is one of ten", () => {
  const many = 300;
  const of = (value: (i: number) => number): Float64Array => Float64Array.from({ length: many + 9 }, (_, i) => value(i));
  const zero = of(() => 0);
  const c = calibrate({ cluster: Int32Array.from(of((i) => (i < many ? 0 : i - many + 1))), observed: of((i) => (i < many ? 100 : i - many + 1)), predicted: zero, spread: zero, igbp: Array.from(zero, () => null) });
  assert.deepEqual([c.n_clusters, c.n_days], [10, many + 9]);
  near(c.scale.constant, 14.5);
  near(c.factor["0.8"]! * c.scale.constant, 9);
  near(c.factor["0.9"]! * c.scale.constant, 100);
});

/** Calibration days without spread or predicted flux; one error of each cluster, on all of its days. */
const plain = (errors: readonly number[], days: number, igbp: (cluster: number) => string | null = () => null): CalibrationDays => {
  const cluster = Int32Array.from({ length: errors.length * days }, (_, i) => Math.floor(i / days));
  const zero = new Float64Array(cluster.length);
  return { cluster, observed: Float64Array.from(cluster, (c) => errors[c]!), predicted: zero, spread: zero, igbp: Array.from(cluster, igbp) };
};

test("as few clusters as a level can do with give a factor, though the weights of their days add up to a little less", () => {
  // six sixths for each of four clusters are 3.9999999999999982, nine thirds of nine clusters less than 9
  const four = calibrate(plain([1, 2, 3, 4], 6));
  near(four.factor["0.8"]! * four.scale.constant, 4);
  assert.equal(four.factor["0.9"], null);
  const nine = calibrate(plain([1, 2, 3, 4, 5, 6, 7, 8, 9], 3));
  near(nine.factor["0.9"]! * nine.scale.constant, 9);
});

test("errors are how far observation and prediction lie apart, whatever both are", () => {
  const errors = plain([1, 2, 3, 4], 6);
  for (const level of [10, -10]) {
    const far = calibrate({ ...errors, observed: errors.observed.map((v, i) => level + (i % 2 === 0 ? v : -v)), predicted: errors.predicted.map(() => level) });
    const { low, high } = intervalOf(far, 0.8, Float32Array.of(level), Float32Array.of(0), () => null);
    near(low[0]!, level - 4, 1e-5);
    near(high[0]!, level + 4, 1e-5);
  }
});

test("a cluster is calibrated with the class factor of the others: the only one of its class with 1, not with its own", () => {
  const c = calibrate(plain([4, 1, 1, 1], 1, (k) => (k === 0 ? "CRO" : null)));
  near(c.scale.constant, 1.75);
  near(c.classes["CRO"]!, (16 / 7 + 4) / 5);
  near(c.factor["0.8"]! * c.scale.constant, 4);
});

test("the scale finds the coefficients it was made of, and never has a negative one", () => {
  const r = random(1, "scale");
  const n = 4000;
  const draw = (f: () => number): Float64Array => Float64Array.from({ length: n }, f);
  const [spread, predictedValues, weight] = [draw(() => r.uniform()), draw(() => 10 * r.normal()), draw(() => 1)];
  const made = spread.map((s, i) => 0.3 + 2 * s + 0.1 * Math.abs(predictedValues[i]!));
  const fitted = fitScale(made, spread, predictedValues, weight);
  near(fitted.constant, 0.3);
  near(fitted.spread, 2);
  near(fitted.size, 0.1);
  const falling = fitScale(spread.map((s) => 2 - s), spread, predictedValues, weight);
  assert.ok(falling.spread === 0 && falling.size >= 0 && falling.constant > 0);
  const none = fitScale(spread.map(() => 0), spread, predictedValues, weight);
  assert.ok(localScale(none, 0, 0) > 0, "a perfect model divides by something");
  const still = fitScale(spread.map(() => 1), spread.map(() => 0), predictedValues.map(() => 0), weight);
  near(still.constant, 1);
});

test("where errors need no constant it is a twentieth of their weighted mean, and terms that are not used are 0", () => {
  const [spread, weight, zero] = [f64(0.1, 0.5, 1, 2), f64(1, 2, 3, 4), f64(0, 0, 0, 0)];
  const error = f64(0, 0.7, 2.6, 6.4);
  const fitted = fitScale(error, spread, zero, weight);
  const sum = (of: (i: number) => number): number => [0, 1, 2, 3].reduce((s, i) => s + weight[i]! * of(i), 0);
  near(fitted.constant, (0.05 * sum((i) => error[i]!)) / 10);
  near(fitted.spread, sum((i) => spread[i]! * error[i]!) / sum((i) => spread[i]! ** 2));
  assert.equal(fitted.size, 0);
});

test("class factors: clusters of a class vote alike, few of them are drawn to the mean, and none vouches for itself", () => {
  const score = f64(2, 2, 2, 4, 1, 1);
  const cluster = Int32Array.of(0, 0, 0, 1, 2, 3);
  const { all, without } = classFactors(score, cluster, ["CRO", "CRO", "CRO", "CRO", "ENF", null]);
  near(all["CRO"]!, (2 + 4 + 4 * 2) / 6 / 2);
  near(all["ENF"]!, (1 + 4 * 2) / 5 / 2);
  assert.deepEqual(Object.keys(all), ["CRO", "ENF"]);
  near(without(1, "CRO"), (2 + 4 * (4 / 3)) / 5 / (4 / 3));
  near(without(2, "ENF"), 1, 1e-12);
  assert.deepEqual([without(3, null), without(3, "DBF")], [1, 1]);
  near(without(3, "CRO"), (2 + 4 + 4 * (7 / 3)) / 6 / (7 / 3));
});

/** Clusters with a bias of their own, of very unequal length; errors grow with the spread, which is known. */
function clusters(seed: number, n: number): CalibrationDays {
  const r = random(seed, "clusters");
  const rows: number[][] = [];
  for (let c = 0; c < n; c++) {
    const [bias, days] = [0.5 * r.normal(), 20 + r.int(20) ** 2];
    for (let d = 0; d < days; d++) {
      const spread = 0.2 + r.uniform();
      rows.push([c, bias + 2 * spread * r.normal(), 0, spread]);
    }
  }
  const column = (k: number): Float64Array => Float64Array.from(rows, (row) => row[k]!);
  return { cluster: Int32Array.from(rows, (row) => row[0]!), observed: column(1), predicted: column(2), spread: column(3), igbp: rows.map((row) => (row[0]! % 2 === 0 ? "CRO" : "ENF")) };
}

test("new clusters are covered as promised, on average over clusters, and wide days get wide intervals", () => {
  for (const level of [0.8, 0.9] as const) {
    const covered: number[] = [];
    for (let seed = 0; seed < 12; seed++) {
      const calibration = calibrate(clusters(seed, 40));
      const fresh = clusters(1000 + seed, 40);
      const { low, high } = intervalOf(calibration, level, Float32Array.from(fresh.predicted), Float32Array.from(fresh.spread), (i) => fresh.igbp[i]!);
      for (let c = 0; c < 40; c++) {
        const rows = [...fresh.cluster.keys()].filter((i) => fresh.cluster[i] === c);
        covered.push(rows.filter((i) => fresh.observed[i]! >= low[i]! && fresh.observed[i]! <= high[i]!).length / rows.length);
      }
      assert.ok(calibration.scale.spread > 0.5, "the spread is used");
    }
    const mean = covered.reduce((s, v) => s + v, 0) / covered.length;
    assert.ok(mean > level - 0.015 && mean < level + 0.04, `${level}: ${mean}`);
  }
});

test("an interval is centred on the prediction, may reach below 0, and is NaN where there is nothing to say", () => {
  const calibration = { scale: { constant: 1, spread: 2, size: 0 }, classes: { CRO: 2 }, factor: { "0.8": 2, "0.9": null }, n_clusters: 5, n_days: 9 };
  const { low, high } = intervalOf(calibration, 0.8, Float32Array.of(1, NaN), Float32Array.of(0.5, 0.5), () => null);
  assert.deepEqual([...low, ...high], [-3, NaN, 5, NaN]);
  assert.equal(intervalOf(calibration, 0.8, Float32Array.of(1), Float32Array.of(0.5), () => "CRO").high[0], 9, "twice as wide in a class whose errors are twice as large");
  const sized = { ...calibration, scale: { constant: 1, spread: 0, size: 0.5 } };
  assert.deepEqual([...intervalOf(sized, 0.8, Float32Array.of(-4, 4), Float32Array.of(0, 0), () => null).high], [2, 10], "uptake of 4 is as doubtful as a release of 4");
  assert.ok(Number.isNaN(intervalOf(calibration, 0.9, Float32Array.of(1), Float32Array.of(0), () => null).low[0]));
  const empty = { cluster: new Int32Array(0), observed: f64(), predicted: f64(), spread: f64(), igbp: [] };
  assert.throws(() => calibrate(empty), (e) => isWorkbookError(e, "EmptyTable"));
});

test("coverage is counted by site over observed days that have an interval; seen and short sites have no row", () => {
  const table = planned([{ id: "A", days: 100 }, { id: "B", days: 100 }, { id: "C", days: 100 }, { id: "D", days: 20 }]);
  const p = predicted(table);
  const band = (half: (i: number) => number, of: Float32Array): { low: Float32Array; high: Float32Array } => ({ low: of.map((v, i) => v - half(i)), high: of.map((v, i) => v + half(i)) });
  // the observation lies in the band on even days only; B has none on its last 40 days
  const half = (i: number): number => (i >= 160 && i < 200 ? NaN : i % 2 === 0 ? 1 : -1);
  const intervals = [{ level: 0.8 as const, gpp: band(half, p.raw.gpp), reco: band(half, p.raw.reco), nee: band(half, p.nee) }];
  const withIntervals: Predictions = { ...p, intervals };
  const sites = siteCoverage(table, withIntervals, { seen: new Set(["C"]) }).filter((s) => s.flux === "nee");
  assert.deepEqual(sites.map((s) => [s.site, s.level, s.n, s.covered]), [["A", 0.8, 100, 0.5], ["B", 0.8, 60, 0.5]]);
  const rows = coverageRows(table, "m", sites);
  assert.deepEqual(rows.map((r) => [r["flux"], r["n_sites"], r["n_days"], r["median"], r["worst_decile"]]), [["nee", 2, 160, 0.5, 0.5]]);
  assert.deepEqual(rows.map((r) => r["data"]), ["measured"]);
  assert.deepEqual(siteCoverage(table, p), []);
});

test("coverage is told by its median, its mean and its 10 % quantile over sites, and the median width; an observation on an end is inside", () => {
  const site = (name: string, covered: number, width: number): Parameters<typeof coverageRows>[2][number] => ({ site: name, flux: "gpp", level: 0.9, n: 100, covered, width });
  const [row] = coverageRows(planned([{ id: "A", days: 40 }]), "m", [0.5, 0.7, 0.8, 0.9, 1, 1].map((covered, i) => site(`S${i}`, covered, i === 5 ? 60 : i)));
  near(row!["worst_decile"] as number, 0.6);
  near(row!["median"] as number, 0.85);
  near(row!["mean"] as number, 4.9 / 6);
  near(row!["width_median"] as number, 2.5);
  const table = planned([{ id: "A", days: 40 }]);
  const p = predicted(table);
  const ends = (low: number, high: number): { low: Float32Array; high: Float32Array } => ({ low: p.nee.map((v) => v + low), high: p.nee.map((v) => v + high) });
  const at = (low: number, high: number): number[] => siteCoverage(table, { ...p, intervals: [{ level: 0.9, gpp: ends(low, high), reco: ends(low, high), nee: ends(low, high) }] }).filter((s) => s.flux === "nee").flatMap((s) => [s.covered, Math.round(1e3 * s.width) / 1e3]);
  assert.deepEqual([at(0, 3), at(-3, 0), at(1, 3)], [[1, 3], [1, 3], [0, 2]]);
});

test("a scale is fitted whatever the weights: rounding does not part the two halves of the normal equations (20 draws)", () => {
  const r = random(9, "weights");
  for (let k = 0; k < 20; k++) {
    const [spread, size, weight] = [0, 1, 2].map(() => Float64Array.from({ length: 200 }, () => 0.1 + r.uniform())) as [Float64Array, Float64Array, Float64Array];
    const fitted = fitScale(spread.map((s, i) => 0.2 + 0.5 * s + 0.3 * size[i]!), spread, size, weight);
    for (const [found, made] of [[fitted.constant, 0.2], [fitted.spread, 0.5], [fitted.size, 0.3]] as const) assert.ok(Math.abs(found - made) < 1e-6, `${found} against ${made}`);
  }
});
