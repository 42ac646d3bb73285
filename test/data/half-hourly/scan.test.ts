import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../../src/core/random";
import { Scanner, type ScannedRows } from "../../../src/data/half-hourly/scan";
import { StampReader } from "../../../src/data/half-hourly/stamps";
import { readSensor } from "../../../src/data/half-hourly/sensors";
import { fromUnit } from "../../../src/data/half-hourly/unit-text";
import { halfHourlyVariable } from "../../../src/data/half-hourly/variables";
import { stepFile } from "./files";

const plan = { file: "a.csv", names: ["TIMESTAMP_START", "TIMESTAMP_END", "A", "B"], line: 2, stamp: 0, time: null, order: "ymd", numbers: [2, 3], missingTexts: ["NA", "NaN"], missingCodes: [-9999] } as const;

function scan(text: string, pieces: readonly number[] = []): ScannedRows {
  const bytes = Buffer.from(text.slice(text.indexOf("\n") + 1));
  const scanner = new Scanner(plan);
  let from = 0;
  for (const size of pieces) {
    scanner.push(bytes.subarray(from, from + size));
    from += size;
  }
  scanner.push(bytes.subarray(from));
  return scanner.end();
}

test("numbers are read as JavaScript reads them, whatever their spelling", () => {
  const spelled = ["0", "-0.5", "12.25", "1e-3", "-1.5E2", "0.1234567890123456789", "123456789012345678", " 3 ", "\"4.5\"", ".5", "5.", "+2"];
  const text = `h\n${spelled.map((s, i) => `${`20120601${String(Math.floor(i / 2)).padStart(2, "0")}${i % 2 ? "30" : "00"}`},x,${s},1`).join("\n")}`;
  const { n, numbers } = scan(text);
  assert.equal(n, spelled.length);
  spelled.forEach((s, i) => assert.equal(numbers.get(2)![i], Math.fround(Number(s.replaceAll('"', ""))), s));
});

test("codes and words for missing become NaN", () => {
  const { numbers } = scan("h\n201206010000,x,-9999,NA\n201206010030,x,-9999.0,\r\n201206010100,x,-9999.00,NaN\n");
  assert.deepEqual([...numbers.get(2)!, ...numbers.get(3)!], new Array(6).fill(NaN));
});

test("the pieces in which a file comes do not matter, nor do line ends and empty lines", () => {
  const draw = random(3, "pieces");
  const text = stepFile({ columns: { A: (i) => (i % 5 === 0 ? -9999 : (i * 1.37).toFixed(3)), B: (i) => -i }, days: 3 });
  const whole = scan(text);
  assert.equal(whole.n, 144);
  for (let k = 0; k < 50; k++) {
    const pieces = Array.from({ length: 40 }, () => Math.floor(draw.uniform() * 200));
    assert.deepEqual(scan(k % 2 ? text : text.trimEnd(), pieces), whole);
  }
  const windows = scan(text.replace(/\n/g, "\r\n"));
  assert.deepEqual([windows.stamp, windows.numbers], [whole.stamp, whole.numbers]);
  const holed = scan(text.replace(/\n/g, "\n\n"));
  assert.deepEqual([...holed.line].slice(0, 3), [3, 5, 7], "lines are counted with the empty ones");
});

test("stamps: compact, dashed, with slashes in the order told; 24:00 is the next midnight; rubbish is NaN", () => {
  const of = (text: string, order: "ymd" | "dmy" | "mdy" = "ymd", kind: "stamp" | "date" | "time" = "stamp"): number => new StampReader(order)[kind](Buffer.from(text), 0, text.length);
  const midnight = Date.parse("2012-02-29T00:00Z") / 60_000;
  assert.equal(of("201202290130"), midnight + 90);
  assert.equal(of("201202292400"), midnight + 1440);
  assert.deepEqual([of("2012-02-29", "ymd", "date"), of("29/02/2012", "dmy", "date"), of("2/29/2012", "mdy", "date")], [midnight, midnight, midnight]);
  assert.deepEqual([of("1:05", "ymd", "time"), of("23:30", "ymd", "time"), of("23:30:00", "ymd", "time")], [65, 1410, 1410]);
  for (const bad of ["201302290130", "201202290160", "201202292401", "201202292430", "2012022901", "20120229013x", "2012022:0130"]) assert.ok(Number.isNaN(of(bad)), bad);
  const reader = new StampReader("ymd");
  // the colon is the character after 9: its digits would add up to the day before it, which the reader still has at hand
  assert.deepEqual(["201203101200", "2012030:1200"].map((text) => reader.stamp(Buffer.from(text), 0, 12)), [Date.parse("2012-03-10T12:00Z") / 60_000, NaN]);
  for (const bad of ["29/02/2012", "31.04.2012"]) assert.ok(Number.isNaN(of(bad, bad.includes("/") ? "ymd" : "dmy", "date")), bad);
  for (const bad of ["25:00", "1230", "12:3", "12:30:10"]) assert.ok(Number.isNaN(of(bad, "ymd", "time")), bad);
});

test("column names are read by base, qualifiers and position", () => {
  const of = (name: string): unknown => {
    const s = readSensor(name, 0);
    return s && [s.base, s.pi, s.filled, s.rank];
  };
  assert.deepEqual(of("TA"), ["TA", false, false, [0]]);
  assert.deepEqual(of("SW_IN_1_2_1"), ["SW_IN", false, false, [3, 2, 1, 1]]);
  assert.deepEqual(of("FC_PI_f_1_1_1"), ["FC", true, true, [3, 1, 1, 1]]);
  assert.deepEqual(of("GPP_PI_1_1_1"), ["GPP_PI", true, false, [3, 1, 1, 1]]);
  assert.deepEqual(of("TA_1_1_A"), ["TA", false, false, [2, 1, 1]]);
  for (const name of ["TA_1_1_1_SD", "FC_SSITC_TEST", "TS_1_1_1", "T_SONIC", "CO2"]) assert.equal(of(name), null, name);
});

test("units written as loggers do are converted, others are refused", () => {
  const of = (base: string, unit: string): unknown => {
    const { scale, offset } = fromUnit({ file: "a.csv", line: 2, name: base }, unit, halfHourlyVariable(base)!);
    return [scale, offset];
  };
  assert.deepEqual(of("FC", "umolm-2s-1\u00a0\u00a0"), [1, 0]);
  assert.deepEqual(of("FC", "µmol CO2 m-2 s-1"), [1, 0]);
  assert.deepEqual(of("FC", "umol/m2/s"), [1, 0]);
  assert.deepEqual(of("FC", "mmol m-2 s-1"), [1000, 0]);
  assert.deepEqual([of("SW_IN", "Wm-2"), of("WS", "ms-1"), of("TA", "C"), of("RH", "%")], [[1, 0], [1, 0], [1, 0], [1, 0]]);
  assert.deepEqual([of("VPD", "kPa"), of("PA", "hPa"), of("TA", "K")], [[10, 0], [0.1, 0], [1, -273.15]]);
  assert.throws(() => of("FC", "mg m-2 s-1"), /FC in µmol m⁻² s⁻¹/);
});
