import { WorkbookError } from "../../core/errors";
import type { SiteId } from "../../core/sites";
import { clusterOf, type Cluster } from "./clusters";

/** The sides that must not share a site or a cluster. */
export interface Sides {
  readonly train: readonly SiteId[];
  readonly validation?: readonly SiteId[];
  readonly test: readonly SiteId[];
  /** false only for published splits, which break clusters knowingly: then sites alone are held apart */
  readonly wholeClusters?: boolean;
}

/**
 * Refuses a split in which a site, or a cluster of sites, stands on two sides. Every run calls it before it trains.
 * @throws WorkbookError Leakage naming the site, the cluster and both sides
 * @example assertNoLeakage({ ...split, validation }, clusters)
 */
export function assertNoLeakage(sides: Sides, clusters: readonly Cluster[]): void {
  const of = clusterOf(clusters);
  const sideOfSite = new Map<SiteId, string>();
  const first = new Map<SiteId, { site: SiteId; side: string }>();
  for (const side of ["train", "validation", "test"] as const) {
    for (const site of sides[side] ?? []) {
      const other = sideOfSite.get(site);
      if (other !== undefined && other !== side) {
        throw new WorkbookError("Leakage", `split: ${site}: one side a site required, found it in ${other} and in ${side}; remove it from one`, { site });
      }
      sideOfSite.set(site, side);
      if (sides.wholeClusters === false) continue;
      const cluster = of.get(site) ?? site;
      const mate = first.get(cluster);
      if (mate !== undefined && mate.side !== side) {
        throw new WorkbookError("Leakage", `split: ${site}: one side a cluster required, found cluster ${cluster} in ${mate.side} (${mate.site}) and in ${side} (${site}); move one of them`, { site });
      }
      first.set(cluster, { site, side });
    }
  }
}
