import type { Site, SiteId } from "../core/sites";

/** How site-days are weighted beside their QC. */
export const CLASS_WEIGHTS = ["off", "product", "capped", "site"] as const;
export type ClassWeights = (typeof CLASS_WEIGHTS)[number];

/** A training site and the number of its days that carry a flux. */
export interface SiteDays {
  readonly site: Site;
  readonly days: number;
}

/** Weight by site, mean 1 over the training site-days, with what a reader must know of it. */
export interface ClassWeighting {
  readonly weight: ReadonlyMap<SiteId, number>;
  readonly min: number;
  readonly max: number;
  /** Kish's effective sample as a share of the site-days: (Σw)² / (n Σw²) */
  readonly effectiveShare: number;
  /** the five sites with the largest share of all weight */
  readonly heaviest: readonly { site: SiteId; share: number }[];
  readonly warnings: readonly string[];
}

const CAP = 20;

/**
 * Class weights of the training site-days: `product` = balanced IGBP × balanced Köppen weight (n / (k · n_class)), a missing class
 * has factor 1; `capped` = the product with max:min ≤ 20; `site` = sites equal; `off` = 1. Always normalised to mean 1.
 * @source arXiv 2603.09974 (balanced class weights); Kish 1965 (effective sample size)
 * @example classWeighting([{ site, days: 365 }], "capped").effectiveShare
 */
export function classWeighting(sites: readonly SiteDays[], mode: ClassWeights): ClassWeighting {
  const used = sites.filter((s) => s.days > 0);
  const total = used.reduce((sum, s) => sum + s.days, 0);
  const raw = used.map((s) => rawWeight(s, used, total, mode));
  const capped = mode === "capped" ? cap(raw, used, total) : raw;
  const mean = used.reduce((sum, s, i) => sum + s.days * capped[i]!, 0) / Math.max(1, total);
  const weights = capped.map((w) => w / mean);
  const squares = used.reduce((sum, s, i) => sum + s.days * weights[i]! ** 2, 0);
  const effectiveShare = squares > 0 ? total / squares : 1;
  const heaviest = used
    .map((s, i) => ({ site: s.site.site, share: (s.days * weights[i]!) / Math.max(1, total) }))
    .sort((a, b) => b.share - a.share || (a.site < b.site ? -1 : 1))
    .slice(0, 5);
  const warnings: string[] = [];
  if (effectiveShare < 0.2) warnings.push(`class_weights ${mode}: the effective sample is ${(100 * effectiveShare).toFixed(1)} % of the site-days (below 20 %)`);
  for (const h of heaviest) if (h.share > 0.1 && used.length > 10) warnings.push(`class_weights ${mode}: ${h.site} carries ${(100 * h.share).toFixed(1)} % of all weight (above 10 %)`);
  return {
    weight: new Map(used.map((s, i) => [s.site.site, weights[i]!])),
    min: weights.length ? Math.min(...weights) : 1,
    max: weights.length ? Math.max(...weights) : 1,
    effectiveShare,
    heaviest,
    warnings,
  };
}

function rawWeight(s: SiteDays, all: readonly SiteDays[], total: number, mode: ClassWeights): number {
  if (mode === "off") return 1;
  if (mode === "site") return 1 / s.days;
  return balanced(s.site.igbp, all, total, (x) => x.igbp) * balanced(s.site.koppen, all, total, (x) => x.koppen);
}

function balanced(own: string | null, all: readonly SiteDays[], total: number, of: (site: Site) => string | null): number {
  if (own === null) return 1;
  const counts = new Map<string, number>();
  for (const s of all) {
    const c = of(s.site);
    if (c !== null) counts.set(c, (counts.get(c) ?? 0) + s.days);
  }
  return total / (counts.size * counts.get(own)!);
}

/** Clips to a band of ratio 20 around the geometric mean over site-days. */
function cap(raw: readonly number[], sites: readonly SiteDays[], total: number): number[] {
  const centre = Math.exp(sites.reduce((sum, s, i) => sum + s.days * Math.log(raw[i]!), 0) / Math.max(1, total));
  const half = Math.sqrt(CAP);
  return raw.map((w) => Math.min(centre * half, Math.max(centre / half, w)));
}
