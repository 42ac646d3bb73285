import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import * as zlib from "node:zlib";
import { isWorkbookError } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import { readVariables } from "../../../src/data/columns";
import { listInputs, type InputFile } from "../../../src/data/files/input";
import { readFluxnet } from "../../../src/data/half-hourly/read-fluxnet";
import { ScanCrew } from "../../../src/data/half-hourly/scan-crew";
import { Scanner, type ScanPlan } from "../../../src/data/half-hourly/scan";
import { ingest } from "../../../src/data/ingest/ingest";
import { numbers } from "../../../src/data/daily-table";
import { compact, fluxnetColumns, stepFile } from "./files";

const { builtScan } = require("../../../src/data/wasm/build.cjs") as { builtScan(): string | null };
const skip = builtScan() === null ? "needs the scanner built by set-up (node src/data/wasm/build.cjs)" : false;
const root = fs.mkdtempSync(path.join(os.tmpdir(), "scan-crew-"));
after(() => fs.rmSync(root, { recursive: true }));

const plan: ScanPlan = { file: "a.csv", names: ["TIMESTAMP_START", "A", "B"], line: 2, stamp: 0, time: null, order: "ymd", numbers: [1, 2], missingTexts: ["NA"], missingCodes: [-9999] };

/** Rows of pieces read with a crew of so many threads, or what was refused. */
async function read(pieces: readonly Buffer[], threads: number): Promise<unknown> {
  const crew = new ScanCrew(threads, 1);
  const scanner = new Scanner(plan);
  const ahead = await crew.help(scanner);
  assert.equal(ahead === null, threads === 1);
  try {
    for (const piece of pieces) ahead === null ? scanner.push(piece) : ahead.push(piece);
    ahead?.end();
    const { n, stamp, line, numbers: values } = scanner.end();
    return { n, stamp, line, values };
  } catch (error) {
    assert.ok(isWorkbookError(error), String(error));
    return error.message;
  } finally {
    ahead?.close();
    await crew.end();
  }
}

test("however many threads scan a file, its rows are the same to the bit, and so is what is refused", { skip }, async () => {
  const draw = random(9, "crew");
  const from = Date.parse("1990-01-01T00:00Z") / 60_000;
  const lines = Array.from({ length: 120_000 }, (_, i) => {
    const odd = i % 9973 === 0 ? "1e-3" : i % 7919 === 0 ? "NA" : (draw.uniform() * 1000 - 300).toFixed(i % 5);
    return `${compact(from + 30 * i)},${odd},${i % 7 === 0 ? "-9999" : -i}`;
  });
  for (const bad of [null, 70_000]) {
    if (bad !== null) lines[bad] = `${lines[bad]!.slice(0, 12)},x,1`;
    const text = Buffer.from(lines.join("\n"));
    assert.ok(text.length > 3 << 20);
    const pieces = [text.subarray(0, 1_000_001), text.subarray(1_000_001, 1_000_003), text.subarray(1_000_003)];
    const alone = await read(pieces, 1);
    for (const threads of [2, 4]) assert.deepEqual(await read(pieces, threads), alone);
    assert.equal(typeof alone, bad === null ? "object" : "string");
  }
});

test("a line longer than a slot is read between those of threads", { skip }, async () => {
  const at = (i: number): string => compact(Date.parse("2001-01-01T00:00Z") / 60_000 + 30 * i);
  const text = Buffer.from([`${at(0)},1,2`, `${at(1)},${"0".repeat(3 << 20)}7,3`, `${at(2)},4,5`].join("\n"));
  assert.deepEqual(await read([text], 3), await read([text], 1));
});

test("several large files are read side by side with one crew: tables, and the error that comes first, are those of one after the other", { skip }, async () => {
  const files = ["XX-Aaa", "XX-Bbb", "XX-Ccc", "XX-Ddd"].map((site, k) => {
    const text = stepFile({ columns: { ...fluxnetColumns(), TA_F: (i, hour) => (i % 50 === k ? "-9999" : (10 + hour / 4 + (i % 97) / 100).toFixed(15)) }, days: 1250 });
    const file = path.join(root, `FLX_${site}_FLUXNET2015_SUBSET_HH_2000-2004_1-4.csv${k === 3 ? ".gz" : ""}`);
    fs.writeFileSync(file, k === 3 ? zlib.gzipSync(text) : text);
    return file;
  });
  assert.ok(fs.statSync(files[0]!).size > 1 << 22);
  const input = (await listInputs([files[0]!]))[0] as InputFile;
  const crew = new ScanCrew(2, 1);
  const [alone, helped] = [await readFluxnet(input), await readFluxnet(input, { crew })];
  await crew.end();
  assert.deepEqual(helped, alone);
  const before = process.env["TAMRL_THREADS"];
  try {
    const tables = [];
    for (const threads of ["1", "3"]) {
      process.env["TAMRL_THREADS"] = threads;
      const { table, report } = await ingest(files);
      tables.push({ report, values: table.rows.columnNames().filter((name) => readVariables().list.some((v) => v.column === name)).map((name) => numbers(table, name)) });
    }
    assert.deepEqual(tables[1], tables[0]);
    const bad = fs.readFileSync(files[1]!, "utf8").split("\n");
    bad[40_000] = bad[40_000]!.replace(",0.3,", ",wet,");
    fs.writeFileSync(files[1]!, bad.join("\n"));
    fs.writeFileSync(files[2]!, fs.readFileSync(files[2]!).subarray(0, 500));
    const messages = [];
    for (const threads of ["1", "3"]) {
      process.env["TAMRL_THREADS"] = threads;
      messages.push(await ingest(files).then(() => "read", (error: Error) => error.message));
    }
    assert.match(messages[0]!, /XX-Bbb.* line 40001: a number/);
    assert.equal(messages[1], messages[0]);
  } finally {
    if (before === undefined) delete process.env["TAMRL_THREADS"];
    else process.env["TAMRL_THREADS"] = before;
  }
});
