import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { readJson } from "../../src/core/json";
import { random } from "../../src/core/random";
import { mean, quantile, scores, type Scores } from "../../src/evaluate/metrics";

const close = (actual: number | null, expected: number, what: string, tolerance = 1e-10): void => assert.ok(actual !== null && Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${what}: ${actual}, expected ${expected}`);
const series = (seed: number, n = 200): { o: number[]; p: number[] } => {
  const r = random(seed, "series");
  const o = Array.from({ length: n }, (_, i) => 4 * Math.sin(i / 20) + r.normal());
  return { o, p: o.map((v) => 0.7 * v + 0.5 + 0.8 * r.normal()) };
};

test("scores and quantiles equal scikit-learn's and numpy's", () => {
  const golden = readJson<(Record<"r2" | "r2_corr" | "rmse" | "nmae" | "rae" | "bias", number> & { observed: number[]; predicted: number[]; quantiles: number[] })[]>(path.join(__dirname, "../fixtures/sklearn_metrics.json"));
  for (const g of golden) {
    const s = scores(g.observed, g.predicted);
    for (const key of ["r2", "r2_corr", "rmse", "nmae", "rae", "bias"] as const) close(s[key], g[key], key);
    [0.25, 0.5, 0.75].forEach((q, i) => close(quantile(g.observed, q), g.quantiles[i]!, `quantile ${q}`));
  }
});

test("a perfect prediction has R² 1, the site mean has R² 0, and worse than the mean is below 0", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { o } = series(seed);
    const m = mean(o)!;
    const perfect = scores(o, o);
    assert.deepEqual([perfect.r2, perfect.rmse, perfect.bias, perfect.rae, perfect.nmae], [1, 0, 0, 0, 0]);
    close(scores(o, o.map(() => m)).r2, 0, "site mean");
    close(scores(o, o.map(() => m)).rae, 1, "RAE of the site mean");
    assert.ok(scores(o, o.map(() => m + 3)).r2! < 0);
  }
});

test("bias², variance and phase sum to the MSE, and each alone tells its own fault", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { o, p } = series(seed);
    const { mse, rmse, bias } = scores(o, p);
    close(mse!.bias2 + mse!.variance + mse!.phase, rmse! ** 2, "sum");
    close(mse!.bias2, bias! ** 2, "bias²");
    const shifted = scores(o, o.map((v) => v + 2)).mse!;
    close(shifted.bias2, 4, "shift is bias");
    close(shifted.variance + shifted.phase, 0, "and nothing else");
    const m = mean(o)!;
    const flat = scores(o, o.map((v) => m + 0.5 * (v - m))).mse!;
    close(flat.bias2 + flat.phase, 0, "half the amplitude is variance alone", 1e-9);
    assert.ok(flat.variance > 0.5);
  }
});

test("dimensionless scores do not change with the unit, RMSE and bias scale with it", () => {
  const k = 1.0378;
  for (let seed = 0; seed < 10; seed++) {
    const { o, p } = series(seed);
    const [one, other] = [scores(o, p), scores(o.map((v) => v * k), p.map((v) => v * k))];
    for (const key of ["r2", "r2_corr", "nmae", "rae"] as const) close(other[key], one[key]!, key);
    for (const key of ["rmse", "bias", "sd"] as const) close(other[key], k * one[key]!, key);
  }
});

test("squared correlation is blind to bias and scale, R² is not", () => {
  const { o, p } = series(1);
  const bent = p.map((v) => 3 * v - 5);
  close(scores(o, bent).r2_corr, scores(o, p).r2_corr!, "r2_corr");
  assert.ok(scores(o, bent).r2! < scores(o, p).r2!);
});

test("a missing value is an error, never a number; nothing to score is null", () => {
  for (const [o, p] of [[[1, Number.NaN], [1, 2]], [[1, 2], [Number.NaN, 2]], [[1, 2], [Infinity, 2]]] as const) {
    assert.throws(() => scores(o, p), (e) => isWorkbookError(e, "NotFinite"));
  }
  assert.throws(() => scores([1, 2], [1]), (e) => isWorkbookError(e, "BadArgument"));
  const { n, ...rest } = scores([], []);
  assert.equal(n, 0);
  assert.ok(Object.values(rest as Omit<Scores, "n">).every((v) => v === null));
  assert.equal(quantile([], 0.5), null);
  assert.equal(quantile([1, Number.NaN, 3], 0.5), null);
  assert.equal(mean([]), null);
  assert.equal(mean([1, Number.NaN]), null);
});

test("constant observations have no R², not even through rounding", () => {
  for (const value of [0.1, -0.1]) {
    const o = new Array<number>(100).fill(value);
    const s = scores(o, o.map((v, i) => v + (i % 2)));
    assert.deepEqual([s.r2, s.r2_corr, s.rae], [null, null, null]);
    close(s.rmse, Math.sqrt(0.5), "rmse");
    assert.equal(scores(o.map((v, i) => v + (i % 2)), o).r2_corr, null, "nor have constant predictions a correlation");
  }
});
