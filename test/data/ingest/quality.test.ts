import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { asDay, parseDay } from "../../../src/core/days";
import { isWorkbookError } from "../../../src/core/errors";
import { applyQuality, readBadValues } from "../../../src/data/ingest/quality";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "quality-"));
after(() => fs.rmSync(folder, { recursive: true }));

function columns(values: Readonly<Record<string, readonly number[]>>, site?: readonly string[], day?: readonly number[]) {
  const n = Object.values(values)[0]!.length;
  return {
    site: site ?? new Array<string>(n).fill("A"),
    day: Int32Array.from(day ?? Array.from({ length: n }, (_, i) => i)),
    numbers: Object.fromEntries(Object.entries(values).map(([name, v]) => [name, Float32Array.from(v)])),
  };
}

test("a value outside the physical range goes, the day stays, and it is counted by site and reason", () => {
  const c = columns({ pa_kPa: [99, 200, 120, 99], gpp: [1, 2, 3, 90] }, ["A", "A", "B", "B"]);
  const excluded = applyQuality(c, []);
  assert.deepEqual([...c.numbers["pa_kPa"]!], [99, NaN, NaN, 99]);
  assert.deepEqual([...c.numbers["gpp"]!], [1, 2, 3, NaN]);
  assert.deepEqual(excluded, [
    { site: "B", reason: "gpp outside -50…80 g C m⁻² d⁻¹", days: 1 },
    { site: "B", reason: "pa_kPa outside 50…110 kPa", days: 1 },
    { site: "A", reason: "pa_kPa outside 50…110 kPa", days: 1 },
  ]);
});

test("the ends of a range are in it", () => {
  const c = columns({ pa_kPa: [50, 110], gpp: [-50, 80] });
  assert.deepEqual(applyQuality(c, []), []);
});

test("GPP below zero is noise of the partition and is kept", () => {
  const c = columns({ gpp: [-0.5, -3, -12] });
  assert.deepEqual(applyQuality(c, []), []);
  assert.deepEqual([...c.numbers["gpp"]!], [-0.5, -3, -12]);
});

test("a sensor stuck for a week goes; six days, rain-free weeks, gaps and another site do not count", () => {
  const same = (n: number, v = 5): number[] => new Array<number>(n).fill(v);
  const stuck = columns({ ta_degC: [4, ...same(7), 6] });
  assert.deepEqual(applyQuality(stuck, []), [{ site: "A", reason: "ta_degC stuck at one value for 7 days or more", days: 7 }]);
  assert.deepEqual([...stuck.numbers["ta_degC"]!], [4, ...same(7, NaN), 6]);
  assert.deepEqual(applyQuality(columns({ ta_degC: [4, ...same(6), 6] }), []), []);
  assert.deepEqual(applyQuality(columns({ p_mm_d: same(30, 0), sw_in_W_m2: same(30, 0) }), []), []);
  assert.deepEqual(applyQuality(columns({ ta_degC: same(8) }, [..."AAAABBBB"]), []), []);
  assert.deepEqual(applyQuality(columns({ ta_degC: same(8) }, undefined, [0, 1, 2, 3, 14, 15, 16, 17]), []), []);
  assert.deepEqual(applyQuality(columns({ ta_degC: same(9, NaN) }), []), []);
});

test("values named as wrong are taken out under their reason, within their period only", () => {
  const c = columns({ ws_m_s: [1, 2, 3, 4, 5, 6] }, [..."AAABBB"], [0, 1, 2, 0, 1, 2]);
  const bad = [{ site: "B", column: "ws_m_s", from: asDay(1), to: asDay(2), reason: "iced" }, { site: "C", column: "ws_m_s", from: asDay(0), to: asDay(9), reason: "x" }];
  assert.deepEqual(applyQuality(c, bad), [{ site: "B", reason: "ws_m_s: iced", days: 2 }]);
  assert.deepEqual([...c.numbers["ws_m_s"]!], [1, 2, 3, 4, NaN, NaN]);
  const first = columns({ ws_m_s: [1, 2, 3, 4] }, [..."AAAB"], [0, 1, 2, 1]);
  applyQuality(first, [{ site: "A", column: "ws_m_s", from: asDay(1), to: asDay(1), reason: "iced" }, { site: "A", column: "ta_degC", from: asDay(0), to: asDay(9), reason: "x" }]);
  assert.deepEqual([...first.numbers["ws_m_s"]!], [1, NaN, 3, 4], "the table's first site too");
});

test("the values section of the site exceptions is read and checked", () => {
  const file = path.join(folder, "exceptions.json");
  const write = (values: unknown): void => fs.writeFileSync(file, JSON.stringify({ clusters: [], values }));
  write([{ site: "B", column: "ws_m_s", from: "2012-01-01", to: "2012-02-01", reason: "iced" }]);
  assert.deepEqual(readBadValues(file), [{ site: "B", column: "ws_m_s", from: parseDay("20120101"), to: parseDay("20120201"), reason: "iced" }]);
  write(undefined);
  assert.deepEqual(readBadValues(file), []);
  assert.deepEqual(readBadValues(path.join(folder, "none.json")), []);
  write([{ site: "B", column: "ws_ms", from: "2012-01-01", to: "2012-02-01", reason: "iced" }]);
  assert.throws(() => readBadValues(file), (e) => isWorkbookError(e, "BadConfig") && /nearest ws_m_s/.test(e.message));
  write([{ site: "B", column: "ws_m_s", from: "2012-03-01", to: "2012-02-01", reason: "iced" }]);
  assert.throws(() => readBadValues(file), (e) => isWorkbookError(e, "BadConfig"));
});
