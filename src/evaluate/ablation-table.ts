import { FLUXES } from "../core/quantities";
import type { Cluster } from "../data/clusters";
import { bothPartitions, targetView, type Partition } from "../data/target-view";
import { pairedBootstrap, type PairedDifference } from "./bootstrap";
import { compare, type Metrics } from "./evaluate";
import type { Pooled, PooledExperiment } from "./experiment-scores";
import type { TableRow } from "./table";

/** One arm held against the reference arm, flux by flux, on the site-days that both predict. */
export interface ArmDifference {
  readonly arm: string;
  readonly against: string;
  /** one a flux that both score somewhere; a = the arm, b = the reference */
  readonly differences: readonly PairedDifference[];
  readonly metrics: readonly Metrics[];
  readonly reference: readonly Metrics[];
}

/**
 * Every other arm against `reference`, each pair on its own common site-days, so that an arm that can predict fewer days takes none
 * from the others. An arm with targets of another partition is scored on its own targets, on days that have both.
 * @param partitionOf partition whose fluxes an arm was trained on
 * @source method §8: paired bootstrap over clusters, seeds resampled inside
 * @example armDifferences(pooled, "default", clusters, "T.parquet", () => "night")
 */
export function armDifferences(experiment: PooledExperiment, reference: string, clusters: readonly Cluster[], tableName: string, partitionOf: (arm: string) => Partition = () => "night"): ArmDifference[] {
  const of = (arm: string): Pooled[] => experiment.pooled.filter((p) => p.arm === arm);
  const others = [...new Set(experiment.pooled.map((p) => p.arm))].filter((arm) => arm !== reference);
  if (of(reference).length === 0) return [];
  return others.map((arm): ArmDifference => {
    const [a, b] = [of(arm), of(reference)];
    const mixed = partitionOf(arm) !== partitionOf(reference);
    const table = mixed ? bothPartitions(experiment.table) : experiment.table;
    const all = [...a, ...b].map((p) => ({ model: p.arm, predictions: p.predictions }));
    const scored = (partition: Partition): Metrics[] => compare(targetView(table, partition), all, { tableName, sites: experiment.sites });
    const metrics = scored(partitionOf(arm)).slice(0, a.length);
    const held = (mixed ? scored(partitionOf(reference)) : scored(partitionOf(arm))).slice(a.length);
    const fluxes = FLUXES.filter((flux) => metrics[0]!.summary[flux].n_sites > 0);
    return { arm, against: reference, metrics, reference: held, differences: fluxes.map((flux) => pairedBootstrap(metrics, held, clusters, flux, { seed: 1 })) };
  });
}

/** The differences as rows: RMSE in g C m⁻² d⁻¹, differences arm − reference with their 95 % interval. @example toMarkdown(differenceRows(all)) */
export function differenceRows(all: readonly ArmDifference[]): TableRow[] {
  return all.flatMap(({ arm, against, differences, metrics, reference }) => differences.map((d): TableRow => ({
    arm, against, flux: d.flux, data: metrics[0]!.simulated ? "simulated" : "measured", seeds: metrics.length, n_sites: d.n_sites, n_clusters: d.n_clusters,
    rmse: over(metrics, (m) => m.summary[d.flux].rmse.mean), rmse_against: over(reference, (m) => m.summary[d.flux].rmse.mean),
    d_rmse: d.rmse_mean.value, d_rmse_low: d.rmse_mean.low, d_rmse_high: d.rmse_mean.high,
    r2_clipped: over(metrics, (m) => m.summary[d.flux].r2.mean_clipped), d_r2_clipped: d.r2_mean_clipped.value, d_r2_low: d.r2_mean_clipped.low, d_r2_high: d.r2_mean_clipped.high,
    r2_median: over(metrics, (m) => m.summary[d.flux].r2.median), d_r2_median: d.r2_median.value, win_rate: d.win_rate.value,
  })));
}

/** Mean over seeds; null where one has none. */
function over(all: readonly Metrics[], pick: (m: Metrics) => number | null): number | null {
  const values = all.map(pick);
  return values.some((v) => v === null) ? null : values.reduce<number>((sum, v) => sum + v!, 0) / values.length;
}
