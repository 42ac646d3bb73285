import { WorkbookError } from "../core/errors";
import { classFactors, type ClassFactors } from "./conformal-classes";
import { fitScale, type LocalScale } from "./conformal-scale";

/** Levels at which intervals are given. */
export const LEVELS = [0.8, 0.9] as const;
export type Level = (typeof LEVELS)[number];

/** One flux on calibration days that the prediction's members have not learned from, g C m⁻² d⁻¹. */
export interface CalibrationDays {
  /** cluster of each day `[day]`, as a number from 0 */
  readonly cluster: Int32Array;
  readonly observed: Float64Array;
  readonly predicted: Float64Array;
  /** spread of the members `[day]` */
  readonly spread: Float64Array;
  /** IGBP class of the day's site `[day]`, null = unknown */
  readonly igbp: readonly (string | null)[];
}

/** What turns a prediction and its spread into an interval: predicted ± factor · class · scale. */
export interface FluxCalibration {
  readonly scale: LocalScale;
  /** by IGBP class, times which the scale is taken */
  readonly classes: ClassFactors;
  /** quantile of |observed − predicted| / scale at each level; null: too few clusters for that level */
  readonly factor: Readonly<Record<string, number | null>>;
  readonly n_clusters: number;
  readonly n_days: number;
}

/**
 * Calibrates one flux: fits the local scale and by how much errors differ between classes, then takes the quantile of the scaled errors
 * with each cluster weighing the same, whatever its days. For a new cluster drawn as these were, the intervals then hold at least
 * `level` of its days on average, whatever the distribution. Two things loosen that: the three numbers of the scale are fitted on the
 * same clusters, and validation clusters also chose the epoch. It is no promise for each site: one with a large error of its own is
 * covered less, and nothing known of an unseen site says which one that is.
 * @throws WorkbookError EmptyTable without a day
 * @source Lei et al. 2018, doi:10.1080/01621459.2017.1307116, §5.2 (locally weighted scores); Dunn, Wasserman & Ramdas 2023,
 * doi:10.1080/01621459.2022.2060112 (two-layer hierarchies); Lee, Barber & Willett 2023, arXiv 2306.06342 (the quantile below)
 * @example calibrate(days).factor["0.9"]
 */
export function calibrate(days: CalibrationDays): FluxCalibration {
  const n = days.cluster.length;
  if (n === 0) throw new WorkbookError("EmptyTable", "calibrate: a calibration day with an observed flux and a prediction is required, found none; give more sites, or a longer record");
  const counts = new Map<number, number>();
  for (const c of days.cluster) counts.set(c, (counts.get(c) ?? 0) + 1);
  const weight = Float64Array.from(days.cluster, (c) => 1 / counts.get(c)!);
  const error = days.observed.map((o, i) => Math.abs(o - days.predicted[i]!));
  const scale = fitScale(error, days.spread, days.predicted, weight);
  const scaled = error.map((e, i) => e / localScale(scale, days.spread[i]!, days.predicted[i]!));
  const classes = classFactors(scaled, days.cluster, days.igbp);
  const score = scaled.map((s, i) => s / classes.without(days.cluster[i]!, days.igbp[i]!));
  const factor = Object.fromEntries(LEVELS.map((level) => [String(level), clusterQuantile(score, weight, counts.size, level)]));
  return { scale, classes: classes.all, factor, n_clusters: counts.size, n_days: n };
}

/**
 * Quantile of scores of which those of a cluster weigh 1 / (K + 1) together, and the unknown new cluster, taken as infinite, as much;
 * null where that makes the quantile infinite (K + 1 < 1 / (1 − level)).
 * @param weight 1 / days of its cluster `[day]`
 * @source Lee, Barber & Willett 2023, arXiv 2306.06342, hierarchical conformal prediction: the (1 − α)-quantile of
 * Σₖ Σᵢ δ(sₖᵢ) / ((K + 1) nₖ) + δ(∞) / (K + 1)
 * @example clusterQuantile(Float64Array.of(1, 2, 3, 4), Float64Array.of(1, 1, 1, 1), 4, 0.8) // 4
 */
export function clusterQuantile(scores: Float64Array, weight: Float64Array, clusters: number, level: number): number | null {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  const needed = level * (clusters + 1);
  let sum = 0;
  for (const i of order) {
    sum += weight[i]!;
    // weights such as 1/3 do not add up to whole numbers exactly
    if (sum >= needed - 1e-9) return scores[i]!;
  }
  return null;
}

/** Scale of one day, g C m⁻² d⁻¹: constant + spread · `spread` + size · |predicted|. */
export function localScale(scale: LocalScale, spread: number, predicted: number): number {
  return scale.constant + scale.spread * spread + scale.size * Math.abs(predicted);
}

/**
 * Lower and upper end for each day, g C m⁻² d⁻¹; NaN where there is no prediction, or no factor at that level. Ends are not clipped:
 * an observed GPP may be below 0, and the interval is one for observations.
 * @param igbpOf IGBP class of a row's site
 * @example intervalOf(calibration, 0.9, predicted, spread, () => "ENF").low
 */
export function intervalOf(calibration: FluxCalibration, level: Level, predicted: Float32Array, spread: Float32Array, igbpOf: (row: number) => string | null): { low: Float32Array; high: Float32Array } {
  const factor = calibration.factor[String(level)] ?? NaN;
  const half = predicted.map((p, i) => factor * (calibration.classes[igbpOf(i) ?? ""] ?? 1) * localScale(calibration.scale, spread[i]!, p));
  return { low: predicted.map((p, i) => p - half[i]!), high: predicted.map((p, i) => p + half[i]!) };
}
