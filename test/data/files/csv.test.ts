import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDay } from "../../../src/core/days";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import { readHeader, readRows, type CsvRows } from "../../../src/data/files/csv";

const plan = { day: 1, numbers: [2], texts: [0], missingTexts: ["NA", "NaN"], missingCodes: [-9999] };

function read(text: string): CsvRows {
  const bytes = Buffer.from(text);
  return readRows(bytes, readHeader(bytes, "x.csv"), plan, "x.csv");
}

const refuses = (text: string, tag: ErrorTag, pattern: RegExp): void => assert.throws(() => read(text), (e) => isWorkbookError(e, tag) && pattern.test(e.message));

test("fields are read as text, day and number, with their lines", () => {
  const rows = read("\uFEFF# a remark\n\nsite,date,x\r\nA,2012-02-29,1.5\r\n\r\nB,20120301,-2e1\r\n");
  assert.deepEqual([...rows.line], [4, 6]);
  assert.deepEqual([...rows.day], [parseDay("20120229"), parseDay("20120301")]);
  assert.deepEqual([...rows.numbers.get(2)!], [1.5, -20]);
  assert.deepEqual(rows.texts.get(0), ["A", "B"]);
});

test("every way to write a missing value is NaN, and nothing else is", () => {
  const rows = read(`site,date,x\n${["-9999", "-9999.0", "-9999.000", "", " ", "NA", "NaN", '""', "-9998", "0"].map((x, i) => `A,2012010${i},${x}`).slice(1).join("\n")}\n`);
  assert.deepEqual([...rows.numbers.get(2)!], [NaN, NaN, NaN, NaN, NaN, NaN, NaN, -9998, 0]);
});

test("decimals are read to the last digit, as Number reads them", () => {
  const draw = random(1, "csv");
  const texts = Array.from({ length: 500 }, () => (draw.normal() * 10 ** draw.int(8)).toFixed(draw.int(7))).filter((t) => Number(t) !== -9999);
  const rows = read(`site,date,x\n${texts.map((t) => `A,20120101,${t}`).join("\n")}`);
  assert.deepEqual([...rows.numbers.get(2)!], texts.map((t) => Number(t)));
});

test("quoted fields keep their commas, quotes and line breaks", () => {
  const rows = read('site,date,x\n"A, ""B""",2012-01-01,"3"\n"two\nlines",2012-01-02,4\nC,2012-01-03,5');
  assert.deepEqual(rows.texts.get(0), ['A, "B"', "two\nlines", "C"]);
  assert.deepEqual([...rows.line], [2, 3, 5]);
  assert.deepEqual([...rows.numbers.get(2)!], [3, 4, 5]);
});

test("a midnight after the date is a day, another hour is not", () => {
  assert.deepEqual([...read("site,date,x\nA,2012-01-01 00:00:00,1\nA,2012-01-02T00:00,1").day], [parseDay("20120101"), parseDay("20120102")]);
  refuses("site,date,x\nA,2012-01-01 00:30:00,1", "BadDate", /line 2.*00:30/);
});

test("what cannot be read is refused with its line and column", () => {
  refuses("", "EmptyTable", /empty file/);
  refuses("site,date,x\n", "EmptyTable", /only a header/);
  refuses("site;date;x\nA;1;2\n", "BadFile", /line 1.*commas.*";"/);
  refuses("site,date,x\nA,2012-01-01,1\nA,2012-13-01,1\n", "BadDate", /x\.csv line 3.*date.*2012-13-01/);
  refuses("site,date,x\nA,20110229,1\n", "BadDate", /line 2.*20110229/);
  refuses("site,date,x\nA,2012-01-01,1\nA,2012-01-02,cold\n", "BadFile", /line 3.*number required in x.*"cold"/);
  refuses("site,date,x\nA,2012-01-01,1e999\n", "BadFile", /number required/);
  refuses("site,date,x\nA,2012-01-01,1\nA,2012-01-02", "BadFile", /line 3: 3 fields required.*found 2/);
  refuses("site,date,x\nA,2012-01-01,1,2\n", "BadFile", /line 2: 3 fields required.*found 4/);
  refuses('site,date,x\n"A,2012-01-01,1\n', "BadFile", /line 2: a closing quote/);
});
