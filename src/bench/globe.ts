import * as path from "node:path";
import { writeJson } from "../core/json";
import type { Range } from "../data/grid/grid";
import { openPredictors } from "../data/grid/open-predictors";
import type { Tile } from "../data/grid/predictors";
import { simulateGrid } from "../data/simulate/grid";
import { tileMixtures } from "../upscale/mixture";
import { askedOf, layCell } from "../upscale/predict-tile";
import { predictionStarts } from "../windows/windows";
import type { BenchCase } from "./cases";
import { layNetwork, writeRecords, type NetworkJob } from "./network";
import type { Work } from "./rows";

/** What a contender of the upscale case finds in its folder as `job.json`. */
export interface GlobeJob extends NetworkJob {
  readonly grid: string;
  /** the part of the grid that holds land */
  readonly tile: Tile;
}

/** A part of Europe on 4° cells, a year: about as many predictions as the inference case has. */
const BOX = [0, 44, 24, 56] as const;
const [DEG, YEARS, SEED] = [4, 1, 1];

/**
 * Writes what the contenders of the upscale case share: a small part of a virtual globe, a network of new weights with the scales of 51
 * virtual towers, and for the peer the record of each cell under each of its classes. The peer is so asked for the same inference, and
 * neither for reading, nor for mixing classes, months or the area of applicability. Says how many cell-days one run predicts.
 * @example await writeGlobe(dir, benchCases(false, ["upscale"])[0])
 */
export async function writeGlobe(dir: string, c: BenchCase, file: string | undefined): Promise<Work> {
  const { job, dataset } = await layNetwork(dir, c, file);
  const grid = path.join(dir, "G.zarr");
  await simulateGrid(DEG, grid, { years: YEARS, seed: SEED, box: BOX });
  const opened = await openPredictors(grid, { channels: dataset.channels });
  try {
    const tile: Tile = { rows: within(opened.lat.centres, BOX[1], BOX[3]), columns: within(opened.lon.centres, BOX[0], BOX[2]) };
    const drivers = await opened.readTile(tile, dataset.channels);
    const run = { channels: dataset.channels, config: job.config };
    const cells = tileMixtures(drivers).flatMap((mixture, i) => (mixture.length > 0 ? [layCell({ grid: opened, run }, tile, drivers, i, mixture)] : []));
    writeRecords(dir, cells.flatMap((cell) => askedOf(job.config, cell)), job.config);
    writeJson(path.join(dir, "job.json"), { ...job, grid, tile } satisfies GlobeJob);
    return { name: `${c.name}, ${cells.length} cells of a virtual globe`, unit: "cell-days", units: cells.reduce((sum, { record }) => sum + predictionStarts(record, c.time).length, 0) };
  } finally {
    opened.close();
  }
}

/** The cells of an ascending axis whose middles lie between two values. */
function within(centres: Float64Array, low: number, high: number): Range {
  const inside = [...centres.keys()].filter((i) => centres[i]! >= low && centres[i]! <= high);
  return [inside[0]!, inside[inside.length - 1]! + 1];
}
