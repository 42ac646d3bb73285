import { WorkbookError } from "../core/errors";
import { nearest } from "../core/nearest";
import type { Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { isSimulated, type DailyTable } from "../data/daily-table";
import { balance, type Balance } from "./balance";
import { alignPredictions, type QcRule } from "./observed";
import type { Predictions } from "./predictions";
import { commonDays, scoreSites, type Aligned, type SiteRow } from "./site-metrics";
import { summarise, type FluxSummary } from "./summary";

/** What `metrics.json` holds (design §4). */
export interface Metrics {
  readonly model: string;
  readonly table: string;
  /** whether the table holds any simulated row */
  readonly simulated: boolean;
  readonly sites: readonly SiteRow[];
  readonly summary: Readonly<Record<Flux, FluxSummary>>;
  readonly balance: Balance;
}

/** One of the models compared. */
export interface Contender {
  readonly model: string;
  readonly predictions: Predictions;
  /** sites whose fluxes it saw in training or validation */
  readonly seen?: ReadonlySet<SiteId>;
}

/** What is scored. */
export interface CompareOptions {
  /** name or path of the table, for the record */
  readonly tableName: string;
  /** sites to score; default all of the table */
  readonly sites?: readonly SiteId[];
  /** default "published" */
  readonly qc?: QcRule;
}

/** `CompareOptions` for one model. */
export interface EvaluateOptions extends CompareOptions {
  readonly model: string;
  readonly seen?: ReadonlySet<SiteId>;
  /** further predictions: only days that these have too are scored */
  readonly commonDays?: readonly Predictions[];
}

/**
 * Scores one model's predictions against a table.
 * @throws WorkbookError BadSite for a site that the table lacks, MissingColumn when it has no flux, BadArgument for two predictions of one day
 * @example evaluatePredictions(table, predictions, { model: "lstm", tableName: "T.parquet" }).summary.gpp.r2.median
 */
export function evaluatePredictions(table: DailyTable, predictions: Predictions, options: EvaluateOptions): Metrics {
  const others = options.commonDays ?? [];
  const models = [predictions, ...others].map((p): Aligned => ({ predictions: p, at: alignPredictions(table, p) }));
  const seen = options.seen ?? new Set<SiteId>();
  return score(table, models[0]!, commonDays(table, models, options.qc ?? "published"), options.model, seen, seen, options);
}

/**
 * Scores several models on exactly the same site-days: those that all of them predict. A site that any of them has seen stays
 * out of every summary, so that all summaries are over the same sites.
 * @throws WorkbookError as `evaluatePredictions`
 * @example compare(table, [{ model: "lstm", predictions: a }, { model: "tamrl", predictions: b }], { tableName: "T.parquet" })
 */
export function compare(table: DailyTable, contenders: readonly Contender[], options: CompareOptions): Metrics[] {
  const models = contenders.map(({ predictions }): Aligned => ({ predictions, at: alignPredictions(table, predictions) }));
  const seenByAny = new Set(contenders.flatMap((c) => [...(c.seen ?? [])]));
  const days = commonDays(table, models, options.qc ?? "published");
  return contenders.map((c, i) => score(table, models[i]!, days, c.model, c.seen ?? new Set(), seenByAny, options));
}

function score(table: DailyTable, aligned: Aligned, days: Readonly<Record<Flux, Uint8Array>>, model: string, seen: ReadonlySet<SiteId>, out: ReadonlySet<SiteId>, options: CompareOptions): Metrics {
  const known = table.sites.map((s) => s.site);
  for (const site of options.sites ?? []) {
    if (!known.includes(site)) throw new WorkbookError("BadSite", `evaluate: ${site}: sites of the table only, and this is none; nearest ${nearest(site, known, 3).join(", ")}`, { site });
  }
  const scored = scoreSites(table, new Set(options.sites ?? known), aligned, days, seen);
  const use = new Uint8Array(aligned.at.length);
  for (const s of scored) if (!out.has(s.row.site)) for (const row of s.tableRows) use[row] = 1;
  return { model, table: options.tableName, simulated: isSimulated(table), sites: scored.map((s) => s.row), summary: summarise(scored, out), balance: balance(table, aligned, use) };
}
