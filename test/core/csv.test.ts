import assert from "node:assert/strict";
import { test } from "node:test";
import { toCsv } from "../../src/core/csv";
import { random } from "../../src/core/random";

/** Fields of a CSV text with RFC 4180 quotes. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let [field, quoted] = ["", false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') field += text[++i];
      else if (c === '"') quoted = false;
      else field += c;
    } else if (c === '"') quoted = true;
    else if (c === "," || c === "\n") {
      rows[rows.length - 1]!.push(field);
      field = "";
      if (c === "\n") rows.push([]);
    } else field += c;
  }
  return rows.slice(0, -1);
}

test("numbers come back from the CSV to the last bit, texts with commas, quotes and line ends unchanged", () => {
  const stream = random(3, "csv");
  const alphabet = ["a", ",", '"', "\n", "\r", " ", "é", "−"];
  for (let round = 0; round < 50; round++) {
    const rows = Array.from({ length: 4 }, () => ({ text: `x${Array.from({ length: 6 }, () => alphabet[stream.int(alphabet.length)]).join("")}`, number: stream.normal() * 10 ** (stream.int(30) - 15) }));
    const [header, ...lines] = parseCsv(toCsv(rows));
    assert.deepEqual(header, ["text", "number"]);
    assert.deepEqual(lines.map(([text, number]) => ({ text, number: Number(number) })), rows);
  }
});

test("missing is an empty field, never 0, and a column that a row lacks is missing there", () => {
  assert.equal(toCsv([{ a: NaN, b: 0 }, { a: null, c: true }]), "a,b,c\n,0,\n,,true\n");
});

test("a text that a spreadsheet would run gets an apostrophe before it; numbers, and texts that are numbers, stay as they are", () => {
  for (const text of ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "-", "-2 to 0", "+", "=HYPERLINK(\"x\",\"y\")"]) {
    assert.equal(parseCsv(toCsv([{ text }]))[1]![0], `'${text}`, text);
    assert.equal(parseCsv(toCsv([{ [text]: 1 }]))[0]![0], `'${text}`, `the header ${text}`);
  }
  for (const text of ["-5.3", "+2", "-1e-7", "-.5", "a=1", " =1", "'x", "−1"]) assert.equal(parseCsv(toCsv([{ text }]))[1]![0], text);
  assert.equal(toCsv([{ a: -5.3, b: -Infinity, c: -0 }]), "a,b,c\n-5.3,-Infinity,0\n");
});

test("the wide signs of East Asian keyboards begin a formula too", () => {
  for (const sign of ["＝", "＋", "－", "＠"]) assert.equal(toCsv([{ a: `${sign}1+1` }]), `a\n'${sign}1+1\n`);
});
