import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, isSimulated, numbers, siteRows, type DailyTable } from "../data/daily-table";
import type { Metrics } from "../evaluate/evaluate";
import type { Evaluation } from "../evaluate/evaluate-runs";
import { scorable } from "../evaluate/observed";
import { errorByClass, type SiteError } from "./error-by-class";
import { periodOf, type Figure } from "./figure";
import { observedPredicted } from "./observed-predicted";
import { seasonalCycle } from "./seasonal-cycle";
import { siteMap } from "./site-map";
import { MODEL_STYLE } from "./style";

/** Observed and predicted days `[row]` of the scored sites, one flux, on the days that are scored. */
interface ScoredDays {
  readonly site: SiteId[];
  readonly day: Int32Array;
  readonly observed: Float32Array;
  readonly models: { readonly name: string; readonly values: Float32Array }[];
}

/**
 * The figures of a comparison: the sites, observed against predicted of one model, errors by land cover of all, seasonal cycles.
 * @example for (const figure of comparisonFigures(table, evaluation, "tamrl", split)) await saveFigure(figure, dir, figure.name, {})
 */
export function comparisonFigures(table: DailyTable, evaluation: Evaluation, model: string, test: ReadonlySet<SiteId>): Figure[] {
  const simulated = isSimulated(table);
  const period = periodOf(daysOf(table));
  const of = (flux: Flux): ScoredDays => scoredDays(table, evaluation, flux);
  const pairs = FLUXES.map((flux) => {
    const { site, day, observed, models } = of(flux);
    return { flux, site, day, observed, predicted: models.find((m) => m.name === model)!.values };
  });
  return [
    siteMap(table.sites.map((s) => ({ ...s, split: test.has(s.site) ? ("test" as const) : ("train" as const) })), { colorBy: "igbp", period, simulated }),
    observedPredicted(pairs, { simulated, suffix: `, ${MODEL_STYLE[model]?.label ?? model}` }),
    errorByClass(siteErrors(table, evaluation.metrics, "rmse"), { metric: "rmse", by: "igbp", period, simulated }),
    seasonalCycle(FLUXES.map((flux) => ({ flux, ...of(flux) })), table.sites, { by: "all", simulated }),
  ];
}

/** A metric of every unseen site, flux and model. @example siteErrors(table, metrics, "r2") */
export function siteErrors(table: DailyTable, metrics: readonly Metrics[], metric: "rmse" | "r2"): SiteError[] {
  const group = new Map(table.sites.map((s) => [s.site, s.igbp]));
  return metrics.flatMap((m) => m.sites.filter((row) => !row.seen).map((row) => ({ site: row.site, group: group.get(row.site) ?? null, flux: row.flux, model: m.model, value: row[metric] })));
}

function scoredDays(table: DailyTable, evaluation: Evaluation, flux: Flux): ScoredDays {
  const mask = scorable(table, flux, "published");
  const sites = new Set(evaluation.metrics[0]!.sites.map((row) => row.site));
  const days = daysOf(table);
  const values = numbers(table, flux);
  const rows = siteRows(table).filter((g) => sites.has(g.site.site)).flatMap((g) => Array.from({ length: g.to - g.from }, (_, i) => ({ id: g.site.site, row: g.from + i }))).filter(({ row }) => mask[row] === 1);
  const models = evaluation.predicted.map(({ predictions: p }, k) => {
    const at = new Map(p.site.map((s, i) => [`${s} ${p.day[i]}`, i]));
    return { name: evaluation.names[k]!, values: Float32Array.from(rows, ({ id, row }) => p[flux][at.get(`${id} ${days[row]}`) ?? -1] ?? NaN) };
  });
  return { site: rows.map((r) => r.id), day: Int32Array.from(rows, (r) => days[r.row]!), observed: Float32Array.from(rows, (r) => values[r.row]!), models };
}
