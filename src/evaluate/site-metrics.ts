import { FLUXES, type Flux, type Igbp, type Koppen } from "../core/quantities";
import type { Site, SiteId } from "../core/sites";
import { numbers, siteRows, type DailyTable } from "../data/daily-table";
import { scores, type MseParts } from "./metrics";
import { scorable, type QcRule } from "./observed";
import type { Predictions } from "./predictions";

/** R² of a site needs this many scored days … */
export const MIN_DAYS_R2 = 90;
/** … and observations that vary more than this, g C m⁻² d⁻¹. */
export const MIN_SD_R2 = 0.2;
/** A site with fewer scored days is listed and kept out of summaries. */
export const MIN_DAYS = 30;

/** One site and flux, as `metrics.json` holds it. Null: undefined, or too few days. */
export interface SiteRow {
  readonly site: SiteId;
  readonly igbp: Igbp | null;
  readonly koppen: Koppen | null;
  readonly flux: Flux;
  /** days scored: observed with QC that counts, and predicted by every model compared */
  readonly n: number;
  /** days observed with QC that counts, but not predicted by every model compared */
  readonly n_lost: number;
  readonly r2: number | null;
  readonly r2_corr: number | null;
  readonly rmse: number | null;
  readonly nmae: number | null;
  readonly rae: number | null;
  readonly bias: number | null;
  /** whether the model saw the site's fluxes in training or validation */
  readonly seen: boolean;
}

/** A row with what summaries need besides: the days `[day]` and the parts of its MSE. */
export interface ScoredSite {
  readonly row: SiteRow;
  /** rows of the table that were scored */
  readonly tableRows: Int32Array;
  readonly observed: Float64Array;
  readonly predicted: Float64Array;
  readonly mse: MseParts | null;
}

/** Predictions with the prediction row of each table row (`alignPredictions`). */
export interface Aligned {
  readonly predictions: Predictions;
  readonly at: Int32Array;
}

/**
 * Scores one model at each site and flux, on the days that all of `models` predict. Sites without a scored day keep a row with n = 0.
 * @param models all models compared; `models[which]` is scored
 * @source method §8: R² needs ≥ 90 days and SD > 0.2 g C m⁻² d⁻¹
 * @example scoreSites(table, sites, [aligned], 0, { qc: "published", seen: new Set() })
 */
export function scoreSites(table: DailyTable, sites: ReadonlySet<SiteId>, models: readonly Aligned[], which: number, options: { readonly qc: QcRule; readonly seen: ReadonlySet<SiteId> }): ScoredSite[] {
  const places = siteRows(table).filter((r) => sites.has(r.site.site));
  const perFlux = FLUXES.map((flux) => {
    const counts = scorable(table, flux, options.qc);
    const predicted = models[which]!;
    return places.map(({ site, from, to }) => {
      const rows: number[] = [];
      let lost = 0;
      for (let row = from; row < to; row++) {
        if (counts[row] === 0) continue;
        if (models.every((m) => m.at[row]! >= 0 && Number.isFinite(m.predictions[flux][m.at[row]!]!))) rows.push(row);
        else lost++;
      }
      // a flux the table lacks has no scored row, so the column is not asked for
      const column = rows.length > 0 ? numbers(table, flux) : new Float32Array(0);
      const observed = Float64Array.from(rows, (row) => column[row]!);
      const values = Float64Array.from(rows, (row) => predicted.predictions[flux][predicted.at[row]!]!);
      return scoredSite(site, flux, Int32Array.from(rows), observed, values, lost, options.seen.has(site.site));
    });
  });
  return places.flatMap((_, i) => perFlux.map((rows) => rows[i]!));
}

function scoredSite(site: Site, flux: Flux, tableRows: Int32Array, observed: Float64Array, predicted: Float64Array, n_lost: number, seen: boolean): ScoredSite {
  const { n, r2, r2_corr, rmse, nmae, rae, bias, sd, mse } = scores(observed, predicted);
  const enough = n >= MIN_DAYS_R2 && sd !== null && sd > MIN_SD_R2;
  const row: SiteRow = {
    site: site.site, igbp: site.igbp, koppen: site.koppen, flux, n, n_lost,
    r2: enough ? r2 : null, r2_corr: enough ? r2_corr : null, rmse, nmae, rae, bias, seen,
  };
  return { row, tableRows, observed, predicted, mse };
}
