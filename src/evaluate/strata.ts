import { FLUXES } from "../core/quantities";
import { isSimulated, type DailyTable } from "../data/daily-table";
import { modelSeries, type ModelSeries, type SeriesOptions, type SiteSeries } from "./comparison-series";
import { summariseParts } from "./error-parts";
import type { Contender } from "./evaluate";
import { mean, quantile } from "./metrics";
import { QC_RULES, type QcRule } from "./observed";
import type { TableRow } from "./table";
import { scaleScores } from "./time-scales";

/** QC strata as tables name them. */
const QC_NAME: Readonly<Record<QcRule, string>> = { published: "QC = 1 or unknown", qc1: "QC = 1", qc75: "QC ≥ 0.75", unknown: "QC unknown" };

/**
 * Scores by IGBP class, Köppen main class and QC stratum: for each model and flux the sites and days that a stratum has, RMSE
 * (g C m⁻² d⁻¹) and R². Seeds of a model are averaged at each site first.
 * @throws WorkbookError as `compare`
 * @source method §8; QC strata: method §3 (QC = 1, QC ≥ 0.75, unknown)
 * @example strataRows(table, contenders).filter((r) => r.by === "qc")
 */
export function strataRows(table: DailyTable, contenders: readonly Contender[], options: SeriesOptions = {}): TableRow[] {
  const data = dataOf(table);
  const all = grouped(modelSeries(table, contenders, options));
  const classes = (["igbp", "koppen"] as const).flatMap((by) => FLUXES.flatMap((flux) => {
    const names = [...new Set(all.flatMap((m) => m.seeds[0]!.series[flux].map((s) => s.site[by] ?? "unknown")))].sort();
    return names.flatMap((stratum) => all.map(({ model, seeds }): TableRow => ({ by, stratum, flux, model, data, ...stratumScores(seeds.map((m) => m.series[flux].filter((s) => (s.site[by] ?? "unknown") === stratum))) })));
  }));
  const qc = QC_RULES.flatMap((rule) => {
    const models = grouped(modelSeries(table, contenders, { ...options, qc: rule }));
    return FLUXES.flatMap((flux) => models.map(({ model, seeds }): TableRow => ({ by: "qc", stratum: QC_NAME[rule], flux, model, data, ...stratumScores(seeds.map((m) => m.series[flux])) })));
  });
  return [...classes, ...qc];
}

/**
 * Scores by time scale, one row a model, flux and scale; several seeds of a model are averaged.
 * @throws WorkbookError as `compare`
 * @example timeScaleRows(table, contenders).filter((r) => r.scale === "interannual")
 */
export function timeScaleRows(table: DailyTable, contenders: readonly Contender[], options: SeriesOptions = {}): TableRow[] {
  const models = grouped(modelSeries(table, contenders, options));
  return FLUXES.flatMap((flux) => models.flatMap(({ model, seeds }) => {
    const scored = seeds.map((m) => scaleScores(m.series[flux]));
    return scored[0]!.map(({ scale, n_sites, n_short, n_clusters, n_values }, k): TableRow => ({
      flux, scale, model, data: dataOf(table), seeds: seeds.length, n_sites, n_short, n_clusters, n_values,
      r2: over(scored, (s) => s[k]!.r2), rmse: over(scored, (s) => s[k]!.rmse), r2_pooled: over(scored, (s) => s[k]!.r2_pooled),
    }));
  }));
}

/**
 * Parts of the mean squared error, (g C m⁻² d⁻¹)², one row a model and flux: means over sites, shares, Kling–Gupta terms; seeds averaged.
 * @throws WorkbookError as `compare`
 * @example errorPartRows(table, contenders)[0].share_phase
 */
export function errorPartRows(table: DailyTable, contenders: readonly Contender[], options: SeriesOptions = {}): TableRow[] {
  const models = grouped(modelSeries(table, contenders, options));
  return FLUXES.flatMap((flux) => models.flatMap(({ model, seeds }): TableRow[] => {
    const parts = seeds.flatMap((m) => summariseParts(m.series[flux]) ?? []);
    if (parts.length === 0) return [];
    const keys = Object.keys(parts[0]!) as (keyof (typeof parts)[number])[];
    return [{ flux, model, data: dataOf(table), seeds: seeds.length, ...Object.fromEntries(keys.map((k) => [k, over(parts, (p) => p[k])])) }];
  }));
}

/** Contenders of one name are seeds of one model. */
function grouped(models: readonly ModelSeries[]): { model: string; seeds: ModelSeries[] }[] {
  return [...new Set(models.map((m) => m.model))].map((model) => ({ model, seeds: models.filter((m) => m.model === model) }));
}

/** Each site's mean over seeds, then over sites. */
function stratumScores(seeds: readonly (readonly SiteSeries[])[]): TableRow {
  const first = seeds[0]!;
  const site = (what: "r2" | "rmse"): number[] => first.flatMap((_, i) => mean(seeds.flatMap((s) => s[i]!.row[what] ?? [])) ?? []);
  const [r2, rmse] = [site("r2"), site("rmse")];
  return {
    seeds: seeds.length, n_sites: first.length, n_clusters: new Set(first.map((s) => s.cluster)).size, n_days: first.reduce((sum, s) => sum + s.row.n, 0), rmse_median: quantile(rmse, 0.5), rmse_mean: mean(rmse),
    n_r2: r2.length, r2_median: quantile(r2, 0.5), r2_mean_clipped: mean(r2.map((v) => Math.max(0, v))), r2_mean: mean(r2),
  };
}

function over<T>(seeds: readonly T[], value: (seed: T) => number | null): number | null {
  return mean(seeds.flatMap((s) => value(s) ?? []));
}

function dataOf(table: DailyTable): "simulated" | "measured" {
  return isSimulated(table) ? "simulated" : "measured";
}
