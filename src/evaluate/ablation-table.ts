import { FLUXES } from "../core/quantities";
import type { Cluster } from "../data/splits/clusters";
import { daysOf, hasColumn, numbers, siteRows, type DailyTable } from "../data/daily-table";
import { commonTargets } from "../data/target-view";
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
 * from the others. An arm with targets of its own is scored on those, on days that have both kinds and whose QC counts in both.
 * @param targetsOf the table whose fluxes an arm was trained on; the same object for arms of the same targets
 * @source method §8: paired bootstrap over clusters, seeds resampled inside
 * @example armDifferences(pooled, "default", clusters, "T.parquet", () => pooled.table)
 */
export function armDifferences(experiment: Pick<PooledExperiment, "pooled" | "sites">, reference: string, clusters: readonly Cluster[], tableName: string, targetsOf: (arm: string) => DailyTable): ArmDifference[] {
  const of = (arm: string): Pooled[] => experiment.pooled.filter((p) => p.arm === arm);
  const others = [...new Set(experiment.pooled.map((p) => p.arm))].filter((arm) => arm !== reference);
  if (of(reference).length === 0) return [];
  return others.map((arm): ArmDifference => {
    const [a, b] = [of(arm), of(reference)];
    const all = [...a, ...b].map((p) => ({ model: p.arm, predictions: p.predictions }));
    const [own, theirs] = [targetsOf(arm), targetsOf(reference)];
    const [mine, held] = own === theirs ? [own, theirs] : withLowerQc(...commonTargets(own, theirs));
    const scored = (table: DailyTable): Metrics[] => compare(table, all, { tableName, sites: experiment.sites.filter((s) => table.sites.some((t) => t.site === s)) });
    const metrics = scored(mine).slice(0, a.length);
    const against = scored(held).slice(a.length);
    const fluxes = FLUXES.filter((flux) => metrics[0]!.summary[flux].n_sites > 0);
    return { arm, against: reference, metrics, reference: against, differences: fluxes.map((flux) => pairedBootstrap(metrics, against, clusters, flux, { seed: 1 })) };
  });
}

/** Both tables with the lower QC of the two, so that the same days count in both: NEE of another u* threshold has a QC of its own. */
function withLowerQc(a: DailyTable, b: DailyTable): readonly [DailyTable, DailyTable] {
  const [ofA, ofB] = [qcByDay(a), qcByDay(b)];
  const lowered = (table: DailyTable): DailyTable => {
    const days = daysOf(table);
    const qc = new Float32Array(days.length);
    for (const { site, from, to } of siteRows(table)) {
      const [own, other] = [ofA.get(site.site), ofB.get(site.site)];
      // an unknown QC is no number to compare
      for (let row = from; row < to; row++) qc[row] = [own?.get(days[row]!) ?? NaN, other?.get(days[row]!) ?? NaN].reduce((x, y) => (x < y || y !== y ? x : y));
    }
    return { ...table, rows: table.rows.assign({ nee_qc: qc }) };
  };
  return [lowered(a), lowered(b)];
}

function qcByDay(table: DailyTable): Map<string, Map<number, number>> {
  if (!hasColumn(table, "nee_qc")) return new Map();
  const [qc, days] = [numbers(table, "nee_qc"), daysOf(table)];
  return new Map(siteRows(table).map(({ site, from, to }) => [site.site, new Map(Array.from(days.subarray(from, to), (day, i) => [day, qc[from + i]!]))]));
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
