import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import { Scanner, type ScanPlan } from "../../../src/data/half-hourly/scan";
import { compact } from "./files";

const { builtScan } = require("../../../src/data/wasm/build.cjs") as { builtScan(): string | null };
const skip = builtScan() === null ? "needs the scanner built by set-up (node src/data/wasm/build.cjs)" : false;

/** Rows and columns, or the message of what was refused. */
function outcome(text: string, columns: number, fast: boolean): unknown {
  const names = ["TIMESTAMP_START", "TIMESTAMP_END", ...Array.from({ length: columns }, (_, k) => `C${k}`)];
  const plan: ScanPlan = { file: "a.csv", names, line: 2, stamp: 0, time: null, order: "ymd", numbers: names.map((_, k) => k).slice(2), missingTexts: ["NA", "NaN"], missingCodes: [-9999] };
  const scanner = new Scanner(plan, fast);
  try {
    scanner.push(Buffer.from(text));
    const { n, stamp, line, numbers } = scanner.end();
    return { n, stamp: [...stamp], line: [...line], numbers: [...numbers].map(([k, values]) => [k, [...values]]) };
  } catch (error) {
    assert.ok(isWorkbookError(error), String(error));
    return error.message;
  }
}

test("the built scanner gives the same rows, to the bit, and the same refusals as the plain one", { skip }, () => {
  const draw = random(5, "fast rows");
  const pick = <T>(items: readonly T[]): T => items[draw.int(items.length)]!;
  const usual = (): string => pick(["0", "-9999", "-9999.0", "1.5", "-0.25", "98.123", "0.000001", "1234567", "12345678", "-123.4567", "123456789.123456", "377.6792031", "00.10", "-0", "5.", "99999.9", ".5", "-.5"]);
  const odd = (): string => pick(["", "NA", "1e-3", " 7 ", "\"4.5\"", "1234567890123456789", "NaN", "+3", "--1", "-", ".", "1.2.3", "x", "1,5", "12a4", "1 2", "0x10", "\u00b0", "-9999.00", "1:2", "1/2"]);
  const from = Date.parse("2011-12-31T12:00Z") / 60_000;
  for (let k = 0; k < 600; k++) {
    const columns = 1 + draw.int(6);
    const strange = k % 3 === 0 ? 0 : 0.02;
    const lines = Array.from({ length: 1 + draw.int(60) }, (_, i) => {
      const stamp = draw.uniform() < strange / 4 ? pick(["201113010000", "201102290000", "2011010100", "201101012400", "201101010060", "20110101x000", ""]) : compact(from + 30 * i);
      const end = draw.uniform() < 0.05 ? pick(["-9999", "a b", "\"x\"", ""]) : compact(from + 30 * (i + 1));
      return [stamp, end, ...Array.from({ length: columns }, () => (draw.uniform() < strange ? odd() : usual()))].join(",");
    });
    if (draw.uniform() < 0.2) lines.splice(draw.int(lines.length), 0, "");
    const text = lines.join(pick(["\n", "\n", "\r\n"])) + pick(["", "\n"]);
    assert.deepEqual(outcome(text, columns, true), outcome(text, columns, false), JSON.stringify(text));
  }
});

test("more rows and text than the module holds at a time are read the same", { skip }, () => {
  const from = Date.parse("2000-01-01T00:00Z") / 60_000;
  const text = Array.from({ length: 60_000 }, (_, i) => `${compact(from + 30 * i)},${"9".repeat(60)},${(i * 1.37).toFixed(3)},${i % 7 === 0 ? "" : -i}`).join("\n");
  assert.ok(text.length > 1 << 22);
  assert.deepEqual(outcome(text, 2, true), outcome(text, 2, false));
});
