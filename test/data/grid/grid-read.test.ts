import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { asDay, formatDay } from "../../../src/core/days";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import { openPredictors } from "../../../src/data/grid/open-predictors";
import type { OpenedPredictors, Tile } from "../../../src/data/grid/predictors";
import { scratch } from "../../helpers/cli";
import { writeNetcdf, writeZarrByHand, type GridVar, type SmallGrid } from "../../helpers/grids";
import { writeTiff } from "../../helpers/tiff";

const LAT = [60, 50, 40, 30, 20];
const LON = [-150, -90, -30, 30, 90, 150];
const DAYS = Array.from({ length: 9 }, (_, i) => 18_000 + i);
const kelvin = (lat: number, lon: number, day: number): number => 280 + lat / 10 + Math.cos((lon * Math.PI) / 180) + (day - 18_000) / 4;
const land: GridVar = { name: "land_fraction", dims: ["lat", "lon"], attributes: { units: "1" }, value: (lat) => lat / 100 };
const t2m = (more: Partial<GridVar> = {}): GridVar => ({ name: "temperature_2m", attributes: { units: "K" }, value: kelvin, ...more });
const small = (more: Partial<SmallGrid> = {}): SmallGrid => ({ lat: LAT, lon: LON, days: DAYS, chunk: [2, 2, 4], variables: [t2m(), land], ...more });
const says = (tag: ErrorTag, pattern: RegExp) => (e: unknown): boolean => isWorkbookError(e, tag) && pattern.test(e.message);
const dated = (day: number): string => formatDay(asDay(day));

/** One file a day, the variable in the file's name. */
function tiffs(dir: string, days = DAYS): string {
  for (const day of days) {
    writeTiff(path.join(dir, `temperature_2m_${dated(day)}.tif`), { rows: 5, columns: 6, x: -180, y: 65, dx: 60, dy: -10, unit: "K", noData: -9999, bands: [Float32Array.from({ length: 30 }, (_, i) => kelvin(LAT[Math.floor(i / 6)]!, LON[i % 6]!, day))] });
  }
  writeTiff(path.join(dir, "land_fraction.tif"), { rows: 5, columns: 6, x: -180, y: 65, dx: 60, dy: -10, bands: [Float32Array.from({ length: 30 }, (_, i) => LAT[Math.floor(i / 6)]! / 100)] });
  return dir;
}

/** What every cell of a tile reads, by place and day rather than by position. */
async function byPlace(grid: OpenedPredictors, tile: Tile = { rows: [0, grid.lat.centres.length], columns: [0, grid.lon.centres.length] }): Promise<Map<string, number>> {
  const { drivers, landFraction } = await grid.readTile(tile, ["lon", "temperature_2m", "lat"]);
  const out = new Map<string, number>();
  for (let cell = 0; cell < landFraction.length; cell++) {
    for (let t = 0; t < grid.days.length; t++) {
      const [lon, value, lat] = drivers.subarray((cell * grid.days.length + t) * 3, (cell * grid.days.length + t) * 3 + 3);
      out.set(`${lat} ${lon} ${grid.days.first + t}`, value!);
    }
    assert.ok(Math.abs(landFraction[cell]! - drivers[cell * grid.days.length * 3 + 2]! / 100) < 1e-6, "land fraction of the same place");
  }
  return out;
}

function holdsTruth(read: ReadonlyMap<string, number>, cells: number, tolerance = 1e-4): void {
  assert.equal(read.size, cells * DAYS.length);
  for (const [key, value] of read) {
    const [lat, lon, day] = key.split(" ").map(Number);
    assert.ok(Math.abs(value - kelvin(lat!, lon!, day!)) < tolerance, `${key}: ${value}`);
  }
}

const WRITERS: Readonly<Record<string, (dir: string) => string | Promise<string>>> = {
  "Zarr v2": (dir) => writeZarrByHand(path.join(dir, "g.zarr"), small(), "v2"),
  "Zarr v3": (dir) => writeZarrByHand(path.join(dir, "g.zarr"), small(), "v3"),
  "sharded Zarr v3": (dir) => writeZarrByHand(path.join(dir, "g.zarr"), small(), "sharded"),
  "chunked NetCDF-4": (dir) => writeNetcdf(path.join(dir, "g.nc"), small()),
  "contiguous NetCDF-4": (dir) => writeNetcdf(path.join(dir, "g.nc"), { lat: LAT, lon: LON, days: DAYS, variables: [t2m(), land] }),
  "GeoTIFF, a file a day": (dir) => tiffs(dir),
};

for (const [format, write] of Object.entries(WRITERS)) {
  test(`${format}: every cell and day of a tile reads what was written, whatever the pieces`, async () => {
    const grid = await openPredictors(await write(scratch("grid")));
    assert.deepEqual(grid.channels, ["ta_degC", "temperature_2m", "lat", "lon"]);
    assert.deepEqual(grid.days, { first: 18_000, length: 9 });
    holdsTruth(await byPlace(grid), 30);
    holdsTruth(await byPlace(grid, { rows: [1, 4], columns: [3, 6] }), 9);
    const { drivers } = await grid.readTile({ rows: [0, 1], columns: [0, 1] }, ["ta_degC"]);
    assert.ok(Math.abs(drivers[0]! - (kelvin(60, -150, 18_000) - 273.15)) < 1e-4, "K → °C");
    grid.close();
  });
}

test("a piece is 1 cell where nothing is packed in pieces, else what the file stores", async () => {
  const dir = scratch("grid");
  const chunked = await openPredictors(writeZarrByHand(path.join(dir, "g.zarr"), small(), "v3"));
  assert.deepEqual(chunked.chunk, { rows: 2, columns: 4 });
  const plain = await openPredictors(await writeNetcdf(path.join(dir, "g.nc"), { lat: LAT, lon: LON, days: DAYS, variables: [t2m(), land] }));
  assert.deepEqual(plain.chunk, { rows: 1, columns: 1 });
});

test("neither orientation, nor where longitude begins, nor the order of axes, nor packing changes what a cell reads (20 draws)", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const rng = random(seed, "grid");
    const turn = rng.int(4);
    const dims = rng.shuffle(["time", "lat", "lon"]);
    const packed = rng.int(2) === 1;
    const variable = packed
      ? t2m({ dims, type: "int16", attributes: { units: "K", scale_factor: 0.01, add_offset: 280, _FillValue: -32768 }, value: (a, o, d) => Math.round((kelvin(a, o, d) - 280) * 100) })
      : t2m({ dims });
    const world = small({ lat: rng.int(2) ? [...LAT].reverse() : LAT, lon: LON.map((x) => x + 60 * turn), variables: [variable, { ...land, dims: rng.shuffle(["lat", "lon"]) }], chunk: [1 + rng.int(9), 1 + rng.int(5), 1 + rng.int(6)] });
    const dir = scratch("grid");
    const write = [() => writeNetcdf(path.join(dir, "g.nc"), world), () => writeZarrByHand(path.join(dir, "g.zarr"), world, "v2"), () => writeZarrByHand(path.join(dir, "g.zarr"), world, "sharded")][rng.int(3)]!;
    const grid = await openPredictors(await write());
    const tolerance = packed ? 0.0051 : 1e-4;
    holdsTruth(await byPlace(grid), 30, tolerance);
    const [r, c, h, w] = [rng.int(5), rng.int(6), rng.int(5), rng.int(6)];
    const tile: Tile = { rows: [r, Math.min(5, r + 1 + h)], columns: [c, Math.min(6, c + 1 + w)] };
    holdsTruth(await byPlace(grid, tile), (tile.rows[1] - r) * (tile.columns[1] - c), tolerance);
    grid.close();
  }
});

test("files that run another way than the first are laid on its cells: a mask from south to north, a variable from 0° to 360°", async () => {
  const dir = scratch("grid");
  await writeNetcdf(path.join(dir, "a.nc"), small({ variables: [t2m()] }));
  await writeNetcdf(path.join(dir, "b.nc"), small({ lat: [...LAT].reverse(), lon: [30, 90, 150, 210, 270, 330], variables: [land, { name: "evi", attributes: { units: "1" }, value: (lat, lon) => lat / 100 + (lon > 180 ? 0.001 : 0.002) }] }));
  const grid = await openPredictors(dir);
  holdsTruth(await byPlace(grid), 30);
  const { drivers } = await grid.readTile({ rows: [0, 1], columns: [2, 4] }, ["evi"]);
  assert.deepEqual([drivers[0], drivers[DAYS.length]].map((x) => Number(x!.toFixed(3))), [0.601, 0.602]);
});

test("a file a year and a file a variable together serve the channels; a month's file in a deeper folder is found", async () => {
  const dir = scratch("grid");
  await writeNetcdf(path.join(dir, "t2m", "late.nc"), small({ days: DAYS.slice(4), variables: [t2m()] }));
  await writeNetcdf(path.join(dir, "t2m", "old", "early.nc"), small({ days: DAYS.slice(0, 4), variables: [t2m()] }));
  writeZarrByHand(path.join(dir, "masks.zarr"), { lat: LAT, lon: LON, days: [], variables: [land] }, "v2");
  const grid = await openPredictors(dir);
  assert.deepEqual(grid.sources.find((s) => s.channel === "temperature_2m"), { channel: "temperature_2m", variable: "temperature_2m", unit: "K", files: ["early.nc", "late.nc"] });
  holdsTruth(await byPlace(grid), 30);
});

test("channels of different years: the days are those all have, and a note says so", async () => {
  const dir = scratch("grid");
  await writeNetcdf(path.join(dir, "a.nc"), small({ variables: [t2m(), land] }));
  await writeNetcdf(path.join(dir, "b.nc"), small({ days: DAYS.slice(2, 7), variables: [{ name: "evi", attributes: { units: "1" }, value: () => 0.5 }] }));
  const both = await openPredictors(dir);
  assert.deepEqual(both.days, { first: 18_002, length: 5 });
  assert.match(both.notes.join(), /share, 2019-04-16 to 2019-04-20: evi begins last, evi ends first/);
  const one = await openPredictors(dir, { channels: ["temperature_2m"] });
  assert.deepEqual([one.days, one.notes], [{ first: 18_000, length: 9 }, []]);
});

test("GeoTIFF: dates in the bands' names, variables in the bands' names, and a year of bands", async () => {
  const dir = scratch("grid");
  const cell = { rows: 2, columns: 2, x: 0, y: 20, dx: 10, dy: -10 };
  const band = (...v: number[]): Float32Array => Float32Array.from(v);
  writeTiff(path.join(dir, "a", "evi.tif"), { ...cell, names: ["2019-03-01", "2019-03-02"], bands: [band(0.1, 0.2, 0.3, 0.4), band(0.5, 0.6, 0.7, 0.8)] });
  writeTiff(path.join(dir, "a", "met_A2019060.tif"), { ...cell, names: ["fapar", "lai"], bands: [band(0.1, 0.2, 0.3, 0.4), band(1, 2, 3, 4)] });
  writeTiff(path.join(dir, "a", "met_A2019061.tif"), { ...cell, names: ["fapar", "lai"], bands: [band(0.5, 0.2, 0.3, 0.4), band(5, 2, 3, 4)] });
  const grid = await openPredictors(path.join(dir, "a"), { landFraction: 1 });
  assert.equal(dated(grid.days.first), "2019-03-01");
  const { drivers } = await grid.readTile({ rows: [0, 1], columns: [1, 2] }, ["evi", "fapar", "lai"]);
  assert.deepEqual([...drivers].map((x) => Number(x.toFixed(3))), [0.2, 0.2, 2, 0.6, 0.2, 2]);
  writeTiff(path.join(dir, "b", "lai_2019.tif"), { ...cell, bands: Array.from({ length: 365 }, (_, i) => band(i / 100, 1, 1, 1)) });
  const year = await openPredictors(path.join(dir, "b"), { landFraction: 1 });
  assert.deepEqual([dated(year.days.first), year.days.length], ["2019-01-01", 365]);
  assert.equal((await year.readTile({ rows: [0, 1], columns: [0, 1] }, ["lai"])).drivers[364]!.toFixed(2), "3.64");
  writeTiff(path.join(dir, "d", "stack.tif"), { ...cell, names: Array.from({ length: 60 }, (_, i) => `${dated(18_000 + i).replaceAll("-", "")}_evi`), unit: "1", scale: 0.001, offset: 0.1, noData: -1, bands: Array.from({ length: 60 }, (_, i) => Int16Array.of(i, -1, i, i)) });
  const stack = await openPredictors(path.join(dir, "d"), { landFraction: 1 });
  const read = (await stack.readTile({ rows: [0, 1], columns: [0, 2] }, ["evi"])).drivers;
  assert.deepEqual([stack.days.length, Number(read[59]!.toFixed(4)), read[60]], [60, 0.159, NaN]);
  writeTiff(path.join(dir, "c", "lai_2020.tif"), { ...cell, bands: Array.from({ length: 365 }, () => band(1, 1, 1, 1)) });
  await assert.rejects(openPredictors(path.join(dir, "c")), says("BadFile", /lai_2020\.tif: a date in its name, or names or dates of its bands, required, found "lai_2020" with 365 bands/));
});

test("longitude as a channel is that of the sites, −180…180, whatever the grid's", async () => {
  const grid = await openPredictors(writeZarrByHand(path.join(scratch("grid"), "g.zarr"), small({ lon: [30, 90, 150, 210, 270, 330] }), "v3"));
  assert.equal(grid.lon.centres[5], 330);
  assert.deepEqual([...(await grid.readTile({ rows: [0, 1], columns: [0, 6] }, ["lon"])).drivers].filter((_, i) => i % DAYS.length === 0), [30, 90, 150, -150, -90, -30]);
});

test("missing values are NaN in every format, and so is what a file's valid range leaves out", async () => {
  const dir = scratch("grid");
  const holed = t2m({ attributes: { units: "K", _FillValue: -9999, valid_min: 200 }, value: (lat, lon, day) => (lon === -150 ? -9999 : lon === -90 ? 100 : kelvin(lat, lon, day)) });
  for (const file of [await writeNetcdf(path.join(dir, "g.nc"), small({ variables: [holed, land] })), writeZarrByHand(path.join(dir, "g2.zarr"), small({ variables: [holed, land] }), "v2"), writeZarrByHand(path.join(dir, "g3.zarr"), small({ variables: [holed, land] }), "sharded")]) {
    const grid = await openPredictors(file);
    const { drivers, changed } = await grid.readTile({ rows: [0, 1], columns: [0, 3] }, ["temperature_2m"]);
    assert.deepEqual([drivers[0], drivers[DAYS.length]], [NaN, NaN], file);
    assert.ok(drivers[2 * DAYS.length]! > 270);
    assert.equal(changed, undefined);
  }
});

test("xarray's own way to write a fill value in format 3 is understood", async () => {
  const dir = path.join(scratch("grid"), "g.zarr");
  const fill = Buffer.alloc(8);
  fill.writeDoubleLE(1e20);
  writeZarrByHand(dir, small({ variables: [t2m({ attributes: { units: "K", _FillValue: fill.toString("base64") }, value: (lat, lon, day) => (lat === 60 ? 1e20 : kelvin(lat, lon, day)) }), land] }), "v3");
  const grid = await openPredictors(dir);
  const { drivers, changed } = await grid.readTile({ rows: [0, 2], columns: [0, 1] }, ["temperature_2m"]);
  assert.ok(Number.isNaN(drivers[0]!) && drivers[DAYS.length]! > 270);
  assert.equal(changed, undefined);
});

test("the identity follows the files, not their path, and changes with an attribute, a shape or a newer file", async () => {
  const dir = scratch("grid");
  const file = writeZarrByHand(path.join(dir, "g.zarr"), small(), "v3");
  const of = async (at: string): Promise<string> => (await openPredictors(at)).identity;
  const first = await of(file);
  fs.cpSync(file, path.join(dir, "elsewhere", "g.zarr"), { recursive: true, preserveTimestamps: true });
  assert.equal(await of(path.join(dir, "elsewhere", "g.zarr")), first);
  const metadata = path.join(file, "temperature_2m", "zarr.json");
  fs.utimesSync(metadata, new Date(0), new Date(0));
  assert.notEqual(await of(file), first);
  assert.notEqual(await of(writeZarrByHand(path.join(dir, "h", "g.zarr"), small({ days: DAYS.slice(1) }), "v3")), first);
});

test("more files than may stay open at once are read, also by two tiles at a time", async () => {
  const days = Array.from({ length: 40 }, (_, i) => 18_000 + i);
  const grid = await openPredictors(tiffs(scratch("grid"), days));
  const [a, b] = await Promise.all([[0, 2], [2, 5]].map((rows) => grid.readTile({ rows: rows as [number, number], columns: [0, 6] }, ["temperature_2m"])));
  for (const [from, { drivers }] of [[0, a!], [2, b!]] as const) {
    drivers.forEach((value, i) => assert.ok(Math.abs(value - kelvin(LAT[from + Math.floor(i / 240)]!, LON[Math.floor(i / 40) % 6]!, days[i % 40]!)) < 1e-4));
  }
  grid.close();
});
