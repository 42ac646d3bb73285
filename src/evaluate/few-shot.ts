import { table as arqueroTable } from "arquero";
import { WorkbookError } from "../core/errors";
import { counter, silent, type Progress } from "../core/progress";
import { FLUXES } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { unknownSite } from "../core/unknown-site";
import { daysOf, numbers, siteRows, type DailyTable, type SiteRows } from "../data/daily-table";
import { targetView } from "../data/target-view";
import type { Adapter } from "../run/few-shot-adapters";
import { modelRecord } from "../run/model-view";
import { shotDays } from "../windows/few-shot";
import { layRecord } from "../windows/record";
import { compare, type Metrics } from "./evaluate";
import type { Predictions } from "./predictions";
import { MIN_DAYS } from "./site-metrics";
import type { ClassSummary } from "./summary";
import type { TableRow } from "./table";

/** What a few-shot comparison is told. */
export interface FewShotOptions {
  /** numbers of months; 0 is always among them */
  readonly months: readonly number[];
  readonly tableName: string;
  /** sites to score; default all of the table */
  readonly sites?: readonly SiteId[];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** One model with one number of months, scored. */
export interface FewShotScore {
  readonly model: string;
  readonly months: number;
  readonly metrics: Metrics;
}

/** A site that is not scored: fewer than 30 flux days are left after the longest months. */
export interface TooShort {
  readonly site: SiteId;
  /** days with a flux in all, and after the longest months */
  readonly flux_days: number;
  readonly left: number;
  /** most of the months asked for that would leave 30 days; null where not even none does */
  readonly months: number | null;
}

/** A few-shot comparison. */
export interface FewShotEvaluation {
  readonly months: readonly number[];
  readonly scores: readonly FewShotScore[];
  readonly sites: readonly SiteId[];
  readonly tooShort: readonly TooShort[];
  /** sites whose months hold no driver-complete window with a flux: the model stands there as with 0 months */
  readonly notAdapted: readonly { readonly model: string; readonly months: number; readonly site: SiteId }[];
}

/**
 * Scores models that have seen the first k months of a site's flux, each with each k, on the same days: those after the longest k, at sites
 * that have at least 30 flux days there. So no adaptation month is ever scored, and k = 0 is judged on the very days of k = 24. A site too
 * short for that is counted and listed with the longest k it could serve; ask for fewer months to have it.
 * @throws WorkbookError BadArgument without adapters or months, BadSite, EmptyTable where no site is long enough
 * @source few-shot months: arXiv 2310.04727; the rule of common days is this project's
 * @example fewShotRows(await evaluateFewShot(adapters, table, { months: [1, 3, 12, 24], tableName: "T.parquet" }))
 */
export async function evaluateFewShot(adapters: readonly Adapter[], table: DailyTable, options: FewShotOptions): Promise<FewShotEvaluation> {
  const months = checkMonths(options.months);
  const partition = adapters[0]?.config.partition;
  if (partition === undefined || adapters.some((a) => a.config.partition !== partition)) {
    throw new WorkbookError("BadArgument", `evaluateFewShot: models of one partition of NEE are required, got ${[...new Set(adapters.map((a) => a.config.partition))].join(" and ") || "no model"}; compare them apart`);
  }
  const view = targetView(table, partition);
  const { kept, tooShort } = scoredRows(view, months, options.sites);
  const groups = siteRows(view).filter((g) => kept.has(g.site.site));
  if (groups.length === 0) {
    const longest = months[months.length - 1]!;
    throw new WorkbookError("EmptyTable", `evaluateFewShot: ${options.tableName}: a site with ${MIN_DAYS} flux days after its first ${longest} months is required, found none among ${tooShort.length}; ask for fewer months`);
  }
  const scored = subTable(view, groups, kept);
  const report = counter("few-shot", adapters.length * months.length * groups.length, options.progress ?? silent);
  const contenders: { model: string; months: number; predictions: Predictions }[] = [];
  const notAdapted: { model: string; months: number; site: SiteId }[] = [];
  let done = 0;
  for (const adapter of adapters) for (const k of months) {
    const collected = collector(scored);
    for (const rows of groups) {
      if (options.signal?.aborted) throw new WorkbookError("Interrupted", "evaluateFewShot: stopped as asked; nothing was written");
      const record = modelRecord(adapter.config, layRecord(view, rows, adapter.channels, adapter.config.max_gap));
      const { fluxes, windows } = await adapter.adapt(record, k);
      if (k > 0 && windows === 0) notAdapted.push({ model: adapter.name, months: k, site: rows.site.site });
      collected.add(rows.site.site, record.first, fluxes);
      report(++done, `${adapter.name}, ${k} months`);
    }
    contenders.push({ model: adapter.name, months: k, predictions: collected.predictions });
  }
  const metrics = compare(scored, contenders.map((c) => ({ model: `${c.model}, ${c.months} months`, predictions: c.predictions })), { tableName: options.tableName });
  return { months, sites: groups.map((g) => g.site.site), tooShort, notAdapted, scores: contenders.map((c, i) => ({ model: c.model, months: c.months, metrics: metrics[i]! })) };
}

/**
 * The few-shot table: one row a flux, model and number of months, RMSE in g C m⁻² d⁻¹.
 * @example toMarkdown(fewShotRows(evaluation))
 */
export function fewShotRows({ scores, notAdapted }: FewShotEvaluation): TableRow[] {
  return FLUXES.flatMap((flux) => scores.map(({ model, months, metrics }): TableRow => {
    const s = metrics.summary[flux];
    return {
      flux, model, k: months, data: metrics.simulated ? "simulated" : "measured", n_sites: s.n_sites, n_days: s.n_days,
      not_adapted: notAdapted.filter((n) => n.model === model && n.months === months).length,
      rmse_mean: s.rmse.mean, rmse_median: s.rmse.median, n_r2: s.n_r2, r2_median: s.r2.median, ...quartiles(s), r2_mean_clipped: s.r2.mean_clipped,
    };
  }));
}

/** Quartiles of R² over sites; none of a single site. */
function quartiles({ n_r2, r2 }: ClassSummary): { readonly r2_q25: number | null; readonly r2_q75: number | null } {
  return n_r2 < 2 ? { r2_q25: null, r2_q75: null } : { r2_q25: r2.q25, r2_q75: r2.q75 };
}

function checkMonths(months: readonly number[]): number[] {
  const all = [...new Set([0, ...months])].sort((a, b) => a - b);
  if (all.length < 2 || all.some((k) => !Number.isInteger(k) || k < 0)) throw new WorkbookError("BadArgument", `evaluateFewShot: months: whole numbers of at least 1 required, got [${months.join(", ")}]; give e.g. 1, 3, 12, 24`);
  return all;
}

/** For each site long enough the first day that is scored; the others with what they have. */
function scoredRows(view: DailyTable, months: readonly number[], wanted: readonly SiteId[] | undefined): { kept: Map<SiteId, number>; tooShort: TooShort[] } {
  const days = daysOf(view);
  const fluxes = FLUXES.map((f) => numbers(view, f));
  const kept = new Map<SiteId, number>();
  const tooShort: TooShort[] = [];
  const known = view.sites.map((s) => s.site);
  for (const site of wanted ?? []) if (!known.includes(site)) throw unknownSite("evaluateFewShot: ", site, "the table", known);
  for (const { site: { site }, from, to } of siteRows(view)) {
    if (wanted !== undefined && !wanted.includes(site)) continue;
    const observed = Array.from({ length: to - from }, (_, i) => from + i).filter((row) => fluxes.some((f) => !Number.isNaN(f[row]!))).map((row) => days[row]!);
    const left = (k: number): number => observed.filter((d) => d >= observed[0]! + shotDays(k)).length;
    const longest = months[months.length - 1]!;
    if (left(longest) >= MIN_DAYS) kept.set(site, observed[0]! + shotDays(longest));
    else tooShort.push({ site, flux_days: observed.length, left: left(longest), months: [...months].reverse().find((k) => left(k) >= MIN_DAYS) ?? null });
  }
  return { kept, tooShort };
}

/** The table with the scored rows only, so that adaptation months count as neither scored nor lost. */
function subTable(view: DailyTable, groups: readonly SiteRows[], first: ReadonlyMap<SiteId, number>): DailyTable {
  const days = daysOf(view);
  const rows = groups.flatMap((g) => Array.from({ length: g.to - g.from }, (_, i) => g.from + i).filter((row) => days[row]! >= first.get(g.site.site)!));
  const columns = view.rows.columnNames().map((name): [string, ArrayLike<unknown>] => {
    const column = view.rows.column(name) as unknown as ArrayLike<unknown>;
    if (column instanceof Float32Array) return [name, Float32Array.from(rows, (row) => column[row]!)];
    if (column instanceof Int32Array) return [name, Int32Array.from(rows, (row) => column[row]!)];
    return [name, rows.map((row) => column[row])];
  });
  return { rows: arqueroTable(Object.fromEntries(columns)) as DailyTable["rows"], sites: groups.map((g) => g.site) };
}

/** Predictions for the rows of a table, filled site by site; GPP and RECO are clipped at 0 as everywhere. */
function collector(table: DailyTable): { add(site: SiteId, first: number, fluxes: Float32Array): void; predictions: Predictions } {
  const n = table.rows.numRows();
  const days = daysOf(table);
  const groups = new Map(siteRows(table).map((g) => [g.site.site, g]));
  const empty = (): Float32Array => new Float32Array(n).fill(NaN);
  const [gpp, reco, nee, rawGpp, rawReco] = [empty(), empty(), empty(), empty(), empty()];
  const site = [...groups.values()].flatMap((g) => new Array<SiteId>(g.to - g.from).fill(g.site.site));
  return {
    predictions: { site, day: days, gpp, reco, nee, raw: { gpp: rawGpp, reco: rawReco } },
    add(id, first, fluxes) {
      const { from, to } = groups.get(id)!;
      for (let row = from; row < to; row++) {
        const at = (days[row]! - first) * 3;
        rawGpp[row] = fluxes[at]!;
        rawReco[row] = fluxes[at + 1]!;
        gpp[row] = Math.max(0, fluxes[at]!); // NaN stays NaN
        reco[row] = Math.max(0, fluxes[at + 1]!);
        nee[row] = fluxes[at + 2]!;
      }
    },
  };
}
