import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { toCsv } from "../../src/core/csv";
import { isWorkbookError, type ErrorTag } from "../../src/core/errors";
import { readVariables } from "../../src/data/columns";
import { readOrnlJson } from "../../src/data/drivers/modis-ornl";
import { readHeader, readRows } from "../../src/data/files/csv";
import { sqlText, withDuckDb } from "../../src/data/files/duckdb";
import { listSources } from "../../src/data/grid/grid-paths";
import { openGrid } from "../../src/data/grid/open";
import { openPredictors } from "../../src/data/grid/open-predictors";
import { ingest } from "../../src/data/ingest/ingest";
import { parsePreparation } from "../../src/data/preparation";
import { readTable } from "../../src/data/store";
import { readMapping } from "../../src/data/towers/mapping";
import { resolveConfig } from "../../src/run/config";
import { readCheckpoint, readWeights } from "../../src/run/checkpoint";
import { readSplit, readStandardiser } from "../../src/run/run-directory";
import { encodeSafetensors } from "../../src/model/safetensors";
import { towerFile, zipOf } from "../data/towers/tower-file";
import { writeParquet } from "../helpers/carbonfluxbench";
import { scratch, scratchFile } from "../helpers/cli";
import { writeNetcdf, writeZarrByHand, type SmallGrid } from "../helpers/grids";
import { aSite, towerTable } from "../helpers/tables";
import { writeTiff } from "../helpers/tiff";

const says = (tag: ErrorTag, pattern: RegExp) => (error: unknown): boolean => {
  assert.ok(isWorkbookError(error, tag), String(error));
  assert.match((error as Error).message, pattern);
  return true;
};
const SMALL: SmallGrid = { lat: [50, 40], lon: [0, 90], days: [18_000, 18_001], variables: [{ name: "t2m", attributes: { units: "K" }, value: () => 285 }, { name: "land_fraction", dims: ["lat", "lon"], attributes: { units: "1" }, value: () => 1 }] };
/** A Zarr of format 3 whose array t2m says something else of itself. */
const lying = (change: (metadata: Record<string, unknown>) => void): string => {
  const dir = writeZarrByHand(path.join(scratch("finding"), "g.zarr"), SMALL, "v3");
  const file = path.join(dir, "t2m", "zarr.json");
  const metadata = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
  change(metadata);
  fs.writeFileSync(file, JSON.stringify(metadata));
  return dir;
};
const readAll = async (at: string, name = "t2m"): Promise<Float64Array> => {
  const grid = await openGrid(at);
  try {
    const variable = await grid.variable(name);
    return await variable.read(variable.shape.map((n) => [0, Math.min(n, 2)] as const));
  } finally {
    grid.close();
  }
};

test("a configuration nested deeper than the stack is refused with a message", () => {
  const deep = JSON.parse(`{"split":${"[".repeat(50_000)}${"]".repeat(50_000)}}`) as object;
  assert.throws(() => resolveConfig(deep), says("BadConfig", /split: .* required, got \[…\]/));
  for (const value of [null, [], "lstm"] as unknown[]) assert.throws(() => resolveConfig(value as object), says("BadConfig", /an object of keys and values required/));
});

test("four million empty lines under a thousand columns ask for no memory", () => {
  const bytes = Buffer.concat([Buffer.from(`date,${Array.from({ length: 999 }, (_, i) => `c${i}`).join(",")}\n`), Buffer.alloc(4e6, "\n")]);
  const header = readHeader(bytes, "a.csv");
  assert.throws(() => readRows(bytes, header, { day: 0, numbers: header.names.map((_, i) => i).slice(1), texts: [], missingTexts: [], missingCodes: [] }, "a.csv"), says("EmptyTable", /data rows required/));
});

test("a header of a hundred thousand names, or of a megabyte, is refused before names are compared", () => {
  assert.throws(() => readHeader(Buffer.from(`${"a,".repeat(100_000)}b\n`), "a.csv"), says("BadFile", /at most 10000 columns and 1 MiB required, found 100001 columns/));
  assert.throws(() => readHeader(Buffer.alloc(2e6, "x"), "a.csv"), says("BadFile", /found 2000000 bytes/));
});

test("a table of ten thousand sites of one day each is read in linear time", async () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => `S${i},2012-01-01,${i % 30}\n`);
  const { report } = await ingest([scratchFile("many.csv", `site,date,ta_degC\n${rows.join("")}`)]);
  assert.equal(report.n_sites, 10_000);
});

test("a date no record can have is named, in CSV as in Parquet: a record from year 100 to 9999 would be as long as that", async () => {
  await assert.rejects(ingest([scratchFile("a.csv", "site,date,ta_degC\nX,0101-01-01,1\n")]), says("BadDate", /found "0101-01-01"/));
  const file = path.join(scratch("finding"), "a.parquet");
  await withDuckDb(async (db) => void (await db.run(`COPY (SELECT 'X' site, DATE '290000-01-01' date, 1::FLOAT ta_degC) TO ${sqlText(file)} (FORMAT parquet)`)));
  await assert.rejects(ingest([file]), says("BadDate", /row 1 \(X\)/));
  await assert.rejects(readTable(file), says("BadDate", /row 1 \(X\)/));
});

test("a site called like a property that every object has is refused", async () => {
  for (const name of ["__proto__", "constructor"]) await assert.rejects(ingest([scratchFile("a.csv", `site,date,ta_degC\n${name},2012-01-01,1\n`)]), says("BadSite", new RegExp(name)));
});

test("a table of a site called like a property that every object has is refused, whatever file named it", () => {
  for (const name of ["toString", "hasOwnProperty", "__proto__"]) assert.throws(() => towerTable([aSite(name)], 3), says("BadSite", new RegExp(`a site id required, found ${name}`)));
});

test("a site id as long as a book is refused, and a number of a million digits that is none is told from a formula in linear time", () => {
  assert.throws(() => towerTable([aSite("x".repeat(1001))], 3), says("BadSite", /at most 1000 characters required, found one of 1001: x+…/));
  const text = `-${"1".repeat(1e6)}!`;
  assert.equal(toCsv([{ text }]), `text\n'${text}\n`);
});

test("a Parquet whose pages are torn, and a name in its footer no text, is a bad file, not an error of the database", async () => {
  const file = path.join(scratch("finding"), "u.parquet");
  await writeParquet(file, Array.from({ length: 50 }, (_, i) => ({ site: "AA-Sta", date: `2012-02-${String((i % 28) + 1).padStart(2, "0")}`, ta_degC: i })));
  const bytes = fs.readFileSync(file);
  bytes[bytes.lastIndexOf("site") + 1] = 0xff; // of the row group, not of the schema
  fs.writeFileSync(file, bytes.fill(0xff, 4, 60));
  await assert.rejects(ingest([file]), says("BadFile", /u\.parquet: numbers of single precision and readable text required/));
});

test("a Parquet whose pages are torn is a bad file, not an error of the database", async () => {
  const file = path.join(scratch("finding"), "t.parquet");
  await writeParquet(file, Array.from({ length: 50 }, (_, i) => ({ site: "X", date: `2012-02-${String((i % 28) + 1).padStart(2, "0")}`, ta_degC: i })));
  const bytes = fs.readFileSync(file);
  bytes.fill(0xff, 10, 60);
  fs.writeFileSync(file, bytes);
  await assert.rejects(readTable(file), says("BadFile", /a whole Parquet file is required/));
  await assert.rejects(ingest([file]), says("BadFile", /t\.parquet: (a whole Parquet file|numbers of single precision and readable text) required/));
});

test("a few kilobytes that claim millions of rows are refused before memory is taken for them", async () => {
  const file = path.join(scratch("finding"), "bomb.parquet");
  await withDuckDb(async (db) => void (await db.run(`COPY (SELECT 'X' site, DATE '2012-01-01' date, 1::FLOAT ta_degC FROM range(2000000)) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 1000000)`)));
  await assert.rejects(ingest([file]), says("BadFile", /2000000 rows in \d+ bytes/));
});

test("a Zarr chunk key cannot lead out of its store", async () => {
  const dir = lying((m) => (m["chunk_key_encoding"] = { name: "default", configuration: { separator: "%2F..%2F..%2F" } }));
  await assert.rejects(readAll(dir), says("BadFile", /leads out of the store/));
});

test("a Zarr array of no chunks, of one chunk of a billion cells, or of a million tiny ones is refused", async () => {
  const chunks = (of: number[]) => (m: Record<string, unknown>): void => void (m["chunk_grid"] = { name: "regular", configuration: { chunk_shape: of } });
  await assert.rejects(readAll(lying(chunks([0, 2, 2]))), says("BadFile", /whole numbers/));
  await assert.rejects(readAll(lying(chunks([1e9, 2, 2]))), says("BadFile", /pieces of at most/));
  const dir = lying((m) => {
    m["shape"] = [2, 2000, 2000];
    chunks([1, 1, 1])(m);
  });
  const grid = await openGrid(dir);
  await assert.rejects((await grid.variable("t2m")).read([[0, 2], [0, 2000], [0, 2000]]), says("BadFile", /at most 50000 pieces/));
});

test("names of a Zarr's axes that are no list of texts are none", async () => {
  const dir = lying((m) => (m["dimension_names"] = 5));
  assert.deepEqual((await (await openGrid(dir)).variable("t2m")).dims, []);
});

test("an axis of a hundred million cells is refused before it is read", async () => {
  const file = path.join(scratch("finding"), "wide.tif");
  writeTiff(file, { rows: 2, columns: 2, bands: [Float32Array.of(1, 2, 3, 4)], x: 0, y: 0, dx: 1, dy: -1, names: ["2019-01-30"] });
  const bytes = fs.readFileSync(file);
  // the first tag is the width
  bytes.writeUInt32LE(1e8, 8 + 2 + 8);
  fs.writeFileSync(file, bytes);
  await assert.rejects(openGrid(file), says("BadFile", /rows, columns, bands and pieces from 1 to 1000000 required/));
});

test("a GeoTIFF's tag that claims more values than the file has bytes is refused: the package would go through hundreds of millions", async () => {
  const file = path.join(scratch("finding"), "long.tif");
  writeTiff(file, { rows: 2, columns: 2, bands: [Float32Array.of(1, 2, 3, 4)], x: 0, y: 0, dx: 1, dy: -1, names: ["2019-01-30"] });
  const bytes = fs.readFileSync(file);
  // the count of the fourth tag, the compression
  bytes.writeUInt32LE(700_000_000, 8 + 2 + 3 * 12 + 4);
  fs.writeFileSync(file, bytes);
  await assert.rejects(openGrid(file), says("BadFile", /a tag 259 of 700000000 values in a file of \d+ bytes/));
});

test("days of a grid outside of 1800 to 2200 are refused: nothing can be dated by them", async () => {
  const file = await writeNetcdf(path.join(scratch("finding"), "g.nc"), { ...SMALL, days: [1e9, 1e9 + 1] });
  await assert.rejects(openPredictors(file, { channels: ["ta_degC"], run: "RUN" }), says("BadDate", /days from 1800 to 2200 required/));
});

test("a grid description whose names are no texts is refused", () => {
  assert.throws(() => listSources([scratchFile("grid.json", '{"files":[],"names":{"ta_degC":5}}')]), says("BadConfig", /"names": an object of texts required/));
  assert.throws(() => listSources([scratchFile("grid.json", "null")]), says("BadFile", /a JSON object is required, found null/));
});

test("parts of a run directory that hold something else are refused by name", () => {
  const dir = scratch("finding");
  for (const text of ["null", "[]", "{}", '{"channels":["a"],"mean":[1],"sd":[0],"targetMean":[0,0,0],"targetSd":[1,1,1]}']) {
    fs.writeFileSync(path.join(dir, "standardiser.json"), text);
    assert.throws(() => readStandardiser(dir), (e) => isWorkbookError(e) && /standardiser\.json/.test(e.message));
  }
  for (const text of ["null", '{"train":"A"}']) {
    fs.writeFileSync(path.join(dir, "split.json"), text);
    assert.throws(() => readSplit(dir), (e) => isWorkbookError(e) && /split\.json/.test(e.message));
  }
});

test("weights that are not there and a checkpoint whose state is not JSON are bad files", () => {
  assert.throws(() => readWeights(path.join(scratch("finding"), "none.safetensors")), (e) => isWorkbookError(e));
  for (const state of ["{", "null", '{"stage":"x"}']) assert.throws(() => readCheckpoint(scratchFile("c.safetensors", Buffer.from(encodeSafetensors(new Map(), { state })))), (e) => isWorkbookError(e));
});

test("folders that links lead to in a circle are walked once", { skip: process.platform === "win32" ? "links need a privilege on Windows" : false }, async () => {
  const dir = scratch("finding");
  fs.writeFileSync(path.join(dir, "FLX_DE-Hai_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv"), towerFile({ days: 5 }));
  for (const name of ["a", "b"]) fs.symlinkSync(dir, path.join(dir, name));
  const { report } = await ingest([dir]);
  assert.equal(report.files.length, 1);
});

test("a pipe that is called a table is refused: reading it would wait for ever", { skip: process.platform === "win32" ? "needs mkfifo" : false }, async () => {
  for (const name of ["pipe.csv", "pipe.zip"]) {
    const pipe = path.join(scratch("finding"), name);
    assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
    await assert.rejects(ingest([pipe]), says("BadFile", /a pipe, socket or device/));
  }
});

test("an archive of many small tables is gone through once, not once a table", async () => {
  const [header, row] = ["site,date,ta_degC", "2012-01-01,5"];
  const entries = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`t${i}.csv`, `${header}\nS${i},${row}\n`]));
  const { report } = await ingest([scratchFile("many.zip", zipOf(entries))]);
  assert.equal(report.n_sites, 300);
});

test("JSON that is nested deeper than the stack is refused in mappings, and cut in messages of preparations and of the benchmark's protocol", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  const deep = JSON.parse(nested(20_000)) as never;
  for (const columns of [(text: string) => text, (text: string) => `{"a":${text}}`, (text: string) => `{"a":{"name":"TA_F","factor":${text}}}`, (text: string) => `{"a":{"name":"TA_F","unit":${text}}}`]) {
    const read = (depth: number): unknown => readMapping(scratchFile("map.json", `{"columns":${columns(nested(depth))}}`), readVariables());
    assert.throws(() => read(20_000), says("BadFile", /map\.json is not \(lists and objects are nested more than 100 deep/));
    assert.throws(() => read(90), says("BadConfig", /required, found [[{].*…/));
  }
  assert.throws(() => parsePreparation(deep, "grid"), says("BadConfig", /paper or clean required, found \[…\]/));
  assert.throws(() => resolveConfig({ protocol: "carbonfluxbench", window: deep }), says("BadConfig", /required with protocol carbonfluxbench, got \[…\]/));
});

test("an ORNL answer with anything but plain values where they belong is refused with its place", () => {
  const read = (change: object, more: object = {}): unknown => readOrnlJson(Buffer.from(JSON.stringify({ site: "AA-One", product: "MOD13A1", ...more, subset: [{ band: "EVI", calendar_date: "2012-01-01", data: [1] }, ...("entry" in change ? [change.entry] : [{ band: "EVI", calendar_date: "2012-01-17", data: [2, null, "3"], ...change }])] })), "a.json");
  assert.doesNotThrow(() => read({}));
  for (const change of [{ entry: null }, { entry: 5 }, { calendar_date: 5 }, { calendar_date: [1] }, { band: {} }, { data: {} }, { data: [{}] }, { data: [[1]] }, { calendar_date: undefined }]) {
    assert.throws(() => read(change), says("BadDate", /a\.json: subset 2: calendar_date, band and data required, found/), JSON.stringify(change));
  }
  for (const more of [{ site: 5 }, { product: {} }, { header: [] }, { band: 1 }, { latitude: [1] }]) assert.throws(() => read({}, more), says("BadFile", /a\.json: "\w+" as a plain value required/), JSON.stringify(more));
});

test("a heap of an HDF5 file whose free space tells another size is refused: the library went round in it for ever", async () => {
  const good = fs.readFileSync(await writeNetcdf(path.join(scratch("finding"), "g.nc"), SMALL));
  const heap = good.indexOf("GCOL");
  let free = heap + 16;
  while (good.readUInt16LE(free) !== 0) free += 16 + 8 * Math.ceil(Number(good.readBigUInt64LE(free + 8)) / 8);
  for (const size of [0n, 10_995_116_277_760n, 8n, 1n << 20n]) {
    const bytes = Buffer.from(good);
    bytes.writeBigUInt64LE(size, free + 8);
    await assert.rejects(openGrid(scratchFile("g.nc", bytes)), says("BadFile", new RegExp(`object 0 of the global heap at byte ${heap} of ${size} bytes`)));
  }
  const grid = await openGrid(scratchFile("g.nc", good));
  grid.close();
});

test("a grid description with a name that no file can have is refused", () => {
  assert.throws(() => listSources([scratchFile("grid.json", JSON.stringify({ files: ["a\0.nc"] }))]), says("BadConfig", /"files": \[paths\] required/));
});

test("an array packed by codecs that are not known is refused, where the second unknown one ended the process", async () => {
  for (const format of ["v2", "v3"] as const) {
    const dir = writeZarrByHand(path.join(scratch("finding"), "g.zarr"), SMALL, format);
    const file = path.join(dir, SMALL.variables[0]!.name, format === "v2" ? ".zarray" : "zarr.json");
    const strange = format === "v2" ? { filters: [{ id: "delta" }, { id: "a\u001b[2J" }], compressor: { id: "b" } } : { codecs: [{ name: "bytes" }, { name: "a\u001b[2J" }, { name: 5 }] };
    fs.writeFileSync(file, JSON.stringify({ ...(JSON.parse(fs.readFileSync(file, "utf8")) as object), ...strange }));
    const grid = await openGrid(dir);
    await assert.rejects(grid.variable(SMALL.variables[0]!.name), says("BadFile", /packed by a known codec .* required, found (numcodecs\.)?a�\[2J/));
    await new Promise((resolve) => setImmediate(resolve));
  }
});
