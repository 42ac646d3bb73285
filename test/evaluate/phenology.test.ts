import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOfYear, asDay } from "../../src/core/days";
import { daysOf } from "../../src/data/daily-table";
import { phenology, phenologyErrors, smooth, type PhenologyRow } from "../../src/evaluate/phenology";
import { predictionsOf, seasonalTable } from "./site-analyses";

/** GPP is 8 between two days of the year with ramps of 20 days, else 0; RECO 2. */
const plateau = (from: number, to: number, day: number): number => 8 * Math.max(0, Math.min(1, (day - from) / 20, (to - day) / 20));
const table = seasonalTable(["A"], 2011, 2012);
const doy = Array.from(daysOf(table), (d) => dayOfYear(asDay(d)));
const withSeason = (from: number, to: number) => {
  const gpp = Float32Array.from(doy, (d) => plateau(from, to, d));
  return { ...table, rows: table.rows.assign({ gpp, reco: gpp.map(() => 2), nee: gpp.map((g) => 2 - g) }) };
};

test("start and end are where smoothed GPP crosses 20 or 50 % of its amplitude", () => {
  const made = withSeason(100, 280);
  const [twenty, fifty] = [0.2, 0.5].map((threshold) => phenology(made, { threshold })[0]!);
  for (const [row, start, end] of [[twenty, 104, 276], [fifty, 110, 270]] as const) {
    assert.ok(Math.abs(row!.start! - start) <= 3, `start ${row!.start}, expected ${start}`);
    assert.ok(Math.abs(row!.end! - end) <= 3, `end ${row!.end}, expected ${end}`);
    assert.equal(row!.length, row!.end! - row!.start!);
  }
  assert.ok(Math.abs(twenty!.source_to_sink! - 105) <= 3, `source to sink ${twenty!.source_to_sink}`);
  assert.ok(Math.abs(twenty!.uptake_days! - 170) <= 6, `uptake ${twenty!.uptake_days}`);
});

test("dates are days of the year to the day: half a running mean is reached on the first and on the last day of a block", () => {
  const gpp = Float32Array.from(doy, (d) => (d >= 120 && d <= 240 ? 8 : 0));
  const block = { ...table, rows: table.rows.assign({ gpp, reco: gpp.map(() => 2), nee: gpp.map((g) => 2 - g) }) };
  const [row] = phenology(block, { threshold: 0.5 });
  // 8 of 15 days for half of 8; 4 of 15 for more than the 2 of respiration
  assert.deepEqual([row!.start, row!.end, row!.length, row!.source_to_sink, row!.uptake_days], [120, 240, 120, 116, 129]);
});

test("a model that is ten days late everywhere errs by ten days, and keeps the length", () => {
  const made = withSeason(100, 280);
  const late = withSeason(110, 290);
  const predictions = predictionsOf(late, (_, v) => v);
  const errors = phenologyErrors(phenology(made, { contenders: [{ model: "m", predictions }] }));
  const of = (date: string) => errors.find((e) => e.date === date)!;
  for (const date of ["start", "end", "source_to_sink"]) assert.deepEqual([of(date).bias, of(date).mean_abs_error, of(date).n], [10, 10, 2]);
  assert.equal(of("length").bias, 0);
});

test("a southern year begins in July, so that its season lies whole in it", () => {
  const south = seasonalTable(["AU1"], 2010, 2012, (at, v) => ({ ...v, gpp: Math.max(0, 2 - 5 * at.season), reco: 2, nee: 2 - Math.max(0, 2 - 5 * at.season) }));
  const rows = phenology(south);
  assert.deepEqual(rows.map((r) => r.year), [2010, 2011]);
  assert.ok(rows.every((r) => r.start !== null && r.peak! > 150 && r.peak! < 230), JSON.stringify(rows));
});

test("no amplitude, no season; a holed year, no dates", () => {
  const flat = { ...table, rows: table.rows.assign({ gpp: Float32Array.from(doy, () => 4) }) };
  assert.ok(phenology(flat).every((r) => r.start === null && r.peak === null));
  const holed = { ...table, rows: table.rows.assign({ gpp: Float32Array.from(doy, (d) => (d < 120 ? NaN : 5 + Math.sin(d / 50))) }) };
  assert.ok(phenology(holed).every((r) => r.start === null));
});

test("what falls below the threshold after the peak ends the season, though a second growth follows", () => {
  const cut = { ...table, rows: table.rows.assign({ gpp: Float32Array.from(doy, (d) => (d >= 250 && d < 285 ? 0.05 * plateau(100, 320, d) : plateau(100, 320, d))) }) };
  const [row] = phenology(cut);
  assert.ok(row!.start! < 110 && row!.end! < 260, `${row!.start} to ${row!.end}: the second growth is another season`);
});

test("the running mean keeps a level, fills short gaps and leaves long ones", () => {
  const values = new Float64Array(60).fill(2);
  values.fill(NaN, 20, 24);
  values.fill(NaN, 40, 55);
  const out = smooth(values);
  assert.ok([0, 22, 38].every((d) => out[d] === 2) && Number.isNaN(out[47]!));
});

/** The year 2011 with fluxes by day of the year; NaN = not known. */
const oneYear = seasonalTable(["A"], 2011, 2011);
const dated = (fluxes: { gpp?: (d: number) => number; nee?: (d: number) => number }) => {
  const column = (of: (d: number) => number): Float32Array => Float32Array.from({ length: 365 }, (_, i) => of(i + 1));
  return phenology({ ...oneYear, rows: oneYear.rows.assign({ gpp: column(fluxes.gpp ?? (() => NaN)), nee: column(fluxes.nee ?? (() => NaN)) }) })[0];
};

test("a running mean needs 8 of its 15 days", () => {
  const known = (n: number): number => smooth(Float64Array.from({ length: 15 }, (_, i) => (i < n ? 3 : NaN)))[7]!;
  assert.deepEqual([known(8), known(7)], [3, NaN]);
});

test("without a threshold it is 20 % of the amplitude above the least GPP, not of the greatest", () => {
  // from 4 to 12, the first and the last day of the block at 8: 3.5 of 15 days lie over 20 %, 2.5 do not
  const row = dated({ gpp: (d) => (d === 120 || d === 240 ? 8 : d > 120 && d < 240 ? 12 : 4) })!;
  assert.deepEqual([row.start, row.peak, row.end, row.length], [116, 128, 244, 128]);
});

test("an amplitude of 1 has a season, a smaller one has none", () => {
  const start = (height: number): number | null | undefined => dated({ gpp: (d) => (d >= 120 && d <= 240 ? 2 + height : 2), nee: () => -1 })!.peak;
  assert.deepEqual([start(1), start(0.96875)], [127, null]);
});

test("a season needs 274 of its 365 smoothed days, a count of days of uptake 329", () => {
  const until = (last: number) => dated({ gpp: (d) => (d > last ? NaN : d >= 120 && d <= 200 ? 8 : 0), nee: (d) => (d > last ? NaN : d >= 120 && d <= 200 ? -4 : 4) });
  assert.deepEqual([until(274)!.peak, until(274)!.uptake_days], [127, null]);
  assert.equal(until(273), undefined, "a year without any date has no row");
  assert.deepEqual([until(329)!.uptake_days, until(328)!.uptake_days], [81, null]);
  assert.equal(until(328)!.source_to_sink, 120);
});

test("a source of ten days parts two uptakes, one of nine does not, and NEE of exactly 0 is a source", () => {
  // uptake of 1 from day 60, its strongest from day 200; two days of +10 make a source of the windows that hold both
  const second = (day: number) => dated({ nee: (d) => (d < 60 || d > 300 ? 2 : d === 150 || d === day ? 10 : d >= 200 && d < 230 ? -3 : -1) })!;
  assert.equal(second(155).source_to_sink, 158, "both lie in the windows of days 148 to 157");
  // on day 62 five days of +2 and ten of −1 are 0
  assert.equal(second(156).source_to_sink, 63);
  assert.equal(second(156).uptake_days, 226, "days 63 to 297 but for nine; the windows of 62 and of 298 hold 0");
});

test("a year whose least NEE is 0 has no day of turning, and no day of uptake", () => {
  const row = dated({ gpp: (d) => (d >= 120 && d <= 240 ? 8 : 0), nee: (d) => (d <= 100 ? 1 : 0) })!;
  assert.deepEqual([row.source_to_sink, row.uptake_days], [null, 0]);
});

test("a crossing that lies in a gap, or beyond the year's end, has no date, and a season without both has no length", () => {
  const dates = (last: number, gap: readonly [number, number]) => {
    const lost = (d: number): boolean => d >= gap[0] && d <= gap[1];
    const row = dated({ gpp: (d) => (lost(d) ? NaN : d >= 120 && d <= last ? 8 : 0), nee: (d) => (lost(d) ? NaN : d >= 120 && d <= last ? -4 : 4) })!;
    return [row.start !== null, row.end !== null, row.length !== null, row.source_to_sink];
  };
  assert.deepEqual(dates(240, [0, 0]), [true, true, true, 120]);
  assert.deepEqual(dates(240, [110, 135]), [false, true, false, null]);
  assert.deepEqual(dates(240, [225, 250]), [true, false, false, 120]);
  assert.deepEqual(dates(365, [0, 0]), [true, false, false, 120]);
});

test("a day that one model lacks counts for none: the tower's start goes with it", () => {
  const made = withSeason(100, 280);
  const complete = { model: "a", predictions: predictionsOf(made, (_, v) => v) };
  const holed = { model: "b", predictions: predictionsOf(made, (flux, v, row) => (flux === "gpp" && doy[row]! >= 90 && doy[row]! <= 125 ? NaN : v)) };
  const starts = (...contenders: (typeof complete)[]) => phenology(made, { contenders }).filter((r) => r.year === 2011).map((r) => [r.name, r.start !== null, r.source_to_sink !== null]);
  assert.deepEqual(starts(complete), [["observed", true, true], ["a", true, true]]);
  assert.deepEqual(starts(complete, holed), [["observed", false, true], ["a", false, true], ["b", false, true]]);
});

test("sites asked for are dated alone, and a site on the equator has its year from January", () => {
  const two = seasonalTable(["A", "B"], 2011, 2011);
  assert.deepEqual(phenology(two, { sites: ["B"] }).map((r) => r.site), ["B"]);
  const equator = { ...two, sites: two.sites.map((s) => ({ ...s, lat: 0 })) };
  assert.deepEqual(phenology(equator).map((r) => [r.site, r.year]), [["A", 2011], ["B", 2011]]);
});

test("errors are model less tower over site-years that both have; those that one of them lacks are counted", () => {
  const row = (name: string, site: string, year: number, start: number | null): PhenologyRow => ({ site, igbp: null, year, name, start, peak: null, end: null, length: null, source_to_sink: null, uptake_days: null });
  const starts: readonly (readonly [string, number, number | null, number | null])[] = [["A", 2011, 100, 104], ["A", 2012, 110, 102], ["B", 2011, 120, 121], ["C", 2011, null, 90], ["D", 2011, 95, null], ["E", 2011, null, null]];
  const errors = phenologyErrors(starts.flatMap(([site, year, tower, model]) => [row("observed", site, year, tower), row("m", site, year, model)]));
  assert.deepEqual(errors.find((e) => e.date === "start"), { model: "m", date: "start", n: 3, one_only: 2, sites: 2, bias: -1, mean_abs_error: 13 / 3 });
  assert.deepEqual(errors.find((e) => e.date === "peak"), { model: "m", date: "peak", n: 0, one_only: 0, sites: 0, bias: null, mean_abs_error: null });
});
