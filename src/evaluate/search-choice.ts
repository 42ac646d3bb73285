import { FLUXES } from "../core/quantities";
import { compare, type Metrics } from "./evaluate";
import type { PooledExperiment } from "./experiment-scores";

/** A combination of the grid with its score. */
export interface Scored {
  readonly arm: string;
  /** mean over fluxes and seeds of mean site RMSE / standard deviation of the observed days; smaller is better */
  readonly score: number;
  readonly rmse: Readonly<Record<string, number | null>>;
}

/**
 * Ranks the arms of a search by their mean site RMSE on the inner folds, each flux in units of its own spread so that none rules.
 * Arms are in the order given where they tie: small networks first.
 * @example rankArms(pooled, "T.parquet")[0].arm
 */
export function rankArms(experiment: PooledExperiment, tableName: string): Scored[] {
  const all = compare(experiment.table, experiment.pooled.map((p) => ({ model: p.arm, predictions: p.predictions })), { tableName, sites: experiment.sites });
  const arms = [...new Set(experiment.pooled.map((p) => p.arm))];
  return arms.map((arm): Scored => {
    const own = all.filter((m) => m.model === arm);
    const rmse = Object.fromEntries(FLUXES.map((f) => [f, meanOf(own.map((m) => m.summary[f].rmse.mean))]));
    const relative = own.flatMap((m) => FLUXES.map((f) => relativeRmse(m, f))).filter((v): v is number => v !== null);
    return { arm, rmse, score: meanOf(relative) ?? Infinity };
  }).sort((a, b) => a.score - b.score);
}

/** Mean site RMSE over the standard deviation of all scored days, from pooled R² = 1 − RMSE² / variance. */
function relativeRmse(m: Metrics, flux: (typeof FLUXES)[number]): number | null {
  const { rmse, pooled } = m.summary[flux];
  if (rmse.mean === null || pooled.rmse === null || pooled.r2 === null || pooled.r2 >= 1) return null;
  return rmse.mean / (pooled.rmse / Math.sqrt(1 - pooled.r2));
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((v): v is number => v !== null);
  return known.length === 0 ? null : known.reduce((sum, v) => sum + v, 0) / known.length;
}
