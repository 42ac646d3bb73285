import { count } from "../core/count";
import { WorkbookError } from "../core/errors";
import { nearest } from "../core/nearest";
import { KOPPEN } from "../core/quantities";
import type { Site, SiteId } from "../core/sites";
import { clusterOf, type Cluster } from "../data/splits/clusters";
import { makeSplit } from "../data/splits/splits";
import type { SplitLists } from "./config";

/** Ways to hold something out; `folds:k` is the k-fold by site. */
export const PROTOCOLS = ["koppen", "igbp", "folds:5", "leave-climate", "temporal", "published-koppen", "published-igbp"] as const;

/** One model's share of a protocol: what it learns from and what it is scored on. */
export interface Fold {
  /** also the name of its folders */
  readonly name: string;
  /** configuration key `split` */
  readonly split: string | SplitLists;
  /** the sites it is scored on; null = every site, on days that its run holds out */
  readonly test: readonly SiteId[] | null;
  readonly notes: readonly string[];
}

/** What a protocol asks for. */
export interface Protocol {
  readonly name: string;
  /** zero-shot and known-site results never share a table */
  readonly kind: "zero-shot" | "known-sites";
  /** stands above every table made of it */
  readonly title: string;
  readonly folds: readonly Fold[];
}

/**
 * The folds of a protocol over sites that can be used. The draw hangs on `seed` alone, not on the seeds of the models, so that every
 * model and every seed is scored on the same places.
 * @param sites sites with at least one whole window
 * @param clusters of all sites of the table: those that stand or fall together
 * @throws WorkbookError BadSplit for an unknown name, too few sites or classes
 * @source method §3 (protocols); CarbonFluxBench, arXiv 2603.09868 (published splits)
 * @example planProtocol(table.sites, clusterSites(table.sites), "folds:5", 1).folds[0].test
 */
export function planProtocol(sites: readonly Site[], clusters: readonly Cluster[], name: string, seed: number): Protocol {
  const folds = /^folds:(\d+)$/.exec(name);
  if (folds) {
    const k = Number(folds[1]);
    return zeroShot(name, `${k}-fold by site, zero-shot`, sites, Array.from({ length: Math.max(1, k) }, (_, i) => drawn(sites, clusters, `fold:${i + 1}/${k}`, `fold-${i + 1}`, seed)));
  }
  if (name === "koppen" || name === "igbp") return zeroShot(name, `sites held out by ${name === "koppen" ? "Köppen" : "IGBP"} class, zero-shot`, sites, [drawn(sites, clusters, name, name, seed)]);
  if (name === "leave-climate") return zeroShot(name, "leave one climate out (Köppen main class), zero-shot", sites, leaveClimate(sites, clusters));
  if (name === "published-koppen" || name === "published-igbp") {
    const { test, notes } = makeSplit(sites, name, seed, { clusters });
    return zeroShot(name, "the benchmark's split, zero-shot", sites, [{ name, split: name, test, notes }]);
  }
  if (name === "temporal") {
    return { name, kind: "known-sites", title: "known sites, new years (last fifth of each record, 45-day embargo)", folds: [{ name: "temporal", split: "temporal", test: null, notes: [] }] };
  }
  throw new WorkbookError("BadSplit", `protocol: one of ${PROTOCOLS.join(", ")} (any number of folds) is required, got "${name}"; nearest ${nearest(name, PROTOCOLS).join(", ")}`);
}

/**
 * Folds inside the training side of another fold, for choosing hyper-parameters: its test sites occur in none of them.
 * @throws WorkbookError BadSplit when the training side has too few clusters, or is not known by site
 * @example innerFolds(table.sites, clusters, outer, 3, 1)
 */
export function innerFolds(sites: readonly Site[], clusters: readonly Cluster[], outer: Fold, k: number, seed: number): Fold[] {
  if (outer.test === null) throw new WorkbookError("BadSplit", `search: a protocol that holds sites out is required, got ${outer.name}; choose folds:k, koppen, igbp or leave-climate`);
  const learned = typeof outer.split === "string" ? null : new Set(outer.split.train);
  const held = new Set(outer.test);
  const pool = sites.filter((s) => (learned === null ? !held.has(s.site) : learned.has(s.site)));
  return planProtocol(pool, clusters, `folds:${k}`, seed).folds.map((f) => ({ ...f, name: `${outer.name}-inner-${f.name.replace("fold-", "")}` }));
}

function drawn(sites: readonly Site[], clusters: readonly Cluster[], spec: string, name: string, seed: number): Fold {
  const usable = new Set(sites.map((s) => s.site));
  const inside = clusters.map((c) => ({ ...c, sites: c.sites.filter((s) => usable.has(s)) })).filter((c) => c.sites.length > 0);
  const { train, test, notes } = makeSplit(sites, spec, seed, { clusters: inside });
  return { name, split: { train, test }, test, notes };
}

/** Each Köppen main class in turn: its sites are the test; their neighbours and sites of unknown climate are on neither side. */
function leaveClimate(sites: readonly Site[], clusters: readonly Cluster[]): Fold[] {
  const of = clusterOf(clusters);
  const classes = KOPPEN.filter((c) => sites.some((s) => s.koppen === c));
  if (classes.length < 2) throw new WorkbookError("BadSplit", `protocol "leave-climate": sites of at least 2 Köppen main classes required, found ${classes.join(", ") || "none"}; give a site list with koppen, or choose folds:5`);
  const unknown = sites.filter((s) => s.koppen === null).map((s) => s.site);
  return classes.map((c): Fold => {
    const test = sites.filter((s) => s.koppen === c).map((s) => s.site).sort();
    const near = new Set(test.map((s) => of.get(s) ?? s));
    const others = sites.filter((s) => s.koppen !== null && s.koppen !== c);
    const neighbours = others.filter((s) => near.has(of.get(s.site) ?? s.site)).map((s) => s.site);
    const train = others.map((s) => s.site).filter((s) => !neighbours.includes(s)).sort();
    return {
      name: `without-${c}`, split: { train, test }, test,
      notes: [
        ...(unknown.length > 0 ? [`${count(unknown.length, "site")} of unknown climate, unused: ${unknown.join(", ")}`] : []),
        ...(neighbours.length > 0 ? [`sites of other classes in a cluster with a test site stay unused: ${neighbours.join(", ")}`] : []),
      ],
    };
  });
}

/** A zero-shot protocol, its folds told which of their test sites are of a class that nothing is learned from. */
function zeroShot(name: string, title: string, sites: readonly Site[], folds: readonly Fold[]): Protocol {
  return { name, kind: "zero-shot", title, folds: folds.map((f) => ({ ...f, notes: [...f.notes, ...unseenClasses(sites, f)] })) };
}

function unseenClasses(sites: readonly Site[], { split, test }: Fold): string[] {
  const held = new Set(test ?? []);
  const learns = typeof split === "string" ? sites.filter((s) => !held.has(s.site)) : sites.filter((s) => split.train.includes(s.site));
  return (["igbp", "koppen"] as const).flatMap((by) => {
    const known = new Set(learns.map((s) => s[by]));
    const strange = sites.filter((s) => held.has(s.site) && s[by] !== null && !known.has(s[by]));
    const classes = [...new Set(strange.map((s) => s[by]))].sort();
    return classes.map((c) => `no training site of ${by === "igbp" ? "IGBP" : "Köppen"} ${c}: ${strange.filter((s) => s[by] === c).map((s) => s.site).join(", ")} are of a class never learned`);
  });
}
