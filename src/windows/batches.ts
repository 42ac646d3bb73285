import { FLUXES, STATIC_WIDTH, type Standardized } from "../core/quantities";
import { oneHots } from "../core/sites";
import type { Random } from "../core/random";
import type { SiteRecord } from "./record";
import { standardiseDrivers, standardiseFluxes, type Standardiser } from "./standardise";
import type { SupportCandidates } from "./support";
import { drawSets, type Query, type SupportRule } from "./support-sets";

export type { Query };

/** A record made ready for gathering: z-scored once, weights by day. */
export interface PreparedSite {
  readonly record: SiteRecord;
  /** `[day, channel]` */
  readonly x: Standardized<Float32Array>;
  /** `[day, flux]`, NaN = missing */
  readonly y: Standardized<Float32Array>;
  /** `[day]` QC × class weight; NaN on days that must not train */
  readonly weight: Float32Array;
  /** `[static]` one-hots */
  readonly statics: Float32Array;
  readonly candidates: SupportCandidates;
}

/** Support sets that stand for several queries. */
export interface SharedSets {
  /** which set each query takes `[batch]` */
  readonly of: Int32Array;
  /** `[set, static]` one-hots of the set's site */
  readonly statics: Float32Array;
}

/** One batch as typed arrays, ready to become tensors. */
export interface Batch {
  readonly size: number;
  readonly windows: number;
  /** `[batch, time, channel]` */
  readonly x: Float32Array;
  /** `[batch, static]` */
  readonly statics: Float32Array;
  /** `[set * windows, time, channel]`, or null when the embedding needs none; a set is a query's own where `shared` is null */
  readonly support: Float32Array | null;
  /** `[set, windows]`, rows sum to 1 */
  readonly supportWeight: Float32Array | null;
  /** the sets that queries share, or null where each query has its own */
  readonly shared: SharedSets | null;
  /** `[batch, lossDays, flux]`, missing as 0 with `valid` 0 */
  readonly y: Float32Array;
  readonly valid: Float32Array;
  /** `[batch, lossDays]` */
  readonly weight: Float32Array;
  /** queries whose support fell back to their own window */
  readonly shortSupport: number;
}

/** What a batch is made of. */
export interface BatchRule extends SupportRule {
  readonly lossDays: number;
}

/**
 * Z-scores a record and lays out its day weights: QC (unknown → `unknownQc`) × class weight, NaN where `use` says no.
 * @example prepareSite(record, standardiser, candidates, 1, 0.9)
 */
export function prepareSite(record: SiteRecord, s: Standardiser, candidates: SupportCandidates, classWeight: number, unknownQc: number, use: (day: number) => boolean = () => true): PreparedSite {
  const weight = new Float32Array(record.length);
  for (let d = 0; d < record.length; d++) {
    const qc = record.qc[d]!;
    weight[d] = use(d) ? (Number.isNaN(qc) ? unknownQc : qc) * classWeight : NaN;
  }
  return { record, x: standardiseDrivers(s, record.drivers), y: standardiseFluxes(s, record.targets), weight, statics: oneHots(record.site), candidates };
}

/**
 * Gathers queries into one batch; each window is one contiguous copy. `r` draws the support windows.
 * @example makeBatch(sites, queries.slice(0, 128), { window: 45, lossDays: 15, support: 4, pastOnly: false, shared: true }, random(1, "epoch 3"))
 */
export function makeBatch(sites: readonly PreparedSite[], queries: readonly Query[], rule: BatchRule, r: Random): Batch {
  const size = queries.length;
  const F = FLUXES.length;
  const width = (sites[0]?.x.length ?? 0) / Math.max(1, sites[0]?.record.length ?? 1);
  const span = rule.window * width;
  const x = new Float32Array(size * span);
  const statics = new Float32Array(size * STATIC_WIDTH);
  const y = new Float32Array(size * rule.lossDays * F);
  const valid = new Float32Array(y.length);
  const weight = new Float32Array(size * rule.lossDays);
  queries.forEach((query, b) => {
    const site = sites[query.site]!;
    x.set(site.x.subarray(query.start * width, query.start * width + span), b * span);
    statics.set(site.statics, b * STATIC_WIDTH);
    const from = query.start + rule.window - rule.lossDays;
    for (let d = 0; d < rule.lossDays; d++) {
      const w = site.weight[from + d]!;
      if (Number.isNaN(w)) continue;
      weight[b * rule.lossDays + d] = w;
      for (let f = 0; f < F; f++) {
        const value = site.y[(from + d) * F + f]!;
        const at = (b * rule.lossDays + d) * F + f;
        if (!Number.isNaN(value)) {
          y[at] = value;
          valid[at] = 1;
        }
      }
    }
  });
  const drawn = rule.support > 0 ? layOutSets(sites, queries, rule, span, r) : { support: null, supportWeight: null, shared: null, shortSupport: 0 };
  return { size, windows: rule.support, x, statics, ...drawn, y, valid, weight };
}

/** Draws the batch's support sets and lays their windows side by side. */
function layOutSets(sites: readonly PreparedSite[], queries: readonly Query[], rule: BatchRule, span: number, r: Random): Pick<Batch, "support" | "supportWeight" | "shared" | "shortSupport"> {
  const { sets, of, shortSupport } = drawSets(sites, queries, rule, r);
  const support = new Float32Array(sets.length * rule.support * span);
  const supportWeight = new Float32Array(sets.length * rule.support);
  const width = span / rule.window;
  sets.forEach(({ site, starts }, s) => {
    starts.forEach((start, k) => {
      support.set(sites[site]!.x.subarray(start * width, start * width + span), (s * rule.support + k) * span);
      supportWeight[s * rule.support + k] = 1 / starts.length;
    });
  });
  if (rule.shared !== true) return { support, supportWeight, shared: null, shortSupport };
  const statics = new Float32Array(sets.length * STATIC_WIDTH);
  sets.forEach(({ site }, s) => statics.set(sites[site]!.statics, s * STATIC_WIDTH));
  return { support, supportWeight, shared: { of, statics }, shortSupport };
}
