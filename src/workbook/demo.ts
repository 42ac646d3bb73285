import * as fs from "node:fs";
import * as path from "node:path";
import { isWorkbookError, WorkbookError } from "../core/errors";
import { projectRoot, sha256 } from "../core/files";
import { readJson } from "../core/json";
import type { Progress } from "../core/progress";
import { isSimulated, texts, type DailyTable } from "../data/daily-table";
import { simulate } from "../data/simulate/simulate";
import { writeSimulation } from "../data/simulate/write";
import type { ModelName } from "../run/config";
import { runPaths } from "../run/run-directory";
import { ensureRun, openTable } from "../run/train";
import { parameter, quick } from "./parameter";
import { LONG_RECORDS, SIZES, type Size } from "./sizes";

/** The size at which notebooks make their own data and runs. @example notebookSize().sites */
export function notebookSize(env: NodeJS.ProcessEnv = process.env): Size {
  return SIZES[quick(env) ? "quick" : "notebook"];
}

/**
 * The table a notebook works on: the file that `TABLE` names, else a small virtual flux network, made on first use.
 * @throws WorkbookError BadFile when `TABLE` names no readable table
 * @example const { table, file } = await notebookTable()
 */
export async function notebookTable(env: NodeJS.ProcessEnv = process.env): Promise<{ file: string; table: DailyTable }> {
  const file = await notebookTableFile(env);
  return { file, table: (await openTable(file)).table };
}

/** The file of that table, which whoever reads it no further need not open. */
async function notebookTableFile(env: NodeJS.ProcessEnv): Promise<string> {
  const named = parameter("TABLE", "", undefined, env);
  if (named !== "") return named;
  const size = notebookSize(env);
  const { version } = readJson<{ version: string }>(path.join(projectRoot(), "package.json"));
  const file = path.join(projectRoot(), "data", "tables", `virtual-${version}-${size.sites}x${size.years}.parquet`);
  if (!fs.existsSync(file)) await writeSimulation(simulate({ sites: size.sites, years: size.years, seed: 1 }), file);
  return file;
}

/**
 * The notebook's towers with targets of the variant REF: the table that `TABLE_REF` names, else the same virtual network; null where `TABLE` is named alone.
 * @throws WorkbookError BadFile when `TABLE_REF` names no readable table
 * @example const ref = await notebookRefTable()
 */
export async function notebookRefTable(): Promise<DailyTable | null> {
  const named = parameter("TABLE_REF", "");
  if (named !== "") return (await openTable(named)).table;
  const { sites, years } = notebookSize();
  return parameter("TABLE", "") !== "" ? null : simulate({ sites, years, seed: 1, variant: "REF" }).table;
}

/**
 * The table of a notebook that looks at years: the file that `TABLE` names, else a second virtual network of longer records. Its towers are called VL-… , for no run of the
 * notebooks has learnt from them.
 * @throws WorkbookError BadFile when `TABLE` names no readable table
 * @example seasonAnomalies(await notebookLongTable())
 */
export async function notebookLongTable(): Promise<DailyTable> {
  const named = parameter("TABLE", "");
  if (named !== "") return (await openTable(named)).table;
  const { table } = simulate({ ...LONG_RECORDS[quick() ? "quick" : "notebook"], seed: 2 });
  const other = (id: string): string => id.replace(/^VF-/, "VL-");
  const site = (texts(table, "site") as readonly string[]).map(other);
  return { ...table, rows: table.rows.assign({ site }), sites: table.sites.map((s) => ({ ...s, site: other(s.site) })) };
}

/**
 * Run directories of the models on the notebook's table: those under the folder `RUNS` names, else small ones, trained on first use and kept.
 * @throws WorkbookError BadRun when `RUNS` lacks one
 * @example const [lstm, tamrl] = await notebookRuns(["lstm", "tamrl"], show.progress())
 */
export async function notebookRuns(models: readonly ModelName[], progress: Progress, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const named = parameter("RUNS", "", undefined, env);
  const file = await notebookTableFile(env);
  const folder = named !== "" ? named : notebookRunsFolder(file);
  const dirs: string[] = [];
  for (const model of models) {
    const dir = path.join(folder, model);
    if (named !== "" && !fs.existsSync(runPaths(dir).header)) throw new WorkbookError("BadRun", `notebookRuns: RUNS: a run ${model} is required in ${folder}, found none; run reproduce, or unset RUNS`, { file: dir });
    if (named === "") await ownRun(file, dir, { model }, progress);
    dirs.push(dir);
  }
  return dirs;
}

/** A table and its runs, for a notebook whose questions only a simulated world answers. */
export interface NotebookWorld {
  readonly file: string;
  readonly table: DailyTable;
  readonly runs: readonly string[];
  /** why the table that `TABLE` names, and its runs, were set aside; null where they were not */
  readonly aside: string | null;
}

/**
 * A world whose truth is known: what `TABLE` and `RUNS` name where that table is simulated, else the small virtual flux network and runs of it, for no one knows the
 * traits of measured towers.
 * @throws WorkbookError as `notebookTable` and `notebookRuns`
 * @example const { table, runs, aside } = await notebookWorld(["tamrl"], show.progress())
 */
export async function notebookWorld(models: readonly ModelName[], progress: Progress): Promise<NotebookWorld> {
  const given = await notebookTable();
  if (isSimulated(given.table)) return { ...given, runs: await notebookRuns(models, progress), aside: null };
  const env = { ...process.env, TABLE: "", RUNS: "" };
  const aside = `the truth of ${path.basename(given.file)} is not known, for it is measured; virtual towers are shown instead`;
  return { ...(await notebookTable(env)), runs: await notebookRuns(models, progress, env), aside };
}

/**
 * Run directories of variants of TAM-RL that are compared with each other: those under the folder `RUNS` names where it holds all of them, else small ones of one size,
 * trained on the notebook's table on first use and kept.
 * @param variants overrides of the configuration by name of the run
 * @example await notebookVariants({ tamrl: {}, "tamrl-hard": { balance: "hard" } }, show.progress())
 */
export async function notebookVariants(variants: Readonly<Record<string, object>>, progress: Progress): Promise<string[]> {
  const named = parameter("RUNS", "");
  const given = Object.keys(variants).map((name) => path.join(named, name));
  if (named !== "" && given.every((dir) => fs.existsSync(runPaths(dir).header))) return given;
  const file = await notebookTableFile(process.env);
  const dirs: string[] = [];
  for (const [name, config] of Object.entries(variants)) {
    const dir = path.join(notebookRunsFolder(file), name);
    await ownRun(file, dir, { model: "tamrl", ...config }, progress);
    dirs.push(dir);
  }
  return dirs;
}

/** Where a notebook keeps what it trains on a table: each table has a folder of its own. @example notebookRunsFolder("T.parquet") */
export function notebookRunsFolder(table: string): string {
  return path.join(projectRoot(), "data", "runs", `notebook-${quick() ? "quick-" : ""}${sha256(table).slice(0, 8)}`);
}

/** The notebook's own small run; one left by another version of the workbook is made anew. */
async function ownRun(table: string, out: string, config: object, progress: Progress): Promise<void> {
  await orAnew(() => ensureRun({ table, out, config: { ...notebookSize().config, ...config }, progress }), [out], progress);
}

/** Between two looks at what another process is making. */
const LOOK_MS = 500;

/**
 * Takes up what a notebook left, or removes it and makes it anew where it is of another version, run or grid. What another process is making (a second notebook, on another
 * kernel) is waited for.
 * @example await orAnew(() => ensureRun({ table, out }), [out], show.progress())
 */
export async function orAnew(make: () => Promise<unknown>, left: readonly string[], progress: Progress): Promise<void> {
  for (let fresh = false; ; ) {
    try {
      await make();
      return;
    } catch (error) {
      if (!isWorkbookError(error, "BadRun") || (fresh && error.fields.holder === undefined)) throw error;
      if (error.fields.holder !== undefined) {
        progress({ what: `waiting for process ${error.fields.holder}, which works in ${path.basename(left[0]!)}`, done: 0, total: 1, secondsLeft: null });
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        continue;
      }
      for (const path of left) fs.rmSync(path, { recursive: true, force: true });
      fresh = true;
    }
  }
}
