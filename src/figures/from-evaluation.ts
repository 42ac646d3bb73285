import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, isSimulated, numbers, siteRows, type DailyTable } from "../data/daily-table";
import type { Metrics } from "../evaluate/evaluate";
import type { Evaluation } from "../evaluate/evaluate-runs";
import { alignPredictions, scorable } from "../evaluate/observed";
import { closure } from "./closure";
import { errorByClass, type SiteError } from "./error-by-class";
import { periodOf, type Figure } from "./figure";
import { scoreFigures } from "./from-comparison";
import { closureSeries } from "./from-table";
import { observedPredicted } from "./observed-predicted";
import { seasonalCycle } from "./seasonal-cycle";
import { siteMap } from "./site-map";
import { MODEL_STYLE } from "./style";

/** Observed and predicted days `[row]` of the scored sites, one flux, on the days that are scored. */
export interface ScoredDays {
  readonly site: SiteId[];
  readonly day: Int32Array;
  readonly observed: Float32Array;
  readonly models: { readonly name: string; readonly values: Float32Array }[];
}

/**
 * The figures of a comparison: the sites, the models' scores and how sure one model's differences to the others are, observed against
 * predicted of that model, errors by land cover and by climate, seasonal cycles, the carbon balance.
 * @example for (const figure of comparisonFigures(table, evaluation, "tamrl", split)) await saveFigure(figure, dir, figure.name, {})
 */
export function comparisonFigures(table: DailyTable, evaluation: Evaluation, model: string, test: ReadonlySet<SiteId>): Figure[] {
  const simulated = isSimulated(table);
  const period = periodOf(daysOf(table));
  const aligned = evaluation.predicted.map((p) => alignPredictions(table, p.predictions));
  const scored = FLUXES.map((flux) => ({ flux, ...scoredDays(table, evaluation, flux, aligned) }));
  const pairs = scored.map(({ models, ...days }) => ({ ...days, predicted: models.find((m) => m.name === model)!.values }));
  const closed = scored.every(({ observed }) => observed.some((v) => Number.isFinite(v)));
  const byClass = (["igbp", "koppen"] as const).map((by) => errorByClass(siteErrors(table, evaluation.metrics, "rmse", by), { metric: "rmse", by, period, simulated }));
  return [
    siteMap(table.sites.map((s) => ({ ...s, split: test.has(s.site) ? ("test" as const) : ("train" as const) })), { colorBy: "igbp", period, simulated }),
    ...(evaluation.comparison ? scoreFigures(evaluation.comparison, { period, simulated }) : []),
    observedPredicted(pairs, { simulated, suffix: `, ${MODEL_STYLE[model]?.label ?? model}` }),
    ...byClass,
    seasonalCycle(scored, table.sites, { by: "all", simulated }),
    ...(closed ? [closure(closureSeries(table, evaluation), { simulated })] : []),
  ];
}

/** A metric of every unseen site, flux and model, with the site's class. @example siteErrors(table, metrics, "r2", "koppen") */
export function siteErrors(table: DailyTable, metrics: readonly Metrics[], metric: "rmse" | "r2", by: "igbp" | "koppen" = "igbp"): SiteError[] {
  const group = new Map(table.sites.map((s) => [s.site, s[by]]));
  return metrics.flatMap((m) => m.sites.filter((row) => !row.seen).map((row) => ({ site: row.site, group: group.get(row.site) ?? null, flux: row.flux, model: m.model, value: row[metric] })));
}

/** The days of one flux that are scored, each model's value beside the tower's; `aligned` as `alignPredictions` gives it, one a model. */
export function scoredDays(table: DailyTable, evaluation: Evaluation, flux: Flux, aligned: readonly Int32Array[]): ScoredDays {
  const mask = scorable(table, flux, "published");
  const sites = new Set(evaluation.metrics[0]!.sites.map((row) => row.site));
  const days = daysOf(table);
  const values = numbers(table, flux);
  const site: SiteId[] = [];
  const rows: number[] = [];
  for (const { site: { site: id }, from, to } of siteRows(table)) {
    if (!sites.has(id)) continue;
    for (let row = from; row < to; row++) if (mask[row] === 1) {
      site.push(id);
      rows.push(row);
    }
  }
  const models = evaluation.predicted.map(({ predictions }, k) => ({ name: evaluation.names[k]!, values: Float32Array.from(rows, (row) => predictions[flux][aligned[k]![row]!] ?? NaN) }));
  return { site, day: Int32Array.from(rows, (row) => days[row]!), observed: Float32Array.from(rows, (row) => values[row]!), models };
}
