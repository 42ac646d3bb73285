import assert from "node:assert/strict";
import { test } from "node:test";
import { asDay, formatDay } from "../../../src/core/days";
import { isWorkbookError } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import type { RawTable } from "../../../src/data/towers/raw-table";
import { GRAM_PER_DAY, halfHourlyToDaily, offsetText } from "../../../src/data/half-hourly/to-daily";
import { tableOf } from "./files";

const day = (value: number | ((i: number) => number), n = 48): number[] => Array.from({ length: n }, (_, i) => (typeof value === "number" ? value : value(i)));
const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-5, `${actual} is not ${expected}`);

/** A daily column by its canonical name. */
function column(raw: RawTable, name: string): number[] {
  const index = raw.header.names.indexOf(name);
  assert.ok(index >= 0, `${name} is in the table`);
  return [...raw.numbers.get(index)!];
}

test("a day of half-hours becomes means, a sum of rain and grams of carbon", () => {
  const raw = halfHourlyToDaily(tableOf({ TA: day((i) => 10 + (i % 2)), P: day(0.5), NEE: day(-2), GPP_NT: day(3), RECO_NT: day(1), PA: day(98) }));
  assert.deepEqual([raw.site[0], formatDay(asDay(raw.day[0]!)), raw.day.length], ["AA-One", "2012-06-01", 1]);
  const expected = { ta_degC: 10.5, p_mm_d: 24, nee: -2 * GRAM_PER_DAY, gpp: 3 * GRAM_PER_DAY, reco: GRAM_PER_DAY, pa_kPa: 98 };
  for (const [name, value] of Object.entries(expected)) near(column(raw, name)[0]!, value);
  near(GRAM_PER_DAY, 1.03772448);
});

test("hours give the same day as half-hours of the same values", () => {
  const hours = halfHourlyToDaily(tableOf({ TA: day((i) => i, 24), P: day(1, 24) }, { stepMinutes: 60 }));
  assert.deepEqual([column(hours, "ta_degC")[0], column(hours, "p_mm_d")[0]], [11.5, 24]);
});

test("QC is the share measured or filled with quality 1, and nee_measured the share measured", () => {
  const raw = halfHourlyToDaily(tableOf({ NEE: day(1) }, { quality: new Map([["NEE", Uint8Array.from(day((i) => (i < 24 ? 0 : i < 36 ? 1 : 3)))]]) }));
  assert.deepEqual([column(raw, "nee_qc")[0], column(raw, "nee_measured")[0]], [0.75, 0.5]);
  const unflagged = halfHourlyToDaily(tableOf({ NEE: day(1) }));
  assert.deepEqual([column(unflagged, "nee_qc")[0], column(unflagged, "nee_measured")[0]], [1, 1]);
  const none = halfHourlyToDaily(tableOf({ NEE: day(1) }, { quality: new Map([["NEE", Uint8Array.from(day(255))]]) }));
  assert.deepEqual([column(none, "nee_qc")[0], column(none, "nee_measured")[0]], [NaN, NaN], "no flag is not a good flag");
});

test("a half-hour without a flag counts as neither measured nor filled well, but is of the day", () => {
  const some = halfHourlyToDaily(tableOf({ NEE: day(1) }, { quality: new Map([["NEE", Float32Array.from(day((i) => (i < 24 ? 0 : i < 36 ? 1 : i < 42 ? NaN : -9999)))]]) }));
  assert.deepEqual([column(some, "nee_qc")[0], column(some, "nee_measured")[0]], [0.75, 0.5], "36 of 48, not of the 36 with a flag");
});

test("a flag between two, as a mean of steps has, is the worse of them: no step counts as measured that holds a filled one", () => {
  const mean = halfHourlyToDaily(tableOf({ NEE: day(1, 24) }, { stepMinutes: 60, quality: new Map([["NEE", Float32Array.from(day((i) => (i < 6 ? 0 : i < 12 ? 0.25 : i < 18 ? 1.25 : 3), 24))]]) }));
  assert.deepEqual([column(mean, "nee_qc")[0], column(mean, "nee_measured")[0]], [0.5, 0.25]);
});

test("fluxes, light and rain need every half-hour, other means 40 of 48; what falls short is counted", () => {
  const holed = (missing: number): number[] => day((i) => (i < missing ? NaN : 5));
  const raw = halfHourlyToDaily(tableOf({ TA: [...holed(8), ...holed(9)], NEE: [...holed(0), ...holed(1)], P: [...holed(1), ...holed(0)], SW_IN: [...holed(48), ...holed(0)] }));
  assert.deepEqual(column(raw, "ta_degC"), [5, NaN]);
  assert.deepEqual(column(raw, "p_mm_d"), [NaN, 240]);
  assert.deepEqual(column(raw, "sw_in_W_m2"), [NaN, 5]);
  assert.deepEqual([column(raw, "nee").map(Number.isNaN), column(raw, "nee_qc")], [[false, true], [1, NaN]]);
  assert.deepEqual(raw.excluded, [
    { site: "AA-One", reason: "nee: fewer than 48 of 48 steps of the day", days: 1 },
    { site: "AA-One", reason: "ta_degC: fewer than 40 of 48 steps of the day", days: 1 },
    { site: "AA-One", reason: "p_mm_d: fewer than 48 of 48 steps of the day", days: 1 },
  ], "a day without any value is missing, not excluded");
  assert.ok(raw.warnings!.some((w) => /ta_degC: 1 days are means of 40 to 47 of 48 steps/.test(w)));
});

test("a first and a last day that are not whole give no row and are counted", () => {
  const from = Date.parse("2012-06-01T12:00Z") / 60_000;
  const n = 24 + 48 + 1;
  const raw = halfHourlyToDaily(tableOf({ TA: day(5, n) }, { start: Float64Array.from({ length: n }, (_, i) => from + 30 * i) }));
  assert.deepEqual([...raw.day].map((d) => formatDay(asDay(d))), ["2012-06-02"]);
  assert.deepEqual(raw.excluded, [{ site: "AA-One", reason: "first or last day not whole in the half-hourly file", days: 2 }]);
  assert.throws(() => halfHourlyToDaily(tableOf({ TA: day(5, 47) })), (e) => isWorkbookError(e, "EmptyTable") && /AA-One: at least one whole day/.test(e.message));
});

test("means of random half-hours with gaps are those of a plain loop", () => {
  const draw = random(1, "to-daily");
  const values = day(() => (draw.uniform() < 0.1 ? NaN : draw.uniform() * 30), 48 * 40);
  const got = column(halfHourlyToDaily(tableOf({ TA: values })), "ta_degC");
  for (let d = 0; d < 40; d++) {
    const known = values.slice(48 * d, 48 * (d + 1)).filter((v) => v === v);
    if (known.length < 40) assert.ok(Number.isNaN(got[d]!));
    else near(got[d]!, known.reduce((sum, v) => sum + v, 0) / known.length);
  }
});

test("variant, place, class and offset from UTC go with the days; NEE alone points to the partition", () => {
  const raw = halfHourlyToDaily(tableOf({ NEE: day(1), GPP_PI: day(2), RECO_PI: day(3) }, { variant: "PI", lat: 1, lon: 2, igbp: "CRO", utcOffset: -5 }));
  assert.deepEqual(["target_variant", "lat", "lon", "igbp"].map((key) => raw.texts.get(key as "lat")![0]), ["PI", "1", "2", "CRO"]);
  assert.equal(raw.dayConvention, "local standard time (UTC−05:00)");
  near(column(raw, "gpp")[0]!, 2 * GRAM_PER_DAY);
  assert.ok(!raw.warnings!.some((w) => /partition/.test(w)));
  assert.ok(halfHourlyToDaily(tableOf({ NEE: day(1) })).warnings!.some((w) => /NEE without GPP and RECO.*partition/.test(w)));
  assert.deepEqual([5.5, 0, -3.5].map(offsetText), ["+05:30", "+00:00", "−03:30"]);
});
