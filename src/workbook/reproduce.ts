import * as fs from "node:fs";
import * as path from "node:path";
import { openBackend } from "../backend/tf";
import { toCsv } from "../core/csv";
import { isWorkbookError } from "../core/errors";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import { removeLeftovers } from "../core/leftovers";
import { duration, silent, type Progress } from "../core/progress";
import { FLUXES } from "../core/quantities";
import { clusterSites } from "../data/splits/clusters";
import { isSimulated } from "../data/daily-table";
import { simulate } from "../data/simulate/simulate";
import { writeSimulation } from "../data/simulate/write";
import { ablate, type AblateOptions } from "../evaluate/ablate";
import { pairedBootstrap, type PairedDifference } from "../evaluate/bootstrap";
import { comparisonBrief } from "../evaluate/comparison";
import type { Metrics } from "../evaluate/evaluate";
import { evaluateRuns, type Evaluation } from "../evaluate/evaluate-runs";
import { comparisonRows, type TableRow } from "../evaluate/table";
import { comparisonFigures } from "../figures/from-evaluation";
import { runCurves } from "../figures/from-runs";
import { saveFigure } from "../figures/render";
import type { ModelName } from "../run/config";
import { LEARNERS } from "../run/learners";
import { provenanceOf, type NamedTable, type Provenance } from "../run/provenance";
import { readHeader, readSplit } from "../run/run-directory";
import { ensureRun, openTable } from "../run/train";
import { notebookNames, notebooksText, runNotebooks, type NotebookResult } from "./notebooks";
import { savedFigure, writeComparisonReport } from "./comparison-report";
import { SIZES, type Size } from "./sizes";
import { hasNotebooks } from "./venv";

const FULL_SEEDS: readonly number[] = [1, 2, 3];

/** Notebooks that train variants or predict a globe: on the virtual network they keep to their own small world, or all would take a quarter of an hour. */
const OWN_WORLD = /^(06|08|09)-/;
/** What test size leaves out so that it ends within a minute and a half: questions beyond the comparison of models. */
const NOT_QUICK = /^0[6-9]-/;

/** Models of the comparison, the floor first. */
export const COMPARED: readonly ModelName[] = ["climatology", "ridge", "xgboost", "lstm", "ctlstm", "tamrl"];

/** A model of the comparison that this machine cannot train, with the cure. */
export interface LeftOut {
  readonly model: ModelName;
  readonly why: string;
}

/** What `reproduce` takes. */
export interface ReproduceOptions {
  readonly out: string;
  /** a table of one's own; without it the virtual flux network is made */
  readonly table?: string;
  readonly quick?: boolean;
  /** three seeds instead of one, and the ablations: hours */
  readonly full?: boolean;
  /** ablations other than the whole committed list; with `full` all of it where nothing is said */
  readonly ablations?: Pick<AblateOptions, "factors" | "folds" | "seeds" | "config">;
  /** false leaves the notebooks out */
  readonly notebooks?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What `reproduce` made. */
export interface Reproduction {
  readonly json: { readonly out: string; readonly simulated: boolean; readonly left_out: readonly LeftOut[]; readonly rows: readonly TableRow[]; readonly bootstrap: readonly PairedDifference[]; readonly notebooks: readonly NotebookResult[]; readonly seconds: number };
  readonly text: string;
  /** a notebook or an ablation failed */
  readonly failed: boolean;
}

/**
 * The whole experiment: every model trained on one split and scored on the same site-days, tables, figures, executed notebooks and a
 * report under one folder. Called again it continues where it stopped.
 * @throws WorkbookError as `train` and `evaluateRuns`
 * @example await reproduce({ out: "data/runs/reproduce", quick: true })
 */
export async function reproduce(options: ReproduceOptions): Promise<Reproduction> {
  const started = performance.now();
  const progress = options.progress ?? silent;
  removeLeftovers(options.out);
  const backend = await openBackend();
  const slow = backend.backend !== "tensorflow";
  if (slow && !options.quick) progress({ what: `reproduce: small size, because only the ${backend.backend} backend is here (doctor tells the cure)`, done: 0, total: 1, secondsLeft: null });
  const size = SIZES[options.quick || slow ? "quick" : "reproduce"];
  const named = await theTable(options, size);
  const seeds = options.full ? FULL_SEEDS : [1];
  const { models, leftOut } = await trainable(progress);
  const runs = await trainAll(models, named.file, size, seeds, options, progress);
  const evaluation = await evaluateRuns(runs, { table: named.file, out: path.join(options.out, "comparison"), keep: true, progress, ...(options.signal ? { signal: options.signal } : {}) });
  const simulated = isSimulated(named.table.table);
  const provenance = provenanceOf(named.table, readHeader(runs[0]!).config.seed, backend);
  const bootstrap = against(models, evaluation, named.table, seeds.length);
  writeJson(path.join(options.out, "comparison", "bootstrap.json"), bootstrap);
  writeAtomic(path.join(options.out, "comparison", "bootstrap.csv"), toCsv(bootstrapRows(bootstrap, simulated)));
  for (const name of ["table.csv", "table.md"]) copyUp(options.out, name);
  const tables = evaluation.comparison ? comparisonBrief(evaluation.comparison, simulated) : "";
  const figures = await drawAll(models, named.table, evaluation, runs, options.out, provenance);
  const asked = options.ablations ?? (options.full ? {} : null);
  const ablations = asked ? await ablate({ ...asked, table: named.file, out: path.join(options.out, "ablations"), progress, ...(options.signal ? { signal: options.signal } : {}) }) : null;
  const notebooks = await executeNotebooks(options, named.file, progress, size);
  const missing = leftOut.map(({ model, why }) => `Left out: ${model}, because this machine cannot train it (${why}).`);
  const sizeNote = [...(options.table ? [] : [size.network]), size.training, ...missing].join(" ");
  writeComparisonReport(path.join(options.out, "report.html"), {
    table: named.table.table, tableName: named.table.name, evaluation, runs, focus: evaluation.names[models.indexOf("tamrl")]!, figures: figures.map(savedFigure), notebooks, provenance, note: sizeNote,
  });
  writeJson(path.join(options.out, "provenance.json"), provenance);
  const seconds = (performance.now() - started) / 1000;
  const failed = notebooks.some((n) => n.error !== null) || ablations?.failed === true;
  const text = [tables, ...missing, ...(ablations ? [ablations.text] : []), notebooks.length > 0 ? notebooksText(notebooks) + (size.quickNotebooks ? "06 to 09 are left out at test size: npm run -s tamrl -- notebooks --quick runs them too\n" : "") : options.notebooks === false ? "notebooks were left out as asked" : "notebooks were not executed: .venv is not there; run npm run setup", `${duration(seconds)} → ${options.out} (open ${path.join(options.out, "report.html")})`].join("\n");
  return { json: { out: options.out, simulated, left_out: leftOut, rows: comparisonRows(evaluation.metrics), bootstrap, notebooks, seconds }, text, failed };
}

/** The main table stands where one looks first. */
function copyUp(out: string, name: string): void {
  writeAtomic(path.join(out, name), fs.readFileSync(path.join(out, "comparison", name), "utf8"));
}

async function theTable(options: ReproduceOptions, size: Size): Promise<{ file: string; table: NamedTable }> {
  const file = options.table ?? path.join(options.out, `virtual-${size.sites}x${size.years}.parquet`);
  if (!options.table && !fs.existsSync(file)) {
    options.progress?.({ what: `simulate ${size.sites} sites`, done: 0, total: 1, secondsLeft: null });
    await writeSimulation(simulate({ sites: size.sites, years: size.years, seed: 1 }), file);
  }
  return { file, table: await openTable(file) };
}

/**
 * The models of the comparison whose parts are here; one whose library is missing is left out, and the others go on.
 * @throws WorkbookError MissingPart when TAM-RL itself cannot be trained
 * @example const { models, leftOut } = await trainable(silent)
 */
export async function trainable(progress: Progress): Promise<{ models: ModelName[]; leftOut: LeftOut[] }> {
  const models: ModelName[] = [];
  const leftOut: LeftOut[] = [];
  for (const model of COMPARED) {
    try {
      await LEARNERS[model].open();
      models.push(model);
    } catch (error) {
      if (model === "tamrl" || !isWorkbookError(error, "MissingPart")) throw error;
      leftOut.push({ model, why: error.message });
      progress({ what: `reproduce: without ${model}: ${error.message}`, done: 0, total: 1, secondsLeft: null });
    }
  }
  return { models, leftOut };
}

/** Runs of each model, seed by seed: the seeds differ in weights and order, not in the split. */
async function trainAll(models: readonly ModelName[], table: string, size: Size, seeds: readonly number[], options: ReproduceOptions, progress: Progress): Promise<string[]> {
  const dirs: string[] = [];
  let split: object = {};
  for (const seed of seeds) {
    for (const model of models) {
      const out = path.join(options.out, "runs", seed === 1 ? model : `${model}-seed${seed}`);
      await ensureRun({ table, out, config: { ...size.config, ...split, model, seed }, progress, ...(options.signal ? { signal: options.signal } : {}) });
      dirs.push(out);
    }
    const { train, validation, test } = readSplit(dirs[0]!);
    split = { split: { train: [...train, ...validation], test } };
  }
  return dirs;
}

/** TAM-RL against each other model, by flux, all seeds of both; a flux that no site has is left out. */
function against(models: readonly ModelName[], evaluation: Evaluation, named: NamedTable, seeds: number): PairedDifference[] {
  const clusters = clusterSites(named.table.sites);
  const ofModel = (model: ModelName): Metrics[] => Array.from({ length: seeds }, (_, s) => ({ ...evaluation.metrics[s * models.length + models.indexOf(model)]!, model }));
  const tamrl = ofModel("tamrl");
  const scored = FLUXES.filter((flux) => tamrl[0]!.summary[flux].n_sites > 0);
  return models.filter((m) => m !== "tamrl").flatMap((other) => scored.map((flux) => pairedBootstrap(tamrl, ofModel(other), clusters, flux, { seed: 1 })));
}

function bootstrapRows(all: readonly PairedDifference[], simulated: boolean): TableRow[] {
  return all.map((d): TableRow => ({
    flux: d.flux, data: simulated ? "simulated" : "measured", a: d.a, b: d.b, n_sites: d.n_sites, n_clusters: d.n_clusters, rmse_mean: d.rmse_mean.value, rmse_low: d.rmse_mean.low, rmse_high: d.rmse_mean.high,
    r2_median: d.r2_median.value, r2_low: d.r2_median.low, r2_high: d.r2_median.high, win_rate: d.win_rate.value,
  }));
}

async function drawAll(models: readonly ModelName[], named: NamedTable, evaluation: Evaluation, runs: readonly string[], out: string, provenance: Provenance): Promise<string[]> {
  const folder = path.join(out, "figures");
  const test = new Set(readSplit(runs[0]!).test);
  const files: string[] = [];
  const focus = evaluation.names[models.indexOf("tamrl")]!;
  for (const figure of [...comparisonFigures(named.table, evaluation, focus, test), ...runCurves(runs, evaluation.names, named.table)]) {
    await saveFigure(figure, folder, figure.name, { ...provenance });
    files.push(path.join(folder, `${figure.name}.svg`));
  }
  return files;
}

async function executeNotebooks(options: ReproduceOptions, table: string, progress: Progress, size: Size): Promise<NotebookResult[]> {
  if (options.notebooks === false || !hasNotebooks()) return [];
  const ablations = path.resolve(options.out, "ablations");
  const ours = { TABLE: path.resolve(table), RUNS: path.resolve(options.out, "runs"), ...(fs.existsSync(path.join(ablations, "ablations.json")) ? { ABLATIONS: ablations } : {}) };
  const outDir = path.join(options.out, "notebooks");
  const own = (name: string): boolean => options.table === undefined && !options.full && OWN_WORLD.test(name);
  const run = async (names: readonly string[]): Promise<NotebookResult[]> => {
    const results: NotebookResult[] = [];
    for (const [some, env] of [[names.filter((n) => !own(n)), ours], [names.filter(own), {}]] as const) {
      if (some.length > 0) results.push(...(await runNotebooks(some, { outDir, quick: size.quickNotebooks, env, progress, ...(options.signal ? { signal: options.signal } : {}) })));
    }
    return results;
  };
  const names = notebookNames().filter((name) => !size.quickNotebooks || !NOT_QUICK.test(name));
  // two at a time: a kernel spends much of its start waiting
  const halves = [names.filter((_, i) => i % 2 === 0), names.filter((_, i) => i % 2 === 1)].filter((h) => h.length > 0);
  return (await Promise.all(halves.map(run))).flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}
