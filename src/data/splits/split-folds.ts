import type { Random } from "../../core/random";
import type { Site, SiteId } from "../../core/sites";
import type { Cluster } from "./clusters";

/**
 * Deals whole clusters into `k` folds, large ones first, each to the fold that holds fewest sites of its classes (then fewest sites).
 * Every site is in one fold; sites without a class count as a class of their own.
 * @returns the sites of each fold `[fold][site]`
 * @source method §3: 5-fold site cross-validation for tuning, stratified by Köppen class as the benchmark's
 * @example clusterFolds(sites, clusters, 5, (s) => s.koppen, random(1, "folds"))[0]
 */
export function clusterFolds(sites: readonly Site[], clusters: readonly Cluster[], k: number, classOf: (site: Site) => string | null, rng: Random): SiteId[][] {
  const label = new Map(sites.map((s) => [s.site, classOf(s) ?? ""]));
  const folds = Array.from({ length: k }, () => ({ sites: [] as SiteId[], held: new Map<string, number>() }));
  const order = rng.shuffle(clusters).sort((a, b) => b.sites.length - a.sites.length);
  for (const cluster of order) {
    const same = (f: (typeof folds)[number]): number => cluster.sites.reduce((sum, s) => sum + (f.held.get(label.get(s)!) ?? 0), 0);
    const best = rng.shuffle(folds).reduce((a, b) => (same(b) - same(a) || b.sites.length - a.sites.length) < 0 ? b : a);
    for (const site of cluster.sites) {
      best.sites.push(site);
      best.held.set(label.get(site)!, (best.held.get(label.get(site)!) ?? 0) + 1);
    }
  }
  return folds.map((f) => f.sites.sort());
}
