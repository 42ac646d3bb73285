import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import * as zlib from "node:zlib";
import { numbers } from "../../src/data/daily-table";
import { ingest } from "../../src/data/ingest/ingest";
import { targetView } from "../../src/data/target-view";
import { cumulativeYears } from "../../src/evaluate/budget-cumulative";
import { budgetErrors, budgetSummary } from "../../src/evaluate/budget-error";
import { budgetDifferences, differenceSummary } from "../../src/evaluate/partition";
import { annualBudgets, budgetDoubt } from "../../src/evaluate/site-year";
import { isWorkbookError } from "../../src/core/errors";
import { needsShared, sharedPath } from "../helpers/shared";
import { predictionsOf, seasonalTable } from "./site-analyses";

const close = (a: number | null | undefined, b: number, by = 0.01): void => assert.ok(a !== null && a !== undefined && Math.abs(a - b) <= by, `${a}, expected ${b}`);

/** Two years; u* percentiles 0.1 and 0.3 beside NEE, a partition 0.5 above GPP, a random error of 0.4 a day. */
const TABLE = seasonalTable(["A", "B"], 2011, 2012, (_, v) => ({ ...v, nee_randunc: 0.4, nee_ustar05: v["nee"]! - 0.3, nee_ustar25: v["nee"]! - 0.1, nee_ustar75: v["nee"]! + 0.1, nee_ustar95: v["nee"]! + 0.3, gpp_dt: v["gpp"]! + 0.5, reco_dt: v["reco"]! + 0.5 }));
const budget = (flux: string, table = TABLE) => annualBudgets(table).find((b) => b.site === "A" && b.year === 2011 && b.flux === flux)!;

test("u* and partition ranges are summed, random errors add in quadrature", () => {
  const nee = budget("nee");
  close(nee.ustar75! - nee.sum!, 0.1 * 365);
  close(nee.sum! - nee.ustar05!, 0.3 * 365);
  close(nee.random, 0.4 * Math.sqrt(365));
  const gpp = budget("gpp");
  close(gpp.daytime! - gpp.sum!, 0.5 * 365);
  assert.deepEqual([nee.daytime, gpp.random, gpp.ustar25], [null, null, null]);
});

test("the random error of a month with gaps grows as its sum does", () => {
  const holed = seasonalTable(["A"], 2011, 2011, ({ month }, v) => ({ ...v, nee_randunc: 0.4, ...(month === 7 && v["p_mm_d"]! > 0 ? { nee: NaN, nee_randunc: NaN } : {}) }));
  const { random, known } = budget("nee", holed);
  const july = known - (365 - 31);
  assert.ok(july > 10 && july < 31, `${july} days of July`);
  close(random, 0.4 * Math.sqrt(365 - 31 + july * (31 / july) ** 2), 1e-3);
});

test("the doubt takes the widest u* range, the other partition and 1.96 standard errors, and names them", () => {
  const nee = budgetDoubt(budget("nee"))!;
  close(nee.high - budget("nee").sum!, 0.3 * 365 + 1.96 * 0.4 * Math.sqrt(365));
  assert.equal(nee.of, "random, u* 05–95");
  const gpp = budgetDoubt(budget("gpp"))!;
  close(gpp.high - gpp.low, 0.5 * 365);
  assert.equal(gpp.of, "partition");
  assert.equal(budgetDoubt(budget("nee", seasonalTable(["A"], 2011, 2011))), null, "nothing is known of the error");
});

test("a model inside the tower's doubt has no error that counts, one outside only the rest", () => {
  const shifted = (by: number) => budgetErrors(TABLE, [{ model: "m", predictions: predictionsOf(TABLE, (_, v) => v + by) }]).find((e) => e.site === "A" && e.year === 2011 && e.flux === "nee")!;
  const room = 0.3 * 365 + 1.96 * 0.4 * Math.sqrt(365);
  close(shifted(0.2).within, 0.2 * 365);
  close(shifted(1).within, room);
  close(shifted(-1).within, room);
  close(shifted(1).error, 365);
  const summary = budgetSummary(budgetErrors(TABLE, [{ model: "m", predictions: predictionsOf(TABLE, (_, v) => v + 1) }])).find((s) => s.flux === "nee")!;
  close(summary.share_within, room / 365.5, 0.01);
  assert.deepEqual([summary.site_years, summary.with_doubt, summary.inside], [4, 4, 0]);
});

test("seeds of one name are averaged and their spread is the model's; seen sites stay out of the summary", () => {
  const seeds = [-0.1, 0.1].map((by) => ({ model: "m", predictions: predictionsOf(TABLE, (_, v) => v + by), seen: new Set(["B"]) }));
  const errors = budgetErrors(TABLE, seeds);
  close(errors[0]!.error, 0);
  close(errors[0]!.seeds_sd, 0.1 * 365 * Math.SQRT2);
  assert.equal(budgetSummary(errors)[0]!.sites, 1);
});

test("model and tower are summed over the same days", () => {
  const predictions = predictionsOf(TABLE, (_, v, row) => (row % 20 === 0 ? NaN : v));
  for (const e of budgetErrors(TABLE, [{ model: "m", predictions }])) close(e.error, 0, 1e-3);
});

test("the cumulative curve ends at the annual sum, gaps and all, within its u* band", () => {
  const holed = seasonalTable(["A"], 2011, 2012, (at, v) => ({ ...v, nee: at.month === 7 && at.year === 2011 && v["p_mm_d"]! > 0 ? NaN : v["nee"]!, nee_ustar25: v["nee"]! - 0.1, nee_ustar75: v["nee"]! + 0.1 }));
  const sums = annualBudgets(holed).filter((b) => b.flux === "nee");
  const curves = cumulativeYears(holed, "A", "nee", [{ model: "m", predictions: predictionsOf(holed, (_, v) => v) }]);
  assert.deepEqual(curves.map((c) => c.observed.length), [365, 366]);
  assert.ok(curves[0]!.filled > 0);
  curves.forEach((c, i) => {
    close(c.observed[c.observed.length - 1], sums[i]!.sum!, 1e-3);
    close(c.models[0]!.values[c.observed.length - 1], sums[i]!.sum!, 1e-3);
    assert.ok(c.observed.every((v, d) => c.ustar!.low[d]! < v + 1 && c.ustar!.high[d]! > v - 1));
    assert.equal(c.ustar!.of, "25–75");
  });
});

test("a site without a whole year has no curve and says what its years lack", () => {
  const short = seasonalTable(["A"], 2011, 2011, (at, v) => ({ ...v, nee: at.month < 4 ? NaN : v["nee"]! }));
  assert.throws(() => cumulativeYears(short, "A", "nee"), (e) => isWorkbookError(e, "EmptyTable") && /2011: 275 of at least 329 days/.test(e.message));
});

test("two versions of a flux differ by what the days they share say", () => {
  const rows = budgetDifferences(targetView(TABLE, "day"), TABLE);
  const summary = Object.fromEntries(differenceSummary(rows).map((s) => [s.flux, s]));
  close(summary["gpp"]!.mean, 0.5 * 365.5);
  close(summary["nee"]!.max_abs, 0);
  const half = seasonalTable(["A"], 2011, 2012, (at, v) => ({ ...v, nee: at.year === 2012 ? NaN : v["nee"]! }));
  assert.deepEqual(budgetDifferences(TABLE, half).filter((r) => r.flux === "nee").map((r) => [r.site, r.year]), [["A", 2011]]);
});

test("summed daily u* percentiles are an outer bound of the monthly ones that the provider gives", needsShared("data/fluxnet2015/FLX_AR-Vir_FLUXNET2015_SUBSET_MM_2009-2012_1-4.csv.gz"), async () => {
  const { table } = await ingest([sharedPath("data/fluxnet2015/FLX_AR-Vir_FLUXNET2015_SUBSET_DD_2009-2012_1-4.csv.gz")!]);
  const lines = zlib.gunzipSync(fs.readFileSync(sharedPath("data/fluxnet2015/FLX_AR-Vir_FLUXNET2015_SUBSET_MM_2009-2012_1-4.csv.gz")!)).toString("utf8").trim().split("\n").map((l) => l.split(","));
  const at = (name: string): number => lines[0]!.indexOf(name);
  let [outer, months] = [0, 0];
  for (const line of lines.slice(1)) {
    const [low, high] = [Number(line[at("NEE_VUT_25")]), Number(line[at("NEE_VUT_75")])];
    if (low <= -9999 || !line[0]!.startsWith("2011")) continue;
    const rows = Array.from(table.rows.column("day") as unknown as Int32Array, (d, row) => ({ month: new Date(d * 86_400_000).toISOString().slice(0, 7).replace("-", ""), row })).filter((r) => r.month === line[0]);
    const width = rows.reduce((sum, r) => sum + numbers(table, "nee_ustar75")[r.row]! - numbers(table, "nee_ustar25")[r.row]!, 0) / rows.length;
    months++;
    if (width >= high - low - 1e-3) outer++;
  }
  assert.ok(months === 12 && outer >= 10, `${outer} of ${months} months`);
});
