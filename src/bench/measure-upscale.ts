import * as path from "node:path";
import { openBackend } from "../backend/tf";
import { readJson, writeJson } from "../core/json";
import { siteRows } from "../data/daily-table";
import { readTable } from "../data/store";
import { RUN_VERSION, runPaths, writeHeader, type RunSplit } from "../run/run-directory";
import { writeTrainingPlaces } from "../run/training-places";
import { openJob } from "../upscale/infer";
import { tileMixtures } from "../upscale/mixture";
import { askedOf, layCell, predictTile } from "../upscale/predict-tile";
import { layRecord } from "../windows/record";
import { backendAbout } from "./backend-about";
import type { GlobeJob } from "./globe";
import { meanSizes, runOf } from "./measure-inference";
import type { Measure } from "./serve";

/** Training sites whose places make the area of applicability. */
const PLACES = 8;

/**
 * Upscaling as the product does it, without the writing: a tile's drivers read, every class of every cell predicted, mixed by share,
 * judged by the area of applicability. Compared: the mean absolute value of each flux over all predicted days of the cells' classes.
 */
export async function measureUpscale(dir: string): Promise<Measure> {
  const backend = await openBackend();
  const job = readJson<GlobeJob>(path.join(dir, "job.json"), "bench");
  const { config, standardiser, tile } = job;
  const run = runOf(dir);
  const { channels } = standardiser;
  writeHeader(run, { version: RUN_VERSION, status: "done", config, channels });
  writeJson(runPaths(run).standardiser, standardiser);
  writeJson(runPaths(run).split, { train: [], validation: [], test: [], learned: [], removed: [], wholeClusters: true, notes: [] } satisfies RunSplit);
  const table = await readTable(job.table);
  await writeTrainingPlaces({ dir: run, config, standardiser }, siteRows(table).slice(0, PLACES).map((rows) => layRecord(table, rows, channels, config.max_gap)));
  const open = await openJob({ run, grid: job.grid });
  const drivers = await open.grid.readTile(tile, channels);
  const asked = tileMixtures(drivers).flatMap((mixture, i) => (mixture.length > 0 ? askedOf(config, layCell(open, tile, drivers, i, mixture)) : []));
  const predicted = await open.members[0]!.predictor.predictAll!(asked);
  return {
    losses: meanSizes(predicted.map((p) => p.fluxes)), about: backendAbout(backend),
    async run() {
      await predictTile(open, tile, await open.grid.readTile(tile, channels));
    },
  };
}
