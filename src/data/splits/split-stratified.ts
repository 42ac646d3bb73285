import { count } from "../../core/count";
import type { Random } from "../../core/random";
import type { Site, SiteId } from "../../core/sites";
import type { Cluster } from "./clusters";

/** How many sites of a class of `n` should be held out. */
export type HeldOut = (n: number) => number;

/** What a stratified draw of whole clusters gives. */
export interface Draw {
  readonly train: readonly SiteId[];
  readonly test: readonly SiteId[];
  readonly notes: readonly string[];
}

/** Draws tried; the one nearest to the wanted class counts is kept, the first of equals. */
const TRIES = 64;

/**
 * Draws whole clusters for the test side until each class holds about as many test sites as `heldOut` wants. A class keeps at
 * least one training site; clusters with a site of no class, or with a class's only site, train.
 * @source method §3, "Site splits"
 * @example stratifiedDraw(sites, clusters, (s) => s.koppen, (n) => Math.round(0.2 * n), random(1, "split"))
 */
export function stratifiedDraw(sites: readonly Site[], clusters: readonly Cluster[], classOf: (site: Site) => string | null, heldOut: HeldOut, rng: Random): Draw {
  const label = new Map(sites.map((s) => [s.site, classOf(s)]));
  const size = tally(sites.map((s) => s.site), label);
  const wanted = new Map([...size].map(([c, n]) => [c, Math.min(heldOut(n), n - 1)]));
  const mayTest = (cluster: Cluster): boolean => cluster.sites.every((s) => (size.get(label.get(s) ?? "") ?? 0) > 1);
  const open = clusters.filter(mayTest);

  let best: { clusters: Cluster[]; miss: number } = { clusters: [], miss: Infinity };
  for (let t = 0; t < TRIES && best.miss > 0; t++) {
    const held = new Map([...size.keys()].map((c) => [c, 0]));
    const chosen = rng.split(`try ${t}`).shuffle(open).filter((cluster) => {
      const add = tally(cluster.sites, label);
      const gain = [...add].reduce((sum, [c, n]) => sum + Math.abs(wanted.get(c)! - held.get(c)!) - Math.abs(wanted.get(c)! - held.get(c)! - n), 0);
      const leavesOne = [...add].every(([c, n]) => held.get(c)! + n < size.get(c)!);
      if (gain <= 0 || !leavesOne) return false;
      for (const [c, n] of add) held.set(c, held.get(c)! + n);
      return true;
    });
    const miss = [...held].reduce((sum, [c, n]) => sum + Math.abs(wanted.get(c)! - n), 0);
    if (miss < best.miss) best = { clusters: chosen, miss };
  }
  const test = new Set(best.clusters.flatMap((c) => c.sites));
  const train = sites.map((s) => s.site).filter((s) => !test.has(s)).sort();
  return { train, test: [...test].sort(), notes: notesOf(sites, label, size, wanted, test, clusters.filter((c) => !mayTest(c))) };
}

/** Sites of each class, unclassed ones left out. */
function tally(ids: readonly SiteId[], label: ReadonlyMap<SiteId, string | null>): Map<string, number> {
  const out = new Map<string, number>();
  for (const id of ids) {
    const c = label.get(id);
    if (c !== null && c !== undefined) out.set(c, (out.get(c) ?? 0) + 1);
  }
  return new Map([...out].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function notesOf(sites: readonly Site[], label: ReadonlyMap<SiteId, string | null>, size: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>, test: ReadonlySet<SiteId>, closed: readonly Cluster[]): string[] {
  const notes: string[] = [];
  const members = (c: string | null): SiteId[] => sites.map((s) => s.site).filter((s) => label.get(s) === c).sort();
  const unclassed = members(null);
  if (unclassed.length > 0) notes.push(`${count(unclassed.length, "site")} without a class, for training: ${unclassed.join(", ")}`);
  const held = tally([...test], label);
  for (const [c, n] of size) {
    const got = held.get(c) ?? 0;
    if (n === 1) notes.push(`class ${c} has one site, which trains: ${members(c)[0]!}`);
    else if (n < 5) notes.push(`class ${c} has ${count(n, "site")}, fewer than 5: ${got} to test (${members(c).filter((s) => test.has(s)).join(", ") || "none"})`);
    if (n > 1 && got !== wanted.get(c)) notes.push(`class ${c}: ${wanted.get(c)} of ${count(n, "site")} wanted in test, ${got} held out, for clusters stay whole`);
  }
  for (const cluster of closed.filter((c) => c.sites.length > 1)) notes.push(`cluster ${cluster.id} trains whole, for one of its sites has no class or is its class's only one: ${cluster.sites.join(", ")}`);
  return notes;
}
