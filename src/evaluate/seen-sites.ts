import type { SiteId } from "../core/sites";
import { clusterSites } from "../data/splits/clusters";
import type { DailyTable } from "../data/daily-table";
import type { RunSplit } from "../run/run-directory";

/**
 * Sites whose fluxes the run has seen, and their neighbours: a tower within a cluster of a training tower is no unseen place, whatever
 * table it comes from. Published splits keep such sites, knowingly.
 */
export function seenSites(split: RunSplit, table: DailyTable): Set<SiteId> {
  const learned = new Set(split.learned.map((s) => s.site));
  if (!split.wholeClusters) return learned;
  const others = table.sites.filter((s) => !learned.has(s.site));
  const near = clusterSites([...split.learned, ...others]).filter((c) => c.sites.some((s) => learned.has(s)));
  return new Set(near.flatMap((c) => c.sites));
}
