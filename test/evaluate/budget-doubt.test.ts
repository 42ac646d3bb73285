import assert from "node:assert/strict";
import { test } from "node:test";
import { numbers } from "../../src/data/daily-table";
import { cumulativeYears } from "../../src/evaluate/budget-cumulative";
import { budgetErrors, budgetSummary, type BudgetError } from "../../src/evaluate/budget-error";
import { predictionsOf, seasonalTable } from "./site-analyses";

const close = (a: number | null | undefined, b: number, by = 0.01): void => assert.ok(a !== null && a !== undefined && Math.abs(a - b) <= by, `${a}, expected ${b}`);

/** NEE of A may be 0.1 a day lower and 0.3 higher; nothing is known of B's error. */
const TABLE = seasonalTable(["A", "B"], 2011, 2011, (at, v) => (at.site === "A" ? { ...v, nee_ustar25: v["nee"]! - 0.1, nee_ustar75: v["nee"]! + 0.3 } : v));
/** Off by so much a day at A and at B. */
const off = (a: number, b: number): BudgetError[] => budgetErrors(TABLE, [{ model: "m", predictions: predictionsOf(TABLE, (_, v, row) => v + (row < 365 ? a : b)) }]).filter((e) => e.flux === "nee");

test("what lies within the doubt is counted on the side on which a model errs", () => {
  close(off(-0.2, 0)[0]!.within, 0.1 * 365);
  close(off(0.2, 0)[0]!.within, 0.2 * 365);
  close(off(0.5, 0)[0]!.within, 0.3 * 365);
  assert.equal(off(0.2, 0)[1]!.within, null, "no doubt is known at B");
});

test("the share within is of the errors at site-years whose doubt is known; bias, mean and RMSE are of all", () => {
  const [summary] = budgetSummary(off(-0.2, 0.6));
  close(summary!.share_within, 0.5, 1e-4);
  assert.deepEqual([summary!.site_years, summary!.with_doubt, summary!.inside], [2, 1, 0]);
  close(summary!.mean_doubt, 0.2 * 365);
  close(summary!.bias, 0.2 * 365);
  close(summary!.mean_abs_error, 0.4 * 365);
  close(summary!.rmse, Math.sqrt((0.2 ** 2 + 0.6 ** 2) / 2) * 365);
  assert.equal(budgetSummary(off(0.2, 0.6))[0]!.inside, 1);
});

test("a day that the tower or any model lacks enters no sum, neither of the errors nor of the curves", () => {
  const nee = numbers(TABLE, "nee");
  const holed = { ...TABLE, rows: TABLE.rows.assign({ nee: nee.map((v, row) => (row >= 200 && row < 210 ? NaN : v)) }) };
  const wild = { model: "m", predictions: predictionsOf(TABLE, (_, v, row) => (row >= 200 && row < 210 ? 1000 : v)) };
  const errors = budgetErrors(holed, [wild]).filter((e) => e.flux === "nee" && e.site === "A");
  close(errors[0]!.error, 0, 1e-3);
  const [curve] = cumulativeYears(holed, "A", "nee", [wild]);
  assert.equal(curve!.filled, 10);
  curve!.observed.forEach((v, d) => close(curve!.models[0]!.values[d], v, 1e-3));
  const spike = { model: "spike", predictions: predictionsOf(TABLE, (_, v, row) => (row === 100 ? 1000 : v)) };
  const lacking = { model: "lacking", predictions: predictionsOf(TABLE, (_, v, row) => (row === 100 ? NaN : v)) };
  for (const { error } of budgetErrors(TABLE, [spike, lacking]).filter((e) => e.flux === "nee")) close(error, 0, 1e-3);
});
