import assert from "node:assert/strict";
import { test } from "node:test";
import { daysOf, numbers } from "../../src/data/daily-table";
import { driestMonths, seasonAnomalies } from "../../src/evaluate/drought";
import { energyClosure } from "../../src/evaluate/energy-balance";
import { distanceTrends, errorDistances } from "../../src/evaluate/error-distance";
import { rankCorrelation } from "../../src/evaluate/rank-correlation";
import { evaporation, waterUse } from "../../src/evaluate/water-use";
import { evaluatePredictions } from "../../src/evaluate/evaluate";
import { predictionsOf, seasonalTable } from "./site-analyses";

const close = (a: number | null | undefined, b: number, by = 0.01): void => assert.ok(a !== null && a !== undefined && Math.abs(a - b) <= by, `${a}, expected ${b}`);

/** Eight years; 2018 has a fifth of the rain from April to September and half of its GPP; other years differ a little. */
const DRY = seasonalTable(["A"], 2013, 2020, (at, v) => {
  const dry = at.year === 2018 && at.month >= 4 && at.month <= 9;
  const gpp = v["gpp"]! * (dry ? 0.5 : 1 + 0.02 * (at.year % 3));
  return { ...v, gpp, nee: v["reco"]! - gpp, p_mm_d: dry ? 0.2 * v["p_mm_d"]! : v["p_mm_d"]! };
});
const half = [{ model: "m", predictions: predictionsOf(DRY, (_, v) => 0.5 * v + 1) }];

test("a drought year stands out of the others, with its resistance and recovery", () => {
  const rows = seasonAnomalies(DRY);
  assert.equal(rows.length, 8);
  const dry = rows.find((r) => r.year === 2018)!;
  assert.ok(dry.z < -5 && dry.z_water! < -2, JSON.stringify(dry));
  close(dry.resistance, 0.49, 0.02);
  close(dry.recovery, 2, 0.1);
  assert.ok(rows.filter((r) => r.year !== 2018).every((r) => r.z > -2));
  assert.equal(rows.find((r) => r.year === 2020)!.recovery, null, "no year after the last");
});

test("a southern season runs from October to March and bears the year in which it begins", () => {
  const south = seasonalTable(["AU1"], 2012, 2020, (at, v) => ({ ...v, gpp: (at.year === 2017 && at.month >= 10) || (at.year === 2018 && at.month <= 3) ? 1 : 4 + 0.1 * (at.year % 3) }));
  const rows = seasonAnomalies(south);
  assert.deepEqual(rows.map((r) => r.year), [2012, 2013, 2014, 2015, 2016, 2017, 2018, 2019]);
  close(rows.find((r) => r.year === 2017)!.value, 1, 1e-6);
  assert.ok(rows.every((r) => r.year === 2017 || r.value > 4));
});

test("standardised, a model that scales the tower has the tower's anomalies", () => {
  const rows = seasonAnomalies(DRY, { contenders: half });
  const [tower, model] = ["observed", "m"].map((name) => rows.filter((r) => r.name === name));
  tower!.forEach((t, i) => close(model![i]!.z, t.z, 1e-4));
});

test("four years are too few, and NEE has no ratio", () => {
  assert.deepEqual(seasonAnomalies(seasonalTable(["A"], 2015, 2018)), []);
  assert.ok(seasonAnomalies(DRY, { flux: "nee" }).every((r) => r.resistance === null && r.recovery === null));
});

test("in the driest tenth of the months, the flux is low at a tower that feels drought", () => {
  const [tower, model] = driestMonths(DRY, { contenders: half });
  assert.ok(tower!.z < -1, `z ${tower!.z}`);
  close(model!.z, tower!.z, 1e-4);
  assert.ok(tower!.months <= Math.ceil(0.1 * tower!.of) && tower!.of >= 40);
});

/** GPP of each year and month, alike on all of its days; no evaporation, so that 90 days of rain are the water balance. */
const monthly = (id: string, to: number, gpp: (year: number, month: number) => number, rain: (year: number, month: number) => number): ReturnType<typeof seasonalTable> =>
  seasonalTable([id], 2011, to, (at, v) => ({ ...v, gpp: gpp(at.year, at.month), sw_in_W_m2: 0, p_mm_d: rain(at.year, at.month) }));

test("z is counted in the other years' standard deviations, divisor n − 1, of the flux and of the water balance", () => {
  const rows = seasonAnomalies(monthly("A", 2015, (year) => [1, 2, 3, 4, 9][year - 2011]!, (year) => [4, 3, 2, 1, 0][year - 2011]!));
  const last = rows.find((r) => r.year === 2015)!;
  close(last.z, (9 - 2.5) / Math.sqrt(5 / 3), 1e-6);
  // days of April to June look back to the months before, which rain as their year does
  close(last.z_water, -2.5 / Math.sqrt(5 / 3), 0.02);
  assert.equal(last.years, 4);
});

test("the driest months are sought in the site's own growing season, and need 10 months of 24 days with 5 years each", () => {
  // January 2015 is dry and without growth: it counts in the south alone
  const gpp = (year: number, month: number): number => (year === 2015 && month === 1 ? 0 : 5 + 0.1 * ((year + month) % 3));
  const rain = (year: number, month: number): number => (year === 2015 && month === 1 ? 0 : 4 + ((year * 7 + month) % 5) / 10);
  const [south] = driestMonths(monthly("AU1", 2016, gpp, rain));
  assert.ok(south!.z < -5, `z ${south!.z}`);
  const [north] = driestMonths(monthly("A", 2016, gpp, rain));
  assert.ok(Math.abs(north!.z) < 3, `z ${north!.z}`);
  assert.deepEqual([north!.of, north!.months], [36, 4]);
  const some = (months: number, days: number): ReturnType<typeof seasonalTable> => {
    const seen = new Map<string, number>();
    return seasonalTable(["A"], 2011, 2015, (at, v) => {
      const key = `${at.year} ${at.month}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      return { ...v, gpp: at.month >= 4 && at.month < 4 + months && seen.get(key)! <= days ? v["gpp"]! : NaN };
    });
  };
  assert.deepEqual([driestMonths(some(1, 24)), driestMonths(some(2, 24))[0]?.of, driestMonths(some(2, 23))], [[], 10, []]);
});

/** Net radiation 100, soil heat 10, LE 60, H 12. */
const ENERGY = seasonalTable(["A"], 2011, 2012, (at, v) => ({ ...v, netrad_W_m2: 100, g_W_m2: 10, le_W_m2: 60, h_W_m2: 12, le_qc: at.year === 2012 ? 0.2 : 1, h_qc: 1 }));

test("closure is (LE + H) / (Rn − G); without soil heat it says so; poor days and short years have none", () => {
  const rows = energyClosure(ENERGY);
  close(rows[0]!.closure, 72 / 90, 1e-5);
  assert.deepEqual([rows[0]!.with_g, rows[1]!.closure, rows[1]!.days], [true, null, 0]);
  const noSoil = energyClosure(seasonalTable(["A"], 2011, 2011, (_, v) => ({ ...v, netrad_W_m2: 100, le_W_m2: 60, h_W_m2: 12 })));
  close(noSoil[0]!.closure, 0.72, 1e-5);
  assert.equal(noSoil[0]!.with_g, false);
});

test("water-use efficiency counts dry growing days, the model over the tower's own water", () => {
  close(evaporation(100, 20), 3.52, 0.01);
  const table = seasonalTable(["A"], 2011, 2011, (_, v) => ({ ...v, le_W_m2: 100, ta_degC: 20, sw_in_W_m2: 200, gpp: 7.04, vpd_hPa: 10 }));
  const [tower, model] = waterUse(table, [{ model: "m", predictions: predictionsOf(table, (_, v) => 0.5 * v) }]);
  close(tower!.wue, 2, 0.01);
  close(tower!.inherent, 20, 0.1);
  close(model!.wue, 1, 0.01);
  assert.ok(tower!.days < 250, "rainy days and those after them are out");
  let n = 0;
  const turns = seasonalTable(["A"], 2011, 2011, (_, v) => ({ ...v, le_W_m2: 100, ta_degC: 20, sw_in_W_m2: 200, p_mm_d: n++ % 2 === 0 ? 5 : 0 }));
  assert.deepEqual(waterUse(turns), [], "every dry day follows rain");
  const spread = { ...turns, rows: turns.rows.assign({ day: Int32Array.from(daysOf(turns), (day, i) => day + i) }) };
  assert.deepEqual(waterUse(spread).map((w) => w.year), [2011, 2012], "rain of the row before, two days ago, wets no leaf today");
  const wet = seasonalTable(["A"], 2011, 2011, (_, v) => ({ ...v, le_W_m2: 100, p_mm_d: 5 }));
  assert.deepEqual(waterUse(wet), []);
});

test("rank correlation knows order alone, gives ties their mean rank, and none to few pairs", () => {
  assert.equal(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000]), 1);
  assert.equal(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1]), -1);
  close(rankCorrelation([1, 2, 2, 4], [1, 2, 3, 4]), 0.9487, 1e-4);
  assert.deepEqual([rankCorrelation([1, 2, 3], [1, 2, 3]), rankCorrelation([1, 1, 1, 1], [1, 2, 3, 4])], [null, null]);
});

test("an unseen site's error stands beside its distance to what was learnt, on the ground and in climate", () => {
  const plain = seasonalTable(["A", "B", "C", "D", "E", "F"], 2011, 2012, (at, v) => ({ ...v, ta_degC: v["ta_degC"]! + (at.site.charCodeAt(0) - 65) }));
  const table = { ...plain, sites: plain.sites.map((s, i) => ({ ...s, lat: 50 + i })) };
  const predictions = predictionsOf(table, (_, v, row) => v + Math.floor(row / 731));
  const metrics = [evaluatePredictions(table, predictions, { model: "m", tableName: "t", seen: new Set(["A"]) })];
  const rows = errorDistances(table, metrics, [table.sites[0]!]);
  const gpp = rows.filter((r) => r.flux === "gpp");
  assert.deepEqual(gpp.map((r) => [r.site, Math.round(r.km! / 111)]), [["B", 1], ["C", 2], ["D", 3], ["E", 4], ["F", 5]]);
  assert.equal(distanceTrends(rows).find((t) => t.flux === "gpp")!.km, 1);
  assert.equal(distanceTrends(rows).length, 3);
});

test("the distance in climate is counted in standard deviations of the sites learnt from, whatever the unit", () => {
  const climates = (unit: number): number[] => {
    const table = seasonalTable(["A", "B", "C", "D"], 2011, 2012, (at, v) => ({ ...v, ta_degC: unit * (v["ta_degC"]! + at.site.charCodeAt(0) - 65) }));
    const metrics = [evaluatePredictions(table, predictionsOf(table, (_, v) => v), { model: "m", tableName: "t", seen: new Set(["A", "B"]) })];
    return errorDistances(table, metrics, table.sites.slice(0, 2)).map((r) => r.climate!);
  };
  const [celsius, tenths] = [climates(1), climates(10)];
  assert.equal(celsius.length, 6);
  celsius.forEach((d, i) => close(tenths[i], d, 1e-3 * d));
});

test("a distance is told of unseen sites with 30 scored days, in climate where each driver has a year of days", () => {
  const plain = seasonalTable(["A", "B", "C"], 2011, 2012);
  const days = daysOf(plain).length / 3;
  const rows = (scored: number, warm: number): unknown[] => {
    const keep = (n: number) => (v: number, row: number): number => (row >= 2 * days && row % days >= n ? NaN : v);
    const table = { ...plain, rows: plain.rows.assign({ ta_degC: numbers(plain, "ta_degC").map(keep(warm)) }) };
    const metrics = [evaluatePredictions(table, predictionsOf(table, (_, v, row) => keep(scored)(v, row)), { model: "m", tableName: "t", seen: new Set(["A"]) })];
    return errorDistances(table, metrics, [table.sites[0]!]).filter((r) => r.flux === "gpp").map((r) => [r.site, r.climate !== null]);
  };
  assert.deepEqual([rows(30, 365), rows(29, 365), rows(30, 364)], [[["B", true], ["C", true]], [["B", true]], [["B", true], ["C", false]]]);
});
