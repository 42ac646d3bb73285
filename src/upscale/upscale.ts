import * as fs from "node:fs";
import * as path from "node:path";
import { isWorkbookError, WorkbookError } from "../core/errors";
import { readJson, writeJson } from "../core/json";
import { removeLeftovers } from "../core/leftovers";
import type { Progress } from "../core/progress";
import { writeCoordinates } from "../data/grid/coordinates";
import { appendToZarr, createZarr } from "../data/grid/write-zarr";
import { holdWork, removePartials, unwritable } from "../data/grid/zarr-files";
import { engineChoice, type EngineChoice } from "../engine/options";
import { runTasks } from "../engine/run-tasks";
import { LEARNERS } from "../run/learners";
import { outputArrays } from "./layers";
import { monthAxis } from "./month-axis";
import { planUpscale, workFolder, type UpscalePlan } from "./plan";
import { outputAttributes } from "./provenance";
import { summarise, type UpscaleResult } from "./summary";

/** What `upscaleRun` takes besides run, grid and output. */
export interface UpscaleOptions extends EngineChoice {
  /** only go on with what was begun: a store that is not there is an error */
  readonly resume?: boolean;
  /** cells of a tile at most (1024); fewer where the drivers of all years would take more than 96 MB */
  readonly tileCells?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What lies in the work folder and says what the store is being made of. */
interface Begun {
  readonly identity: string;
  readonly run: string;
  readonly grid: string;
}

/**
 * Predicts GPP, RECO and NEE on a grid, g C m⁻² d⁻¹, into a Zarr store: tile by tile on local workers or Dask's, each tile all years. The
 * same call goes on where an earlier one was stopped or killed, to the same store. A tile that fails stops no other and is named in the end.
 * @param dir a finished run or ensemble
 * @throws WorkbookError before anything is written for a run or grid that will not do; BadRun for a store of another run or grid, and while
 *   another process works on it; BadFile where the disk is full or may not be written; Interrupted when the signal aborts
 * @source arXiv 2603.09974 (upscaling by task embeddings of the cells' own drivers); method §4
 * @example await upscaleRun("data/runs/tamrl", "G.zarr", "O.zarr", { workers: 2 })
 */
export async function upscaleRun(dir: string, grid: string, out: string, options: UpscaleOptions = {}): Promise<UpscaleResult> {
  if (options.resume && !fs.existsSync(begunFile(workFolder(out)))) throw new WorkbookError("BadRun", `upscale: ${out}: a store that was begun is required with --resume, found none; leave --resume out`, { file: out });
  const plan = await planUpscale(dir, grid, out, options);
  let release = (): void => undefined;
  try {
    checkOwner(plan);
    release = holdWork(plan.work, ({ pid, host }) => options.progress?.({ what: `upscale: ${out}: process ${pid} on ${host} has gone and left its lock: taken over`, done: 1, total: 1, secondsLeft: null }));
    removeLeftovers(plan.work);
    await begin(plan).catch((error) => {
      throw isWorkbookError(error) ? error : unwritable(plan.out, error);
    });
    const engine = await runTasks(plan.tasks, { ...engineChoice(options), dir: path.join(plan.work, "engine"), ...(options.progress ? { progress: options.progress } : {}), ...(options.signal ? { signal: options.signal } : {}) });
    const result = summarise(plan, engine);
    writeJson(path.join(plan.work, "report.json"), result);
    return result;
  } finally {
    release();
    plan.grid.close();
  }
}

function begunFile(work: string): string {
  return path.join(work, "begun.json");
}

/** Refuses a store that belongs to something else. */
function checkOwner({ out, work, identity, run, grid }: UpscalePlan): void {
  const store = fs.existsSync(path.join(out, "zarr.json"));
  if (!fs.existsSync(begunFile(work))) {
    if (store || (fs.existsSync(out) && fs.readdirSync(out).length > 0)) throw new WorkbookError("BadRun", `upscale: ${out}: a new folder is required, found ${store ? "a Zarr store that this command did not begin" : "files"}; name another, or remove it`, { file: out });
    return;
  }
  const begun = readJson<Begun>(begunFile(work), "upscale");
  if (begun.identity === identity) return;
  const other = path.resolve(begun.run) !== path.resolve(run.dir) ? `run ${begun.run}` : path.resolve(begun.grid) !== path.resolve(grid.path) ? `grid ${begun.grid}` : "the same run and grid before they were changed";
  throw new WorkbookError("BadRun", `upscale: ${out}: a store of this run and grid is required, found one of ${other}; name another, or remove ${out} and ${work}`, { file: out });
}

/** Makes the store where it is not there yet, and takes away what a killed writer left half-written. */
async function begin(plan: UpscalePlan): Promise<void> {
  const { run, grid, layout, out, work, identity } = plan;
  if (!fs.existsSync(path.join(out, "zarr.json"))) {
    // marks of a store that is no longer there
    fs.rmSync(path.join(work, "tiles"), { recursive: true, force: true });
    writeJson(begunFile(work), { identity, run: path.resolve(run.dir), grid: path.resolve(grid.path) } satisfies Begun);
    await createZarr(out, outputAttributes(plan, await LEARNERS[run.config.model].open()), outputArrays(run, grid, layout));
  }
  removePartials(out);
  const store = await appendToZarr(out);
  await writeCoordinates(store, grid);
  if (run.spread === null) return;
  const { starts } = monthAxis(grid.days);
  await store.write("month", [[0, starts.length]], starts);
  await store.write("member", [[0, run.members.length]], Int32Array.from(run.members, (m) => m.config.seed));
}
