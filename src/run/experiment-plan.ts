import { isWorkbookError, WorkbookError } from "../core/errors";
import type { Site, SiteId } from "../core/sites";
import { clusterSites, type Cluster } from "../data/splits/clusters";
import type { DailyTable } from "../data/daily-table";
import { isPublishedSplit } from "../data/splits/split-published";
import { resolveConfig, type RunConfig, type SplitLists } from "./config";
import { layRecords, settleConfig, sitesWithFlux } from "./dataset";
import { modelChannels } from "./model-view";
import { planProtocol, type Fold, type Protocol } from "./protocol";

/** One thing compared: a model, or a level of an ablation. */
export interface Arm {
  readonly name: string;
  /** overrides of the experiment's configuration */
  readonly config: object;
}

/** What an experiment is made of. */
export interface ExperimentSpec {
  readonly protocol: string;
  readonly arms: readonly Arm[];
  readonly seeds: readonly number[];
  /** overrides shared by all arms */
  readonly config?: object;
  /** only these folds, counted from 1 */
  readonly folds?: readonly number[];
  /** seed of the draw of the folds (1), whatever the models' seeds */
  readonly splitSeed?: number;
}

/** One training run of the experiment; independent of all others. */
export interface PlannedRun {
  /** `arm/fold/seed-1`, also its folder */
  readonly id: string;
  readonly arm: string;
  readonly fold: string;
  readonly seed: number;
  /** complete but for `auto` */
  readonly config: RunConfig;
  /** sites to predict; null = all */
  readonly test: readonly SiteId[] | null;
}

/** An experiment laid out: nothing is trained yet. */
export interface ExperimentPlan {
  readonly protocol: Protocol;
  readonly arms: readonly string[];
  readonly seeds: readonly number[];
  readonly runs: readonly PlannedRun[];
  /** arms that this table or protocol does not allow, with the reason */
  readonly left: readonly { readonly arm: string; readonly reason: string }[];
  readonly notes: readonly string[];
}

/**
 * Training runs of a table under a protocol: every arm, fold and seed. The folds are drawn once, of the sites that the shared
 * configuration can use; an arm that can use fewer (a longer window, say) goes without the others, which the notes name.
 * @throws WorkbookError BadConfig, BadSplit, EmptyTable from what all arms share; what one arm alone cannot do leaves that arm out
 * @example planExperiment(table, { protocol: "folds:5", arms: [{ name: "lstm", config: { model: "lstm" } }], seeds: [1, 2] }).runs.length // 10
 */
export function planExperiment(table: DailyTable, spec: ExperimentSpec): ExperimentPlan {
  checkSpec(spec);
  const usable = usableIn(table, resolveConfig({ ...spec.config, split: splitOf(spec.protocol) }));
  const drawn = planProtocol(isPublishedSplit(spec.protocol) ? sitesWithFlux(table) : sitesOf(table, usable.ids), clusterSites(table.sites), spec.protocol, spec.splitSeed ?? 1);
  const folds = drawn.folds.map((fold) => ({ ...fold, test: fold.test?.filter((site) => usable.ids.has(site)) ?? null }));
  return layOut(table, chosenFolds({ ...drawn, folds }, spec.folds), spec, usable);
}

/** A split for what is asked of a configuration before there are folds: the benchmark's protocol takes no other than its own. */
function splitOf(protocol: string): string {
  return isPublishedSplit(protocol) ? protocol : "none";
}

/** As `planExperiment`, with folds of one's own (the inner folds of a search). */
export function planFolds(table: DailyTable, protocol: Protocol, spec: ExperimentSpec): ExperimentPlan {
  checkSpec(spec);
  return layOut(table, protocol, spec, usableIn(table, resolveConfig({ ...spec.config, split: splitOf(spec.protocol) })));
}

/** Sites that a configuration can use, and the clusters of all sites: one without a window still joins its neighbours. */
export function usableSites(table: DailyTable, config: object): { readonly sites: Site[]; readonly clusters: Cluster[] } {
  const { ids } = usableIn(table, resolveConfig({ ...config, split: "none" }));
  return { sites: sitesOf(table, ids), clusters: clusterSites(table.sites) };
}

function layOut(table: DailyTable, protocol: Protocol, spec: ExperimentSpec, usable: Usable): ExperimentPlan {
  const left: { arm: string; reason: string }[] = [];
  const notes = [...usable.removed.map((r) => `${r.site} is in no fold: ${r.reason}`), ...protocol.folds.flatMap((f) => f.notes.map((n) => `${f.name}: ${n}`))];
  const runs: PlannedRun[] = [];
  const cache = new Map<string, Usable>();
  for (const arm of spec.arms) {
    try {
      runs.push(...runsOf(arm, table, protocol, spec, cache, usable, notes));
    } catch (error) {
      if (!isWorkbookError(error)) throw error;
      left.push({ arm: arm.name, reason: error.message });
    }
  }
  if (runs.length === 0) throw new WorkbookError("BadConfig", `experiment: at least one arm that can be trained is required, found none: ${left.map((l) => `${l.arm}: ${l.reason}`).join("; ")}`);
  const kept = spec.arms.map((a) => a.name).filter((name) => !left.some((l) => l.arm === name));
  return { protocol, arms: kept, seeds: spec.seeds, runs, left, notes };
}

function runsOf(arm: Arm, table: DailyTable, protocol: Protocol, spec: ExperimentSpec, cache: Map<string, Usable>, usable: Usable, notes: string[]): PlannedRun[] {
  const where = `experiment: ${arm.name}`;
  const overrides = { ...spec.config, ...arm.config, ...(protocol.kind === "known-sites" ? { validation: "time" } : {}) };
  const config = resolveConfig({ ...overrides, split: protocol.kind === "known-sites" ? "temporal" : splitOf(spec.protocol) }, where);
  const settled = settleConfig(table, config);
  const key = JSON.stringify([settled.features, settled.position, settled.satellite, settled.window, settled.stride, settled.max_gap, settled.partition]);
  const own = cache.get(key) ?? usableIn(table, config);
  cache.set(key, own);
  const gone = [...usable.ids].filter((s) => !own.ids.has(s));
  if (gone.length > 0) notes.push(`${arm.name}: ${gone.map((s) => `${s} (${own.removed.find((r) => r.site === s)?.reason})`).join(", ")} can not be used`);
  return protocol.folds.flatMap((fold) => {
    const split = narrowed(fold, own.ids, where);
    return spec.seeds.map((seed): PlannedRun => ({
      id: `${slug(arm.name)}/${fold.name}/seed-${seed}`, arm: arm.name, fold: fold.name, seed,
      config: resolveConfig({ ...overrides, split, seed }, where),
      test: fold.test === null ? null : fold.test.filter((s) => own.ids.has(s)),
    }));
  });
}

/** The fold's lists without the sites that this arm can not use. */
function narrowed(fold: Fold, usable: ReadonlySet<SiteId>, where: string): string | SplitLists {
  if (typeof fold.split === "string") return fold.split;
  const [train, test] = [fold.split.train.filter((s) => usable.has(s)), fold.split.test.filter((s) => usable.has(s))];
  for (const [side, sites] of [["training", train], ["test", test]] as const) {
    if (sites.length === 0) throw new WorkbookError("BadSplit", `${where}: ${fold.name}: a ${side} site with a whole window is required, none of ${fold.split[side === "test" ? "test" : "train"].length} has one; shorten the window or choose other features`);
  }
  return { train, test };
}

interface Usable {
  readonly ids: ReadonlySet<SiteId>;
  readonly removed: readonly { site: SiteId; reason: string }[];
}

function usableIn(table: DailyTable, config: RunConfig): Usable {
  const settled = settleConfig(table, config);
  const { records, removed } = layRecords(table, settled, modelChannels(settled, table.featureSets));
  if (records.size === 0) throw new WorkbookError("EmptyTable", `experiment: a site with ${config.window} days of drivers and a flux is required, none found among ${table.sites.length} (${removed[0]?.reason ?? "the table is empty"}); choose another feature set, a shorter window or a larger max_gap`);
  return { ids: new Set(records.keys()), removed };
}

function sitesOf(table: DailyTable, ids: ReadonlySet<SiteId>): Site[] {
  return table.sites.filter((s) => ids.has(s.site));
}

function chosenFolds(protocol: Protocol, chosen: readonly number[] | undefined): Protocol {
  if (chosen === undefined) return protocol;
  const n = protocol.folds.length;
  for (const i of chosen) if (!Number.isInteger(i) || i < 1 || i > n) throw new WorkbookError("BadArgument", `experiment: folds: numbers from 1 to ${n} are required, got ${i}`);
  return { ...protocol, title: `${protocol.title}; folds ${chosen.join(", ")} of ${n}`, folds: chosen.map((i) => protocol.folds[i - 1]!) };
}

function checkSpec(spec: ExperimentSpec): void {
  if (spec.arms.length === 0 || spec.seeds.length === 0) throw new WorkbookError("BadArgument", "experiment: at least one model and one seed are required, got none");
  for (const [what, list] of [["arm", spec.arms.map((a) => slug(a.name))], ["seed", spec.seeds.map(String)]] as const) {
    const twice = list.find((v, i) => list.indexOf(v) !== i);
    if (twice !== undefined) throw new WorkbookError("BadArgument", `experiment: each ${what} once, got ${twice} twice; remove one`);
  }
}

/** A name as a folder. @example slug("balance: soft-z") // "balance-soft-z" */
export function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}
