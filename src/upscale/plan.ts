import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import type { Json } from "../core/json";
import { openPredictors } from "../data/grid/open-predictors";
import type { OpenedPredictors } from "../data/grid/predictors";
import { requireChannels } from "../data/grid/require-channels";
import { checkChoice, type EngineChoice } from "../engine/options";
import { engineSize } from "../engine/sizes";
import type { Task } from "../engine/task";
import { LEARNERS } from "../run/learners";
import { checkPreparation } from "../run/preparation";
import type { TileTask } from "./infer";
import { layTiles, tileName, type TileLayout } from "./tiles";
import { readTrainedRun, runIdentity, seesClasses, type TrainedRun } from "./trained-run";

/** A job that has passed every check that needs no work. Whoever plans closes the grid. */
export interface UpscalePlan {
  readonly run: TrainedRun;
  readonly grid: OpenedPredictors;
  readonly layout: TileLayout;
  /** the store */
  readonly out: string;
  /** folder beside the store: the task file, marks, reports, log, lock */
  readonly work: string;
  /** SHA-256 of run, grid and layout: what may go on in a store that was begun */
  readonly identity: string;
  readonly tasks: readonly Task[];
}

/** The folder of a store's tasks, marks and reports. @example workFolder("O.zarr") // "O.zarr.upscale" */
export function workFolder(out: string): string {
  return `${out.replace(/[/\\]+$/, "")}.upscale`;
}

/**
 * Checks everything that can be checked before any work, and lays out the tiles: a finished run with its area of applicability, a grid that
 * serves its channels for a window at least, a free or half-done output, an engine that can do it. Writes nothing.
 * @throws WorkbookError BadRun, BadFile, MissingColumn, BadUnit, BadDate, BadArgument, MissingPart
 * @example const plan = await planUpscale("data/runs/tamrl", "G.zarr", "O.zarr")
 */
export async function planUpscale(dir: string, gridPath: string, out: string, choice: EngineChoice & { readonly tileCells?: number } = {}): Promise<UpscalePlan> {
  const run = readTrainedRun(dir);
  checkChoice(choice);
  checkPlace(out, gridPath);
  const grid = await openPredictors(gridPath, { channels: run.channels, run: dir });
  try {
    checkGrid(run, grid);
    const layout = layTiles(grid, run.channels.length, choice.tileCells);
    engineSize(layout.tiles.length, choice);
    await LEARNERS[run.config.model].open();
    const work = workFolder(path.resolve(out));
    const identity = crypto.createHash("sha256").update(JSON.stringify([runIdentity(run), grid.identity, layout.rows, layout.columns, layout.days])).digest("hex");
    const tasks = layout.tiles.map((tile): Task => ({
      id: tileName(tile), module: "src/upscale/infer", function: "inferTile", output: path.join(work, "tiles", `${tileName(tile)}.json`),
      arguments: { run: path.resolve(dir), grid: path.resolve(gridPath), out: path.resolve(out), tile, identity } satisfies TileTask as unknown as Json,
      cost: (tile.rows[1] - tile.rows[0]) * (tile.columns[1] - tile.columns[0]),
    }));
    return { run, grid, layout, out: path.resolve(out), work, identity, tasks };
  } catch (error) {
    grid.close();
    throw error;
  }
}

function checkPlace(out: string, gridPath: string): void {
  if (path.resolve(out) === path.resolve(gridPath)) throw new WorkbookError("BadArgument", `upscale: --out: a store of its own is required, got the grid itself (${out}); name another`, { file: out });
  if (fs.existsSync(out) && fs.statSync(out).isFile()) throw new WorkbookError("BadArgument", `upscale: --out: a folder for the Zarr store is required, ${out} is a file; name another`, { file: out });
}

function checkGrid({ channels, config, dir, preparation }: TrainedRun, grid: OpenedPredictors): void {
  checkPreparation("upscale", dir, preparation, grid.preparation, grid.path);
  requireChannels(grid, { run: dir, channels, statics: seesClasses(config) });
  if (grid.days.length < config.window) {
    throw new WorkbookError("BadFile", `upscale: ${grid.path}: at least ${config.window} days (the run's window) required, found ${grid.days.length}; give a longer record`, { file: grid.path });
  }
}
