import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import type { Progress } from "../core/progress";
import type { DailyTable } from "../data/daily-table";
import { simulate } from "../data/simulate/simulate";
import { writeSimulation } from "../data/simulate/write";
import type { ModelName } from "../run/config";
import { readHeader, runPaths } from "../run/run-directory";
import { openTable, resume, train } from "../run/train";
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
  const file = path.join(projectRoot(), "data", "tables", `virtual-${size.sites}x${size.years}.parquet`);
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
  const folder = named !== "" ? named : path.join(projectRoot(), "data", "runs", `notebook-${path.basename(file, ".parquet")}`);
  const dirs: string[] = [];
  for (const model of models) {
    const dir = path.join(folder, model);
    const there = fs.existsSync(runPaths(dir).header);
    if (!there && named !== "") throw new WorkbookError("BadRun", `notebookRuns: RUNS: a run ${model} is required in ${folder}, found none; run reproduce, or unset RUNS`, { file: dir });
    if (!there) await train({ table: file, out: dir, config: { ...notebookSize().config, model }, progress });
    else if (readHeader(dir).status === "started") await resume({ dir, table: file, progress });
    dirs.push(dir);
  }
  return dirs;
}
