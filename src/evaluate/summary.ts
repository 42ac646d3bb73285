import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { mean, quantile, scores, type MseParts } from "./metrics";
import { MIN_DAYS, type ScoredSite } from "./site-metrics";

/** How a score spreads over sites, each site one value; null where no site has one. */
export interface Spread {
  readonly q25: number | null;
  readonly median: number | null;
  readonly q75: number | null;
  readonly mean: number | null;
}

/** R² over sites; `mean_clipped` is the mean of max(0, R²), for a few sites rule the unclipped mean. */
export interface R2Spread extends Spread {
  readonly mean_clipped: number | null;
}

/** One class of sites. */
export interface ClassSummary {
  readonly n_sites: number;
  /** sites among them that have an R² */
  readonly n_r2: number;
  readonly r2: R2Spread;
  readonly rmse: Spread;
}

/** One flux over the sites that count: unseen, with at least 30 scored days. */
export interface FluxSummary extends ClassSummary {
  /** over all days of these sites together */
  readonly pooled: { readonly r2: number | null; readonly rmse: number | null };
  /** mean over sites of the parts of the MSE, (g C m⁻² d⁻¹)² */
  readonly mse: MseParts | null;
  readonly n_days: number;
  readonly n_lost: number;
  /** by class; "unknown" holds the sites without one */
  readonly by_igbp: Readonly<Record<string, ClassSummary>>;
  readonly by_koppen: Readonly<Record<string, ClassSummary>>;
  /** kept out: fewer than 30 scored days */
  readonly short_sites: readonly SiteId[];
  /** kept out: the model, or one it is compared with, has seen them */
  readonly seen_sites: readonly SiteId[];
  /** counted, but without R²: fewer than 90 scored days, or observations that hardly vary */
  readonly no_r2_sites: readonly SiteId[];
}

/**
 * Summaries of each flux over sites.
 * @param seen sites that stay out, whatever their rows say
 * @source method §8: per-site metrics first, then quantiles over sites and means
 * @example summarise(scored, new Set()).nee.r2.median
 */
export function summarise(scored: readonly ScoredSite[], seen: ReadonlySet<SiteId>): Record<Flux, FluxSummary> {
  const entries = FLUXES.map((flux): [Flux, FluxSummary] => [flux, summariseFlux(scored.filter((s) => s.row.flux === flux), seen)]);
  return Object.fromEntries(entries) as Record<Flux, FluxSummary>;
}

function summariseFlux(all: readonly ScoredSite[], seen: ReadonlySet<SiteId>): FluxSummary {
  const ids = (of: readonly ScoredSite[]): SiteId[] => of.map((s) => s.row.site);
  const unseen = all.filter((s) => !seen.has(s.row.site));
  const counted = unseen.filter((s) => s.row.n >= MIN_DAYS);
  const pooled = scores(joined(counted.map((s) => s.observed)), joined(counted.map((s) => s.predicted)));
  const parts = counted.flatMap((s) => s.mse ?? []);
  return {
    ...classSummary(counted),
    pooled: { r2: pooled.r2, rmse: pooled.rmse },
    mse: parts.length === 0 ? null : { bias2: mean(parts.map((p) => p.bias2))!, variance: mean(parts.map((p) => p.variance))!, phase: mean(parts.map((p) => p.phase))! },
    n_days: counted.reduce((sum, s) => sum + s.row.n, 0),
    // of every unseen site: one that loses all its days is the worst of them
    n_lost: unseen.reduce((sum, s) => sum + s.row.n_lost, 0),
    by_igbp: byClass(counted, (s) => s.row.igbp),
    by_koppen: byClass(counted, (s) => s.row.koppen),
    short_sites: ids(unseen.filter((s) => s.row.n < MIN_DAYS)),
    seen_sites: ids(all.filter((s) => seen.has(s.row.site))),
    no_r2_sites: ids(counted.filter((s) => s.row.r2 === null)),
  };
}

function classSummary(sites: readonly ScoredSite[]): ClassSummary {
  const r2 = sites.flatMap((s) => s.row.r2 ?? []);
  return {
    n_sites: sites.length,
    n_r2: r2.length,
    r2: { ...spread(r2), mean_clipped: mean(r2.map((v) => Math.max(0, v))) },
    rmse: spread(sites.flatMap((s) => s.row.rmse ?? [])),
  };
}

function byClass(sites: readonly ScoredSite[], classOf: (s: ScoredSite) => string | null): Record<string, ClassSummary> {
  const classes = [...new Set(sites.map((s) => classOf(s) ?? "unknown"))].sort();
  return Object.fromEntries(classes.map((c) => [c, classSummary(sites.filter((s) => (classOf(s) ?? "unknown") === c))]));
}

function spread(values: readonly number[]): Spread {
  return { q25: quantile(values, 0.25), median: quantile(values, 0.5), q75: quantile(values, 0.75), mean: mean(values) };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
