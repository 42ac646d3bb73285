import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { fitClimatology, predictClimatology } from "../../src/model/climatology";

type Row = [igbp: string | null, day: number, gpp: number, reco: number, nee: number, weight?: number];
const fit = (rows: Row[]) => fitClimatology({
  igbp: rows.map((r) => r[0]),
  dayOfYear: Int32Array.from(rows, (r) => r[1]),
  values: Float32Array.from(rows.flatMap((r) => r.slice(2, 5) as number[])),
  weight: Float32Array.from(rows, (r) => r[5] ?? 1),
});

test("a day is the mean of the site-days within 15 days of it, of its class only", () => {
  const climatology = fit([["DBF", 100, 2, 1, -1], ["DBF", 110, 4, 3, -1], ["ENF", 105, 50, 50, 0]]);
  assert.deepEqual(predictClimatology(climatology, "DBF", 105), [3, 2, -1]);
  assert.deepEqual(predictClimatology(climatology, "DBF", 90), [2, 1, -1]);
  assert.deepEqual(predictClimatology(climatology, "DBF", 85), [2, 1, -1]);
  assert.deepEqual(predictClimatology(climatology, "ENF", 105), [50, 50, 0]);
});

test("the window goes round New Year", () => {
  const climatology = fit([["DBF", 366, 2, 0, 0], ["DBF", 1, 4, 0, 0], ["DBF", 180, 90, 0, 0]]);
  assert.equal(predictClimatology(climatology, "DBF", 366)[0], 3);
  assert.equal(predictClimatology(climatology, "DBF", 15)[0], 3);
  assert.equal(predictClimatology(climatology, "DBF", 16)[0], 4); // 15 days back reach 1, not 366
});

test("a class without a value in the window takes all sites', and these the mean of the year; both are counted", () => {
  const climatology = fit([["DBF", 100, 2, 2, 0], ["ENF", 200, 6, 6, 0]]);
  assert.equal(predictClimatology(climatology, "DBF", 200)[0], 6);
  assert.equal(predictClimatology(climatology, "DBF", 300)[0], 4);
  assert.equal(climatology.classes["DBF"]!.filled, (366 - 31) * 3);
  assert.equal(climatology.all.filled, (366 - 62) * 3);
  assert.equal(climatology.classes["DBF"]!.n, 1);
});

test("an unknown class, null or the name of an object's property gets the cycle of all sites", () => {
  const climatology = fit([["DBF", 100, 2, 1, -1], [null, 100, 4, 3, -1]]);
  for (const igbp of [null, "WAT", "toString"]) assert.deepEqual(predictClimatology(climatology, igbp, 100), [3, 2, -1]);
});

test("weights weigh, and a missing flux or a weight of zero is left out", () => {
  const climatology = fit([["DBF", 100, 2, NaN, 0, 3], ["DBF", 100, 6, 5, 0, 1], ["DBF", 100, 90, 90, 90, 0]]);
  assert.deepEqual(predictClimatology(climatology, "DBF", 100), [3, 5, 0]);
});

test("it survives being written as JSON", () => {
  const climatology = fit([["DBF", 100, 2, 1, -1]]);
  assert.deepEqual(JSON.parse(JSON.stringify(climatology)), climatology);
});

test("a flux without any value, columns of different length and impossible days are errors", () => {
  assert.throws(() => fit([["DBF", 100, 2, NaN, 0]]), (e) => isWorkbookError(e, "EmptyTable") && /reco/.test(e.message));
  assert.throws(() => fit([["DBF", 0, 2, 1, 0]]), (e) => isWorkbookError(e, "BadArgument"));
  assert.throws(() => fitClimatology({ igbp: ["DBF"], dayOfYear: Int32Array.of(1, 2), values: new Float32Array(3) }), (e) => isWorkbookError(e, "BadArgument"));
});
