import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { addRow, fitRidge, meanSquaredError, predictRidge, ridgeSums, RIDGE_GRID, solveRidge, type RidgeSums } from "../../src/model/ridge";

interface Literal {
  x: number[][];
  y: number[];
  weight: number[];
}
const { train, validation } = require("../fixtures/xgboost.json") as { train: Literal; validation: Literal };
const golden = require("../fixtures/ridge.json") as { alpha: number; intercept: number; coefficients: number[]; predictions: number[]; error: number }[];

function sumsOf({ x, y, weight }: Literal): RidgeSums {
  const sums = ridgeSums(x[0]!.length);
  x.forEach((row, i) => addRow(sums, row, y[i]!, weight[i]!));
  return sums;
}

test("coefficients, intercept, predictions and weighted error are scikit-learn's to 1e-9", () => {
  const [learned, held] = [sumsOf(train), sumsOf(validation)];
  for (const { alpha, intercept, coefficients, predictions, error } of golden) {
    const fit = solveRidge(learned, alpha);
    const close = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-9, `alpha ${alpha}: ${a}, ${b}`);
    close(fit.intercept, intercept);
    coefficients.forEach((b, i) => close(fit.coefficients[i]!, b));
    predictions.forEach((v, i) => close(predictRidge(fit, validation.x[i]!), v));
    close(meanSquaredError(held, fit), error);
  }
});

test("a line is found where there is one, and the error of the sums is that of the rows", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const r = random(seed, "line");
    const b = [r.normal(), r.normal(), 0];
    const rows = Array.from({ length: 60 }, () => [r.normal(), r.normal(), 1]); // the last feature never varies
    const y = rows.map((x) => 2 + b[0]! * x[0]! + b[1]! * x[1]!);
    const weight = rows.map(() => 0.1 + r.uniform());
    const sums = sumsOf({ x: rows, y, weight });
    const fit = solveRidge(sums, 1e-9);
    assert.ok(Math.abs(fit.coefficients[0]! - b[0]!) < 1e-6 && Math.abs(fit.intercept - 2) < 1e-6);
    const poor = solveRidge(sums, 100);
    const direct = rows.reduce((sum, x, i) => sum + weight[i]! * (predictRidge(poor, x) - y[i]!) ** 2, 0) / weight.reduce((a, w) => a + w, 0);
    assert.ok(Math.abs(meanSquaredError(sums, poor) - direct) < 1e-9);
  }
});

test("the penalty is the one with the smallest validation error, and a stated one where nothing validates", () => {
  const choice = fitRidge(sumsOf(train), sumsOf(validation));
  assert.deepEqual(choice.tried.map((t) => t.penalty), RIDGE_GRID);
  const least = Math.min(...choice.tried.map((t) => t.error));
  assert.equal(choice.tried.find((t) => t.penalty === choice.penalty)!.error, least);
  assert.equal(meanSquaredError(sumsOf(validation), choice), least);
  const blind = fitRidge(sumsOf(train), ridgeSums(8));
  assert.deepEqual([blind.penalty, blind.tried.length], [1e-3, 0]);
});

test("no rows, no penalty and impossible values are clear errors", () => {
  assert.throws(() => fitRidge(ridgeSums(2), ridgeSums(2)), (e) => isWorkbookError(e, "EmptyTable"));
  assert.throws(() => solveRidge(sumsOf(train), 0), (e) => isWorkbookError(e, "BadArgument"));
  assert.throws(() => solveRidge(sumsOf({ x: [[1], [Infinity]], y: [1, 2], weight: [1, 1] }), 1), (e) => isWorkbookError(e, "NotFinite"));
});
