import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contender } from "../../src/evaluate/evaluate";
import { seedMeans } from "../../src/evaluate/seed-means";
import { planned, predicted } from "./network";

const table = planned([..."ABC"].map((id) => ({ id, days: 100 })));
const options = { tableName: "t", sites: ["A", "B", "C"], focus: "y", seed: 1, draws: 20 };
/** NEE is off by `shift` everywhere. */
const off = (model: string, shift: number, seen: readonly string[] = []): Contender => ({ model, predictions: predicted(table, { shift }), seen: new Set(seen) });
const nee = (contenders: readonly Contender[]) => {
  const { main, gains } = seedMeans(table, contenders, options);
  return { main: main.filter((r) => r["flux"] === "nee"), gains: gains.filter((r) => r["flux"] === "nee") };
};
const near = (a: unknown, b: number): void => assert.ok(typeof a === "number" && Math.abs(a - b) < 1e-5, `${String(a)}, expected ${b}`);

test("the seeds of a model are meaned day by day before they are scored, whatever stands between them in the list", () => {
  const { main, gains } = nee([off("x", 3), off("y", 2), off("x", -1), off("y", -1), off("x", 1)]);
  assert.deepEqual(main.map((r) => [r["model"], r["seeds"], r["n_sites"]]), [["x", 3, 3], ["y", 2, 3]]);
  near(main[0]!["rmse_mean"], 1);
  near(main[1]!["rmse_mean"], 0.5);
  assert.deepEqual(gains.map((r) => [r["model"], r["reference"], r["seeds"]]), [["y", "x", 2]], "a gain is of as many seeds as the lesser of both");
  near(gains[0]!["d_rmse_mean"], -0.5);
});

test("a model of one seed beside one of two keeps its own prediction; without two seeds of any there is nothing to mean", () => {
  const { main, gains } = nee([off("y", 3), off("x", 2), off("y", -1)]);
  assert.deepEqual(main.map((r) => [r["model"], r["seeds"]]), [["y", 2], ["x", 1]]);
  near(main[0]!["rmse_mean"], 1);
  near(main[1]!["rmse_mean"], 2);
  assert.deepEqual(gains.map((r) => [r["model"], r["reference"], r["seeds"]]), [["y", "x", 1]]);
  assert.deepEqual(nee([off("x", 2), off("y", 3)]), { main: [], gains: [] });
});

test("a site that one seed has seen is seen by the mean", () => {
  const { main } = nee([off("x", 1), off("x", 1, ["B"]), off("y", 1)]);
  assert.deepEqual(main.map((r) => [r["n_sites"], r["n_days"]]), [[2, 200], [2, 200]]);
});
