import assert from "node:assert/strict";
import { test } from "node:test";
import { asDay, dayOfYear } from "../../src/core/days";
import { random } from "../../src/core/random";
import { lloydTaylor } from "../../src/data/simulate/reco";
import { makkink, waterBalance } from "../../src/evaluate/drought-index";
import { hasResponse, respirationFits, response } from "../../src/evaluate/response";
import { responseCurve } from "../../src/evaluate/response-curve";
import { fitShape, fitTemperature } from "../../src/evaluate/response-temperature";
import { predictionsOf, seasonalTable } from "./site-analyses";

const close = (a: number | null | undefined, b: number, by = 0.01): void => assert.ok(a !== null && a !== undefined && Math.abs(a - b) <= by, `${a}, expected ${b}`);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test("bins hold means of the days that tower and model both have, and thin bins are left out", () => {
  const day = range(400);
  const x = day.map((d) => (d < 390 ? d % 2 : 5));
  const observed = day.map((d) => (d % 2 === 0 ? 1 : 3));
  const model = day.map((d) => (d === 1 ? NaN : 2));
  const bins = responseCurve({ day, x, series: [{ name: "observed", values: observed }, { name: "m", values: model }] }, [0, 1, 2, 10]);
  assert.deepEqual(bins.map((b) => [b.low_edge, b.n, b.series[0]!.mean, b.series[1]!.mean]), [[0, 195, 1, 2], [1, 194, 3, 2]]);
});

test("a bin is shown from 20 days of 3 months on; a month of another year or of another site is another month", () => {
  /** Days from those numbers on, some of each. */
  const shown = (starts: readonly number[], each: readonly number[], site?: (k: number) => string): number[] => {
    const at = starts.flatMap((from, k) => range(each[k]!).map((d) => ({ day: from + d, site: site?.(k) ?? "A" })));
    return responseCurve({ day: at.map((a) => a.day), site: at.map((a) => a.site), x: at.map(() => 0.5), series: [{ name: "observed", values: at.map(() => 1) }] }, [0, 1]).flatMap((b) => [b.n, b.months]);
  };
  // days 0, 31 and 59 begin January, February and March of 1970; 365 January of 1971
  assert.deepEqual([shown([0, 31, 59], [10, 9, 1]), shown([0, 31, 59], [10, 8, 1])], [[20, 3], []]);
  assert.deepEqual([shown([0, 31], [20, 20]), shown([0, 31, 365], [10, 9, 1])], [[], [20, 3]]);
  assert.deepEqual([shown([0, 0, 0], [8, 8, 8]), shown([0, 0, 0], [8, 8, 8], (k) => "ABC"[k]!)], [[], [24, 3]]);
});

test("a bin stands at the mean driver of its days, from its lower edge on; what lies below the first or from the last on is in none", () => {
  const day = range(360);
  const x = day.map((d) => [-1, 1, 1.25, 2][d % 4]!);
  const bins = responseCurve({ day, x, series: [{ name: "observed", values: day.map((d) => d % 4) }] }, [1, 2]);
  assert.deepEqual(bins.map((b) => [b.x, b.n, b.series[0]!.mean]), [[1.125, 180, 1.5]]);
});

test("the interval is of months, not of days: days that repeat their month's value make it no narrower", () => {
  const r = random(1, "months");
  const level = range(24).map(() => r.normal());
  const half = (perMonth: number): number => {
    const day = range(24).flatMap((m) => range(perMonth).map((k) => Math.round(m * 30.44) + 2 + k));
    const values = range(24).flatMap((m) => range(perMonth).map(() => level[m]!));
    const [bin] = responseCurve({ day, x: day.map(() => 0), series: [{ name: "observed", values }] }, [-1, 1]);
    return bin!.series[0]!.high - bin!.series[0]!.mean;
  };
  close(half(20), half(2), 1e-9);
  const sd = Math.sqrt(level.reduce((s, v) => s + (v - level.reduce((a, b) => a + b, 0) / 24) ** 2, 0) / 23);
  close(half(2), (1.96 * sd) / Math.sqrt(24), 1e-6);
});

test("the amplitude and the shape of a response are found by least squares", () => {
  const x = range(50).map((i) => i - 10);
  const { a, p } = fitShape((v, k) => Math.exp(k * v), x, x.map((v) => 2.5 * Math.exp(0.07 * v)), [0, 0.3]);
  close(a, 2.5, 1e-3);
  close(p, 0.07, 1e-4);
});

test("E0 and Q10 come back from a record made with them, within their interval over seeds", () => {
  let [coveredE0, coveredQ10] = [0, 0];
  for (let seed = 0; seed < 20; seed++) {
    const r = random(seed, "respiration");
    const day = range(730);
    const ta = day.map((d) => 8 - 12 * Math.cos((2 * Math.PI * d) / 365) + 2 * r.normal());
    const lloyd = fitTemperature(day, ta, ta.map((t) => 3 * lloydTaylor(t, 250) + 0.3 * r.normal()))!;
    const vantHoff = fitTemperature(day, ta, ta.map((t) => 3 * 1.9 ** ((t - 15) / 10) + 0.3 * r.normal()))!;
    close(lloyd.base, 3, 0.1);
    if (lloyd.e0_low <= 250 && 250 <= lloyd.e0_high) coveredE0++;
    if (vantHoff.q10_low <= 1.9 && 1.9 <= vantHoff.q10_high) coveredQ10++;
  }
  assert.ok(coveredE0 >= 15 && coveredQ10 >= 15, `intervals cover ${coveredE0} and ${coveredQ10} of 20`);
});

test("a season that is the same every year is no doubt about a sensitivity", () => {
  const day = range(12 * 365).map((d) => 10957 + d);
  const ofYear = day.map((d) => (2 * Math.PI * dayOfYear(asDay(d))) / 365.25);
  const ta = ofYear.map((a) => 8 - 12 * Math.cos(a));
  // phenology: more respiration in spring than at the same temperature in autumn
  const { q10, q10_low, q10_high } = fitTemperature(day, ta, ta.map((t, i) => 3 * 2 ** ((t - 15) / 10) * Math.exp(0.5 * Math.sin(ofYear[i]! - 1))))!;
  assert.ok(q10_high - q10_low < 0.02 * q10, `${q10_low} to ${q10_high}`);
});

test("a narrow climate or a short record has no sensitivity", () => {
  const day = range(365);
  assert.equal(fitTemperature(day, day.map((d) => 25 + 2 * Math.sin(d)), day.map(() => 3)), null);
  assert.equal(fitTemperature(range(50), range(50), range(50)), null);
});

test("reference evaporation has the size of a temperate summer day, none without light, and the balance sums 90 days", () => {
  close(makkink(20, 250), 3.94, 0.01);
  assert.equal(makkink(-5, 0), 0);
  const table = seasonalTable(["A"], 2011, 2011, (_, v) => ({ ...v, p_mm_d: 2, sw_in_W_m2: 0 }));
  const balance = waterBalance(table);
  assert.ok(Number.isNaN(balance[79]!), "80 days are too few");
  close(balance[81], 180, 1e-3);
  close(balance[364], 180, 1e-3);
});

test("the water balance is of the 90 days that end with the row, the day before them no longer in it", () => {
  let d = 0;
  const table = seasonalTable(["A"], 2011, 2011, (_, v) => ({ ...v, p_mm_d: d++ === 100 ? 9 : 0, sw_in_W_m2: 0 }));
  assert.deepEqual([99, 100, 189, 190].map((row) => waterBalance(table)[row]), [0, 9, 9, 0]);
});

test("light responses come in classes, each named with its unit, and the model's stands beside the tower's", () => {
  const table = seasonalTable(["A", "B"], 2011, 2012);
  const damped = [{ model: "m", predictions: predictionsOf(table, (_, v) => 0.5 * v) }];
  const light = response(table, "gpp-light-temperature", { contenders: damped, sites: ["A"] });
  assert.deepEqual(light.sites, ["A"]);
  assert.ok(light.panels.length >= 2 && light.panels.every((p) => /°C/.test(p.label)));
  for (const panel of light.panels) for (const bin of panel.bins) close(bin.series[1]!.mean, 0.5 * bin.series[0]!.mean, 1e-6);
  const dryness = response(table, "gpp-dryness");
  assert.equal(dryness.panels[0]!.bins.length, 10, "deciles of the water balance");
  const days = dryness.panels[0]!.bins.map((b) => b.n);
  assert.ok(Math.max(...days) - Math.min(...days) <= 1, `deciles are alike: ${days.join(", ")}`);
});

test("no day is too bright, too hot or too dry for a bin", () => {
  for (const [kind, column, value] of [["gpp-light-vpd", "sw_in_W_m2", 420], ["reco-temperature", "ta_degC", 44], ["reco-temperature", "ta_degC", -60], ["gpp-vpd", "vpd_hPa", 70]] as const) {
    const table = seasonalTable(["A"], 2011, 2011, ({ month }, v) => ({ ...v, ta_degC: 20, ...(month <= 4 ? { [column]: value } : {}) }));
    const bins = response(table, kind).panels.flatMap((p) => p.bins);
    assert.ok(bins.some((b) => b.low_edge <= value && value < b.high_edge && b.n >= 60), `${kind} ${value}`);
  }
});

test("respiration's sensitivity is read on the same days of tower and model", () => {
  const table = seasonalTable(["A"], 2011, 2012, (_, v) => ({ ...v, reco: 2 * lloydTaylor(v["ta_degC"]!, 200) }));
  const fits = respirationFits(table, { contenders: [{ model: "m", predictions: predictionsOf(table, (_, v, row) => (row % 3 === 0 ? NaN : v ** 0.5)) }] });
  close(fits[0]!.fit.e0, 200, 1);
  close(fits[1]!.fit.e0, 100, 1);
  assert.equal(fits[0]!.fit.n, fits[1]!.fit.n);
});

test("a table says itself which responses it can tell", () => {
  const table = seasonalTable(["A"], 2011, 2011);
  assert.ok(hasResponse(table, "gpp-dryness") && hasResponse(table, "reco-temperature"));
  const dry = seasonalTable(["A"], 2011, 2011, (_, { p_mm_d: _p, ...v }) => v);
  assert.ok(!hasResponse(dry, "gpp-dryness") && hasResponse(dry, "gpp-vpd"));
});
