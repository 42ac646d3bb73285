import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { readFrame, writeFrame } from "../../../src/data/partition/frame";
import type { HalfHourly } from "../../../src/data/half-hourly/half-hourly-table";
import { refused, type Refusal } from "../../../src/data/partition/hesseflux";
import { partitionInputs } from "../../../src/data/partition/inputs";
import { partitionWarnings } from "../../../src/data/partition/partition";

/** Four half-hours with these columns. */
function table(columns: Readonly<Record<string, readonly number[]>>, quality: Readonly<Record<string, readonly number[]>> = {}): HalfHourly {
  return {
    file: "tower.csv", site: "XX-Abc", kind: "made", source: "made", stepMinutes: 30, start: Float64Array.of(0, 30, 60, 90), utcOffset: null,
    columns: new Map(Object.entries(columns).map(([name, values]) => [name, Float32Array.from(values)])),
    quality: new Map(Object.entries(quality).map(([name, values]) => [name, Uint8Array.from(values)])), lat: null, lon: null, igbp: null, warnings: [],
  };
}
const weather = { TA: [10, 11, 12, 13], SW_IN: [0, 0, 5, 200], VPD: [1, 2, 3, 4], USTAR: [0.1, 0.2, 0.3, 0.4] };
const fluxes = { NEE: [1, 2, NaN, -3] };

test("NEE is taken as it is; values that the file had filled are missing again, and counted", () => {
  assert.deepEqual([...partitionInputs(table({ ...weather, ...fluxes })).NEE], [1, 2, NaN, -3]);
  const again = partitionInputs(table({ ...weather, NEE: [1, 2, 4, -3] }, { NEE: [0, 1, 3, 0] }));
  assert.deepEqual([...again.NEE], [1, NaN, NaN, -3]);
  assert.match(again.notes.join(), /2 half-hours of NEE that the file itself had filled/);
});

test("light comes from photons where it is not measured; without VPD nothing is limited by drought", () => {
  const { VPD: _, SW_IN: __, ...rest } = weather;
  const made = partitionInputs(table({ ...rest, ...fluxes, PPFD_IN: [0, 0, 20.565, 205.65] }));
  assert.ok(Math.abs(made.SW_IN[3]! - 100) < 1e-3);
  assert.deepEqual([...made.VPD], [0, 0, 0, 0]);
  assert.deepEqual(made.drivers, ["TA", "SW_IN"]);
  assert.match(made.notes.join("\n"), /SW_IN is PPFD_IN \/ 2\.06\nno VPD/);
  assert.deepEqual(partitionInputs(table({ ...weather, ...fluxes })).notes, []);
});

test("what cannot be had is named with site, file and what may stand for it", () => {
  const lacks = (names: readonly string[], threshold?: number): unknown => partitionInputs(table(Object.fromEntries(Object.entries({ ...weather, ...fluxes }).filter(([name]) => !names.includes(name)))), threshold);
  for (const [name, words] of [["NEE", /NEE or FC/], ["TA", /TA with values/], ["SW_IN", /SW_IN or PPFD_IN/], ["USTAR", /--ustar 0 says to filter nothing/]] as const) {
    assert.throws(() => lacks([name]), (e) => isWorkbookError(e, "MissingColumn") && words.test(e.message) && /XX-Abc: tower\.csv/.test(e.message));
  }
  assert.doesNotThrow(() => lacks(["USTAR"], 0));
  assert.throws(() => partitionInputs(table({ ...weather, NEE: [NaN, NaN, NaN, NaN] })), /NEE or FC/);
});

test("a frame comes back as it was, missing values too; one that is cut off is refused", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "frame-"));
  try {
    const file = path.join(folder, "x.frame");
    const columns = new Map([["A", Float64Array.of(1.5, NaN, -9999)], ["B", Float64Array.of(1, 2, 3).subarray(0, 3)]]);
    writeFrame(file, { step: 30 }, columns);
    const read = readFrame<{ step: number }>(file);
    assert.equal(read.head.step, 30);
    assert.deepEqual(read.columns, columns);
    fs.truncateSync(file, fs.statSync(file).size - 1);
    assert.throws(() => readFrame(file), (e) => isWorkbookError(e, "BadFile"));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

test("every refusal says what is required, what was found and what to do", () => {
  const refusals: readonly (readonly [Refusal, RegExp])[] = [
    [{ kind: "few-nights", year: 2011, n: 12, least: 280 }, /at least 280 .* 2011 .* found 12; leave the year out or give .* --ustar/],
    [{ kind: "no-plateau", year: 2011, found: 0.514 }, /found none up to 0\.51 m s⁻¹ in 2011; give .* --ustar/],
    [{ kind: "little-nee", n: 3, least: 50 }, /at least 50 .* found 3; lower --ustar/],
    [{ kind: "no-fit", reason: "no window of days gives a fit" }, /found none \(no window of days gives a fit\)/],
  ];
  for (const [refusal, words] of refusals) {
    const error = refused(refusal, { site: "XX-Abc", file: "tower.csv", stepMinutes: 30 });
    assert.match(error.message, words);
    assert.match(error.message, /^partition: XX-Abc: tower\.csv: /);
    assert.equal(error.tag, "BadSite");
  }
});

const OPTIONS = { ustar: null, bootstraps: 20, seed: 1, despike: true, longest: 60 };

test("steps of an hour are called hours, in refusals, notes and the report", () => {
  const hourly = { site: "XX-Abc", file: "tower.csv", stepMinutes: 60 } as const;
  assert.match(refused({ kind: "few-nights", year: 2011, n: 12, least: 280 }, hourly).message, /at least 280 hours of the night/);
  assert.match(refused({ kind: "little-nee", n: 3, least: 50 }, hourly).message, /at least 50 hours of NEE/);
  const lines = partitionWarnings({
    site: "XX-Abc", file: "tower.csv", version: "5.0", options: OPTIONS, steps: 100, step_minutes: 60, measured: 6812, notes: [], years: [],
    counts: { no_light: 0, spikes: 0, low_ustar: 0, no_ustar: 0, kept: 6812 }, filled: [0, 0, 0], open: 0, filled_drivers: { TA: 5 }, day_failed: null,
  }).join("\n");
  const { notes } = partitionInputs({ ...table({ ...weather, NEE: [1, 2, 4, -3] }, { NEE: [0, 1, 3, 0] }), stepMinutes: 60 });
  assert.match(notes.join(), /^2 hours of NEE that the file itself had filled/);
  assert.match(lines, /of 6812 hours of NEE[^]*TA: 5 hours filled/);
  assert.doesNotMatch(lines, /half-hours/);
});

test("the report tells thresholds, shares taken out, gaps filled and what was left", () => {
  const lines = partitionWarnings({
    site: "XX-Abc", file: "tower.csv", version: "5.0", options: OPTIONS, steps: 100, step_minutes: 30, measured: 80, notes: ["VPD is of RH and TA"],
    years: [{ year: 2011, p05: 0.1, p50: 0.1234, p95: 0.2, night: 40, day: 40, night_filtered: 10, day_filtered: 1 }],
    counts: { no_light: 1, spikes: 2, low_ustar: 11, no_ustar: 3, kept: 63 }, filled: [30, 4, 1], open: 2, filled_drivers: { TA: 5, VPD: 0 }, day_failed: "no window of days gives a fit",
  });
  assert.equal(lines[1], "XX-Abc: u* threshold of 2011: 0.123 m s⁻¹ (0.100 to 0.200); it takes out 25 % of NEE by night, 3 % by day");
  assert.match(lines.join("\n"), /VPD is of RH and TA[^]*63 are kept; 2 spikes, 11 of low u\*, 3 of unknown u\* by night, 1 of unknown light[^]*30 of quality 1, 4 of 2, 1 of 3; 2 left open[^]*TA: 5 half-hours filled\n.*no day-time partition/);
  assert.ok(!lines.some((line) => line.includes("VPD: 0")));
});
