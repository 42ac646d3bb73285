import type { Random } from "../core/random";
import type { SiteId } from "../core/sites";
import type { Cluster } from "../data/splits/clusters";

/**
 * A bootstrap sample of training towers: as many whole clusters as there are, drawn with replacement; how often each drawn site counts.
 * About 37 % of the clusters are not drawn, and teach nothing to this member.
 * @source Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 6; clusters are the units because neighbours share weather and pixels
 * @example drawTowers(["A", "B"], clusters, random(1, "towers"))
 */
export function drawTowers(sites: readonly SiteId[], clusters: readonly Cluster[], rng: Random): Record<SiteId, number> {
  const wanted = new Set(sites);
  const groups = clusters.map((c) => c.sites.filter((s) => wanted.has(s))).filter((g) => g.length > 0);
  const draws: Record<SiteId, number> = {};
  for (let i = 0; i < groups.length; i++) for (const site of groups[rng.int(groups.length)]!) draws[site] = (draws[site] ?? 0) + 1;
  // in the order of the sites, so that equal draws are equal files
  return Object.fromEntries(sites.filter((s) => draws[s] !== undefined).map((s) => [s, draws[s]!]));
}

/**
 * What a site's days weigh beside their class weight when it was drawn several times: its draws, scaled to a mean of 1 over the
 * drawn site-days, so that the balance term keeps its meaning.
 * @example drawWeight({ A: 2, B: 1 }, (site) => 365)("A") // 1.33
 */
export function drawWeight(draws: Readonly<Record<SiteId, number>>, daysOf: (site: SiteId) => number): (site: SiteId) => number {
  const [once, repeated] = [0, 1].map((power) => Object.entries(draws).reduce((sum, [site, n]) => sum + n ** power * daysOf(site), 0)) as [number, number];
  return (site) => (repeated > 0 ? ((draws[site] ?? 0) * once) / repeated : 1);
}
