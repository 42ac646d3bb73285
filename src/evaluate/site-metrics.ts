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

/** What becomes of a row of the table for a flux: nothing observed that counts, observed but not predicted by all, or scored. */
const [LOST, SCORED] = [1, 2] as const;

/**
 * The site-days that all models of a comparison are scored on: for each flux 2 = scored, 1 = lost, 0 = nothing to score `[row]`.
 * @throws WorkbookError MissingColumn when the table has no flux
 * @example commonDays(table, [aligned], "published").nee
 */
export function commonDays(table: DailyTable, models: readonly Aligned[], qc: QcRule): Record<Flux, Uint8Array> {
  const entries = FLUXES.map((flux): [Flux, Uint8Array] => {
    const state = scorable(table, flux, qc);
    for (let row = 0; row < state.length; row++) if (state[row] === 1) state[row] = SCORED;
    for (const { predictions, at } of models) {
      const values = predictions[flux];
      for (let row = 0; row < state.length; row++) {
        if (state[row] === SCORED && !(at[row]! >= 0 && Number.isFinite(values[at[row]!]!))) state[row] = LOST;
      }
    }
    return [flux, state];
  });
  return Object.fromEntries(entries) as Record<Flux, Uint8Array>;
}

/**
 * Scores one model at each site and flux, on the common days. Sites without a scored day keep a row with n = 0.
 * @source method §8: R² needs ≥ 90 days and SD > 0.2 g C m⁻² d⁻¹
 * @example scoreSites(table, new Set(["DE-Hai"]), aligned, commonDays(table, [aligned], "published"), new Set())
 */
export function scoreSites(table: DailyTable, sites: ReadonlySet<SiteId>, model: Aligned, days: Readonly<Record<Flux, Uint8Array>>, seen: ReadonlySet<SiteId>): ScoredSite[] {
  const { predictions, at } = model;
  return siteRows(table).filter((r) => sites.has(r.site.site)).flatMap(({ site, from, to }) => FLUXES.map((flux) => {
    const state = days[flux].subarray(from, to);
    const n = state.reduce((sum, s) => sum + (s === SCORED ? 1 : 0), 0);
    const lost = state.reduce((sum, s) => sum + (s === LOST ? 1 : 0), 0);
    const [observed, predicted] = [new Float64Array(n), new Float64Array(n)];
    const tableRows = new Int32Array(n);
    for (let row = from, i = 0; row < to && n > 0; row++) if (days[flux][row] === SCORED) tableRows[i++] = row;
    // a flux the table lacks has no scored row, so the column is not asked for
    const column = n > 0 ? numbers(table, flux) : null;
    for (let i = 0; i < n; i++) {
      observed[i] = column![tableRows[i]!]!;
      predicted[i] = predictions[flux][at[tableRows[i]!]!]!;
    }
    return scoredSite(site, flux, tableRows, observed, predicted, lost, seen.has(site.site));
  }));
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
