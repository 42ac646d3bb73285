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
import { layTiles } from "../upscale/tiles";
import { layRecord } from "../windows/record";
import { backendAbout } from "./backend-about";
import type { GlobeJob } from "./globe";
import { meanSizes, runOf } from "./measure-inference";
import type { Measure } from "./serve";

/** Training sites whose places make the area of applicability. */
const PLACES = 8;

/**
 * Upscaling as the product does it, without the writing: each tile's drivers read, every class of every cell predicted, mixed by share,
 * judged by the area of applicability. Compared: the mean absolute value of each flux over all predicted days of the cells' classes.
 */
export async function measureUpscale(dir: string): Promise<Measure> {
  const backend = await openBackend();
  const job = readJson<GlobeJob>(path.join(dir, "job.json"), "bench");
  const { config, standardiser } = job;
  const run = runOf(dir);
  const { channels } = standardiser;
  writeHeader(run, { version: RUN_VERSION, status: "done", config, channels });
  writeJson(runPaths(run).standardiser, standardiser);
  writeJson(runPaths(run).split, { train: [], validation: [], test: [], learned: [], removed: [], wholeClusters: true, notes: [] } satisfies RunSplit);
  const table = await readTable(job.table);
  await writeTrainingPlaces({ dir: run, config, standardiser }, siteRows(table).slice(0, PLACES).map((rows) => layRecord(table, rows, channels, config.max_gap)));
  const open = await openJob({ run, grid: job.grid });
  const { tiles } = layTiles(open.grid, channels.length);
  const losses: Float32Array[] = [];
  for (const tile of tiles) {
    const drivers = await open.grid.readTile(tile, channels);
    for (const [i, mixture] of tileMixtures(drivers).entries()) {
      const asked = mixture.length > 0 ? askedOf(config, layCell(open, tile, drivers, i, mixture)) : [];
      losses.push(...(await open.members[0]!.predictor.predictAll!(asked)).map((p) => p.fluxes));
    }
  }
  return {
    losses: meanSizes(losses), about: backendAbout(backend),
    async run() {
      for (const tile of tiles) await predictTile(open, tile, await open.grid.readTile(tile, channels));
    },
  };
}
