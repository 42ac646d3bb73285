import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDay } from "../../src/core/days";
import { dailyTable, type DailyTable } from "../../src/data/daily-table";
import { energyClosure } from "../../src/evaluate/energy-balance";
import { evaporation, waterUse } from "../../src/evaluate/water-use";
import { aSite } from "../helpers/tables";

type Values = Readonly<Record<string, number | undefined>>;
const PLAIN: Values = { gpp: 5, le_W_m2: 100, h_W_m2: 20, netrad_W_m2: 160, g_W_m2: 10, ta_degC: 20, sw_in_W_m2: 200, p_mm_d: 0, le_qc: 1, h_qc: 1 };

/** Days of one site from 2011-01-01, all alike but for the values that `of` changes on a day. */
function days(n: number, of: (d: number) => Values = () => ({})): DailyTable {
  const rows = Array.from({ length: n }, (_, d): Values => ({ ...PLAIN, ...of(d) }));
  const numbers = Object.fromEntries(Object.keys(PLAIN).map((name) => [name, Float32Array.from(rows, (r) => r[name]!)]));
  return dailyTable({ site: rows.map(() => "AU-A"), day: Int32Array.from(rows, (_, d) => parseDay("2011-01-01") + d), numbers }, [aSite("AU-A", { lat: -35 })]);
}
const hundred = (values: Values): DailyTable => days(365, (d) => (d < 100 ? values : {}));

test("water use takes days above 5 °C, 50 W m⁻² and 0.2 mm of evaporation, with at most 0.5 mm of rain and a QC of LE of at least 0.75 or unknown", () => {
  const taken = (values: Values): number => waterUse(hundred(values))[0]!.days;
  const latent = (mm: number): number => (100 * mm) / evaporation(100, 20);
  for (const inside of [{ ta_degC: 5.1 }, { sw_in_W_m2: 51 }, { le_W_m2: latent(0.21) }, { p_mm_d: 0.5 }, { le_qc: 0.75 }, { le_qc: NaN }, { h_qc: 0 }]) assert.equal(taken(inside), 365, JSON.stringify(inside));
  for (const outside of [{ ta_degC: 5 }, { sw_in_W_m2: 50 }, { le_W_m2: latent(0.19) }, { le_qc: 0.74 }, { p_mm_d: NaN }, { gpp: NaN }]) assert.equal(taken(outside), 265, JSON.stringify(outside));
  assert.equal(taken({ p_mm_d: 0.51 }), 264, "the day after is wet too");
});

test("rain on New Year's Eve wets the leaves of 1 January", () => {
  const eve = waterUse(days(730, (d) => (d === 364 ? { p_mm_d: 9 } : {})));
  assert.deepEqual(eve.map((w) => [w.year, w.days]), [[2011, 364], [2012, 364]]);
});

test("a year needs 60 such days for its water use", () => {
  assert.deepEqual([59, 60].map((n) => waterUse(days(n)).map((w) => w.days)), [[], [60]]);
});

test("the heat that evaporates water falls with its temperature as FAO 56 has it", () => {
  // 2.45 MJ kg⁻¹ at 20 °C: 28.4 W m⁻² evaporate 1 mm a day
  for (const [celsius, heat] of [[0, 2.501e6], [20, 2.45378e6], [30, 2.43017e6]] as const) assert.ok(Math.abs(evaporation(heat / 86_400, celsius) - 1) < 1e-9, `${celsius} °C`);
});

test("closure is of days with all terms whose LE and H have a QC of at least 0.75 or an unknown one, 180 of them", () => {
  const taken = (values: Values): number => energyClosure(hundred(values))[0]!.days;
  for (const inside of [{ le_qc: 0.75 }, { h_qc: 0.75 }, { le_qc: NaN, h_qc: NaN }]) assert.equal(taken(inside), 365, JSON.stringify(inside));
  for (const outside of [{ le_qc: 0.74 }, { h_qc: 0.74 }, { g_W_m2: NaN }, { h_W_m2: NaN }, { netrad_W_m2: NaN }]) assert.equal(taken(outside), 265, JSON.stringify(outside));
  assert.deepEqual([179, 180].map((n) => energyClosure(days(n))[0]!.closure), [null, 120 / 150]);
});

test("closure is a ratio of sums, so that a dark day weighs less, and there is none where no energy was at hand", () => {
  const [half] = energyClosure(days(200, (d) => (d % 2 ? { netrad_W_m2: 40, le_W_m2: 30, h_W_m2: 0 } : {})));
  assert.equal(half!.closure, (120 + 30) / (150 + 30));
  assert.equal(energyClosure(days(200, () => ({ netrad_W_m2: 5 })))[0]!.closure, null);
});
