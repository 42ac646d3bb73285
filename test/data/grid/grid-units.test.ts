import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { random } from "../../../src/core/random";
import { COLUMNS } from "../../../src/core/columns";
import { isWorkbookError } from "../../../src/core/errors";
import { readDays, readTimes } from "../../../src/data/grid/cf";
import type { GridFile } from "../../../src/data/grid/grid";
import { openPredictors } from "../../../src/data/grid/open-predictors";
import { conversion, parseUnit } from "../../../src/data/grid/physical-unit";
import { planBands } from "../../../src/data/grid/band-names";
import { scratch } from "../../helpers/cli";
import { writeNetcdf, type GridVar } from "../../helpers/grids";

test("units convert by what they measure, however they are spelt", () => {
  const same: readonly (readonly [string, string, number, number?])[] = [
    ["K", "°C", 1, -273.15], ["degrees_Celsius", "K", 1, 273.15], ["degF", "°C", 5 / 9, -160 / 9], ["W m-2", "J m⁻² d⁻¹", 86_400], ["MJ m-2 day-1", "W m⁻²", 1e6 / 86_400],
    ["W/m^2", "W m⁻²", 1], ["J m**-2 d**-1", "J m⁻² d⁻¹", 1], ["Pa", "hPa", 0.01], ["mbar", "kPa", 0.1], ["m s**-1", "m s⁻¹", 1], ["km h-1", "m s⁻¹", 1 / 3.6], ["%", "1", 0.01],
    ["m**2 m**-2", "m² m⁻²", 1], ["", "1", 1], ["1e-4", "1", 1e-4], ["degrees", "°", 1], ["mm/day", "m d⁻¹", 1e-3], ["radians", "°", 180 / Math.PI],
  ];
  for (const [from, to, scale, offset = 0] of same) {
    const found = conversion(from, to);
    assert.ok(found !== null, `${from} → ${to}`);
    assert.ok(Math.abs(found.scale / scale - 1) < 1e-12 && Math.abs(found.offset - offset) < 1e-9, `${from} → ${to}: ${JSON.stringify(found)}`);
  }
  for (const [from, to] of [["K", "W m⁻²"], ["m", "m d⁻¹"], ["J m-2", "W m⁻²"], ["kg m-2 s-1", "mm d⁻¹"], ["0", "1"], ["furlong", "m"], ["W m-2 K", "W m⁻²"]] as const) assert.equal(conversion(from, to), null, `${from} → ${to}`);
});

test("a day's sum and a mass of water convert only where that is said", () => {
  assert.equal(conversion("m", "m d⁻¹", { sum: true })!.scale, 1);
  assert.equal(conversion("kg m-2 s-1", "mm d⁻¹", { water: true })!.scale, 86_400);
  assert.equal(conversion("kg m-2", "m d⁻¹", { sum: true, water: true })!.scale, 0.001);
  assert.equal(conversion("m of water equivalent", "mm d⁻¹", { sum: true })!.scale, 1000);
});

test("there and back again is no change, for units of the same kind (200 draws)", () => {
  const kinds = [["K", "°C", "degF"], ["Pa", "hPa", "kPa", "mbar", "bar"], ["W m-2", "J m-2 d-1", "MJ m-2 day-1", "kJ m-2 h-1"], ["mm d-1", "m s-1", "cm h-1", "km d-1"], ["1", "%"]];
  const rng = random(1, "units");
  for (let i = 0; i < 200; i++) {
    const kind = kinds[rng.int(kinds.length)]!;
    const [a, b] = [kind[rng.int(kind.length)]!, kind[rng.int(kind.length)]!];
    const [there, back] = [conversion(a, b)!, conversion(b, a)!];
    const x = 100 * rng.normal();
    assert.ok(Math.abs((x * there.scale + there.offset) * back.scale + back.offset - x) < 1e-9 * (1 + Math.abs(x)), `${a} → ${b}`);
  }
});

test("every canonical unit is one the parser knows, codes and carbon apart", () => {
  for (const { name, unit, group } of COLUMNS) if (group !== "flux" && unit !== "code" && !unit.startsWith("g C")) assert.ok(parseUnit(unit) !== null, `${name}: ${unit}`);
});

async function first(variable: GridVar, channel: string): Promise<{ value: number; notes: readonly string[]; changed: unknown }> {
  const grid = await openPredictors(await writeNetcdf(path.join(scratch("grid"), "g.nc"), { lat: [50, 40], lon: [0, 10], days: [18_000, 18_001], variables: [variable] }), { channels: [channel], landFraction: 1 });
  const { drivers, changed } = await grid.readTile({ rows: [0, 1], columns: [0, 1] }, [channel]);
  return { value: Number(drivers[0]!.toPrecision(6)), notes: grid.notes, changed };
}

test("ERA5-Land, CMIP, CF and the network's own names come into the channel's unit", async () => {
  const cases: readonly (readonly [string, Record<string, string>, number, string, number])[] = [
    ["t2m", { units: "K" }, 285, "temperature_2m", 285], ["t2m", { units: "K" }, 285, "ta_degC", 11.85], ["tp", { units: "m", cell_methods: "time: sum" }, 0.004, "p_mm_d", 4],
    ["pr", { units: "kg m-2 s-1" }, 1e-5, "p_mm_d", 0.864], ["ssrd", { units: "J m**-2", cell_methods: "time: sum" }, 864_0000, "sw_in_W_m2", 100], ["rsds", { units: "W m-2" }, 100, "sw_in_W_m2", 100],
    ["surface_net_solar_radiation_sum", { units: "J/m^2" }, 5e6, "surface_net_solar_radiation_sum", 5e6], ["sp", { units: "Pa" }, 98_000, "pa_kPa", 98], ["vpd_kPa", {}, 0.8, "vpd_hPa", 8],
    ["wind", { units: "m s-1", standard_name: "wind_speed" }, 3, "ws_m_s", 3], ["ta_degC", {}, 7, "ta_degC", 7], ["TA_F", {}, 7, "ta_degC", 7],
  ];
  for (const [name, attributes, value, channel, expected] of cases) assert.equal((await first({ name, attributes, value: () => value }, channel)).value, expected, `${name} → ${channel}`);
});

test("MOD09GA's integers are told from reflectances, fill is missing and counted, cloud is three bits of the state", async () => {
  const packed = await first({ name: "sur_refl_b02_1", type: "int16", attributes: { units: "1" }, value: (lat) => (lat === 50 ? 2500 : -28_672) }, "sur_refl_b02");
  assert.equal(packed.value, 0.25);
  assert.match(packed.notes.join(), /sur_refl_b02: stored integers are taken as packed, × 0\.0001/);
  const plain = await first({ name: "sur_refl_b02", attributes: {}, value: () => 0.25 }, "sur_refl_b02");
  assert.deepEqual([plain.value, plain.notes], [0.25, []]);
  assert.equal((await first({ name: "state_1km_1", type: "int16", attributes: {}, value: () => 0b101_1010 }, "clouds")).value, 2);
});

test("what is impossible is missing, rounding noise below zero is zero, and both are counted", async () => {
  const noise = await first({ name: "total_precipitation_sum", attributes: { units: "m" }, value: () => -0.0001 }, "total_precipitation_sum");
  assert.deepEqual([noise.value, noise.changed], [0, [{ reason: "total_precipitation_sum: rounding noise below zero set to 0", cellDays: 2 }]]);
  const odd = await first({ name: "ws_m_s", attributes: { units: "m s-1" }, value: (lat, _lon, day) => (lat === 50 && day === 18_000 ? 900 : 3) }, "ws_m_s");
  assert.ok(Number.isNaN(odd.value));
  assert.deepEqual(odd.changed, [{ reason: "ws_m_s: outside 0…60 m s⁻¹", cellDays: 1 }]);
});

test("dates in names: Earth Engine's, MODIS', GDAL's; no date where digits are none", () => {
  const of = (stem: string, ...bands: (string | null)[]): unknown => {
    const plan = planBands(stem, bands);
    return plan && { names: plan.groups.map((g) => g.name), bands: plan.groups.map((g) => [...g.bands]), days: plan.days && [...plan.days] };
  };
  assert.deepEqual(of("ERA5_20190131", "temperature_2m"), { names: ["temperature_2m"], bands: [[0]], days: [17_927] });
  assert.deepEqual(of("temperature_2m_2019-01-31", null), { names: ["temperature_2m"], bands: [[0]], days: [17_927] });
  assert.deepEqual(of("MOD09GA.A2019031.h18v04", null), { names: ["MOD09GA_h18v04"], bands: [[0]], days: [17_927] });
  assert.deepEqual(of("stack", "20190131_evi", "20190130_lai", "20190130_evi", "20190131_lai"), { names: ["evi", "lai"], bands: [[2, 0], [1, 3]], days: [17_926, 17_927] });
  assert.deepEqual(of("masks", "ENF", "GRA"), { names: ["ENF", "GRA"], bands: [[0], [1]], days: null });
  assert.deepEqual(of("land_fraction", null), { names: ["land_fraction"], bands: [[0]], days: null });
  assert.deepEqual(of("koppen_12345678", null), { names: ["koppen_12345678"], bands: [[0]], days: null });
  assert.equal(of("stack", "20190131_evi", "20190130_evi", "20190131_lai"), null, "a variable that lacks a day");
  assert.equal(of("stack", "20190131", "20190131"), null, "a day twice");
  assert.equal(of("stack", null, null), null);
});

/** A file that has a time axis alone. */
const timed = (units: string, values: readonly number[], shape: readonly number[] = [values.length]): GridFile => ({
  path: "t.nc", format: "NetCDF", attributes: {}, names: ["time"], close: () => undefined,
  variable: async (name) => ({ name, dims: ["time"], shape, chunks: shape, attributes: { units }, read: async () => Float64Array.from(values) }),
});

test("time is counted from the clock that the units name, in the steps that they name", async () => {
  const day = 11_323; // 2001-01-01
  const of = async (units: string, ...values: number[]): Promise<number[]> => [...(await readTimes(timed(units, values)))];
  assert.deepEqual(await of("days since 2001-01-01", 0, 1.5), [day, day + 1.5]);
  assert.deepEqual(await of("days since 2001-1-1 12:00", 0, 1.5), [day + 0.5, day + 2]);
  assert.deepEqual(await of("hours since 2001-01-01T18:00:00Z", 6), [day + 1]);
  for (const [names, perDay] of [["day days d", 1], ["hour hours h", 24], ["minute minutes", 1440], ["second seconds s", 86_400]] as const) {
    for (const name of names.split(" ")) assert.deepEqual(await of(`${name} since 2001-01-01`, 3 * perDay), [day + 3], name);
  }
  assert.deepEqual([...(await readDays(timed("hours since 2001-01-01 12:00:00", [0, 12, 47])))], [day, day + 1, day + 2]);
});

test("an axis of time that stands still or turns back is refused at the step, and one of two axes or without end too", async () => {
  const refused = (grid: GridFile, pattern: RegExp): Promise<void> => assert.rejects(readDays(grid), (e) => isWorkbookError(e, "BadDate") && pattern.test(e.message));
  await refused(timed("days since 2001-01-01", [5, 6, 7, 7]), /step 4 not after step 3/);
  await refused(timed("days since 2001-01-01", [5, 7, 6]), /step 3 not after step 2/);
  await refused(timed("days since 2001-01-01", [1, 2], [1, 2]), /one axis of at most 1000000 steps required, found shape \[1, 2\]/);
  await refused(timed("days since 2001-01-01", [1], [1_000_001]), /found shape \[1000001\]/);
});
