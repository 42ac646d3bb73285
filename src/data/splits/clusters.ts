import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { projectRoot } from "../../core/files";
import { checkKeys, readJson } from "../../core/json";
import { distanceKm, type Site, type SiteId } from "../../core/sites";

/** Sites at most this far apart share a reanalysis cell and much of a satellite box, km. */
export const CLUSTER_KM = 15;

/** Sites that stand or fall together in every split. */
export interface Cluster {
  /** id of its first site */
  readonly id: SiteId;
  /** sorted by id */
  readonly sites: readonly SiteId[];
  /** sites of unknown position: joined by name only, else alone */
  readonly withoutPosition: readonly SiteId[];
}

/** What `data/site-exceptions.json` holds: groups of sites that are one place whatever their positions say, each with its reason. */
export interface SiteExceptions {
  readonly clusters: readonly { readonly sites: readonly SiteId[]; readonly why: string }[];
}

/**
 * Reads the visible list of exceptions.
 * @throws WorkbookError BadFile when it is missing or not JSON, BadConfig for an unknown key
 * @example readSiteExceptions().clusters[0].why
 */
export function readSiteExceptions(file: string = path.join(projectRoot(), "data", "site-exceptions.json")): SiteExceptions {
  const value = readJson<SiteExceptions>(file, "readSiteExceptions");
  checkKeys(`readSiteExceptions: ${file}`, value, ["about", "clusters"]);
  for (const group of value.clusters) checkKeys(`readSiteExceptions: ${file}`, group, ["sites", "why"]);
  return value;
}

/**
 * Joins sites into clusters: single linkage at 15 km, plus the named groups. Ordered by id; the order of `sites` does not matter.
 * @throws WorkbookError BadSite for a site listed twice
 * @source method §3: 30 % of network sites have a neighbour within 2 km (same ERA5 cell, overlapping MODIS box)
 * @example clusterSites(table.sites).filter((c) => c.sites.length > 1)
 */
export function clusterSites(sites: readonly Site[], exceptions: SiteExceptions = readSiteExceptions()): Cluster[] {
  const sorted = [...sites].sort((a, b) => (a.site < b.site ? -1 : 1));
  const row = new Map(sorted.map((s, i) => [s.site, i]));
  if (row.size !== sorted.length) {
    const twice = sorted.find((s, i) => s.site === sorted[i + 1]?.site)!.site;
    throw new WorkbookError("BadSite", `clusterSites: ${twice}: one entry a site required, found two; remove one`, { site: twice });
  }
  const parent = sorted.map((_, i) => i);
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]!]!;
    return i;
  };
  // the smaller row becomes the root, so a cluster is named after its first site
  const join = (i: number, j: number): void => {
    const [a, b] = [root(i), root(j)];
    parent[Math.max(a, b)] = Math.min(a, b);
  };
  for (let i = 0; i < sorted.length; i++) for (let j = i + 1; j < sorted.length; j++) if (near(sorted[i]!, sorted[j]!)) join(i, j);
  for (const group of exceptions.clusters) {
    const present = group.sites.flatMap((s) => row.get(s) ?? []);
    for (const i of present.slice(1)) join(present[0]!, i);
  }
  const members = new Map<number, Site[]>();
  sorted.forEach((site, i) => members.set(root(i), [...(members.get(root(i)) ?? []), site]));
  return [...members.values()].map((group) => ({
    id: group[0]!.site,
    sites: group.map((s) => s.site),
    withoutPosition: group.filter((s) => position(s) === null).map((s) => s.site),
  }));
}

/**
 * The cluster of each site.
 * @example clusterOf(clusterSites(sites)).get("US-Ne2") // "US-Ne1"
 */
export function clusterOf(clusters: readonly Cluster[]): Map<SiteId, SiteId> {
  return new Map(clusters.flatMap((c) => c.sites.map((site): [SiteId, SiteId] => [site, c.id])));
}

/**
 * Sites of `of` within `km` of a site of `to`, each with its nearest neighbour there; sites without position are not among them.
 * @example neighbours(test, train).length // test sites that are no real extrapolation
 */
export function neighbours(of: readonly Site[], to: readonly Site[], km = CLUSTER_KM): { site: SiteId; nearest: SiteId; km: number }[] {
  return of.flatMap((a) => {
    const from = position(a);
    if (from === null) return [];
    const found = to.flatMap((b) => {
      const other = position(b);
      return other === null || b.site === a.site ? [] : [{ site: a.site, nearest: b.site, km: distanceKm(from, other) }];
    });
    const best = found.sort((x, y) => x.km - y.km)[0];
    return best !== undefined && best.km <= km ? [best] : [];
  });
}

function near(a: Site, b: Site): boolean {
  const [p, q] = [position(a), position(b)];
  // 0.14° of latitude is over 15 km: most pairs need no trigonometry
  return p !== null && q !== null && Math.abs(p.lat - q.lat) < 0.14 && distanceKm(p, q) <= CLUSTER_KM;
}

function position(site: Site): { lat: number; lon: number } | null {
  return site.lat === null || site.lon === null || !Number.isFinite(site.lat) || !Number.isFinite(site.lon) ? null : { lat: site.lat, lon: site.lon };
}
