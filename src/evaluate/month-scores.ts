import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { mean, quantile, scores } from "./metrics";
import type { MonthSeries } from "./months";
import { MIN_SD_R2 } from "./site-metrics";
import type { TableRow } from "./table";

/** A site with fewer common months is listed and kept out of summaries. */
export const MIN_MONTHS = 12;

/** One of the series compared with the towers' months. */
export interface MonthContender {
  readonly model: string;
  readonly series: MonthSeries;
}

/** One site, flux and model over the months that all have; RMSE and bias in g C m⁻² d⁻¹. */
export interface MonthRow {
  readonly model: string;
  readonly site: SiteId;
  readonly flux: Flux;
  /** months scored */
  readonly n: number;
  /** months the tower has, but not every model */
  readonly n_lost: number;
  readonly r2: number | null;
  readonly r2_corr: number | null;
  readonly rmse: number | null;
  readonly bias: number | null;
  readonly mean_observed: number | null;
}

/**
 * Scores monthly series by site on the months that the tower and all of them have. R² needs 12 months and observations that vary.
 * @example scoreMonths(tower, [{ model: "X-BASE", series }]).filter((r) => r.flux === "gpp")
 */
export function scoreMonths(observed: MonthSeries, contenders: readonly MonthContender[]): MonthRow[] {
  const at = contenders.map(({ series }) => new Map(series.site.map((site, i) => [`${site}/${series.month[i]}`, i])));
  const sites = [...new Set(observed.site)];
  return FLUXES.flatMap((flux) => sites.flatMap((site): MonthRow[] => {
    const rows: number[] = [];
    let lost = 0;
    observed.site.forEach((id, row) => {
      if (id !== site || Number.isNaN(observed[flux][row]!)) return;
      const common = contenders.every(({ series }, k) => Number.isFinite(series[flux][at[k]!.get(`${site}/${observed.month[row]}`) ?? -1] ?? NaN));
      if (common) rows.push(row);
      else lost++;
    });
    const o = Float64Array.from(rows, (row) => observed[flux][row]!);
    return contenders.map(({ model, series }, k) => {
      const p = Float64Array.from(rows, (row) => series[flux][at[k]!.get(`${site}/${observed.month[row]}`)!]!);
      const { r2, r2_corr, rmse, bias, sd } = scores(o, p);
      const enough = rows.length >= MIN_MONTHS && sd !== null && sd > MIN_SD_R2;
      return { model, site, flux, n: rows.length, n_lost: lost, r2: enough ? r2 : null, r2_corr: enough ? r2_corr : null, rmse, bias, mean_observed: mean([...o]) };
    });
  }));
}

/** One row a model and flux over sites of at least 12 common months. @example monthSummary(rows)[0].r2_median */
export function monthSummary(rows: readonly MonthRow[]): TableRow[] {
  const models = [...new Set(rows.map((r) => r.model))];
  return FLUXES.flatMap((flux) => models.map((model): TableRow => {
    const own = rows.filter((r) => r.flux === flux && r.model === model);
    const counted = own.filter((r) => r.n >= MIN_MONTHS);
    const r2 = counted.flatMap((r) => r.r2 ?? []);
    const rmse = counted.flatMap((r) => r.rmse ?? []);
    return {
      flux, model, n_sites: counted.length, n_months: counted.reduce((sum, r) => sum + r.n, 0), n_lost: own.reduce((sum, r) => sum + r.n_lost, 0), n_short: own.length - counted.length,
      rmse_mean: mean(rmse), rmse_median: quantile(rmse, 0.5), rmse_q25: quantile(rmse, 0.25), rmse_q75: quantile(rmse, 0.75), bias_mean: mean(counted.flatMap((r) => r.bias ?? [])),
      n_r2: r2.length, r2_median: quantile(r2, 0.5), r2_q25: quantile(r2, 0.25), r2_q75: quantile(r2, 0.75), r2_mean_clipped: mean(r2.map((v) => Math.max(0, v))),
    };
  }));
}
