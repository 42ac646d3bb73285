import assert from "node:assert/strict";
import { test } from "node:test";
import { hasColumn, numbers, texts } from "../../src/data/daily-table";
import { withTowerExtras } from "../../src/data/simulate/extras";
import { simulate } from "../../src/data/simulate/simulate";
import { gapsOf, oneSite, rowsOfSite } from "../../src/data/sites/site-gaps";
import { annualBudgets, budgetDoubt } from "../../src/evaluate/site-year";
import { energyClosure } from "../../src/evaluate/energy-balance";
import { monthErrors } from "../../src/evaluate/site-months";
import { isWorkbookError } from "../../src/core/errors";
import { predictionsOf, seasonalTable } from "./site-analyses";

test("errors by month are on good days that all models have", () => {
  const table = seasonalTable(["A"], 2011, 2011, (at, v) => ({ ...v, nee_qc: at.month === 2 ? 0.5 : 1 }));
  const rows = monthErrors(table, [{ model: "m", predictions: predictionsOf(table, (_, v) => v + 2) }, { model: "n", predictions: predictionsOf(table, (_, v, row) => (row < 10 ? NaN : v)) }], "nee");
  assert.deepEqual(rows.filter((r) => r.model === "m").map((r) => r.days), [21, 0, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
  assert.ok(rows.filter((r) => r.model === "m" && r.days > 0).every((r) => Math.abs(r.bias! - 2) < 1e-5));
  assert.equal(rows[1]!.rmse, null);
});

test("a site's gaps are counted by the calendar, a day without a row like one without a value", () => {
  const plain = seasonalTable(["A", "B"], 2011, 2011, (at, v) => ({ ...v, gpp: at.month === 3 ? NaN : v["gpp"]! }));
  const cut = { ...plain, rows: plain.rows.filter((d: { site: string; day: number }) => !(d.site === "B" && d.day >= 15100 && d.day < 15110)).reify() };
  assert.deepEqual(gapsOf(cut, "A", ["gpp", "none"]).map((g) => [g.column, g.days, g.missing, g.longest, g.longest_from]), [["gpp", 365, 31, 31, "2011-03-01"]]);
  const [b] = gapsOf(cut, "B", ["ta_degC"]);
  assert.deepEqual([b!.missing, b!.longest, b!.share], [10, 10, 10 / 365]);
  assert.deepEqual(gapsOf(plain, "B", ["ta_degC"])[0]!.longest_from, null);
});

test("one site of a table is a table, and an unknown id names the nearest", () => {
  const table = seasonalTable(["A", "B"], 2011, 2011);
  const b = oneSite(table, "B");
  assert.deepEqual([b.sites.map((s) => s.site), b.rows.numRows(), [...new Set(texts(b, "site"))]], [["B"], 365, ["B"]]);
  assert.deepEqual(numbers(b, "gpp"), numbers(table, "gpp").slice(365));
  assert.throws(() => rowsOfSite(table, "C"), (e) => isWorkbookError(e, "BadSite") && /nearest A, B/.test(e.message));
});

test("simulated towers get what an original file has besides the fluxes, and measured ones are left alone", () => {
  const { table } = simulate({ sites: 6, years: 1, seed: 1 });
  const full = withTowerExtras(table);
  assert.deepEqual(numbers(full, "nee"), numbers(table, "nee"), "no flux is touched");
  const doubts = annualBudgets(full).flatMap((b) => (b.sum === null ? [] : [budgetDoubt(b)!]));
  assert.ok(doubts.length > 3 && doubts.every((d) => d.high > d.low && d.high - d.low < 1500));
  assert.ok(annualBudgets(full).filter((b) => b.flux === "nee" && b.sum !== null).every((b) => b.ustar05! <= b.ustar25! && b.ustar25! <= b.ustar75! && b.ustar75! <= b.ustar95!));
  const closures = energyClosure(full).flatMap((c) => c.closure ?? []);
  assert.ok(closures.length > 3 && closures.every((c) => c > 0.65 && c < 1.05), closures.join(", "));
  assert.deepEqual(numbers(withTowerExtras(table), "nee_ustar05"), numbers(full, "nee_ustar05"), "the same seed, the same numbers");
  const measured = seasonalTable(["A"], 2011, 2011);
  assert.ok(withTowerExtras(measured) === measured && !hasColumn(measured, "nee_randunc"));
});
