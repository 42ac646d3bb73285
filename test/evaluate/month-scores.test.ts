import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDay } from "../../src/core/days";
import { dailyTable } from "../../src/data/daily-table";
import { evaluatePredictions } from "../../src/evaluate/evaluate";
import { fluxAgreement } from "../../src/evaluate/flux-agreement";
import { monthSummary, scoreMonths, type MonthContender } from "../../src/evaluate/month-scores";
import { monthsOfPredictions, monthsOfTable, type MonthSeries } from "../../src/evaluate/months";
import { aSite } from "../helpers/tables";

const near = (a: unknown, b: number): void => assert.ok(typeof a === "number" && Math.abs(a - b) < 1e-6, `${String(a)}, expected ${b}`);
/** GPP by site and month from January 2001; no RECO, no NEE. */
function series(sites: Readonly<Record<string, readonly number[]>>): MonthSeries {
  const rows = Object.entries(sites).flatMap(([site, values]) => values.map((gpp, m) => ({ site, gpp, month: Date.UTC(2001, m, 1) / 86_400_000 })));
  const none = new Float32Array(rows.length).fill(NaN);
  return { site: rows.map((r) => r.site), month: Int32Array.from(rows, (r) => r.month), gpp: Float32Array.from(rows, (r) => r.gpp), reco: none, nee: none };
}
const year = (of: (m: number) => number, n = 12): number[] => Array.from({ length: n }, (_, m) => of(m));
const one = (observed: MonthSeries, ...contenders: MonthContender[]): ReturnType<typeof scoreMonths> => scoreMonths(observed, contenders).filter((r) => r.flux === "gpp");

test("months that hardly vary give no R², with a standard deviation of at most 0.2", () => {
  const r2 = (amplitude: number): number | null => one(series({ A: year((m) => 3 + (m % 2 ? amplitude : -amplitude)) }), { model: "m", series: series({ A: year(() => 3) }) })[0]!.r2;
  assert.deepEqual([r2(0.19), r2(0.21)], [null, 0]);
});

test("a summary has quartiles, medians and means over sites of 12 months, R² clipped at 0 in its mean; months are counted at these", () => {
  const tower = year((m) => (m % 2 ? 4 : 2));
  const off = [0.5, 1, 1.5, 3];
  const observed = series({ ...Object.fromEntries(off.map((_, i) => [`S${i}`, tower])), short: tower.slice(0, 11) });
  const model = series({ ...Object.fromEntries(off.map((o, i) => [`S${i}`, tower.map((v) => v + o)])), short: tower.slice(0, 11).map((v) => v + 100) });
  const [row] = monthSummary(scoreMonths(observed, [{ model: "m", series: model }]));
  assert.deepEqual([row!["n_sites"], row!["n_months"], row!["n_short"], row!["n_r2"]], [4, 48, 1, 4]);
  for (const [name, value] of Object.entries({ rmse_mean: 1.5, rmse_median: 1.25, rmse_q25: 0.875, rmse_q75: 1.875, bias_mean: 1.5 })) near(row![name], value);
  // R² = 1 − off²: 0.75, 0, −1.25, −8
  for (const [name, value] of Object.entries({ r2_median: -0.625, r2_q25: -2.9375, r2_q75: 0.1875, r2_mean_clipped: 0.1875 })) near(row![name], value);
});

test("a month of the tower counts with a mean QC of 0.75 and with an unknown one, of predictions with 90 % of its own days", () => {
  const first = parseDay("2001-01-01");
  const of = (qc: number, known: number): number[] => {
    const day = Int32Array.from({ length: 59 }, (_, d) => first + d);
    const gpp = Float32Array.from(day, (_, d) => ((d < 31 ? d : d - 31) < known ? 2 : NaN));
    return [...monthsOfTable(dailyTable({ site: Array.from(day, () => "A"), day, numbers: { gpp, nee_qc: new Float32Array(59).fill(qc) } }, [aSite("A")]), ["A"]).series.gpp];
  };
  assert.deepEqual([of(0.75, 31), of(0.74, 31), of(NaN, 31)], [[2, 2], [NaN, NaN], [2, 2]]);
  // 27.9 of January's days, 25.2 of February's
  assert.deepEqual([of(1, 28), of(1, 27), of(1, 25)], [[2, 2], [NaN, 2], [NaN, NaN]]);
  const predicted = (known: number): number[] => {
    const rows = Array.from({ length: 59 }, (_, d) => d).filter((d) => (d < 31 ? d : d - 31) < known);
    const values = new Float32Array(rows.length).fill(2);
    return [...monthsOfPredictions({ site: rows.map(() => "A"), day: Int32Array.from(rows, (d) => first + d), gpp: values, reco: values, nee: values, raw: { gpp: values, reco: values } }).gpp];
  };
  assert.deepEqual([predicted(28), predicted(27), predicted(25)], [[2, 2], [NaN, 2], [NaN, NaN]]);
});

test("of two versions of a flux the second is the reference: bias and R² are the first's against it, on the days of both", () => {
  const table = (first: number, values: readonly number[]): ReturnType<typeof dailyTable> => {
    const flux = Float32Array.from(values);
    return dailyTable({ site: values.map(() => "A"), day: Int32Array.from(values, (_, d) => first + d), numbers: { gpp: flux, reco: flux, nee: flux } }, [aSite("A")]);
  };
  const [gpp] = fluxAgreement(table(0, [99, 2, 2, 6, 4, 10]), table(1, [1, 2, 3, 4, 5, NaN]));
  assert.equal(gpp!.n, 5);
  near(gpp!.bias, 1.8);
  // Σ (1, 0, 3, 0, 5)² = 35 over Σ of the reference's deviations², 10
  near(gpp!.r2, 1 - 35 / 10);
  near(gpp!.rmse, Math.sqrt(7));
});

test("days that hardly vary give a site no R² either, with a standard deviation of at most 0.2", () => {
  const r2 = (amplitude: number): number | null => {
    const day = Int32Array.from({ length: 100 }, (_, d) => d);
    const nee = Float32Array.from(day, (d) => (d % 2 ? amplitude : -amplitude));
    const site = Array.from(day, () => "A");
    const zero = new Float32Array(100);
    return evaluatePredictions(dailyTable({ site, day, numbers: { nee } }, [aSite("A")]), { site, day, gpp: zero, reco: zero, nee: zero, raw: { gpp: zero, reco: zero } }, { model: "m", tableName: "t" }).sites.find((s) => s.flux === "nee")!.r2;
  };
  assert.deepEqual([r2(0.19), r2(0.21)], [null, 0]);
});
