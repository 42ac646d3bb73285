import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { toCsv } from "../core/csv";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import { nearest } from "../core/nearest";
import { silent, type Progress } from "../core/progress";
import type { SiteId } from "../core/sites";
import { hasColumn, type DailyTable } from "../data/daily-table";
import { readFinished, readSplit, runPaths } from "../run/run-directory";
import { openTable } from "../run/train";
import { compare, type Contender, type Metrics } from "./evaluate";
import { predictRun, type PredictResult } from "./predict";
import { balanceRows, comparisonRows, siteTable, toMarkdown } from "./table";
import { writePredictions } from "./write-predictions";

/** What `evaluate` takes. */
export interface EvaluateRunsOptions {
  readonly table: string | DailyTable;
  /** sites to score; without it the runs' test sites found in the table, else every site none of them trained on */
  readonly sites?: readonly SiteId[];
  /** folder for metrics.json, table.csv, table.md, balance.csv and sites.csv */
  readonly out?: string;
  /** also leave metrics.json and predictions.parquet in each run directory */
  readonly keep?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Metrics of each run, in the order given, with what each predicted. */
export interface Evaluation {
  readonly metrics: readonly Metrics[];
  readonly predicted: readonly PredictResult[];
  readonly names: readonly string[];
}

/**
 * Predicts with each run and scores all of them on exactly the same site-days. A site that a run trained on is scored only when it is
 * named, its rows say `seen`, and it stays out of every summary.
 * @throws WorkbookError BadRun, BadSite for a site the table lacks or when no unseen site is left, MissingColumn when the table has no flux
 * @example await evaluateRuns(["data/runs/lstm", "data/runs/tamrl"], { table: "T.parquet", out: "out" })
 */
export async function evaluateRuns(dirs: readonly string[], options: EvaluateRunsOptions): Promise<Evaluation> {
  if (dirs.length === 0) throw new WorkbookError("BadArgument", "evaluate: at least one run directory is required, got none");
  const headers = dirs.map((dir) => readFinished(dir));
  const named = await openTable(options.table);
  const { table } = named;
  if (!["gpp", "reco", "nee"].some((flux) => hasColumn(table, flux))) throw new WorkbookError("MissingColumn", `evaluate: ${named.name}: a flux column (gpp, reco, nee) is required, found none; use predict for a table without fluxes`, { file: named.name });
  const seen = dirs.map((dir) => {
    const split = readSplit(dir);
    return new Set([...split.train, ...split.validation]);
  });
  const sites = options.sites ? checkSites(options.sites, table, named.name) : unseenSites(dirs, seen, table, named.name);
  const names = uniqueNames(headers.map((h) => h.config.model), dirs);
  const predicted: PredictResult[] = [];
  for (const dir of dirs) predicted.push(await predictRun(dir, table, { sites, ...(options.progress ? { progress: options.progress } : { progress: silent }), ...(options.signal ? { signal: options.signal } : {}) }));
  const contenders: Contender[] = predicted.map((p, i) => ({ model: names[i]!, predictions: p.predictions, seen: seen[i]! }));
  const metrics = compare(table, contenders, { tableName: named.name, sites });
  if (options.out) writeTables(options.out, metrics);
  if (options.keep) {
    for (const [i, dir] of dirs.entries()) {
      writeJson(runPaths(dir).metrics, metrics[i]);
      await writePredictions(predicted[i]!.predictions, runPaths(dir).predictions);
    }
  }
  return { metrics, predicted, names };
}

/** Writes the comparison as JSON, CSV and Markdown. */
export function writeTables(dir: string, metrics: readonly Metrics[]): void {
  fs.mkdirSync(dir, { recursive: true });
  writeJson(path.join(dir, "metrics.json"), metrics.length === 1 ? metrics[0] : metrics);
  writeAtomic(path.join(dir, "table.csv"), toCsv(comparisonRows(metrics)));
  writeAtomic(path.join(dir, "table.md"), `${toMarkdown(comparisonRows(metrics))}\n${toMarkdown(balanceRows(metrics))}`);
  writeAtomic(path.join(dir, "balance.csv"), toCsv(balanceRows(metrics)));
  writeAtomic(path.join(dir, "sites.csv"), toCsv(siteTable(metrics)));
}

function checkSites(sites: readonly SiteId[], table: DailyTable, name: string): readonly SiteId[] {
  const known = table.sites.map((s) => s.site);
  for (const site of sites) {
    if (!known.includes(site)) throw new WorkbookError("BadSite", `evaluate: ${site}: a site of ${name} is required, this is none of its ${known.length}; nearest ${nearest(site, known, 3).join(", ")}`, { site });
  }
  return sites;
}

function unseenSites(dirs: readonly string[], seen: readonly ReadonlySet<SiteId>[], table: DailyTable, name: string): readonly SiteId[] {
  const present = table.sites.map((s) => s.site);
  const unseen = present.filter((s) => seen.every((set) => !set.has(s)));
  const tests = dirs.map((dir) => new Set(readSplit(dir).test));
  const test = unseen.filter((s) => tests.every((set) => set.has(s)));
  const chosen = test.length > 0 ? test : unseen;
  if (chosen.length === 0) throw new WorkbookError("BadSite", `evaluate: a site that no run trained on is required, ${name} has none among ${present.length}; name sites with --sites to score them as seen, or train with another split`);
  return chosen;
}

/** Model names, with the folder's name behind where two runs are of one model. */
function uniqueNames(models: readonly string[], dirs: readonly string[]): string[] {
  return models.map((m, i) => (models.filter((x) => x === m).length > 1 ? `${m} (${path.basename(path.resolve(dirs[i]!))})` : m));
}
