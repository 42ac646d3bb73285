import { columnsOf, type FeatureSet } from "../core/columns";
import { asDay, formatDay } from "../core/days";
import { WorkbookError } from "../core/errors";
import { FLUXES } from "../core/quantities";
import { random } from "../core/random";
import type { Site, SiteId } from "../core/sites";
import { clusterSites } from "../data/splits/clusters";
import { hasColumn, numbers, siteRows, type DailyTable } from "../data/daily-table";
import { isPublishedSplit } from "../data/splits/split-published";
import { assertNoLeakage, makeSplit, validationSplit } from "../data/splits/splits";
import { targetView } from "../data/target-view";
import { prepareSite, type PreparedSite, type Query } from "../windows/batches";
import { classWeighting, type ClassWeighting } from "../windows/class-weights";
import { hasFlux, layRecord, type SiteRecord } from "../windows/record";
import { fitStandardiser, type Standardiser } from "../windows/standardise";
import { supportCandidates } from "../windows/support";
import { cutWindows, type WindowCount, type WindowRule } from "../windows/windows";
import type { RunConfig } from "./config";
import { drawTowers, drawWeight } from "./ensemble-draws";
import { modelChannels, modelRecord } from "./model-view";
import type { RunSplit } from "./run-directory";
import { excludeSiteYears } from "./site-years";
import { timeRoles } from "./time-split";

/** Sites and the windows to learn or validate on. */
export interface QuerySet {
  readonly sites: readonly PreparedSite[];
  readonly queries: readonly Query[];
}

/** Everything training needs, made once from a table and a configuration. */
export interface Dataset {
  readonly channels: readonly string[];
  readonly split: RunSplit;
  readonly standardiser: Standardiser;
  readonly train: QuerySet;
  readonly validation: QuerySet;
  readonly weighting: ClassWeighting;
  readonly report: DatasetReport;
}

/** What was kept, filled and dropped, by site. */
export interface DatasetReport {
  readonly sites: readonly { site: SiteId; role: "train" | "validation" | "test"; windows: WindowCount; filled: Readonly<Record<string, number>> }[];
  readonly removed: readonly { site: SiteId; reason: string }[];
  readonly unknownClass: readonly SiteId[];
  readonly warnings: readonly string[];
}

const SITE_SHARE = 0.15;
/** Sites from which `auto` trusts a table with rare classes' weights and with positions. */
const MANY_SITES = 200;

/** A configuration without an `auto` that a table decides. */
export type SettledConfig = RunConfig & { readonly features: FeatureSet; readonly position: boolean };

/**
 * The configuration with `auto` settled by what the table holds.
 * @example settleConfig(table, resolveConfig({})).features // "minimal"
 */
export function settleConfig(table: DailyTable, config: RunConfig): SettledConfig {
  const many = table.sites.length >= MANY_SITES;
  const reflectance = columnsOf("reflectance").every((c) => hasColumn(table, c));
  return {
    ...config,
    features: config.features === "auto" ? (reflectance ? "minimal" : "tower") : config.features,
    class_weights: config.class_weights === "auto" ? (many ? "product" : "capped") : config.class_weights,
    position: config.position === "auto" ? many : config.position,
  };
}

/**
 * Lays records, draws the split by clusters, fits the standardiser on training days and cuts the windows.
 * @throws WorkbookError BadSplit or Leakage from the split, EmptyTable when no site has a whole window
 * @example prepareDataset(table, settleConfig(table, resolveConfig({ split: "koppen" })))
 */
export function prepareDataset(table: DailyTable, config: SettledConfig, channels: readonly string[] = modelChannels(config, table.featureSets)): Dataset {
  for (const flux of FLUXES) {
    if (!hasColumn(table, flux)) throw new WorkbookError("MissingColumn", `prepareDataset: a column ${flux} is required to train, the table has none; ingest files with all three fluxes`, { column: flux });
  }
  const rule = windowRule(config);
  const { records, removed } = layRecords(table, config, channels);
  if (records.size === 0) throw new WorkbookError("EmptyTable", `prepareDataset: a site with ${config.window} days of ${channels.join(", ")} and a flux is required, none found among ${table.sites.length} (${removed[0]?.reason ?? "the table is empty"}); choose another feature set, a shorter window or a larger max_gap`);
  const sites = [...records.values()].map((r) => r.site);
  refuseRemoved(config.split, removed);
  const { split, warnings: excluded } = excludeSiteYears(table, config, drawSplit(table, sites, removed, config), records, removed);
  const role = new Map<SiteId, "train" | "validation" | "test">([
    ...split.test.map((s) => [s, "test"] as const), ...split.validation.map((s) => [s, "validation"] as const), ...split.train.map((s) => [s, "train"] as const),
  ]);
  const roles = new Map([...records.values()].map((r) => [r, timeRoles(r, config)]));
  const trains = (record: SiteRecord, day: number): boolean => day < roles.get(record)!.trainEnd;
  const trainRecords = split.train.map((s) => records.get(s)!);
  // a tower drawn twice counts twice in every statistic
  const drawn = trainRecords.flatMap((r) => new Array<SiteRecord>(split.draws?.[r.site.site] ?? 1).fill(r));
  const standardiser = fitStandardiser(drawn, channels, trains);
  const weighting = classWeighting(drawn.map((r) => ({ site: r.site, days: fluxDays(r, (d) => trains(r, d)) })), config.class_weights as Exclude<RunConfig["class_weights"], "auto">);
  const build = (ids: readonly SiteId[], weight: (id: SiteId) => number, use: (record: SiteRecord, day: number) => boolean): QuerySet => {
    const prepared: PreparedSite[] = [];
    const queries: Query[] = [];
    for (const id of ids) {
      const record = records.get(id)!;
      const at = prepared.length;
      prepared.push(prepareSite(modelRecord(config, record), standardiser, supportCandidates(record, config.window, config.support_season), weight(id), config.unknown_qc, (d) => use(record, d)));
      for (const start of cutWindows(record, rule, (d) => use(record, d)).starts) queries.push({ site: at, start });
    }
    return { sites: prepared, queries };
  };
  const times = split.draws ? drawWeight(split.draws, (id) => fluxDays(records.get(id)!, (d) => trains(records.get(id)!, d))) : () => 1;
  const train = build(split.train, (id) => (weighting.weight.get(id) ?? 1) * times(id), trains);
  const validation = config.validation === "time"
    ? build(split.train, () => 1, (record, day) => day >= roles.get(record)!.validFrom && day < roles.get(record)!.validEnd)
    : build(split.validation, () => 1, () => true);
  if (train.queries.length === 0) throw new WorkbookError("EmptyTable", `prepareDataset: a training window is required, none found in ${split.train.length} training sites; check the split and the validation`);
  const learns = new Set(train.queries.map((q) => train.sites[q.site]!.record.site.site));
  const idle = config.split === "temporal" ? [] : split.train.filter((id) => !learns.has(id));
  const outOfSeason = [...train.sites, ...validation.sites].filter((s) => s.candidates.outOfSeason).map((s) => s.record.site.site);
  const report: DatasetReport = {
    sites: [...records.values()].map((r) => ({ site: r.site.site, role: role.get(r.site.site) ?? "test", windows: cutWindows(r, rule).count, filled: r.filled })),
    removed,
    unknownClass: sites.filter((s) => s.igbp === null || s.koppenDetail === null).map((s) => s.site),
    warnings: [
      ...weighting.warnings, ...excluded,
      ...(idle.length > 0 ? [`validation ${config.validation}: no training window before the days held back at ${idle.join(", ")}, which ${idle.length === 1 ? "teaches" : "teach"} nothing`] : []),
      ...(outOfSeason.length > 0 ? [`support_season ${config.support_season}: no whole window in the season at ${[...new Set(outOfSeason)].join(", ")}; their support is drawn from the whole year`] : []),
      ...(validation.queries.length === 0 ? [`validation ${config.validation}: no window to validate on; each stage runs to its last epoch, which is kept`] : []),
    ],
  };
  return { channels, split: config.split === "temporal" ? heldInTime(split, [...records.values()], learns, config) : split, standardiser, train, validation, weighting, report };
}

/** How windows are cut: the loss is taken on the days that one stride adds. */
function windowRule(config: Pick<RunConfig, "window" | "stride">): WindowRule {
  return { window: config.window, stride: config.stride, lossDays: config.stride };
}

/**
 * Records of the sites with at least one whole window, and the other sites with the reason.
 * @example [...layRecords(table, config, modelChannels(config, table.featureSets)).records.keys()]
 */
export function layRecords(table: DailyTable, config: RunConfig, channels: readonly string[]): { records: Map<SiteId, SiteRecord>; removed: { site: SiteId; reason: string }[] } {
  const removed: { site: SiteId; reason: string }[] = [];
  const records = new Map<SiteId, SiteRecord>();
  const targets = targetView(table, config.partition);
  for (const rows of siteRows(targets)) {
    const record = layRecord(targets, rows, channels, config.max_gap);
    const { count } = cutWindows(record, windowRule(config));
    if (count.kept > 0) records.set(record.site.site, record);
    else removed.push({ site: record.site.site, reason: count.missingDriver > 0 ? "no window with all drivers" : count.noFlux > 0 ? "no window with a flux" : "record shorter than a window" });
  }
  return { records, removed };
}

/** A site that a list names but that has no whole window: another reason than not being in the table. */
function refuseRemoved(split: RunConfig["split"], removed: readonly { site: SiteId; reason: string }[]): void {
  if (typeof split === "string") return;
  const gone = removed.find((r) => split.train.includes(r.site) || split.test.includes(r.site));
  if (gone) throw new WorkbookError("BadSplit", `split: ${gone.site}: a site with a whole window is required, this one has ${gone.reason}; take it off the lists, or choose another feature set or max_gap`, { site: gone.site });
}

function drawSplit(table: DailyTable, sites: readonly Site[], removed: RunSplit["removed"], config: RunConfig): RunSplit {
  const all = table.sites;
  const usable = new Set(sites.map((s) => s.site));
  const seed = config.split_seed ?? config.seed;
  // of all sites of the table, so that a site without a window still joins its neighbours
  const clusters = clusterSites(all).map((c) => ({ ...c, sites: c.sites.filter((s) => usable.has(s)) })).filter((c) => c.sites.length > 0);
  // the benchmark draws from every site with a flux, before it cuts windows: leaving one out would move all others
  const published = typeof config.split === "string" && isPublishedSplit(config.split);
  const whole = makeSplit(published ? sitesWithFlux(table) : sites, config.split === "temporal" ? "none" : config.split, seed, { clusters });
  const split = { ...whole, train: whole.train.filter((s) => usable.has(s)), test: whole.test.filter((s) => usable.has(s)) };
  const byId = new Map(sites.map((s) => [s.site, s]));
  const pool = split.train.map((id) => byId.get(id)!);
  const inner = config.validation === "site" ? validationSplit(pool, SITE_SHARE, seed, { clusters }) : { train: split.train, validation: [] as SiteId[], notes: [] as string[] };
  const draws = config.resample === "towers" ? drawTowers(inner.train, clusters, random(config.seed, "towers")) : null;
  const train = draws === null ? inner.train : Object.keys(draws);
  assertNoLeakage({ train: inner.train, validation: inner.validation, test: split.test, wholeClusters: split.wholeClusters }, clusters);
  const learned = [...train, ...inner.validation].map((id) => byId.get(id)!);
  const notes = [...split.notes, ...inner.notes.map((n) => `validation: ${n}`), ...(draws === null ? [] : [`resample towers: ${train.length} of ${inner.train.length} training sites drawn`])];
  return { train, validation: inner.validation, test: split.test, learned, removed, wholeClusters: split.wholeClusters, notes, ...(draws === null ? {} : { draws }) };
}

/** Sites with at least one day of a flux: those that a published split is drawn from. */
export function sitesWithFlux(table: DailyTable): Site[] {
  const columns = FLUXES.filter((flux) => hasColumn(table, flux)).map((flux) => numbers(table, flux));
  return siteRows(table).filter(({ from, to }) => columns.some((values) => values.subarray(from, to).some((v) => !Number.isNaN(v)))).map((rows) => rows.site);
}

/** The split with the first held-out day of every site that trains; a site too short to train is not known, and is named. */
function heldInTime(split: RunSplit, records: readonly SiteRecord[], learns: ReadonlySet<SiteId>, config: RunConfig): RunSplit {
  const known = records.filter((r) => learns.has(r.site.site));
  const unknown = records.filter((r) => !learns.has(r.site.site)).map((r) => r.site.site);
  return {
    ...split,
    heldFrom: Object.fromEntries(known.map((r) => [r.site.site, formatDay(asDay(r.first + timeRoles(r, config).testFrom))])),
    notes: [...split.notes, ...(unknown.length > 0 ? [`temporal: no training window before the held-out years at ${unknown.join(", ")}, which are not scored`] : [])],
  };
}

function fluxDays(record: SiteRecord, use: (day: number) => boolean): number {
  let n = 0;
  for (let d = 0; d < record.length; d++) if (use(d) && hasFlux(record, d)) n++;
  return n;
}
