import assert from "node:assert/strict";
import { test } from "node:test";
import { openXgboost, type XgboostEngine, type XgboostRows } from "../../src/backend/xgboost/engine";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { fitXgboost } from "../../src/model/xgboost";
import { needsXgboost } from "../helpers/xgboost";

interface Literal {
  x: number[][];
  y: number[];
  weight: number[];
}
const golden = require("../fixtures/xgboost.json") as { version: string; train: Literal; validation: Literal; rounds: number; grown: number; error: number; predictions: number[] };

function rowsOf({ x, y, weight }: Literal): XgboostRows {
  return { rows: x.length, width: x[0]!.length, x: Float32Array.from(x.flat()), y: Float32Array.from(y), weight: Float32Array.from(weight) };
}

const TRAIN = rowsOf(golden.train);
const VALIDATION = rowsOf(golden.validation);
const NOTHING: XgboostRows = { rows: 0, width: 0, x: new Float32Array(0), y: new Float32Array(0), weight: new Float32Array(0) };

function predict(engine: XgboostEngine, model: Uint8Array, rows: XgboostRows): Float32Array {
  const booster = engine.load(model);
  const matrix = engine.matrix({ rows: rows.rows, width: rows.width, x: rows.x });
  const values = booster.predict(matrix);
  matrix.dispose();
  booster.dispose();
  return values;
}

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i]!)));
}

test("the same matrix gives the rounds, the validation error and, to 1e-5, the predictions of the Python package", needsXgboost, async () => {
  const engine = openXgboost();
  const errors: (number | null)[] = [];
  const fit = await fitXgboost(engine, TRAIN, VALIDATION, { seed: 1, threads: 1, onRound: (_, error) => errors.push(error) });
  assert.deepEqual([fit.rounds, fit.grown, errors.length], [golden.rounds, golden.grown, golden.grown]);
  assert.ok(Math.abs(fit.validation! - golden.error) < 1e-5);
  assert.equal(fit.validation, Math.min(...(errors as number[])));
  assert.ok(largest(predict(engine, fit.model, VALIDATION), golden.predictions) < 1e-5);
});

test("the weights of the rows matter, in training and in choosing the round", needsXgboost, async () => {
  const engine = openXgboost();
  const equal = (rows: XgboostRows): XgboostRows => ({ ...rows, weight: new Float32Array(rows.rows).fill(1) });
  const fit = await fitXgboost(engine, equal(TRAIN), VALIDATION, { seed: 1, threads: 1 });
  assert.ok(largest(predict(engine, fit.model, VALIDATION), golden.predictions) > 0.05);
  const other = await fitXgboost(engine, TRAIN, equal(VALIDATION), { seed: 1, threads: 1 });
  assert.ok(Math.abs(other.validation! - golden.error) > 1e-3);
});

test("training again gives the same bytes, with one thread and with two", needsXgboost, async () => {
  const engine = openXgboost();
  for (const threads of [1, 2]) {
    const [a, b] = [await fitXgboost(engine, TRAIN, VALIDATION, { seed: 1, threads }), await fitXgboost(engine, TRAIN, VALIDATION, { seed: 1, threads })];
    assert.deepEqual(a, b);
  }
});

test("without validation rows every round is kept", needsXgboost, async () => {
  const engine = openXgboost();
  const fit = await fitXgboost(engine, TRAIN, NOTHING, { seed: 1, threads: 1, rounds: 7 });
  assert.deepEqual([fit.rounds, fit.grown, fit.validation], [7, 7, null]);
});

test("no training rows, an abort and a flux that is not finite are clear errors", needsXgboost, async () => {
  const engine = openXgboost();
  await assert.rejects(fitXgboost(engine, NOTHING, VALIDATION, { seed: 1, threads: 1 }), (e) => isWorkbookError(e, "EmptyTable"));
  const controller = new AbortController();
  const onRound = (round: number): void => (round === 2 ? controller.abort() : undefined);
  await assert.rejects(fitXgboost(engine, TRAIN, VALIDATION, { seed: 1, threads: 1, signal: controller.signal, onRound }), (e) => isWorkbookError(e, "Interrupted") && /round 2/.test(e.message));
  const y = TRAIN.y.slice();
  y[3] = Infinity;
  await assert.rejects(fitXgboost(engine, { ...TRAIN, y }, VALIDATION, { seed: 1, threads: 1 }), (e) => isWorkbookError(e, "BadArgument") && /infinity/i.test(e.message) && !/Stack trace|\[bt\]/.test(e.message));
});

test("two boosters at once do not disturb each other, and what was freed may be freed again", needsXgboost, async () => {
  const engine = openXgboost();
  const shifted = { ...TRAIN, y: TRAIN.y.map((v) => v + 100) };
  const [a, b] = await Promise.all([fitXgboost(engine, TRAIN, VALIDATION, { seed: 1, threads: 1 }), fitXgboost(engine, shifted, NOTHING, { seed: 1, threads: 1, rounds: 20 })]);
  assert.ok(largest(predict(engine, a.model, VALIDATION), golden.predictions) < 1e-5);
  assert.ok(Math.min(...predict(engine, b.model, VALIDATION)) > 90);
  const matrix = engine.matrix(TRAIN);
  matrix.dispose();
  matrix.dispose();
});

test("a row's prediction depends on no other row of the matrix", needsXgboost, async () => {
  const engine = openXgboost();
  const { model } = await fitXgboost(engine, TRAIN, VALIDATION, { seed: 1, threads: 2 });
  const all = predict(engine, model, VALIDATION);
  const r = random(1, "rows");
  for (let k = 0; k < 20; k++) {
    const row = r.int(VALIDATION.rows);
    const one = { ...NOTHING, rows: 1, width: VALIDATION.width, x: VALIDATION.x.slice(row * VALIDATION.width, (row + 1) * VALIDATION.width) };
    assert.equal(predict(engine, model, one)[0], all[row]);
  }
});
