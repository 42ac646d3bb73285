import { count } from "../../core/count";
import { WorkbookError } from "../../core/errors";
import { nearest } from "../../core/nearest";
import { random } from "../../core/random";
import type { Site, SiteId } from "../../core/sites";
import { clusterSites, type Cluster, type SiteExceptions } from "./clusters";
import { clusterFolds } from "./split-folds";
import { assertNoLeakage } from "./split-leakage";
import { publishedSplit } from "./split-published";
import { stratifiedDraw, type HeldOut } from "./split-stratified";

/** Splits by name; `fold:i/k` is the i-th of k folds, counted from 1. */
export type SplitName = "koppen" | "igbp" | "none" | `fold:${number}/${number}` | "published-koppen" | "published-igbp";

export { assertNoLeakage, type Sides } from "./split-leakage";

/** Configuration key `split`. */
export type SplitSpec = SplitName | { readonly train: readonly SiteId[]; readonly test: readonly SiteId[] };

/** Sites on either side, sorted, with every decision a reader should know of. */
export interface Split {
  readonly train: readonly SiteId[];
  readonly test: readonly SiteId[];
  readonly notes: readonly string[];
  /** false for published splits, which break clusters knowingly */
  readonly wholeClusters: boolean;
}

/** What a split may be told besides. */
export interface SplitOptions {
  /** clusters made before; default: of `sites` and the committed exceptions */
  readonly clusters?: readonly Cluster[];
  readonly exceptions?: SiteExceptions;
}

const NAMES = ["koppen", "igbp", "none", "fold:1/5", "published-koppen", "published-igbp"] as const;

/** Below this a class gives round(0.2 n) to test, whatever the split. */
const SMALL_CLASS = 5;
const KOPPEN_HELD: HeldOut = (n) => Math.round(0.2 * n);
const IGBP_HELD: HeldOut = (n) => (n < SMALL_CLASS || n > 10 ? Math.round(0.2 * n) : Math.floor(n / 2));

/**
 * Sites to train on and sites held out. Sites without a valid window should be removed before. The order of `sites` does not matter.
 * @throws WorkbookError BadSplit for an unknown name or site, a fold out of range, or a side left empty; Leakage for lists that part a cluster
 * @source method §3, "Clusters" and "Site splits"
 * @example makeSplit(table.sites, "koppen", 1).test
 */
export function makeSplit(sites: readonly Site[], spec: SplitSpec | string, seed: number, options: SplitOptions = {}): Split {
  const clusters = options.clusters ?? clusterSites(sites, options.exceptions);
  const split = draw([...sites].sort((a, b) => (a.site < b.site ? -1 : 1)), spec, seed, clusters);
  const name = typeof spec === "string" ? `"${spec}"` : "lists";
  if (split.train.length === 0) throw new WorkbookError("BadSplit", `split ${name}: at least 1 training site required, found 0 of ${sites.length} sites; give more sites`);
  if (split.test.length === 0 && spec !== "none") {
    throw new WorkbookError("BadSplit", `split ${name}: at least 1 test site required, found 0 of ${sites.length} sites (${split.notes.join("; ") || "no class is large enough"}); give more sites, name them in {train, test}, or use "none"`);
  }
  assertNoLeakage(split, clusters);
  return split;
}

/**
 * The sites of a training side set apart for validation: whole clusters, about `fraction` of each class; at least one cluster.
 * @throws WorkbookError BadSplit when the training side is a single cluster
 * @source method §3: 15 % of training clusters
 * @example validationSplit(trainSites, 0.15, 1).validation
 */
export function validationSplit(trainSites: readonly Site[], fraction: number, seed: number, options: SplitOptions = {}): { train: readonly SiteId[]; validation: readonly SiteId[]; notes: readonly string[] } {
  const ids = new Set(trainSites.map((s) => s.site));
  const clusters = (options.clusters ?? clusterSites(trainSites, options.exceptions)).flatMap((c) => {
    const kept = c.sites.filter((s) => ids.has(s));
    return kept.length > 0 ? [{ ...c, sites: kept }] : [];
  });
  if (clusters.length < 2) throw new WorkbookError("BadSplit", `validation "site": at least 2 training clusters required, found ${clusters.length}; give more sites or use validation "time"`);
  const sorted = [...trainSites].sort((a, b) => (a.site < b.site ? -1 : 1));
  const rng = random(seed, "validation");
  const drawn = stratifiedDraw(sorted, clusters, (s) => s.koppen, (n) => Math.round(fraction * n), rng);
  if (drawn.test.length > 0) return { train: drawn.train, validation: drawn.test, notes: drawn.notes };
  // too few sites for any class to give one: the smallest clusters are the least loss to training
  const smallest = Math.min(...clusters.map((c) => c.sites.length));
  const one = rng.split("one").shuffle(clusters.filter((c) => c.sites.length === smallest))[0]!;
  return {
    train: sorted.map((s) => s.site).filter((s) => !one.sites.includes(s)),
    validation: one.sites,
    notes: [`${count(sorted.length, "training site")}, too few to stratify by class: cluster ${one.id} validates`],
  };
}

function draw(sites: readonly Site[], spec: SplitSpec | string, seed: number, clusters: readonly Cluster[]): Split {
  if (typeof spec !== "string") return listed(sites, spec);
  if (spec === "none") return { train: sites.map((s) => s.site), test: [], notes: [], wholeClusters: true };
  if (spec === "koppen") return { ...stratifiedDraw(sites, clusters, (s) => s.koppen, KOPPEN_HELD, random(seed, "split/koppen")), wholeClusters: true };
  if (spec === "igbp") return { ...stratifiedDraw(sites, clusters, (s) => s.igbp, IGBP_HELD, random(seed, "split/igbp")), wholeClusters: true };
  if (spec === "published-koppen") return { ...publishedSplit(sites, "koppen"), wholeClusters: false };
  if (spec === "published-igbp") return { ...publishedSplit(sites, "igbp"), wholeClusters: false };
  const fold = /^fold:(\d+)\/(\d+)$/.exec(spec);
  if (fold === null) throw new WorkbookError("BadSplit", `split: one of ${NAMES.join(", ")} or {train, test} required, got "${spec}"; nearest ${nearest(spec, NAMES).join(", ")}`);
  return folded(sites, Number(fold[1]), Number(fold[2]), seed, clusters);
}

function folded(sites: readonly Site[], i: number, k: number, seed: number, clusters: readonly Cluster[]): Split {
  if (k < 2 || k > clusters.length || i < 1 || i > k) {
    throw new WorkbookError("BadSplit", `split "fold:${i}/${k}": a fold 1..k with k from 2 to the number of clusters (${clusters.length}) required; folds are counted from 1`);
  }
  const test = clusterFolds(sites, clusters, k, (s) => s.koppen, random(seed, `split/fold/${k}`))[i - 1]!;
  const held = new Set(test);
  return { train: sites.map((s) => s.site).filter((s) => !held.has(s)), test, notes: [`fold ${i} of ${k}: ${test.length} of ${sites.length} sites, whole clusters, classes dealt evenly`], wholeClusters: true };
}

function listed(sites: readonly Site[], spec: { readonly train: readonly SiteId[]; readonly test: readonly SiteId[] }): Split {
  const known = sites.map((s) => s.site);
  for (const side of ["train", "test"] as const) {
    for (const site of spec[side]) {
      if (!known.includes(site)) throw new WorkbookError("BadSplit", `split.${side}: ${site}: sites of the table only, and this is none; nearest ${nearest(site, known, 3).join(", ")}`, { site });
    }
  }
  const used = new Set([...spec.train, ...spec.test]);
  const unused = known.filter((s) => !used.has(s));
  const notes = unused.length === 0 ? [] : [`${count(unused.length, "site")} on neither list, unused: ${unused.join(", ")}`];
  return { train: [...new Set(spec.train)].sort(), test: [...new Set(spec.test)].sort(), notes, wholeClusters: true };
}
