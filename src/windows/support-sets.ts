import type { Random } from "../core/random";
import { drawSupport, type SupportCandidates } from "./support";

/** A query window: a site's index and the day its window starts. */
export interface Query {
  readonly site: number;
  readonly start: number;
}

/** How a batch draws its support sets. */
export interface SupportRule {
  readonly window: number;
  /** support windows per set; 0 = none */
  readonly support: number;
  readonly pastOnly: boolean;
  /** queries of one site share a set where they may; left out: each has its own */
  readonly shared?: boolean;
}

/** Support windows of one site. */
export interface DrawnSet {
  /** the site's index */
  readonly site: number;
  readonly starts: readonly number[];
}

/** The support sets of a batch. */
export interface DrawnSets {
  readonly sets: readonly DrawnSet[];
  /** which set each query takes `[query]` */
  readonly of: Int32Array;
  /** queries whose support fell back to their own window */
  readonly shortSupport: number;
}

/**
 * Draws the support sets of a batch: one for each query, or, `shared`, one for all queries of a site that share no day with it, as an
 * episode of meta-learning has one support set and several queries. The encoder then runs once an episode and not once a query: on
 * 51 towers a batch of 128 has about 35 sets.
 * @source episodes of one support and many queries: Vinyals et al. 2016, arXiv 1606.04080
 * @example drawSets(sites, queries, { window: 45, support: 4, pastOnly: false, shared: true }, random(1, "epoch 3"))
 */
export function drawSets(sites: readonly { readonly candidates: SupportCandidates }[], queries: readonly Query[], rule: SupportRule, r: Random): DrawnSets {
  const sets: DrawnSet[] = [];
  const of = new Int32Array(queries.length);
  const open = new Map<number, number[]>();
  let shortSupport = 0;
  queries.forEach(({ site, start }, b) => {
    const known = rule.shared === true ? open.get(site)?.find((s) => fits(sets[s]!.starts, start, rule)) : undefined;
    if (known !== undefined) {
      of[b] = known;
      return;
    }
    const drawn = drawSupport(sites[site]!.candidates, start, rule.support, r, rule.pastOnly);
    of[b] = sets.push({ site, starts: drawn.starts }) - 1;
    // A set that is the query's own window is nobody else's.
    if (drawn.short) shortSupport++;
    else open.set(site, [...(open.get(site) ?? []), of[b]!]);
  });
  return { sets, of, shortSupport };
}

/** Whether a query may take a set: they share no day, and with `pastOnly` the set ends before the query begins. */
function fits(starts: readonly number[], query: number, { window, pastOnly }: SupportRule): boolean {
  return starts.every((s) => s + window <= query || (!pastOnly && s >= query + window));
}
