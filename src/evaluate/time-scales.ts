import { asDay, dayOfYear, yearOf } from "../core/days";
import type { SiteId } from "../core/sites";
import type { SiteSeries } from "./comparison-series";
import { mean, quantile, scores } from "./metrics";
import { MIN_DAYS_R2 } from "./site-metrics";

/** Time scales of a flux, from places to years. */
export const TIME_SCALES = ["spatial", "seasonal", "anomaly", "interannual"] as const;
export type TimeScale = (typeof TIME_SCALES)[number];

/** The mean cycle has one value for each 8 days of the year; the last, shorter one ends with the year. */
const BIN_DAYS = 8;
const BINS = 46;
/** A mean cycle is known from half a year of bins on. */
const MIN_BINS = 23;
/** Days are compared with a cycle made of at least this many years … */
const MIN_YEARS_ANOMALY = 3;
/** … and years with each other from this many on, each with at least half its days. */
const MIN_YEARS_INTERANNUAL = 5;
const MIN_DAYS_OF_YEAR = 183;
/** R² over places needs this many. */
const MIN_CLUSTERS = 5;

/** Pairs of values at one time scale, observed beside predicted, g C m⁻² d⁻¹. */
export interface Pairs {
  readonly observed: readonly number[];
  readonly predicted: readonly number[];
}

/** One site at every scale; null where its record is too short for it. */
export interface SiteScales {
  /** mean over the scored days */
  readonly mean: { readonly observed: number; readonly predicted: number };
  /** mean cycle minus its mean `[bin]` */
  readonly seasonal: Pairs | null;
  /** day minus the mean cycle at that time of year `[day]` */
  readonly anomaly: Pairs | null;
  /** annual means of the anomalies minus their mean `[year]` */
  readonly interannual: Pairs | null;
}

/** How well a model does at one scale. */
export interface ScaleScore {
  readonly scale: TimeScale;
  /** sites that have this scale, and sites too short for it */
  readonly n_sites: number;
  readonly n_short: number;
  readonly n_clusters: number;
  /** values compared: clusters, 8-day bins, days or years */
  readonly n_values: number;
  /** median over sites; for `spatial` over the clusters' means */
  readonly r2: number | null;
  readonly rmse: number | null;
  /** over all values together: deviations within sites, so no site mean is in it */
  readonly r2_pooled: number | null;
}

/**
 * One site's scored days split into mean, mean cycle, anomalies and annual anomalies. Observed and predicted go through the same days. The
 * annual mean is taken over anomalies: for a gapless record that is the annual mean minus the site mean, and with gaps the season of the
 * days that are there does not pass for a difference between years.
 * @source method §8; Tramontana et al. 2016, doi:10.5194/bg-13-4291-2016 (site means, mean seasonal cycle of 8-day bins, anomalies, annual anomalies)
 * @example siteScales(series).anomaly?.observed.length
 */
export function siteScales(series: Pick<SiteSeries, "days" | "observed" | "predicted">): SiteScales {
  const { days, observed, predicted } = series;
  const bins = new Bins(days);
  const [cycleO, cycleP] = [bins.means(observed), bins.means(predicted)];
  const known = bins.rows.flatMap((rows, b) => (rows.length > 0 ? [b] : []));
  const seasonal = known.length < MIN_BINS ? null : { observed: centred(known.map((b) => cycleO[b]!)), predicted: centred(known.map((b) => cycleP[b]!)) };
  const several = new Set(known.filter((b) => bins.years[b]!.size >= MIN_YEARS_ANOMALY));
  const kept = Array.from(days, (_, i) => i).filter((i) => several.has(bins.of[i]!));
  const minus = (values: ArrayLike<number>, cycle: readonly number[]): number[] => kept.map((i) => values[i]! - cycle[bins.of[i]!]!);
  const anomaly = kept.length < MIN_DAYS_R2 ? null : { observed: minus(observed, cycleO), predicted: minus(predicted, cycleP) };
  const interannual = anomaly === null ? null : annual(kept.map((i) => days[i]!), kept.map((i) => bins.of[i]!), anomaly);
  return { mean: { observed: mean([...observed])!, predicted: mean([...predicted])! }, seasonal, anomaly, interannual };
}

/** Annual means of anomalies, each bin of a year one value; null below five years. */
function annual(days: readonly number[], bin: readonly number[], anomaly: Pairs): Pairs | null {
  const years = new Map<number, number[]>();
  days.forEach((d, i) => years.set(yearOf(asDay(d)), [...(years.get(yearOf(asDay(d))) ?? []), i]));
  const whole = [...years.values()].filter((rows) => rows.length >= MIN_DAYS_OF_YEAR);
  if (whole.length < MIN_YEARS_INTERANNUAL) return null;
  const of = (values: readonly number[]): number[] => centred(whole.map((rows) => {
    const bins = new Map<number, number[]>();
    for (const i of rows) bins.set(bin[i]!, [...(bins.get(bin[i]!) ?? []), values[i]!]);
    return mean([...bins.values()].map((v) => mean(v)!))!;
  }));
  return { observed: of(anomaly.observed), predicted: of(anomaly.predicted) };
}

/**
 * Scores of one model and flux at each time scale.
 * @source method §8: spatial = site means across clusters; seasonal = mean cycle minus site mean; anomaly = day minus site cycle (at least 3 years);
 * interannual = annual means minus site mean (at least 5 years)
 * @example scaleScores(model.series.gpp).find((s) => s.scale === "anomaly")?.r2
 */
export function scaleScores(all: readonly SiteSeries[]): ScaleScore[] {
  const sites = all.map((s) => ({ cluster: s.cluster, ...siteScales(s) }));
  return TIME_SCALES.map((scale): ScaleScore => {
    if (scale === "spatial") return spatial(sites);
    const used = sites.flatMap((s) => (s[scale] === null ? [] : [{ cluster: s.cluster, pairs: s[scale]! }]));
    const each = used.map(({ pairs }) => scores(pairs.observed, pairs.predicted));
    const pooled = scores(used.flatMap((u) => u.pairs.observed), used.flatMap((u) => u.pairs.predicted));
    return {
      scale, n_sites: used.length, n_short: all.length - used.length, n_clusters: new Set(used.map((u) => u.cluster)).size, n_values: pooled.n,
      r2: quantile(each.flatMap((s) => s.r2 ?? []), 0.5), rmse: quantile(each.flatMap((s) => s.rmse ?? []), 0.5), r2_pooled: pooled.r2,
    };
  });
}

/** Site means across clusters: neighbours are one place. */
function spatial(sites: readonly { readonly cluster: SiteId; readonly mean: SiteScales["mean"] }[]): ScaleScore {
  const places = [...new Set(sites.map((s) => s.cluster))].map((c) => sites.filter((s) => s.cluster === c));
  const of = (what: "observed" | "predicted"): number[] => places.map((members) => mean(members.map((m) => m.mean[what]))!);
  const { r2, rmse } = scores(of("observed"), of("predicted"));
  const enough = places.length >= MIN_CLUSTERS;
  return { scale: "spatial", n_sites: sites.length, n_short: 0, n_clusters: places.length, n_values: places.length, r2: enough ? r2 : null, rmse, r2_pooled: enough ? r2 : null };
}

/** Days sorted into bins of the year. */
export class Bins {
  /** bin of each day `[day]` */
  readonly of: readonly number[];
  /** days of each bin `[bin][]` */
  readonly rows: readonly number[][];
  /** years of each bin `[bin]` */
  readonly years: readonly Set<number>[];

  constructor(days: ArrayLike<number>) {
    this.of = Array.from(days, (d) => Math.floor((dayOfYear(asDay(d)) - 1) / BIN_DAYS));
    this.rows = Array.from({ length: BINS }, () => []);
    this.years = Array.from({ length: BINS }, () => new Set<number>());
    this.of.forEach((b, i) => {
      this.rows[b]!.push(i);
      this.years[b]!.add(yearOf(asDay(days[i]!)));
    });
  }

  /** Mean of each bin, NaN where it has no day `[bin]`. */
  means(values: ArrayLike<number>): number[] {
    return this.rows.map((rows) => rows.reduce((sum, i) => sum + values[i]!, 0) / rows.length);
  }
}

function centred(values: readonly number[]): number[] {
  const m = mean(values)!;
  return values.map((v) => v - m);
}
