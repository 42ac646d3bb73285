import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { readVariables } from "../../../src/data/columns";
import type { Found } from "../../../src/data/towers/header";
import { checkUnits } from "../../../src/data/ingest/units";
import { unpack } from "../../../src/data/ingest/unpack";

const variables = readVariables();
const variable = (column: string) => variables.list.find((v) => v.column === column)!;
const found = (column: string): Found => ({ variable: variable(column), index: 0, name: column, scale: 1, offset: 0 });

test("packed reflectance is scaled and its fill counted; scaled reflectance is left as it is", () => {
  const packed = Float32Array.of(1200, -28672, 16_001, -100, 2500, NaN);
  assert.deepEqual(unpack("A", variable("sur_refl_b01"), packed), [{ site: "A", reason: "sur_refl_b01: fill or outside -100…16000 of the packed product", days: 2 }]);
  assert.deepEqual([...packed], [...Float32Array.of(0.12, NaN, NaN, -0.01, 0.25, NaN)]);
  const scaled = Float32Array.of(0.12, -0.01, 1.2);
  assert.deepEqual(unpack("A", variable("sur_refl_b01"), scaled), []);
  assert.deepEqual([...scaled], [...Float32Array.of(0.12, -0.01, 1.2)]);
});

test("packed angles are scaled, degrees are not", () => {
  const packed = Float32Array.of(4512, 3100, 17_999);
  unpack("A", variable("SolarAzimuth"), packed);
  assert.deepEqual([...packed], [...Float32Array.of(45.12, 31, 179.99)]);
  const degrees = Float32Array.of(45.12, -170, 359);
  unpack("A", variable("SolarAzimuth"), degrees);
  assert.deepEqual([...degrees], [...Float32Array.of(45.12, -170, 359)]);
});

test("rounding noise of reanalysis rain becomes 0 and is counted; a real negative is left for the range rule", () => {
  const rain = Float32Array.of(0.01, -0.00001, 0, -0.5, NaN);
  assert.deepEqual(unpack("A", variable("total_precipitation_sum"), rain), [{ site: "A", reason: "total_precipitation_sum: rounding noise below zero set to 0", days: 1 }]);
  assert.deepEqual([...rain], [...Float32Array.of(0.01, 0, 0, -0.5, NaN)]);
});

test("reanalysis in tower units is refused", () => {
  const year = (value: (i: number) => number): Float32Array => Float32Array.from({ length: 365 }, (_, i) => value(i));
  const refuses = (column: string, values: Float32Array, pattern: RegExp): void => assert.throws(() => checkUnits("f", "A", found(column), values), (e) => isWorkbookError(e, "BadUnit") && pattern.test(e.message));
  refuses("temperature_2m", year(() => 12), /looks like °C/);
  refuses("surface_net_solar_radiation_sum", year((i) => 100 + (i % 200)), /looks like W m⁻²/);
  refuses("total_evaporation_sum", year((i) => 0.001 * (i % 5)), /change the sign/);
  refuses("total_precipitation_sum", year((i) => i % 9), /looks like mm/);
  checkUnits("f", "A", found("temperature_2m"), year(() => 285));
  checkUnits("f", "A", found("total_evaporation_sum"), year((i) => -0.001 * (i % 5)));
});

test("cold, dark and dry places keep their units", () => {
  const values = (n: number, value: number): Float32Array => new Float32Array(n).fill(value);
  checkUnits("f", "A", found("ta_degC"), values(365, -40));
  checkUnits("f", "A", found("sw_in_W_m2"), values(90, 0));
  checkUnits("f", "A", found("p_mm_d"), values(100, 0));
  checkUnits("f", "A", found("pa_kPa"), values(365, 62));
});
