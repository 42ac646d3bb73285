import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { crc32c } from "../../../src/data/grid/crc32c";
import { openPredictors, type PredictorOptions } from "../../../src/data/grid/open-predictors";
import { scratch } from "../../helpers/cli";
import { writeNetcdf, writeZarrByHand, type GridVar, type SmallGrid } from "../../helpers/grids";
import { writeTiff } from "../../helpers/tiff";

const says = (tag: ErrorTag, pattern: RegExp) => (e: unknown): boolean => {
  assert.ok(isWorkbookError(e, tag), String(e));
  assert.match((e as Error).message, pattern);
  return true;
};
const LAT = [50, 40, 30];
const LON = [-90, 0, 90, 180];
const DAYS = [18_000, 18_001, 18_002, 18_003];
const land: GridVar = { name: "land_fraction", dims: ["lat", "lon"], attributes: { units: "1" }, value: () => 1 };
const temperature = (more: Partial<GridVar> = {}): GridVar => ({ name: "t2m", attributes: { units: "K" }, value: () => 285, ...more });
const small = (more: Partial<SmallGrid> = {}): SmallGrid => ({ lat: LAT, lon: LON, days: DAYS, variables: [temperature(), land], ...more });
const nc = (dir: string, name: string, more: Partial<SmallGrid> = {}): Promise<string> => writeNetcdf(path.join(dir, name), small(more));
const wanted = (...channels: string[]): PredictorOptions => ({ channels, run: "RUN" });

/** Opens one NetCDF file that differs by `more` and tells what it is refused for. */
async function refused(more: Partial<SmallGrid>, tag: ErrorTag, pattern: RegExp, options: PredictorOptions = wanted("ta_degC")): Promise<void> {
  await assert.rejects(openPredictors(await nc(scratch("grid"), "g.nc", more), options), says(tag, pattern));
}

test("a run whose feature set the grid cannot serve is refused with every missing channel and the nearest variables", async () => {
  await refused({ variables: [temperature(), { ...temperature(), name: "evi_16d" }, land] }, "MissingColumn", /3 channels required by RUN, found no evi \(nearest: t2m, evi_16d\), no lai \(nearest: .*\); add the files/, wanted("ta_degC", "evi", "lai"));
});

test("another unit is refused, none is not guessed, and each says what converts", async () => {
  await refused({ variables: [temperature({ attributes: { units: "Pa" } }), land] }, "BadUnit", /g\.nc: t2m in °C or a unit that converts to it required for ta_degC, found "Pa"; convert it/);
  await refused({ variables: [temperature({ attributes: {} }), land] }, "BadUnit", /t2m in °C.*found no unit; write its units attribute/);
  await refused({ variables: [{ name: "tp", attributes: { units: "m" }, value: () => 0.001 }, land] }, "BadUnit", /tp in mm d⁻¹.*found "m"/, wanted("p_mm_d"));
});

test("a unit that the numbers contradict is seen in a sample of them", async () => {
  await refused({ variables: [{ name: "temperature_2m", attributes: { units: "K" }, value: () => 12 }, land] }, "BadUnit", /grid: .*g\.nc: a sample of \d+ values: temperature_2m in K required, found median 12, which looks like °C; add 273\.15/, wanted("temperature_2m"));
  await refused({ variables: [{ name: "sp", attributes: { units: "kPa" }, value: () => 101_300 }, land] }, "BadUnit", /sp \(pa_kPa\) in kPa required, found median 101300, which looks like Pa/, wanted("pa_kPa"));
});

test("a channel nobody asked for may be wrong; asked for as part of all, it is left out with its reason", async () => {
  const file = await nc(scratch("grid"), "g.nc", { variables: [temperature(), { name: "sp", attributes: { units: "K" }, value: () => 101_300 }, land] });
  await openPredictors(file, wanted("ta_degC"));
  const all = await openPredictors(file);
  assert.ok(!all.channels.includes("pa_kPa"));
  assert.match(all.refused.get("pa_kPa")!.message, /sp in kPa/);
  await assert.rejects(all.readTile({ rows: [0, 1], columns: [0, 1] }, ["pa_kPa"]), says("BadUnit", /sp in kPa/));
  await assert.rejects(all.readTile({ rows: [0, 1], columns: [0, 1] }, ["evi"]), says("MissingColumn", /a channel of the grid required, found evi/));
  await assert.rejects(all.readTile({ rows: [0, 4], columns: [0, 1] }, ["ta_degC"]), says("BadArgument", /a tile within 3 rows and 4 columns required, found rows 0–4/));
});

test("calendars without leap days or of 360 days are refused", async () => {
  for (const calendar of ["noleap", "360_day", "365_day", "julian"]) await refused({ time: { calendar } }, "BadDate", new RegExp(`g\\.nc: time: calendar standard .* required, found ${calendar}; give a product on true days`));
});

test("a gap in the days, a day twice in two files, and days that channels do not share are refused by date", async () => {
  await refused({ days: [18_000, 18_001, 18_004] }, "BadDate", /g\.nc: t2m: every day required, found none from 2019-04-16 to 2019-04-17/);
  const dir = scratch("grid");
  await nc(dir, "a.nc");
  await nc(dir, "b.nc", { days: [18_006, 18_007], variables: [temperature()] });
  await assert.rejects(openPredictors(dir, wanted("ta_degC")), says("BadDate", /b\.nc: t2m: every day required, found none from 2019-04-18 to 2019-04-19/));
  await nc(dir, "b.nc", { days: [18_003, 18_004], variables: [temperature()] });
  await assert.rejects(openPredictors(dir, wanted("ta_degC")), says("BadDate", /b\.nc: t2m: each day once required, found 2019-04-17 in .*a\.nc too/));
  await nc(dir, "b.nc", { days: [19_000, 19_001], variables: [{ name: "evi", attributes: { units: "1" }, value: () => 0.4 }] });
  await assert.rejects(openPredictors(dir, wanted("ta_degC", "evi")), says("BadDate", /days that all channels share required, found evi from 2022-01-08 to 2022-01-09 and ta_degC from 2019-04-14 to 2019-04-17/));
});

test("hourly steps are no days", async () => {
  await refused({ days: [0, 6, 12, 18], time: { units: "hours since 2019-01-01" } }, "BadDate", /time: one step a day or month, in order required/);
});

test("files on another grid, and a mask of another size, name both grids", async () => {
  const dir = scratch("grid");
  await nc(dir, "era5.nc", { variables: [temperature()] });
  await nc(dir, "mask.nc", { lat: [50, 45, 40, 35, 30], days: [], variables: [land] });
  await assert.rejects(openPredictors(dir), says("BadFile", /mask\.nc: the cells of .*era5\.nc \(3 lat from 50 by -10 × 4 lon from -90 by 90\) required, found 5 lat from 50 by -5 × 4 lon.*cdo remapcon/));
  await nc(dir, "mask.nc", { lat: [50.5, 40.5, 30.5], days: [], variables: [land] });
  await assert.rejects(openPredictors(dir), says("BadFile", /mask\.nc: the cells of/));
});

test("without a share of land there is no grid, unless it is said", async () => {
  await refused({ variables: [temperature()] }, "MissingColumn", /a layer land_fraction, land_mask, lsm or another share of land required, found none/);
  const dir = scratch("grid");
  await nc(dir, "g.nc", { variables: [temperature()] });
  fs.writeFileSync(path.join(dir, "grid.json"), JSON.stringify({ files: ["g.nc"], land_fraction: 1 }));
  const grid = await openPredictors(path.join(dir, "grid.json"));
  assert.equal((await grid.readTile({ rows: [0, 1], columns: [0, 1] }, ["ta_degC"])).landFraction[0], 1);
});

test("a grid description names variables and units that files do not; its own mistakes are said", async () => {
  const dir = scratch("grid");
  await nc(dir, "g.nc", { variables: [temperature({ name: "T", attributes: {} }), land] });
  const json = (content: unknown): string => {
    fs.writeFileSync(path.join(dir, "grid.json"), JSON.stringify(content));
    return path.join(dir, "grid.json");
  };
  const grid = await openPredictors(json({ files: ["g.nc"], names: { ta_degC: "T" }, units: { T: "K" } }), wanted("ta_degC"));
  assert.ok(Math.abs((await grid.readTile({ rows: [0, 1], columns: [0, 1] }, ["ta_degC"])).drivers[0]! - 11.85) < 1e-4);
  await assert.rejects(openPredictors(json({ files: ["g.nc"], names: { ta_degC: "TT" } }), wanted("ta_degC")), says("MissingColumn", /variable TT required for ta_degC as the grid description says, found T, land_fraction/));
  await assert.rejects(openPredictors(json({ files: ["g.nc"], name: {} })), says("BadConfig", /got "name"; nearest names/));
  await assert.rejects(openPredictors(json({})), says("BadConfig", /an object with "files"/));
  await assert.rejects(openPredictors(json({ files: ["h.nc"] })), says("BadFile", /h\.nc: .*found nothing there/));
  await assert.rejects(openPredictors(scratch("empty")), says("BadFile", /a folder with \.zarr, \.nc or \.tif required, found nothing/));
});

test("two variables of one standard name are not chosen between", async () => {
  const air = (name: string): GridVar => temperature({ name, attributes: { units: "K", standard_name: "air_temperature" } });
  await refused({ variables: [air("tmax"), air("tmin"), land] }, "MissingColumn", /one variable for ta_degC required, found tmax, tmin with the same standard name/);
});

/** A grid whose one chunk is changed by `damage`. */
async function damaged(format: "v2" | "v3" | "sharded", chunk: string, damage: (bytes: Buffer) => Buffer): Promise<string> {
  const dir = writeZarrByHand(path.join(scratch("grid"), "g.zarr"), small({ chunk: [2, 2, 2] }), format);
  const file = path.join(dir, "t2m", chunk);
  fs.writeFileSync(file, damage(fs.readFileSync(file)));
  return dir;
}

for (const [format, chunk] of [["v2", "1.1.1"], ["v3", "c/1/1/1"], ["sharded", "c/0/0/0"]] as const) {
  test(`a chunk that is cut off is an error that names it, never zeros: Zarr ${format}`, async () => {
    const file = await damaged(format, chunk, (bytes) => bytes.subarray(0, bytes.length - 12));
    const open = (): Promise<unknown> => openPredictors(file, wanted("ta_degC")).then((grid) => grid.readTile({ rows: [0, 3], columns: [0, 4] }, ["ta_degC"]));
    await assert.rejects(open(), says("BadFile", /t2m: chunk \d\/\d\/\d: a whole Zarr array required, found: .*; copy it again/));
  });
}

test("a shard with a damaged index, or whose index points beyond its end, is an error, never other cells' values", async () => {
  const open = (file: string): Promise<unknown> => openPredictors(file, wanted("ta_degC")).then((grid) => grid.readTile({ rows: [0, 3], columns: [0, 4] }, ["ta_degC"]));
  const index = 8 * 16 + 4;
  const flipped = await damaged("sharded", "c/0/0/0", (bytes) => {
    bytes[bytes.length - index]! ^= 8;
    return bytes;
  });
  await assert.rejects(open(flipped), says("BadFile", /t2m: chunk \d\/\d\/\d: .*a checksum that does not match/));
  const beyond = await damaged("sharded", "c/0/0/0", (bytes) => {
    bytes.writeBigUInt64LE(1_000_000n, bytes.length - index);
    bytes.writeUInt32LE(crc32c(bytes.subarray(bytes.length - index, bytes.length - 4)), bytes.length - 4);
    return bytes;
  });
  await assert.rejects(open(beyond), says("BadFile", /t2m: chunk 0\/0\/0: .*bytes 1000000 to 1000032 of a file of/));
});

test("files of one variable in different units are refused", async () => {
  const dir = scratch("grid");
  await nc(dir, "a.nc");
  await nc(dir, "b.nc", { days: [18_004], variables: [temperature({ attributes: { units: "degC" }, value: () => 12 })] });
  await assert.rejects(openPredictors(dir, wanted("ta_degC")), says("BadUnit", /b\.nc: t2m: one unit in all files required, found degC here and K in .*a\.nc/));
});

test("the checksum is Castagnoli's", () => {
  assert.equal(crc32c(Buffer.from("123456789")).toString(16), "e3069283");
});

test("the other tiles of a grid with one bad chunk are read", async () => {
  const grid = await openPredictors(await damaged("v3", "c/1/1/1", (bytes) => bytes.subarray(4)), wanted("ta_degC")).catch((e: Error) => e);
  // the sample may lie in the bad chunk: then the grid is refused at once, by name
  if (grid instanceof Error) assert.match(grid.message, /chunk 1\/1\/1/);
  else assert.ok((await grid.readTile({ rows: [0, 2], columns: [0, 2] }, ["ta_degC"])).drivers.every((v) => Math.abs(v - 11.85) < 1e-4));
});

test("a GeoTIFF that is cut off, projected, or whose bands have no names says so", async () => {
  const dir = scratch("grid");
  const file = path.join(dir, "evi_2019-01-01.tif");
  const cell = { rows: 2, columns: 2, x: 0, y: 20, dx: 10, dy: -10, bands: [Float32Array.of(0.1, 0.2, 0.3, 0.4)] };
  writeTiff(file, cell);
  fs.truncateSync(file, fs.statSync(file).size - 4);
  await assert.rejects(openPredictors(file), says("BadFile", /evi_2019-01-01\.tif: a whole GeoTIFF of \d+ bytes required, found \d+/));
  writeTiff(file, { ...cell, model: 1 });
  await assert.rejects(openPredictors(file), says("BadFile", /a grid of latitude and longitude required, found a projected one; reproject it with gdalwarp/));
  writeTiff(file, { ...cell, bands: [...cell.bands, ...cell.bands] });
  await assert.rejects(openPredictors(file), says("BadFile", /names or dates of its bands, required, found "evi_2019-01-01" with 2 bands without/));
});

test("a damaged piece of NetCDF names the variable and its cells", async () => {
  const dir = scratch("grid");
  const file = await nc(dir, "g.nc", { chunk: [4, 3, 4], variables: [temperature({ value: (lat, lon, day) => 280 + Math.sin(lat * lon * day) }), land] });
  const bytes = fs.readFileSync(file);
  // deflated data begin with 78 5e or 78 9c or 78 01
  const at = bytes.findIndex((b, i) => b === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(bytes[i + 1]!));
  bytes.fill(0xff, at, at + 40);
  fs.writeFileSync(file, bytes);
  await assert.rejects(openPredictors(file, wanted("ta_degC")), says("BadFile", /g\.nc: t2m: cells \[0–3, 0–2, 0–3\]: a whole NetCDF-4 file required/));
});
