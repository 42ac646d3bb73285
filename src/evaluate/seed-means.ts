import { clusterSites } from "../data/splits/clusters";
import type { DailyTable } from "../data/daily-table";
import type { SiteId } from "../core/sites";
import { gainRows, mainRows, type ModelGroup } from "./comparison-table";
import { combineMembers } from "./ensemble-predict";
import { compare, type Contender } from "./evaluate";
import type { TableRow } from "./table";

/** Scores of the mean of each model's seeds, as rows; empty where no model has two. */
export interface SeedMeans {
  readonly main: readonly TableRow[];
  /** the focus model against every other */
  readonly gains: readonly TableRow[];
}

/** What the scores of seed means need. */
export interface SeedMeansOptions {
  readonly tableName: string;
  readonly sites: readonly SiteId[];
  readonly focus: string;
  /** of the bootstrap */
  readonly seed: number;
  readonly draws?: number;
}

/**
 * Scores each model by the mean of its seeds' predictions, on the days that all seeds of all models predict. Such a mean errs less than
 * its members do on average, the more so the more they differ; so it is compared with other models' means and never with one seed.
 * @param contenders those of one name are seeds of one model, and must predict the same rows
 * @throws WorkbookError as `combineMembers`, `compare` and `pairedBootstrap`
 * @source the mean's squared error is the members' mean squared error less their variance: Krogh & Vedelsby 1995, NIPS 7, eq. 6
 * @example seedMeans(table, contenders, { tableName: "T.parquet", sites, focus: "tamrl", seed: 1 }).main
 */
export function seedMeans(table: DailyTable, contenders: readonly Contender[], options: SeedMeansOptions): SeedMeans {
  const names = [...new Set(contenders.map((c) => c.model))];
  const members = new Map(names.map((name) => [name, contenders.filter((c) => c.model === name)]));
  if ([...members.values()].every((of) => of.length < 2)) return { main: [], gains: [] };
  const metrics = compare(table, names.map((name) => meanOf(name, members.get(name)!)), options);
  const groups = names.map((model, k): ModelGroup => ({ model, seeds: [metrics[k]!] }));
  const seedsOf = (model: TableRow[string] | undefined): number => members.get(String(model))!.length;
  return {
    main: mainRows(groups).map((row): TableRow => ({ ...row, seeds: seedsOf(row["model"]) })),
    gains: gainRows(groups, options.focus, clusterSites(table.sites), options).map((row): TableRow => ({ ...row, seeds: Math.min(seedsOf(row["model"]), seedsOf(row["reference"])) })),
  };
}

function meanOf(model: string, members: readonly Contender[]): Contender {
  if (members.length === 1) return members[0]!;
  return { model, predictions: combineMembers(members.map((m) => m.predictions), "seed spread"), seen: new Set(members.flatMap((m) => [...(m.seen ?? [])])) };
}
