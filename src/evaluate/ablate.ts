import * as path from "node:path";
import { toCsv } from "../core/csv";
import { WorkbookError } from "../core/errors";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import type { EngineResult } from "../engine/options";
import { clusterSites } from "../data/splits/clusters";
import { isPublishedSplit } from "../data/splits/split-published";
import { isSimulated, texts, type DailyTable } from "../data/daily-table";
import { targetView } from "../data/target-view";
import { ablationArms, DEFAULT_ARM, readAblations, type Ablations } from "../run/ablation";
import { sitesWithFlux } from "../run/dataset";
import { planExperiment, planFolds, type ExperimentPlan } from "../run/experiment-plan";
import { provenanceOfRuns } from "../run/origin";
import type { NamedTable } from "../run/provenance";
import { openTable } from "../run/train";
import { armDifferences, differenceRows } from "./ablation-table";
import { MIN_CLUSTERS } from "./bootstrap";
import { fewBehind } from "./comparison-table";
import { closing, heading, resultJson, writePlan, type ExperimentOptions, type ExperimentResult } from "./experiment";
import { poolFolds, runFolder, type PooledExperiment } from "./experiment-scores";
import { trainRuns, type ExperimentPlace } from "./experiment-tasks";
import { toMarkdown, type TableRow } from "./table";

/** What `ablate` may be told; without it the committed list says protocol, folds, seeds and size. */
export interface AblateOptions extends ExperimentOptions {
  readonly ablations?: Ablations;
  /** only these factors */
  readonly factors?: readonly string[];
  readonly protocol?: string;
  readonly folds?: readonly number[];
  readonly seeds?: readonly number[];
  /** overrides of the list's base, the same for every arm */
  readonly config?: object;
  /** the same towers with other targets (ingest --variant REF): one more arm, trained and scored on those */
  readonly otherTargets?: string;
}

/** Hours that all ablations may take by their estimate. */
const HOURS = 4;

/**
 * One factor at a time from the default: every level trained on the same folds and seeds, and held against the default on the site-days
 * that both predict, with a paired bootstrap over clusters. Writes ablations.csv, .md and .json, and provenance.json.
 * @throws WorkbookError as `readAblations`, `planExperiment` and `trainRuns`; BadSplit for other targets whose published split would be another
 * @example await ablate({ table: "T.parquet", out: "data/runs/ablations", factors: ["balance"] })
 */
export async function ablate(options: AblateOptions): Promise<ExperimentResult> {
  const ablations = options.ablations ?? readAblations();
  const table = await openTable(options.table);
  const config = { ...ablations.base, ...options.config };
  const { arms, defaults } = ablationArms(table.table, ablations, options.config ?? {}, options.factors);
  const protocol = options.protocol ?? ablations.protocol;
  const folds = options.folds ?? (options.protocol === undefined ? ablations.folds : undefined);
  const plan = planExperiment(table.table, { protocol, arms, seeds: options.seeds ?? ablations.seeds, config, ...(folds ? { folds } : {}) });
  const otherTable = options.otherTargets === undefined ? null : await openTable(options.otherTargets);
  if (otherTable !== null) assertOneDraw(plan, table, otherTable);
  const place = { hours: HOURS, ...options, table, file: options.table };
  const first = await trainRuns(plan.runs, place, () => writePlan(options.out, plan, table.name));
  const finished = new Set([...first.done, ...first.skipped]);
  const pooled = await poolFolds(plan, table.table, options.out, finished);
  const other = otherTable === null ? null : await otherTargets(otherTable, plan, { ...place, file: options.otherTargets! });
  const result = { ...first, failed: [...first.failed, ...(other?.result.failed ?? [])], seconds: first.seconds + (other?.result.seconds ?? 0) };
  const day = plan.runs.some((r) => r.config.partition === "day") ? targetView(pooled.table, "day") : pooled.table;
  const targetsOf = (arm: string): DailyTable => (arm === other?.arm ? other.pooled.table : plan.runs.find((r) => r.arm === arm)!.config.partition === "day" ? day : pooled.table);
  const everything = { sites: pooled.sites, pooled: [...pooled.pooled, ...(other?.pooled.pooled ?? [])] };
  const differences = armDifferences(everything, DEFAULT_ARM, clusterSites(table.table.sites), table.name, targetsOf);
  const rows = differenceRows(differences);
  writeAtomic(path.join(options.out, "ablations.csv"), toCsv(rows));
  writeJson(path.join(options.out, "ablations.json"), { base: config, defaults, differences: differences.map(({ arm, against, differences: d }) => ({ arm, against, differences: d })) });
  writeJson(path.join(options.out, "provenance.json"), provenanceOfRuns(table, [...plan.runs.filter((run) => finished.has(run.id)).map((run) => run.id), ...(other?.ids ?? [])].map((id) => runFolder(options.out, id)), null));
  const intro = `${heading(plan, isSimulated(table.table))}\nOne factor at a time from the default (${levels(defaults)}); every arm with ${levels(config)}. Differences are arm − default on the site-days that both predict; 95 % interval of a paired bootstrap over clusters, seeds resampled inside.\n`;
  const page = `${intro}\n${rows.length > 0 ? ablationMarkdown(rows) : "the default or every other arm lacks a fold\n"}`;
  writeAtomic(path.join(options.out, "ablations.md"), page);
  return { json: resultJson(options.out, plan, result, pooled, rows), text: `${page}${closing(plan, result, pooled, options.out)}`, failed: result.failed.length > 0 };
}

/** The benchmark's split is drawn from every site with a flux: of other sites it would be another split. */
function assertOneDraw({ protocol }: ExperimentPlan, table: NamedTable, other: NamedTable): void {
  if (!isPublishedSplit(protocol.name)) return;
  const [own, others] = [table, other].map((t) => sitesWithFlux(t.table).map((s) => s.site)) as [string[], string[]];
  const odd = [...own.filter((s) => !others.includes(s)), ...others.filter((s) => !own.includes(s))];
  if (odd.length > 0) throw new WorkbookError("BadSplit", `experiment: --other-targets: the same sites with a flux as ${table.name} are required under ${protocol.name}, which draws its split from them, found ${odd.length} in one table alone (${odd.slice(0, 5).join(", ")}); take them out of it, or choose folds:k, koppen or igbp`);
}

/** The default arm on another table's targets, in the same folds as far as it has their sites. */
async function otherTargets(table: NamedTable, plan: ExperimentPlan, place: ExperimentPlace): Promise<{ arm: string; ids: readonly string[]; pooled: PooledExperiment; result: EngineResult }> {
  const arm = `targets ${[...new Set(texts(table.table, "target_variant"))].filter((v) => v !== null).sort().join(" + ") || table.name}`;
  const { seed: _, split: __, ...config } = plan.runs.find((r) => r.arm === DEFAULT_ARM)!.config;
  const own = planFolds(table.table, plan.protocol, { protocol: plan.protocol.name, arms: [{ name: arm, config: {} }], seeds: plan.seeds, config });
  const result = await trainRuns(own.runs, { ...place, table });
  const ids = [...result.done, ...result.skipped];
  return { arm, ids, result, pooled: await poolFolds(own, table.table, place.out, new Set(ids)) };
}

/** What a page can hold: one line an arm and flux, differences with their interval in one cell; of enough clusters, an interval without 0 in bold. */
function ablationMarkdown(rows: readonly TableRow[]): string {
  const number = (v: TableRow[string] | undefined): string => (typeof v === "number" ? v.toFixed(3) : "–");
  const cell = (row: TableRow, value: string, low: string, high: string): string => {
    const [from, to] = [row[low], row[high]];
    const text = `${number(row[value])} [${number(from)}, ${number(to)}]`;
    return typeof from === "number" && typeof to === "number" && from * to > 0 && Number(row["n_clusters"]) >= MIN_CLUSTERS ? `**${text}**` : text;
  };
  const few = fewBehind(rows);
  const table = toMarkdown(rows.map((r): TableRow => ({
    arm: r["arm"] ?? null, flux: r["flux"] ?? null, n_sites: r["n_sites"] ?? null, rmse: r["rmse"] ?? null, "Δ mean RMSE": cell(r, "d_rmse", "d_rmse_low", "d_rmse_high"),
    r2_clipped: r["r2_clipped"] ?? null, "Δ clipped R²": cell(r, "d_r2_clipped", "d_r2_low", "d_r2_high"), r2_median: r["r2_median"] ?? null, "sites better": r["win_rate"] ?? null,
  })));
  return few === null ? table : `${table}\n${few}\n`;
}

function levels(of: object): string {
  return Object.entries(of).map(([key, value]) => `${key} ${String(value)}`).join(", ");
}
