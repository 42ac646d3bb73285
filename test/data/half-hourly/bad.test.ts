import assert from "node:assert/strict";
import * as zlib from "node:zlib";
import { test } from "node:test";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { daysOf, numbers } from "../../../src/data/daily-table";
import { refuseMixedVpd } from "../../../src/data/half-hourly/mixed-vpd";
import { timeAxis } from "../../../src/data/half-hourly/time-axis";
import { ingest } from "../../../src/data/ingest/ingest";
import { saturation } from "../../../src/data/simulate/weather";
import { baseColumns, compact, fluxnetColumns, put, stepFile, written, type StepFile } from "./files";

const NAME = "AMF_AA-One_BASE_HH_1-5.csv";

/** The file must be refused: by tag, naming the file, with a cure, in one line. */
async function refuses(content: string | Buffer, tag: ErrorTag, ...patterns: RegExp[]): Promise<void> {
  await assert.rejects(ingest([put(NAME, content)]), (e) => {
    assert.ok(isWorkbookError(e), String(e));
    assert.equal(e.tag, tag, e.message);
    for (const pattern of [/AMF_AA-One_BASE_HH_1-5\.csv/, /; /, ...patterns]) assert.match(e.message, pattern);
    assert.ok(!e.message.includes("\n"), "one line");
    return true;
  });
}

const file = (more: Partial<StepFile> = {}): string => stepFile({ columns: baseColumns, ...more });
/** Changes field `k` of line `i` of data. */
const field = (i: number, k: number, value: string) => (lines: string[]): string[] => lines.map((line, n) => (n === i ? line.split(",").map((v, f) => (f === k ? value : v)).join(",") : line));
/** Stamps written on a clock that goes forward or back an hour at `change`, as minutes since 1970. */
const onClock = (change: number, hours: 1 | -1) => (lines: string[]): string[] => lines.map((line) => {
  const own = (text: string): string => {
    const minutes = Date.parse(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}T${text.slice(8, 10)}:${text.slice(10)}Z`) / 60_000;
    return minutes < change ? text : compact(minutes + 60 * hours);
  };
  const [start, end, ...rest] = line.split(",");
  return [own(start!), own(end!), ...rest].join(",");
});
const at = (text: string): number => Date.parse(`${text}Z`) / 60_000;

test("a wrong delimiter is named", async () => {
  await refuses(file().replace(/,/g, ";"), "BadFile", /line 1: commas between columns required, found ";"/);
  await refuses(file().replace(/,/g, "\t"), "BadFile", /found "\\t"/);
});

test("text in a column of numbers is named with line and column, and so is a second header mid-file", async () => {
  await refuses(file({ change: field(10, 3, "low battery") }), "BadFile", /line 12: a number required in TA, found "low battery"/);
  await refuses(file({ change: field(10, 3, "1,5") }), "BadFile", /line 12: 8 fields required as in the header, found 9 \(a comma inside a number/);
  await refuses(file({ change: (lines) => [...lines.slice(0, 20), "TIMESTAMP_START,TIMESTAMP_END,FC,T_AIR,RH,SW_IN,P,USTAR", ...lines.slice(20)] }), "BadDate", /line 22: .* found "TIMESTAMP_START"; a second header stands there: split the file/);
  await refuses(Buffer.from(file({ change: field(10, 3, "5\u00b0") }), "latin1"), "BadFile", /line 12: a number required in TA/);
});

test("two rows for one half-hour are named with both lines; rows out of order, odd steps and dates that are none too", async () => {
  await refuses(file({ change: (lines) => [...lines.slice(0, 5), lines[4]!, ...lines.slice(5)] }), "DuplicateDay", /two for 2012-06-01 02:00 \(lines 6 and 7\)/);
  await refuses(file({ change: (lines) => [...lines.slice(48), ...lines.slice(0, 48)] }), "BadDate", /line 50: rows in order of time required, found 2012-06-01 00:00 after 2012-06-02 23:30; sort/);
  await refuses(file({ change: field(7, 0, "201206010331") }), "BadDate", /line 9: equal steps of 30 minutes required/);
  await refuses(file({ change: field(7, 0, "201202300330") }), "BadDate", /line 9: a time YYYYMMDDHHMM required in TIMESTAMP_START, found "201202300330"/);
  await refuses(file({ change: field(7, 0, "201206012530") }), "BadDate", /line 9: /);
  await refuses(file({ change: field(95, 0, "209906010330") }), "BadDate", /line 97: one period required, found a jump/);
  await refuses(file({ change: (lines) => lines.map((line, i) => line.replace(/^\d+/, compact(at("2012-06-01T00:00") + 15 * i))) }), "BadDate", /steps of 30 or 60 minutes required, found 15 minutes/);
});

test("daylight-saving time is seen in spring and in autumn, in half-hours and hours", async () => {
  const spring = { first: "2012-03-10", days: 3, change: onClock(at("2012-03-11T02:00"), 1) };
  await refuses(file(spring), "BadDate", /line 54: local standard time all year required, found no row from 2012-03-11 02:00 to 2012-03-11 03:00, as where clocks go forward/);
  await refuses(file({ ...spring, step: 60 }), "BadDate", /line 28: .*clocks go forward/);
  const autumn = { first: "2012-10-27", days: 3, change: onClock(at("2012-10-28T02:00"), -1) };
  await refuses(file(autumn), "BadDate", /line 54: local standard time all year required, found 2012-10-28 01:00 a second time, as where clocks go back/);
  await refuses(file({ ...autumn, step: 60 }), "BadDate", /line 28: .*clocks go back/);
});

test("a gap of an hour on another day is a gap: left empty and told", async () => {
  const input = await written(NAME, file({ change: (lines) => [...lines.slice(0, 4), ...lines.slice(6)] }));
  const { table, report } = await ingest([input.path]);
  assert.equal(table.rows.numRows(), 2);
  assert.ok(report.warnings.some((w) => /2 steps of 30 minutes are not in the file, in 1 gap, the first before line 6 \(2012-06-01 03:00\)/.test(w)), report.warnings.join("\n"));
  assert.ok(Number.isNaN(numbers(table, "nee")[0]!) && !Number.isNaN(numbers(table, "nee")[1]!));
});

test("a leap day that is missing is told and left empty; the days after it keep their dates", async () => {
  const input = await written(NAME, file({ first: "2012-02-28", days: 3, change: (lines) => [...lines.slice(0, 48), ...lines.slice(96)] }));
  const { table, report } = await ingest([input.path]);
  assert.equal(table.rows.numRows(), 3);
  assert.ok(report.warnings.some((w) => /29 February 2012 is missing before line 50 \(2012-03-01 00:00\)/.test(w)));
  assert.deepEqual([...numbers(table, "ta_degC")].map(Number.isNaN), [false, true, false]);
  assert.equal(daysOf(table)[2]! - daysOf(table)[0]!, 2);
});

test("another unit, in the whole file or from a line on, is refused with its lines", async () => {
  const ta = (from: number) => ({ columns: { ...baseColumns, TA: (i: number, hour: number) => 10 + hour / 4 + (i >= from ? 273.15 : 0) } });
  await refuses(file({ ...ta(0), days: 4 }), "BadUnit", /AA-One: TA in °C throughout required, found from line 2 \(2012-06-01 00:00\) to line 193 192 values in a row outside .*look like K/);
  await refuses(file({ ...ta(96), days: 4 }), "BadUnit", /found from line 98 \(2012-06-03 00:00\) to line 193 /);
  await refuses(file({ columns: { ...baseColumns, PA: () => 1013 } }), "BadUnit", /PA in kPa .*look like hPa/);
  const { report } = await ingest([put(NAME, file({ change: field(10, 3, "500") }))]);
  assert.ok(report.warnings.some((w) => /TA: 1 half-hours outside -90…65 °C are left out/.test(w)), "one bad value is no unit");
});

test("a VPD that turns from hPa to kPa within the file is refused with its lines", async () => {
  const vpd = (from: number, scale: number) => (i: number, hour: number): number => (2 + hour / 2) * (i < from ? 1 : scale);
  const of = (from: number, scale = 0.1): string => file({ days: 200, columns: { ...baseColumns, VPD: vpd(from, scale) } });
  await refuses(of(48 * 90), "BadUnit", /AA-One: VPD in hPa throughout required, found from line 4322 \(2012-08-30 00:00\) to line 8641 .*looks like kPa; multiply/);
  await ingest([put(NAME, of(1e6))]);
  const half = stepFile({ days: 200, columns: { ...fluxnetColumns(), VPD_F: vpd(48 * 90, 0.1) } });
  await assert.rejects(ingest([put("FLX_AA-One_FLUXNET2015_SUBSET_HH_2012-2012_1-4.csv", half)]), (e) => isWorkbookError(e, "BadUnit") && /AA-One: VPD in hPa throughout required, found from line 4322/.test(e.message));
  await ingest([put(NAME, of(48 * 90, 0.5))]);
});

test("a season tells by a hundredth of its half-hours above freezing: one without VPD or in frost tells nothing, a few values say nothing", () => {
  const season = 48 * 90;
  const n = 2 * season;
  const rows = { n, stamp: Float64Array.from({ length: n }, (_, i) => 30 * i), line: Int32Array.from({ length: n }, (_, i) => i + 2), numbers: new Map() };
  /** Two seasons of a share of the saturation pressure, each with another share on every `every`-th row that is looked at. */
  const look = (shares: readonly [usual: number, seldom: number, every: number][], ta: (s: number) => number = () => 20): void => {
    const at = (i: number): number => Math.floor(i / season);
    const temperature = Float32Array.from({ length: n }, (_, i) => ta(at(i)));
    const share = (i: number): number => { const [usual, seldom, every] = shares[at(i)]!; return ((i - at(i) * season) / 5) % every === 0 ? seldom : usual; };
    refuseMixedVpd({ file: "a.csv", site: "AA-One" }, Float32Array.from({ length: n }, (_, i) => share(i) * saturation(20)), temperature, rows);
  };
  const dry: [number, number, number] = [0.6, 0.6, 2];
  const refused = (e: unknown): boolean => isWorkbookError(e, "BadUnit") && /line 4322 /.test((e as Error).message);
  assert.throws(() => look([dry, [0.05, 0.05, 2]]), refused);
  assert.throws(() => look([dry, [0.05, 0.3, 200]]), refused, "a two-hundredth above a tenth is an error of some half-hours");
  look([dry, [0.05, 0.3, 50]]);
  assert.throws(() => look([[0.3, 0.6, 50], [0.05, 0.05, 2]]), refused);
  look([[0.3, 0.6, 200], [0.05, 0.05, 2]]);
  look([dry, [NaN, NaN, 2]]);
  look([dry, [0.05, 0.05, 2]], (s) => (s === 0 ? 20 : -5));
});

/** Rows `minutes` apart, from a time on. */
const spaced = (first: string, ...minutes: number[]): Parameters<typeof timeAxis>[0] => {
  let stamp = at(first);
  const stamps = [stamp, ...minutes.map((m) => (stamp += m))];
  return { n: stamps.length, stamp: Float64Array.from(stamps), line: Int32Array.from(stamps, (_, i) => i + 2), numbers: new Map() };
};

test("the step is the most frequent one though the file begins with a gap, and years may be missing", () => {
  const axis = timeAxis(spaced("2012-06-01T00:00", 60, 30, 30, 60, 30, 3 * 365 * 1440, 30), { file: "a.csv", ends: false });
  assert.deepEqual([axis.stepMinutes, axis.start.length, [...axis.rowOf!.subarray(0, 4)], axis.rowOf!.at(-1)], [30, 3 * 365 * 48 + 9, [0, -1, 1, 2], 7]);
  assert.throws(() => timeAxis(spaced("2012-06-01T00:00", 30, 31 * 366 * 1440), { file: "a.csv", ends: false }), (e) => isWorkbookError(e, "BadDate") && /one period required/.test(e.message));
});

test("clocks change on Sundays of March, April and September to November, and before four", () => {
  const forward = (last: string): boolean => {
    try {
      timeAxis(spaced(last, 90, 30, 30), { file: "a.csv", ends: false });
      return false;
    } catch (e) {
      assert.ok(isWorkbookError(e, "BadDate") && /clocks go forward/.test(e.message), String(e));
      return true;
    }
  };
  const back = (from: string): RegExp => {
    const error = ((): unknown => { try { timeAxis(spaced(from, 30, -30, 30, 30), { file: "a.csv", ends: false }); } catch (e) { return e; } return null; })();
    assert.ok(isWorkbookError(error, "BadDate"), String(error));
    return /clocks go back/.test(error.message) ? /back/ : /order/;
  };
  // United States, Europe; Chile, New Zealand
  for (const day of ["2012-03-11", "2012-03-25", "2012-09-02", "2012-09-30", "2012-10-07"]) assert.ok(forward(`${day}T01:30`), day);
  for (const day of ["2012-11-04", "2012-10-28", "2012-04-01", "2012-04-29"]) assert.deepEqual(back(`${day}T01:00`), /back/, day);
  for (const last of ["2012-03-12T01:30", "2012-03-11T03:30", "2012-02-26T01:30", "2012-05-06T01:30", "2012-08-26T01:30", "2012-12-02T01:30"]) assert.ok(!forward(last), `${last} is a gap`);
});

test("a file without a stamp, with a stamp of two meanings, without a site or a known column says what it needs", async () => {
  await refuses(file().replace("TIMESTAMP_START", "START").replace("TIMESTAMP_END", "END"), "MissingColumn", /TIMESTAMP_START or TIMESTAMP_END required/);
  await refuses(file().replace("TIMESTAMP_START", "TIMESTAMP").replace("TIMESTAMP_END", "X"), "MissingColumn", /found TIMESTAMP, X/);
  await refuses(stepFile({ columns: { AIR: () => 1 } }), "MissingColumn", /at least one column of half-hourly tower files/);
  await assert.rejects(ingest([put("no-name.csv", file())]), (e) => isWorkbookError(e, "BadSite") && /site id in the file's name/.test(e.message));
  await assert.rejects(ingest([put("FLX_AA-One_FLUXNET2015_SUBSET_HH_2012-2012_1-4.csv", stepFile({ columns: { ...fluxnetColumns(), NEE_VUT_REF: () => 1 } }).replace("GPP_NT_VUT_REF", "GPP_X"))]), (e) => isWorkbookError(e, "MissingColumn") && /GPP_NT_VUT_REF/.test(e.message));
});

test("files that are cut off, empty or in UTF-16 are refused", async () => {
  const gzip = zlib.gzipSync(file({ days: 60, columns: { ...baseColumns, FC: (i) => Math.sin(i * i) } }));
  await assert.rejects(ingest([put(`${NAME}.gz`, gzip.subarray(0, gzip.length - 2000))]), (e) => isWorkbookError(e, "BadFile") && /truncated/.test(e.message));
  await refuses(file().trimEnd().slice(0, -8), "BadFile", /line 97: .*cut off/);
  await refuses("", "EmptyTable");
  await refuses(file().split("\n")[0]!, "EmptyTable");
  await refuses(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(file(), "utf16le")]), "BadFile", /UTF-16/);
});

test("a unit that is not known, above the numbers, is refused with its line", async () => {
  const units = (unit: string): string => file().replace("\n", `\nYYYYMMDDHHMM,YYYYMMDDHHMM,umol m-2 s-1,${unit},%,W m-2,mm,m s-1\n`);
  await refuses(units("furlong"), "BadUnit", /line 2: TA in °C, or a unit that converts to it, required, found "furlong"/);
  await refuses(units("kPa"), "BadUnit", /line 2: TA/);
  const { table } = await ingest([put(NAME, units("degC"))]);
  assert.equal(table.rows.numRows(), 2);
});
