import { count } from "../core/count";
import { WorkbookError } from "../core/errors";
import type { Flux } from "../core/quantities";
import { random, type Random } from "../core/random";
import type { SiteId } from "../core/sites";
import { clusterOf, type Cluster } from "../data/splits/clusters";
import type { Metrics } from "./evaluate";
import { mean, quantile } from "./metrics";
import { MIN_DAYS } from "./site-metrics";

/** Below this many clusters a bootstrap interval says little, whatever it excludes. */
export const MIN_CLUSTERS = 10;

/**
 * The note that belongs under a table of intervals some of which stand on fewer clusters than `MIN_CLUSTERS`; null where none does.
 * @param clusters behind each interval
 * @example fewClusters([3, 5, 12]) // "3 to 5 clusters: fewer than 10, an interval of so few says little"
 */
export function fewClusters(clusters: readonly number[]): string | null {
  const few = clusters.filter((n) => n < MIN_CLUSTERS);
  if (few.length === 0) return null;
  const [least, most] = [Math.min(...few), Math.max(...few)];
  return `${least === most ? "" : `${least} to `}${count(most, "cluster")}: fewer than ${MIN_CLUSTERS}, an interval of so few says little`;
}

/** A value with its 95 % percentile interval; null where no site has it. */
export interface Interval {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Model a against model b on one flux; differences are a − b, RMSE in g C m⁻² d⁻¹. */
export interface PairedDifference {
  readonly flux: Flux;
  readonly a: string;
  readonly b: string;
  readonly n_sites: number;
  /** sites with an R² in both */
  readonly n_r2: number;
  readonly n_clusters: number;
  readonly rmse_mean: Interval;
  readonly rmse_median: Interval;
  readonly r2_mean: Interval;
  readonly r2_mean_clipped: Interval;
  readonly r2_median: Interval;
  /** share of sites at which a has the lower RMSE, ties half */
  readonly win_rate: Interval;
}

/** Values of both models at the sites that both score `[seed][site]`. */
interface Paired {
  readonly a: readonly (readonly number[])[];
  readonly b: readonly (readonly number[])[];
}

/**
 * Paired bootstrap over clusters: clusters are drawn with replacement, each with all its sites, and within a draw the seeds of either
 * model are drawn with replacement and averaged at each site. Sites weigh equally, clusters by their sites.
 * @param a one `Metrics` for each seed of the first model, scored on the same site-days as `b`
 * @throws WorkbookError BadArgument when the two are not scored on the same days of a site, or share no site
 * @source Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13 (percentile interval); method §8: over clusters, seeds inside
 * @example pairedBootstrap([tamrl], [lstm], clusterSites(table.sites), "gpp", { seed: 1 }).rmse_mean
 */
export function pairedBootstrap(a: readonly Metrics[], b: readonly Metrics[], clusters: readonly Cluster[], flux: Flux, options: { readonly seed: number; readonly draws?: number }): PairedDifference {
  const sites = commonSites([...a, ...b], flux);
  const [nameA, nameB] = [a[0]?.model ?? "", b[0]?.model ?? ""];
  if (sites.length === 0) throw new WorkbookError("BadArgument", `pairedBootstrap: ${nameA} and ${nameB}: at least 1 site scored by both for ${flux} required, found 0; evaluate both with compare`);
  const rmse = values(a, b, flux, sites, "rmse");
  const withR2 = sites.filter((_, i) => values(a, b, flux, [sites[i]!], "r2") !== null);
  const r2 = values(a, b, flux, withR2, "r2");

  const of = clusterOf(clusters);
  const groups = new Map<SiteId, SiteId[]>();
  for (const site of sites) groups.set(of.get(site) ?? site, [...(groups.get(of.get(site) ?? site) ?? []), site]);
  const members = [...groups.values()];
  const column = new Map(sites.map((s, i) => [s, i]));
  const columnR2 = new Map(withR2.map((s, i) => [s, i]));

  const all = { a: a.map((_, i) => i), b: b.map((_, i) => i) };
  const observed = statistics(rmse!, r2!, sites.map((_, i) => i), withR2.map((_, i) => i), all);
  const drawn = observed.map(() => [] as number[]);
  const rng = random(options.seed, `bootstrap/${flux}`);
  for (let d = 0; d < (options.draws ?? 2000); d++) {
    const sample = members.flatMap(() => members[rng.int(members.length)]!);
    const seeds = { a: resample(all.a, rng), b: resample(all.b, rng) };
    const stats = statistics(rmse!, r2!, sample.map((s) => column.get(s)!), sample.flatMap((s) => columnR2.get(s) ?? []), seeds);
    stats.forEach((v, k) => v !== null && drawn[k]!.push(v));
  }
  const interval = (k: number): Interval => ({ value: observed[k]!, low: quantile(drawn[k]!, 0.025), high: quantile(drawn[k]!, 0.975) });
  return {
    flux, a: nameA, b: nameB, n_sites: sites.length, n_r2: withR2.length, n_clusters: members.length,
    rmse_mean: interval(0), rmse_median: interval(1), r2_mean: interval(2), r2_mean_clipped: interval(3), r2_median: interval(4), win_rate: interval(5),
  };
}

/** Sites that all of them count in their summaries. */
function commonSites(all: readonly Metrics[], flux: Flux): SiteId[] {
  const days = new Map<SiteId, number[]>();
  for (const metrics of all) {
    const { seen_sites } = metrics.summary[flux];
    for (const row of metrics.sites) {
      if (row.flux === flux && row.n >= MIN_DAYS && !seen_sites.includes(row.site)) days.set(row.site, [...(days.get(row.site) ?? []), row.n]);
    }
  }
  const common = [...days].filter(([, n]) => n.length === all.length);
  for (const [site, n] of common) {
    if (new Set(n).size > 1) throw new WorkbookError("BadArgument", `pairedBootstrap: ${site}: the same scored days of ${flux} required in all, found n = ${[...new Set(n)].join(" and ")}; evaluate them together with compare`, { site });
  }
  return common.map(([site]) => site).sort();
}

/** Null when one of them lacks a value. */
function values(a: readonly Metrics[], b: readonly Metrics[], flux: Flux, sites: readonly SiteId[], what: "rmse" | "r2"): Paired | null {
  const read = (m: Metrics): (number | null)[] => {
    const rows = new Map(m.sites.filter((r) => r.flux === flux).map((r) => [r.site, r[what]]));
    return sites.map((s) => rows.get(s) ?? null);
  };
  const [left, right] = [a.map(read), b.map(read)];
  return [...left, ...right].flat().includes(null) ? null : { a: left as number[][], b: right as number[][] };
}

/** In the order of `PairedDifference`: RMSE mean and median, R² mean, clipped mean and median, win rate. */
function statistics(rmse: Paired, r2: Paired, sites: readonly number[], r2Sites: readonly number[], seeds: { a: readonly number[]; b: readonly number[] }): (number | null)[] {
  const pick = (of: Paired, side: "a" | "b", at: readonly number[]): number[] => at.map((i) => seeds[side].reduce((sum, s) => sum + of[side][s]![i]!, 0) / seeds[side].length);
  const minus = (x: number | null, y: number | null): number | null => (x === null || y === null ? null : x - y);
  const [ra, rb] = [pick(rmse, "a", sites), pick(rmse, "b", sites)];
  const [qa, qb] = [pick(r2, "a", r2Sites), pick(r2, "b", r2Sites)];
  const clip = (v: readonly number[]): number[] => v.map((x) => Math.max(0, x));
  return [
    minus(mean(ra), mean(rb)), minus(quantile(ra, 0.5), quantile(rb, 0.5)),
    minus(mean(qa), mean(qb)), minus(mean(clip(qa)), mean(clip(qb))), minus(quantile(qa, 0.5), quantile(qb, 0.5)),
    mean(ra.map((x, i) => (x < rb[i]! ? 1 : x === rb[i]! ? 0.5 : 0))),
  ];
}

function resample(items: readonly number[], rng: Random): number[] {
  return items.map(() => items[rng.int(items.length)]!);
}
