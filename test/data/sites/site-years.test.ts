import assert from "node:assert/strict";
import { test } from "node:test";
import { asDay, parseDay, yearOf } from "../../../src/core/days";
import { random } from "../../../src/core/random";
import { dailyTable, daysOf, numbers, type DailyTable } from "../../../src/data/daily-table";
import { ingest } from "../../../src/data/ingest/ingest";
import { flagSiteYears } from "../../../src/data/sites/site-year-flags";
import { annualRandomError, annualSum, daysOfYear, siteYearRows } from "../../../src/data/sites/site-years";
import { needsShared, sharedPath } from "../../helpers/shared";
import { aSite } from "../../helpers/tables";

const near = (a: number | null, b: number, by = 1e-3): void => assert.ok(a !== null && Math.abs(a - b) <= by * Math.max(1, Math.abs(b)), `${a}, expected ${b}`);

/** Whole years of one site; NEE, GPP and RECO by day, NaN = missing. */
function yearsTable(from: number, to: number, nee: (day: number) => number, more: Record<string, (day: number) => number> = {}, site = "A"): DailyTable {
  const [first, last] = [parseDay(`${from}-01-01`), parseDay(`${to}-12-31`)];
  const day = Int32Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const columns = Object.fromEntries(Object.entries({ nee, gpp: () => 2, reco: (d: number) => 2 + nee(d), ...more }).map(([name, f]) => [name, Float32Array.from(day, f)]));
  return dailyTable({ site: new Array<string>(day.length).fill(site), day, numbers: columns }, [aSite(site)]);
}

test("a whole year's sum is the sum, leap day included", () => {
  const table = yearsTable(2011, 2012, () => -1);
  const sums = siteYearRows(table).map((rows) => annualSum(numbers(table, "nee"), daysOf(table), rows));
  assert.deepEqual(sums.map((s) => Math.round(s.sum!)), [-365, -366]);
  assert.deepEqual([daysOfYear(2011), daysOfYear(2012)], [365, 366]);
});

test("a gap counts as the rest of its own month, not of the year", () => {
  const july = (d: number): boolean => new Date(d * 86_400_000).getUTCMonth() === 6;
  const gap = new Set(Array.from({ length: 15 }, (_, i) => parseDay("2011-07-10") + i));
  const table = yearsTable(2011, 2011, (d) => (gap.has(d as never) ? NaN : july(d) ? -10 : 1));
  const { sum, known } = annualSum(numbers(table, "nee"), daysOf(table), siteYearRows(table)[0]!);
  assert.equal(known, 350);
  near(sum, 334 - 310);
});

test("less than 90 % of a year, or a month almost without days, has no sum and says why", () => {
  const holed = yearsTable(2011, 2011, (d) => (d % 9 === 0 ? NaN : 1));
  assert.match(annualSum(numbers(holed, "nee"), daysOf(holed), siteYearRows(holed)[0]!).reason!, /324 of at least 329 days/);
  const march = yearsTable(2011, 2011, (d) => (d >= parseDay("2011-03-01") && d < parseDay("2011-03-25") ? NaN : 1));
  assert.deepEqual(annualSum(numbers(march, "nee"), daysOf(march), siteYearRows(march)[0]!), { sum: null, known: 341, reason: "7 days in month 3, at least 10 needed" });
});

test("random errors of days add in quadrature: over n equal days √n, not n", () => {
  const table = yearsTable(2011, 2011, () => 0, { nee_randunc: () => 0.5 });
  near(annualRandomError(numbers(table, "nee_randunc"), daysOf(table), siteYearRows(table)[0]!), 0.5 * Math.sqrt(365));
  const half = yearsTable(2011, 2011, () => 0, { nee_randunc: (d) => (d % 2 === 0 ? 0.5 : NaN) });
  assert.equal(annualRandomError(numbers(half, "nee_randunc"), daysOf(half), siteYearRows(half)[0]!), null, "known on too few days");
});

test("on a seeded record the quadrature is the spread that repeated noise gives to the sum", () => {
  const sums = Array.from({ length: 200 }, (_, k) => {
    const r = random(k, "noise");
    const table = yearsTable(2011, 2011, () => 0.5 * r.normal());
    return annualSum(numbers(table, "nee"), daysOf(table), siteYearRows(table)[0]!).sum!;
  });
  near(Math.sqrt(sums.reduce((s, v) => s + v * v, 0) / sums.length), 0.5 * Math.sqrt(365), 0.15);
});

test("site-years are told apart at the turn of the year and of the site", () => {
  const table = yearsTable(2010, 2011, () => 1);
  assert.deepEqual(siteYearRows(table).map((r) => [r.year, r.to - r.from]), [[2010, 365], [2011, 365]]);
  assert.ok(siteYearRows(table).every((r) => yearOf(asDay(daysOf(table)[r.from]!)) === r.year));
});

test("the rule flags a range, a jump on both its sides, and a poor QC, each by name and value", () => {
  const byYear: Record<number, number> = { 2010: -300, 2011: -2200, 2012: -1100, 2013: -20, 2014: 1200 };
  const table = yearsTable(2010, 2014, (d) => byYear[yearOf(asDay(d))]! / daysOfYear(yearOf(asDay(d))), { nee_qc: (d) => (d % 10 === 0 ? NaN : yearOf(asDay(d)) === 2010 ? 0.3 : 0.9) });
  const flags = flagSiteYears(table);
  assert.deepEqual(flags.map((f) => [f.year, f.part, Math.round(f.value * 10) / 10]), [
    [2010, "nee-jump", -1900], [2010, "low-qc", 0.3], [2011, "nee-range", -2200], [2011, "nee-jump", -1900], [2012, "nee-jump", 1100], [2013, "nee-jump", 1080], [2014, "nee-range", 1200], [2014, "nee-jump", 1220],
  ]);
  assert.ok(flags.every((f) => f.rule === "implausible-budget"));
});

test("years that are apart are no jump, and a plausible record is not flagged", () => {
  const apart = yearsTable(2010, 2012, (d) => (yearOf(asDay(d)) === 2011 ? NaN : yearOf(asDay(d)) === 2010 ? -3 : 2));
  assert.deepEqual(flagSiteYears(apart), []);
  assert.deepEqual(flagSiteYears(yearsTable(2010, 2012, () => -1)), []);
});

test("of the shared towers IT-Lav and AR-Vir are flagged for what their budgets cannot be", needsShared("data/towers-daily/core_daily.csv.gz"), async () => {
  const { table } = await ingest([sharedPath("data/towers-daily/core_daily.csv.gz")!]);
  const flags = flagSiteYears(table);
  assert.ok(flags.some((f) => f.site === "AR-Vir" && f.part === "nee-jump" && f.value > 1500), "AR-Vir jumps by more than 1,500");
  assert.ok(flags.some((f) => f.site === "IT-Lav" && f.part === "nee-range" && f.value < -1500), "IT-Lav is below −1,500");
  assert.ok(new Set(flags.map((f) => f.site)).size <= 15, `few towers are flagged: ${[...new Set(flags.map((f) => f.site))].join(", ")}`);
});

test("a FULLSET file gives u* percentiles in order, both partitions, random uncertainty and the energy balance", needsShared("data/icos-warm-winter-2020/FLX_FR-Tou_FLUXNET2015_FULLSET_DD_2018-2020_beta-3.csv.gz"), async () => {
  const { table } = await ingest([sharedPath("data/icos-warm-winter-2020/FLX_FR-Tou_FLUXNET2015_FULLSET_DD_2018-2020_beta-3.csv.gz")!]);
  const [p05, p25, p75, p95] = ["05", "25", "75", "95"].map((p) => numbers(table, `nee_ustar${p}`));
  let known = 0;
  p05!.forEach((v, i) => {
    if (Number.isNaN(v)) return;
    known++;
    assert.ok(v <= p25![i]! + 1e-5 && p25![i]! <= p75![i]! + 1e-5 && p75![i]! <= p95![i]! + 1e-5, "percentiles ascend");
  });
  assert.ok(known > 300);
  for (const name of ["nee_randunc", "gpp_dt", "reco_ustar25", "gpp_ustar95", "le_W_m2", "h_W_m2", "netrad_W_m2", "g_W_m2", "le_qc", "h_qc"]) assert.ok(numbers(table, name).some((v) => !Number.isNaN(v)), name);
});
