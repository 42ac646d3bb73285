import * as path from "node:path";
import { parseDay } from "../core/days";
import { WorkbookError } from "../core/errors";
import { FLUXES } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, hasColumn, numbers, siteRows, type DailyTable } from "../data/daily-table";
import { targetView } from "../data/target-view";
import type { ExperimentPlan } from "../run/experiment-plan";
import { checkRecordedFile } from "../run/hashes";
import { readSplit, runPaths } from "../run/run-directory";
import type { Predictions } from "./predictions";
import { readPredictions } from "./write-predictions";

/** Where a run of an experiment lies. */
export function runFolder(dir: string, id: string): string {
  return path.join(dir, "runs", id);
}

/** One arm and seed over all its folds: every site once, predicted by the model that did not see it. */
export interface Pooled {
  readonly arm: string;
  readonly seed: number;
  readonly predictions: Predictions;
}

/** Predictions of an experiment, ready to be compared. */
export interface PooledExperiment {
  readonly pooled: readonly Pooled[];
  /** arms and seeds that lack a fold, with the folds; they are in no table */
  readonly incomplete: readonly { readonly arm: string; readonly seed: number; readonly folds: readonly string[] }[];
  /** sites that the protocol scores */
  readonly sites: readonly SiteId[];
  /** the table with the fluxes of the partition that all runs learned from (night where they differ), kept where they may be scored: the held-out years of known sites, or as it is */
  readonly table: DailyTable;
}

/**
 * Puts the folds of each arm and seed together. One that lacks a fold stays out whole, for a mean over fewer sites would not compare.
 * @param done ids of the runs that are done
 * @throws WorkbookError BadFile for a split that was changed since, Leakage when a site was predicted by two folds or by a run that learned from it
 * @example (await poolFolds(plan, table, "data/runs/folds", new Set(result.done))).pooled.length
 */
export async function poolFolds(plan: ExperimentPlan, named: DailyTable, dir: string, done: ReadonlySet<string>): Promise<PooledExperiment> {
  const partitions = [...new Set(plan.runs.map((r) => r.config.partition))];
  const table = partitions.length === 1 ? targetView(named, partitions[0]!) : named;
  const pooled: Pooled[] = [];
  const incomplete: { arm: string; seed: number; folds: string[] }[] = [];
  for (const arm of plan.arms) {
    for (const seed of plan.seeds) {
      const runs = plan.runs.filter((r) => r.arm === arm && r.seed === seed);
      const missing = runs.filter((r) => !done.has(r.id)).map((r) => r.fold);
      if (missing.length > 0) {
        incomplete.push({ arm, seed, folds: missing });
        continue;
      }
      const parts: Predictions[] = [];
      for (const run of runs) {
        const folder = runFolder(dir, run.id);
        checkRecordedFile(folder, path.basename(runPaths(folder).split));
        if (plan.protocol.kind === "zero-shot") assertUnseen(run.id, folder, run.test ?? []);
        parts.push(await readPredictions(runPaths(folder).predictions));
      }
      pooled.push({ arm, seed, predictions: joined(parts, `${arm} seed ${seed}`) });
    }
  }
  if (plan.protocol.kind === "zero-shot") return { pooled, incomplete, table, sites: plan.protocol.folds.flatMap((f) => f.test ?? []).sort() };
  const held = heldDays(plan, dir, pooled);
  return { pooled, incomplete, table: keptFrom(table, held), sites: [...held.keys()].sort() };
}

function assertUnseen(id: string, folder: string, test: readonly SiteId[]): void {
  const { learned } = readSplit(folder);
  const seen = learned.find((s) => test.includes(s.site));
  if (seen) throw new WorkbookError("Leakage", `experiment: ${id}: ${seen.site}: a test site that the run did not learn from is required, its split says it did; remove ${folder} and run again`, { site: seen.site, file: folder });
}

function joined(parts: readonly Predictions[], where: string): Predictions {
  const owner = new Map<SiteId, number>();
  parts.forEach((part, k) => part.site.forEach((site) => {
    const other = owner.get(site);
    if (other !== undefined && other !== k) throw new WorkbookError("Leakage", `experiment: ${where}: ${site}: one fold a site is required, found it in two; draw the folds again in another folder`, { site });
    owner.set(site, k);
  }));
  const all = (pick: (p: Predictions) => Float32Array): Float32Array => Float32Array.from(parts.flatMap((p) => [...pick(p)]));
  return {
    site: parts.flatMap((p) => [...p.site]), day: Int32Array.from(parts.flatMap((p) => [...p.day])),
    gpp: all((p) => p.gpp), reco: all((p) => p.reco), nee: all((p) => p.nee), raw: { gpp: all((p) => p.raw.gpp), reco: all((p) => p.raw.reco) },
  };
}

/** First held-out day of each site that every finished run of the temporal protocol knows. */
function heldDays(plan: ExperimentPlan, dir: string, pooled: readonly Pooled[]): Map<SiteId, number> {
  const runs = plan.runs.filter((r) => pooled.some((p) => p.arm === r.arm && p.seed === r.seed));
  const splits = runs.map((r) => readSplit(runFolder(dir, r.id)).heldFrom ?? {});
  const known = Object.keys(splits[0] ?? {}).filter((site) => splits.every((s) => s[site] !== undefined));
  // runs of other windows count their fifth from the same fluxes; the latest day is held out by all
  return new Map(known.map((site) => [site, Math.max(...splits.map((s) => parseDay(s[site]!)))]));
}

function keptFrom(table: DailyTable, from: ReadonlyMap<SiteId, number>): DailyTable {
  const days = daysOf(table);
  const keep = new Uint8Array(days.length);
  for (const rows of siteRows(table)) {
    const first = from.get(rows.site.site);
    if (first !== undefined) for (let row = rows.from; row < rows.to; row++) keep[row] = days[row]! >= first ? 1 : 0;
  }
  const names = [...FLUXES, "gpp_dt", "reco_dt"].filter((name) => hasColumn(table, name));
  return { ...table, rows: table.rows.assign(Object.fromEntries(names.map((name) => [name, numbers(table, name).map((v, row) => (keep[row] ? v : NaN))]))) };
}
