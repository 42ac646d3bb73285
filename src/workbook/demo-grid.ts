import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../core/files";
import type { Progress } from "../core/progress";
import { isSimulated } from "../data/daily-table";
import { gridTruthPath, simulateGrid } from "../data/simulate/grid";
import { upscaleRun } from "../upscale/upscale";
import { notebookRuns, notebookTable, notebookWorld, orAnew } from "./demo";
import { parameter, quick } from "./parameter";

/** The virtual globe of the notebooks, by size. Two years: the first has no January, whose windows would begin before it. */
const GLOBES = { quick: { deg: 15, years: 2 }, notebook: { deg: 4, years: 2 } } as const;

/**
 * The grid of drivers a notebook works on: what `GRID` names, else a coarse virtual globe, made on first use; its true fluxes are known, those of a grid of one's own are not.
 */
async function notebookGrid(progress: Progress): Promise<{ grid: string; truth: string | null }> {
  const named = parameter("GRID", "");
  if (named !== "") return { grid: named, truth: fs.existsSync(gridTruthPath(named)) ? gridTruthPath(named) : null };
  const { deg, years } = GLOBES[quick() ? "quick" : "notebook"];
  const grid = path.join(projectRoot(), "data", "tables", `virtual-globe-${deg}x${years}.zarr`);
  if (!fs.existsSync(grid)) await simulateGrid(deg, grid, { years, seed: 1 }, { progress });
  return { grid, truth: gridTruthPath(grid) };
}

/**
 * A run, the grid it goes to, and the grid's true fluxes where they are those of the run's own world: `RUNS` on `GRID`, or one of virtual towers on the virtual globe. Measured
 * towers are asked of a grid that `GRID` names alone: a virtual globe is no place of theirs.
 * @throws WorkbookError as `notebookWorld` and `notebookRuns`
 * @example const { run, grid, truth } = await notebookUpscaling(show.progress())
 */
export async function notebookUpscaling(progress: Progress): Promise<{ run: string; grid: string; truth: string | null; aside: string | null }> {
  const { grid, truth } = await notebookGrid(progress);
  if (parameter("GRID", "") === "") {
    const { runs, aside } = await notebookWorld(["tamrl"], progress);
    return { run: runs[0]!, grid, truth, aside };
  }
  const [run] = await notebookRuns(["tamrl"], progress);
  const { table } = await notebookTable();
  return { run: run!, grid, truth: isSimulated(table) ? truth : null, aside: null };
}

/**
 * The run's fluxes on a grid, beside the run directory; what is there is taken up, and a store of another run or grid is made anew.
 * @example const store = await notebookMap(run, grid, show.progress())
 */
export async function notebookMap(run: string, grid: string, progress: Progress): Promise<string> {
  const out = `${run}-map.zarr`;
  await orAnew(() => upscaleRun(run, grid, out, { progress }), [out, `${out}.upscale`], progress);
  return out;
}
