import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { toCsv } from "../core/csv";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import { removeLeftovers } from "../core/leftovers";
import { silent, type Progress } from "../core/progress";
import type { SiteId } from "../core/sites";
import { unknownSite } from "../core/unknown-site";
import { hasColumn, type DailyTable } from "../data/daily-table";
import { targetView } from "../data/target-view";
import { LEARNERS } from "../run/learners";
import { provenanceOfRuns } from "../run/origin";
import { provenanceOf, readProvenance, type NamedTable } from "../run/provenance";
import { readFinished, readSplit, type RunHeader } from "../run/run-directory";
import { openTable } from "../run/train";
import { comparison, writeComparison, type Comparison } from "./comparison";
import { groupNames } from "./comparison-groups";
import { compare, type Contender, type Metrics } from "./evaluate";
import { keepEvaluation } from "./kept-evaluation";
import { predictRun, type PredictResult } from "./predict";
import { seenSites } from "./seen-sites";
import { balanceRows, comparisonRows, siteTable } from "./table";

/** What `evaluate` takes. */
export interface EvaluateRunsOptions {
  readonly table: string | DailyTable;
  /** sites to score; without it the runs' test sites found in the table, else every site none of them trained on */
  readonly sites?: readonly SiteId[];
  /** folder for metrics.json, runs.csv, sites.csv, balance.csv, the tables of `writeComparison`, and provenance.json */
  readonly out?: string;
  /** also leave metrics.json and predictions.parquet in each run directory, with how they were made (evaluation.json) */
  readonly keep?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Metrics of each run, in the order given, with what each predicted. */
export interface Evaluation {
  readonly metrics: readonly Metrics[];
  readonly predicted: readonly PredictResult[];
  readonly names: readonly string[];
  /** seeds of a model averaged; null without `out` */
  readonly comparison: Comparison | null;
}

/**
 * Predicts with each run and scores all of them on exactly the same site-days. A site that a run trained on, or one in its cluster, is
 * scored only when it is named, its rows say `seen`, and it stays out of every summary.
 * @throws WorkbookError BadRun, BadSite for a site the table lacks or when no unseen site is left, MissingColumn when the table has no flux
 * @example await evaluateRuns(["data/runs/lstm", "data/runs/tamrl"], { table: "T.parquet", out: "out" })
 */
export async function evaluateRuns(dirs: readonly string[], options: EvaluateRunsOptions): Promise<Evaluation> {
  if (dirs.length === 0) throw new WorkbookError("BadArgument", "evaluate: at least one run directory is required, got none");
  const headers = dirs.map((dir) => readFinished(dir));
  const named = await openTable(options.table);
  const table = trainedTargets(named.table, headers, dirs);
  if (!["gpp", "reco", "nee"].some((flux) => hasColumn(table, flux))) throw new WorkbookError("MissingColumn", `evaluate: ${named.name}: a flux column (gpp, reco, nee) is required, found none; use predict for a table without fluxes`, { file: named.name });
  const seen = dirs.map((dir) => seenSites(readSplit(dir), table));
  const sites = options.sites ? checkSites(options.sites, table, named.name) : unseenSites(dirs, seen, named);
  const names = uniqueNames(headers.map((h) => h.config.model), dirs);
  const predicted: PredictResult[] = [];
  for (const dir of dirs) predicted.push(await predictRun(dir, table, { sites, ...(options.progress ? { progress: options.progress } : { progress: silent }), ...(options.signal ? { signal: options.signal } : {}) }));
  const contenders: Contender[] = predicted.map((p, i) => ({ model: names[i]!, predictions: p.predictions, seen: seen[i]! }));
  const metrics = compare(table, contenders, { tableName: named.name, sites });
  if (metrics[0]!.sites.every((row) => row.n === 0)) {
    throw new WorkbookError("EmptyTable", `evaluate: ${named.name}: a day with an observed flux of QC 1 (or unknown) that every run predicts is required, found none at ${sites.slice(0, 5).join(", ")}${sites.length > 5 ? ", …" : ""}; look at the gaps of its drivers`, { file: named.name });
  }
  const engine = await LEARNERS[headers[0]!.config.model].open();
  const grouped = groupNames(headers.map((h, i) => ({ config: h.config, dir: dirs[i]! })));
  const all = options.out ? comparison({ table, contenders: contenders.map((c, i) => ({ ...c, model: grouped[i]! })), metrics, sites }) : null;
  if (options.out && all) {
    removeLeftovers(options.out);
    writeTables(options.out, metrics);
    writeComparison(options.out, all, metrics, table);
    writeJson(path.join(options.out, "provenance.json"), provenanceOfRuns(named, dirs, engine));
  }
  if (options.keep) {
    const origin = { provenance: provenanceOf(named, null, engine), table: typeof options.table === "string" ? path.resolve(options.table) : null, sites, dirs };
    for (const [i, dir] of dirs.entries()) await keepEvaluation(dir, metrics[i]!, predicted[i]!.predictions, origin);
  }
  return { metrics, predicted, names, comparison: all };
}

/** Writes each run's own numbers: metrics.json, runs.csv, balance.csv and sites.csv. */
export function writeTables(dir: string, metrics: readonly Metrics[]): void {
  writeJson(path.join(dir, "metrics.json"), metrics.length === 1 ? metrics[0] : metrics);
  writeAtomic(path.join(dir, "runs.csv"), toCsv(comparisonRows(metrics)));
  writeAtomic(path.join(dir, "balance.csv"), toCsv(balanceRows(metrics)));
  writeAtomic(path.join(dir, "sites.csv"), toCsv(siteTable(metrics)));
}

/** The table with the targets that the runs were trained on; a score against another partition would be no error of the model's. */
function trainedTargets(table: DailyTable, headers: readonly RunHeader[], dirs: readonly string[]): DailyTable {
  const partitions = headers.map((h) => h.config.partition);
  const other = partitions.findIndex((p) => p !== partitions[0]);
  if (other > 0) throw new WorkbookError("BadArgument", `evaluate: runs of one partition are required, ${dirs[0]} was trained on ${partitions[0]}-time and ${dirs[other]} on ${partitions[other]}-time targets; evaluate them apart, or compare them by experiment --ablations --factors partition`);
  return targetView(table, partitions[0]!);
}

function checkSites(sites: readonly SiteId[], table: DailyTable, name: string): readonly SiteId[] {
  if (sites.length === 0) throw new WorkbookError("BadArgument", "evaluate: --sites: at least one site id is required, got none; leave it out to score the sites that no run trained on");
  const known = table.sites.map((s) => s.site);
  for (const site of sites) {
    if (!known.includes(site)) throw unknownSite("evaluate: ", site, name, known);
  }
  return sites;
}

function unseenSites(dirs: readonly string[], seen: readonly ReadonlySet<SiteId>[], { table, name, sha256 }: NamedTable): readonly SiteId[] {
  const present = table.sites.map((s) => s.site);
  const splits = dirs.map((dir) => readSplit(dir));
  // a site that had no whole window in this very table has none now
  const own = dirs.map((dir) => readProvenance(dir, "evaluate").table.sha256 === sha256);
  const unusable = new Set(splits.flatMap((s, k) => (own[k] ? s.removed.map((r) => r.site) : [])));
  const unseen = present.filter((s) => !unusable.has(s) && seen.every((set) => !set.has(s)));
  const tests = splits.map((s) => new Set(s.test));
  const test = unseen.filter((s) => tests.every((set) => set.has(s)));
  const chosen = test.length > 0 ? test : unseen;
  if (chosen.length === 0) throw new WorkbookError("BadSite", `evaluate: a site that no run trained on, nor near one, is required, ${name} has none among ${present.length}; name sites with --sites to score them as seen, or train with another split`);
  return chosen;
}

/** Model names, with the folder's name behind where two runs are of one model. */
function uniqueNames(models: readonly string[], dirs: readonly string[]): string[] {
  return models.map((m, i) => (models.filter((x) => x === m).length > 1 ? `${m} (${path.basename(path.resolve(dirs[i]!))})` : m));
}
