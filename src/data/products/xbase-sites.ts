import * as path from "node:path";
import { projectRoot } from "../../core/files";
import { checkKeys, readJson } from "../../core/json";
import type { Site, SiteId } from "../../core/sites";
import { CLUSTER_KM, clusterOf, clusterSites, neighbours } from "../splits/clusters";

/** Sites by what a product has seen of them. */
export interface SeenByProduct {
  /** on its training list */
  readonly listed: readonly SiteId[];
  /** within 15 km of a listed site, or named as one place with it */
  readonly near: readonly { readonly site: SiteId; readonly nearest: SiteId; readonly km: number | null }[];
  /** neither: here the comparison is fair */
  readonly outside: readonly SiteId[];
  /** listed sites whose position is not known, so that nearness to them could not be checked */
  readonly unlocated: readonly SiteId[];
}

/** The 295 towers X-BASE was trained on. @source data/xbase-sites.json @example readXbaseSites().includes("DE-Hai") // true */
export function readXbaseSites(file = path.join(projectRoot(), "data", "xbase-sites.json")): readonly SiteId[] {
  const value = readJson<{ sites: SiteId[] }>(file, "readXbaseSites");
  checkKeys("readXbaseSites", value, ["about", "source", "sites"]);
  return value.sites;
}

/**
 * Parts sites into those a product was trained on, their neighbours, and the rest.
 * @param known positions of further sites, e.g. of a list given with --product-sites
 * @source method §9: report the subset outside the list and more than 15 km from any listed site
 * @example seenByProduct(table.sites, readXbaseSites()).outside
 */
export function seenByProduct(sites: readonly Site[], trained: readonly SiteId[], known: readonly Site[] = []): SeenByProduct {
  const list = new Set(trained);
  const ids = new Set(sites.map((s) => s.site));
  const all = [...sites, ...known.filter((s) => !ids.has(s.site))];
  const placed = all.filter((s) => list.has(s.site) && s.lat !== null && s.lon !== null);
  const rest = sites.filter((s) => !list.has(s.site));
  const close = new Map(neighbours(rest, placed, CLUSTER_KM).map((n) => [n.site, n]));
  // named groups hold even where a position is missing; positions are left out here, for single linkage reaches further than 15 km
  const names = [...new Set([...rest.map((s) => s.site), ...trained])];
  const group = clusterOf(clusterSites(names.map((site) => ({ site, lat: null, lon: null, igbp: null, koppen: null, koppenDetail: null }))));
  const groupOfListed = new Map(trained.map((site) => [group.get(site)!, site]));
  const near = rest.flatMap((s): SeenByProduct["near"][number][] => {
    const found = close.get(s.site);
    if (found) return [found];
    const mate = groupOfListed.get(group.get(s.site)!);
    return mate === undefined ? [] : [{ site: s.site, nearest: mate, km: null }];
  });
  const seen = new Set(near.map((n) => n.site));
  return {
    listed: sites.filter((s) => list.has(s.site)).map((s) => s.site),
    near,
    outside: rest.filter((s) => !seen.has(s.site)).map((s) => s.site),
    unlocated: trained.filter((site) => !placed.some((p) => p.site === site)),
  };
}
