import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { COLUMNS, readHalfHourly, writeHalfHourly } from "../../src/bench/half-hourly";
import { formatDay, asDay } from "../../src/core/days";
import { daysOf, numbers, texts } from "../../src/data/daily-table";
import { scratch } from "../helpers/cli";

/** A file of one day: 48 half-hours, the first `missing` of which have no TA; QC 0 but for the last 12. */
function oneDay(dir: string, missing: number): string {
  const file = path.join(dir, "XX-One_HH.csv");
  const stamp = (k: number): string => `20000229${String(Math.floor(k / 2)).padStart(2, "0")}${k % 2 === 0 ? "00" : "30"}`;
  const line = (k: number): string => [stamp(k), stamp(k), k < missing ? -9999 : 10 + (k % 2), 100, 5, 0.5, 98, 2, -2, k < 36 ? 0 : 2, 3, 1].join(",");
  fs.writeFileSync(file, [["TIMESTAMP_START", "TIMESTAMP_END", ...COLUMNS.map((c) => c.from)].join(","), ...Array.from({ length: 48 }, (_, k) => line(k))].join("\n"));
  return file;
}

test("a day of half-hours becomes means, a sum of rain, grams of carbon and the share of good half-hours", async () => {
  const table = await readHalfHourly([oneDay(scratch("hh"), 0)], 1);
  assert.deepEqual([texts(table, "site")[0], formatDay(asDay(daysOf(table)[0]!)), table.rows.numRows()], ["XX-One", "2000-02-29", 1]);
  const expected = { ta_degC: 10.5, p_mm_d: 24, nee: -2 * 1.0378, gpp: 3 * 1.0378, reco: 1.0378, nee_qc: 0.75, pa_kPa: 98 };
  for (const [name, value] of Object.entries(expected)) assert.ok(Math.abs(numbers(table, name)[0]! - value) < 1e-5, `${name}: ${numbers(table, name)[0]}`);
});

test("a day with fewer than 40 half-hours of a variable is missing in it, with 40 it is there", async () => {
  for (const [missing, there] of [[8, true], [9, false]] as const) {
    const table = await readHalfHourly([oneDay(scratch("hh"), missing)], 1);
    assert.equal(!Number.isNaN(numbers(table, "ta_degC")[0]!), there);
    assert.ok(!Number.isNaN(numbers(table, "gpp")[0]!));
  }
});

test("the made-up files are whole, the same each time, and have gaps", async () => {
  const [a, b] = [scratch("hh"), scratch("hh")];
  const files = await writeHalfHourly(a, 5 * 48 * 20);
  const again = await writeHalfHourly(b, 5 * 48 * 20);
  assert.equal(files.length, 5);
  assert.equal(fs.readFileSync(files[3]!, "utf8"), fs.readFileSync(again[3]!, "utf8"));
  assert.match(fs.readFileSync(files[0]!, "utf8"), /-9999/);
  const table = await readHalfHourly(files, 2);
  assert.equal(table.rows.numRows(), 100);
  assert.equal(table.sites.length, 5);
});
