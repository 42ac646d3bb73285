import * as fs from "node:fs";
import * as path from "node:path";
import { isWorkbookError, WorkbookError } from "../core/errors";
import { projectRoot, sha256 } from "../core/files";
import { readJson } from "../core/json";
import type { Progress } from "../core/progress";
import type { DailyTable } from "../data/daily-table";
import { simulate } from "../data/simulate/simulate";
import { writeSimulation } from "../data/simulate/write";
import type { ModelName } from "../run/config";
import { runPaths } from "../run/run-directory";
import { ensureRun, openTable } from "../run/train";
import { parameter, quick } from "./parameter";
import { SIZES, type Size } from "./sizes";

/** The size at which notebooks make their own data and runs. @example notebookSize().sites */
export function notebookSize(): Size {
  return SIZES[quick() ? "quick" : "notebook"];
}

/**
 * The table a notebook works on: the file that `TABLE` names, else a small virtual flux network, made on first use.
 * @throws WorkbookError BadFile when `TABLE` names no readable table
 * @example const { table, file } = await notebookTable()
 */
export async function notebookTable(): Promise<{ file: string; table: DailyTable }> {
  const named = parameter("TABLE", "");
  if (named !== "") return { file: named, table: (await openTable(named)).table };
  const size = notebookSize();
  const { version } = readJson<{ version: string }>(path.join(projectRoot(), "package.json"));
  const file = path.join(projectRoot(), "data", "tables", `virtual-${version}-${size.sites}x${size.years}.parquet`);
  if (!fs.existsSync(file)) await writeSimulation(simulate({ sites: size.sites, years: size.years, seed: 1 }), file);
  return { file, table: (await openTable(file)).table };
}

/**
 * Run directories of the models on the notebook's table: those under the folder `RUNS` names, else small ones, trained on first use and kept.
 * @throws WorkbookError BadRun when `RUNS` lacks one
 * @example const [lstm, tamrl] = await notebookRuns(["lstm", "tamrl"], show.progress())
 */
export async function notebookRuns(models: readonly ModelName[], progress: Progress): Promise<string[]> {
  const named = parameter("RUNS", "");
  const { file } = await notebookTable();
  const folder = named !== "" ? named : path.join(projectRoot(), "data", "runs", `notebook-${quick() ? "quick-" : ""}${sha256(file).slice(0, 8)}`);
  const dirs: string[] = [];
  for (const model of models) {
    const dir = path.join(folder, model);
    if (named !== "" && !fs.existsSync(runPaths(dir).header)) throw new WorkbookError("BadRun", `notebookRuns: RUNS: a run ${model} is required in ${folder}, found none; run reproduce, or unset RUNS`, { file: dir });
    if (named === "") await ownRun(file, dir, model, progress);
    dirs.push(dir);
  }
  return dirs;
}

/** The notebook's own small run; one left by another version of the workbook is made anew. */
async function ownRun(table: string, out: string, model: ModelName, progress: Progress): Promise<void> {
  const options = { table, out, config: { ...notebookSize().config, model }, progress };
  try {
    await ensureRun(options);
  } catch (error) {
    if (!isWorkbookError(error, "BadRun")) throw error;
    fs.rmSync(out, { recursive: true, force: true });
    await ensureRun(options);
  }
}
