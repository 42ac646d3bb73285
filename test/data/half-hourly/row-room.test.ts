import assert from "node:assert/strict";
import { test } from "node:test";
import { numbers } from "../../../src/data/daily-table";
import { listInputs, type InputFile } from "../../../src/data/files/input";
import type { HalfHourly } from "../../../src/data/half-hourly/half-hourly-table";
import { readFluxnet } from "../../../src/data/half-hourly/read-fluxnet";
import { MemoryPool } from "../../../src/data/half-hourly/row-room";
import { Scanner, type ScanPlan } from "../../../src/data/half-hourly/scan";
import { ingest } from "../../../src/data/ingest/ingest";
import { compact, fluxnetColumns, put, stepFile } from "./files";

const MIB = 2 ** 20;
/** More rows than a scanner keeps before it asks for memory, 16,384. */
const DAYS = 400;
const plan: ScanPlan = { file: "a.csv", names: ["TIMESTAMP_START", "A"], line: 2, stamp: 0, time: null, order: "ymd", numbers: [1], missingTexts: [], missingCodes: [-9999] };

/** Files of sites that differ in temperature alone. */
function towers(count: number): string[] {
  return Array.from({ length: count }, (_, k) => put(`FLX_XX-A0${k}_FLUXNET2015_SUBSET_HH_2012-2013_1-4.csv`, stepFile({ days: DAYS, columns: { ...fluxnetColumns(), TA_F: (i, hour) => k + hour / 4 + (i % 97) / 100 } })));
}

test("memory that is taken back goes to the next that it is large enough for; no more pieces are kept than told", () => {
  const pool = new MemoryPool(2);
  const [a, b, c] = [{}, {}, {}];
  const [small, large] = [pool.lend(a)(1), pool.lend(b)(9 * MIB)];
  assert.ok(small.byteLength >= 1 && large.byteLength >= 9 * MIB);
  const third = pool.lend(c)(20 * MIB);
  for (const borrower of [a, b, c, c, {}]) pool.takeBack(borrower);
  assert.equal(pool.lend(a)(9 * MIB), large);
  assert.equal(pool.lend(b)(1), third);
  assert.ok(![small, large, third].includes(pool.lend(c)(1)));
});

test("who asks for more gets another piece, as the rows must be moved; the first is free for others", () => {
  const pool = new MemoryPool(2);
  const grow = pool.lend(pool);
  const first = grow(1);
  const second = grow(2);
  assert.notEqual(second, first);
  assert.equal(pool.lend({})(1), first);
});

test("rows are the same however often they move, and whatever the memory held before", () => {
  const from = Date.parse("2001-01-01T00:00Z") / 60_000;
  const text = Buffer.from(Array.from({ length: 30_000 }, (_, i) => `${compact(from + 30 * i)},${i % 5 === 0 ? -9999 : i / 8}`).join("\n"));
  const pool = new MemoryPool(2);
  const read = (scanner: Scanner): unknown => {
    for (let at = 0; at < text.length; at += 10_000) {
      scanner.push(text.subarray(at, at + 10_000));
      if (scanner.n > 16_000) scanner.reserve(scanner.n + 500);
    }
    return structuredClone(scanner.end());
  };
  const alone = read(new Scanner(plan));
  for (const fast of [true, false, true]) {
    const borrower = {};
    assert.deepEqual(read(new Scanner(plan, fast, pool.lend(borrower))), alone);
    pool.takeBack(borrower);
  }
});

test("files read one after the other in the same memory give what each gives alone", async () => {
  const files = towers(5);
  const { table } = await ingest(files);
  const alone = await Promise.all(files.map(async (file) => numbers((await ingest([file])).table, "ta_degC")));
  assert.deepEqual([...numbers(table, "ta_degC")], alone.flatMap((values) => [...values]));
});

test("half-hours that are handed out stay as they are, though other files are read after them", async () => {
  const files = towers(5);
  const kept: HalfHourly[] = [];
  await ingest(files, { halfHours: async (table) => (kept.push(table), table) });
  for (const [k, file] of files.entries()) {
    const alone = await readFluxnet((await listInputs([file]))[0] as InputFile);
    assert.deepEqual(kept[k]!.columns, alone.columns);
    assert.deepEqual(kept[k]!.start, alone.start);
  }
});
