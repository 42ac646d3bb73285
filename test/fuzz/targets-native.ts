import * as fs from "node:fs";
import * as path from "node:path";
import { readGridCatalogue } from "../../src/data/grid/grid-catalogue";
import { openGrid } from "../../src/data/grid/open";
import { openPredictors } from "../../src/data/grid/open-predictors";
import { describeGrid } from "../../src/data/grid/held";
import { isWorkbookError } from "../../src/core/errors";
import { ingest } from "../../src/data/ingest/ingest";
import { readTable, writeTable } from "../../src/data/store";
import { extractXbase } from "../../src/data/products/xbase";
import { era5, modis, target, writeBenchmark, writeParquet } from "../helpers/carbonfluxbench";
import { writeNetcdf, writeZarrByHand, type SmallGrid } from "../helpers/grids";
import { aSite, towerTable } from "../helpers/tables";
import { writeTiff } from "../helpers/tiff";
import { writeHourly, writeMonthly } from "../helpers/xbase";
import { filesUnder, folder, oneFile, type Seed, type Target } from "./target";

const SMALL: SmallGrid = {
  lat: [50, 40, 30], lon: [-90, 0, 90, 180], days: [18_000, 18_001, 18_002, 18_003], chunk: [2, 2, 2], attributes: { Conventions: "CF-1.8" },
  variables: [
    { name: "t2m", attributes: { units: "K", _FillValue: -9999 }, value: (lat, lon, day) => 285 + lat / 10 + lon / 100 + (day % 2) },
    { name: "land_fraction", dims: ["lat", "lon"], attributes: { units: "1" }, value: () => 1 },
  ],
};
const HAINICH = { site: "DE-Hai", lat: 51.08, lon: 10.45 };

/** Everything a small part of each variable holds, then the grid as upscaling opens it: by `described`, where the file alone does not say all. */
async function readGrid(at: string, described = at): Promise<void> {
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<void> => work().then(() => undefined, (error: unknown) => {
    if (!isWorkbookError(error)) throw error;
    failures.push(error);
  });
  await attempt(async () => {
    const grid = await openGrid(at);
    try {
      for (const name of grid.names.slice(0, 20)) {
        await attempt(async () => {
          const variable = await grid.variable(name);
          await variable.read(variable.shape.map((n) => [0, Math.min(n, 4)] as const));
        });
      }
      await attempt(() => describeGrid(grid, readGridCatalogue()));
    } finally {
      grid.close();
    }
  });
  await attempt(async () => {
    const grid = await openPredictors(described, { channels: ["ta_degC"], run: "RUN" });
    await grid.readTile({ rows: [0, 1], columns: [0, 1] }, ["ta_degC"]);
  });
  if (failures.length > 0) throw failures[0];
}

async function zarrSeeds(scratch: string, format: "v2" | "v3" | "sharded"): Promise<Seed[]> {
  const files = filesUnder(writeZarrByHand(path.join(scratch, "g.zarr"), SMALL, format));
  return [folder(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [path.join("g.zarr", name), bytes])))];
}

async function tiffSeeds(scratch: string): Promise<Seed[]> {
  const band = (from: number): Float32Array => Float32Array.from({ length: 12 }, (_, i) => from + i);
  const file = path.join(scratch, "temperature_2m_2019.tif");
  writeTiff(file, { rows: 3, columns: 4, bands: [band(280), band(281)], x: -90, y: 60, dx: 45, dy: -20, names: ["2019-01-30", "2019-01-31"], unit: "K", noData: -9999 });
  const grid = { files: ["temperature_2m_2019.tif"], names: { ta_degC: "temperature_2m_2019" }, land_fraction: 1 };
  return [{ ...oneFile("temperature_2m_2019.tif", fs.readFileSync(file), ["bytes", "bytes", "bytes", "stray"]), files: { "grid.json": Buffer.from(JSON.stringify(grid)) } }];
}

async function parquetSeeds(scratch: string): Promise<Seed[]> {
  const file = path.join(scratch, "tidy.parquet");
  await writeParquet(file, Array.from({ length: 20 }, (_, i) => ({ site: "DE-Hai", date: `2012-01-${String(i + 1).padStart(2, "0")}`, ta_degC: i, sw_in_W_m2: 100, vpd_hPa: 5 })));
  return [oneFile("tidy.parquet", fs.readFileSync(file), ["bytes", "bytes", "bytes", "stray"])];
}

async function tableSeeds(scratch: string): Promise<Seed[]> {
  const file = path.join(scratch, "T.parquet");
  await writeTable(towerTable([aSite("DE-Hai"), aSite("FR-Pue")], 30), file);
  return [oneFile("T.parquet", fs.readFileSync(file), ["bytes", "bytes", "bytes", "stray"])];
}

async function benchmarkSeeds(scratch: string): Promise<Seed[]> {
  const days = Array.from({ length: 6 }, (_, i) => 11_020 + i);
  const dir = await writeBenchmark(path.join(scratch, "cfb"), { targets: days.map((d) => target("DE-Hai", d)), modis: days.map((d) => modis("DE-Hai", d)), era5: days.map((d) => era5("DE-Hai", d)) });
  return [folder(filesUnder(dir))];
}

async function xbaseSeeds(scratch: string): Promise<Seed[]> {
  const monthly = path.join(scratch, "monthly");
  for (const flux of ["GPP", "NEE"]) await writeMonthly(monthly, flux, 2008);
  const hourly = path.join(scratch, "hourly");
  for (const flux of ["GPP", "NEE"]) await writeHourly(path.join(hourly, flux), flux, { format: 2 });
  return [folder(filesUnder(monthly)), folder(filesUnder(hourly))];
}

/** Readers that hand the bytes to native code or to wasm. */
export const NATIVE: readonly Target[] = [
  { name: "tidy Parquet", weight: 30, seeds: parquetSeeds, read: (dir) => ingest([dir]) },
  { name: "daily tables", weight: 30, seeds: tableSeeds, read: (dir) => readTable(path.join(dir, "T.parquet")) },
  { name: "CarbonFluxBench", weight: 20, seeds: benchmarkSeeds, read: (dir) => ingest([dir]) },
  { name: "NetCDF", weight: 70, seeds: async (scratch) => [oneFile("g.nc", fs.readFileSync(await writeNetcdf(path.join(scratch, "g.nc"), SMALL)), ["bytes", "bytes", "bytes", "stray"])], read: (dir) => readGrid(path.join(dir, "g.nc")) },
  { name: "GeoTIFF", weight: 70, seeds: tiffSeeds, read: (dir) => readGrid(path.join(dir, "temperature_2m_2019.tif"), path.join(dir, "grid.json")) },
  { name: "Zarr 2", weight: 40, seeds: (scratch) => zarrSeeds(scratch, "v2"), read: (dir) => readGrid(path.join(dir, "g.zarr")) },
  { name: "Zarr 3", weight: 40, seeds: (scratch) => zarrSeeds(scratch, "v3"), read: (dir) => readGrid(path.join(dir, "g.zarr")) },
  { name: "sharded Zarr", weight: 30, seeds: (scratch) => zarrSeeds(scratch, "sharded"), read: (dir) => readGrid(path.join(dir, "g.zarr")) },
  { name: "X-BASE", weight: 30, seeds: xbaseSeeds, read: (dir) => extractXbase(dir, [HAINICH]) },
];
