import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import type { Json } from "../../core/json";
import { counter, silent, type Progress } from "../../core/progress";
import { KeptThings } from "../../engine/keep";
import { runTasks } from "../../engine/run-tasks";
import { readMark, writeMark, type Task } from "../../engine/task";
import { holdWork } from "../grid/zarr-files";
import { TILE_CELLS } from "./grid-arrays";
import { gridFrameOf, gridSettingsOf, type GridOptions, type GridSettings } from "./grid-options";
import { checkReplaceable, moveStores, prepareStores, type GridStores } from "./grid-stores";
import { landOf, landTiles, simulateTile, type TileTask } from "./grid-tile";

/** The two stores of a simulated grid, its cells that hold land, and its days. */
export interface GridFiles extends GridStores {
  readonly cells: number;
  readonly days: number;
}

/** How the work is done; nothing of it changes what is written. */
export interface GridWork {
  /** processes at once; in this process by default for a small grid, as many as the machine has room for otherwise */
  readonly workers?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Cell-days, sea and all, that this process simulates sooner than workers would start. */
const SMALL = 1_000_000;

/** Where `simulateGrid` puts the truth. @example gridTruthPath("out/G.zarr") // "out/G.truth.zarr" */
export function gridTruthPath(out: string): string {
  const { dir, name, ext } = path.parse(out);
  return path.join(dir, `${name}.truth${ext}`);
}

/**
 * Makes a gridded virtual globe of cells of `deg` degrees: `G.zarr`, what a model may see, and beside it `G.truth.zarr`, what it may not. The physics,
 * the weather, the traits and their spread, and all errors are those of the virtual flux network of the same seed; a cell holds one to three classes.
 * Worked on in `G.zarr.work`, where a later call goes on; both stores appear at the end. Same options, same bytes, whatever the number of workers.
 * @throws WorkbookError BadArgument, BadConfig for options that cannot be; BadFile where something that is no simulated grid lies at `out` or
 *   the disk takes no more; Interrupted when the signal aborts; BadRun when another process makes the same grid
 * @source the physics and its sources stand in the files of this folder; design: method §3 and §8
 * @example await simulateGrid(4, "G.zarr", { years: 2, seed: 1 })
 */
export async function simulateGrid(deg: number, out: string, options: GridOptions = {}, work: GridWork = {}): Promise<GridFiles> {
  const settings = gridSettingsOf(deg, options);
  const final: GridStores = { grid: out, truth: gridTruthPath(out) };
  const dir = `${out}.work`;
  const stores: GridStores = { grid: path.join(dir, "grid.zarr"), truth: path.join(dir, "truth.zarr") };
  const tasks = tasksOf(dir, settings, stores);
  checkReplaceable(final);
  const release = holdWork(dir);
  try {
    await prepareStores(dir, settings, stores);
    const days = gridFrameOf(settings).days.length;
    const small = work.workers === undefined && tasks.length * TILE_CELLS ** 2 * days < SMALL;
    await (small ? doHere(tasks, work) : doElsewhere(tasks, path.join(dir, "engine"), work));
    const cells = tasks.reduce((sum, task) => sum + (readMark(task)!.result as { cells: number }).cells, 0);
    moveStores(stores, final);
    fs.rmSync(dir, { recursive: true });
    return { ...final, cells, days };
  } finally {
    release();
  }
}

function tasksOf(dir: string, settings: GridSettings, stores: GridStores): Task[] {
  const frame = gridFrameOf(settings);
  const tiles = landTiles(frame, landOf(settings, frame));
  if (tiles.length === 0) throw new WorkbookError("BadArgument", `simulate --grid: box: some land is required, found none in ${settings.box?.join(", ")}; widen it`);
  return tiles.map((tile) => {
    const given: TileTask = { settings, drivers: stores.grid, truth: stores.truth, tile };
    const id = `tile-${tile.rows[0]}-${tile.columns[0]}`;
    return { id, module: "src/data/simulate/grid-tile", function: "simulateTile", arguments: given as unknown as Json, output: path.join(dir, "tiles", `${id}.json`) };
  });
}

async function doHere(tasks: readonly Task[], { progress = silent, signal }: GridWork): Promise<void> {
  const kept = new KeptThings();
  const step = counter("tiles", tasks.length, progress);
  for (const [i, task] of tasks.entries()) {
    if (signal?.aborted) throw new WorkbookError("Interrupted", `simulate --grid: stopped as asked with ${i} of ${tasks.length} tiles done; the same command goes on from here`);
    if (readMark(task) === null) {
      const started = performance.now();
      const result = await simulateTile(task.arguments as unknown as TileTask, { output: task.output, keep: kept.keep, progress });
      writeMark(task, (performance.now() - started) / 1000, result);
    }
    step(i + 1);
  }
}

async function doElsewhere(tasks: readonly Task[], dir: string, { workers, progress, signal }: GridWork): Promise<void> {
  const { failed } = await runTasks(tasks, { dir, ...(workers === undefined ? {} : { workers }), ...(progress ? { progress } : {}), ...(signal ? { signal } : {}) });
  if (failed.length > 0) throw new WorkbookError("BadFile", `simulate --grid: all tiles are required, ${failed.length} of ${tasks.length} failed, the first, ${failed[0]!.id}: ${failed[0]!.reason}; mend that and run the same command, which goes on from what is done`);
}
