import { FLUXES } from "../core/quantities";
import type { Random } from "../core/random";
import { makeBatch, type Batch, type BatchRule, type PreparedSite, type Query } from "./batches";
import { drawPeriod, FLUX_CHANNELS, firstMonths, periodWindows, shotDays, shotSite, type Period, type ShotSite } from "./few-shot";
import { applyFactors, drawFactors, type Factors, type FluxDistortion } from "./few-shot-distort";
import { drawSupport, predictSupport } from "./support";

/** What few-shot support sets are made of. */
export interface ShotRule extends BatchRule {
  /** numbers of months that episodes draw from; 0 among them keeps the zero-shot form */
  readonly ladder: readonly number[];
  /** weight of the windows with fluxes against those without, where months are given; 1 leaves the latter out */
  readonly share: number;
  /** changes the fluxes of an episode, support and query alike; left out where nothing is to be learnt from it */
  readonly distort?: FluxDistortion;
}

/** The support set of one site, as the encoder takes it. */
export interface SupportSet {
  readonly windows: number;
  /** `[windows, time, channel + 6]` */
  readonly x: Float32Array;
  /** `[windows]`, sums to 1 */
  readonly weight: Float32Array;
}

/**
 * Makes few-shot training batches. Each query draws its number of months, then a stretch of that length of the site's own record that
 * shares no day with the query; windows over it show their fluxes of that stretch, beside windows of drivers as in the zero-shot form.
 * Under `distort` an episode with months gets fluxes of its own, so that only its support tells them (few-shot-distort.ts).
 * Where the record has no room, the longest number of months that fits is taken; `shortSupport` counts these queries.
 * @source TAM-RL few-shot, arXiv 2310.04727 (encoder fed with drivers and fluxes of the few-shot months)
 * @example const makeBatch = shotBatcher(); makeBatch(sites, queries, rule, random(1, "epoch 3"))
 */
export function shotBatcher(): (sites: readonly PreparedSite[], queries: readonly Query[], rule: ShotRule, r: Random) => Batch {
  const laid = new Map<PreparedSite, ShotSite>();
  const layOut = (site: PreparedSite): ShotSite => {
    const known = laid.get(site) ?? shotSite(site);
    laid.set(site, known);
    return known;
  };
  return (sites, queries, rule, r) => {
    const plain = makeBatch(sites, queries, { ...rule, support: 0 }, r);
    const size = queries.length;
    const rows = 2 * rule.support;
    const span = rule.window * (widthOf(sites[0]!) + FLUX_CHANNELS);
    const support = new Float32Array(size * rows * span);
    const supportWeight = new Float32Array(size * rows);
    const F = FLUXES.length;
    let shortSupport = 0;
    queries.forEach((query, b) => {
      const shot = layOut(sites[query.site]!);
      const { period, short } = drawEpisode(shot, query, rule, r);
      const factors = period === null || rule.distort === undefined ? null : drawFactors(rule.distort, r);
      const seen = period === null ? [] : periodWindows(shot.starts, rule.window, period, rule.support, () => r.uniform());
      const drawn = seen.length > 0 && rule.share === 1 ? null : drawSupport(shot.site.candidates, query.start, rule.support, r, rule.pastOnly);
      if (short || drawn?.short) shortSupport++;
      fill(shot.site, { x: support.subarray(b * rows * span, (b + 1) * rows * span), weight: supportWeight.subarray(b * rows, (b + 1) * rows) }, drawn?.starts ?? [], seen, period, rule.window, rule.share, factors);
      if (factors) for (let at = b * rule.lossDays * F; at < (b + 1) * rule.lossDays * F; at += F) applyFactors(plain.y, plain.valid, at, at, factors);
    });
    return { ...plain, windows: rows, support, supportWeight, shortSupport };
  };
}

/**
 * The support set of a site at inference: `count` windows of drivers as in the zero-shot form and, where `months` is not 0, `count` windows
 * over its first months with their fluxes. It depends on the record and these months alone; later fluxes are not looked at.
 * @example predictShots(site, 3, { window: 45, count: 12, share: 0.5 })
 */
export function predictShots(site: PreparedSite, months: number, { window, count, share }: { readonly window: number; readonly count: number; readonly share: number }): SupportSet {
  const shot = shotSite(site);
  const period = firstMonths(shot.observed, months);
  const seen = period === null ? [] : periodWindows(shot.starts, window, period, count, () => 0.5);
  const drivers = seen.length > 0 && share === 1 ? [] : predictSupport(site.candidates, count);
  const windows = drivers.length + seen.length;
  const set = { windows, x: new Float32Array(windows * window * (widthOf(site) + FLUX_CHANNELS)), weight: new Float32Array(windows) };
  fill(site, set, drivers, seen, period, window, share, null);
  return set;
}

/** How many months an episode has, and which. */
function drawEpisode(shot: ShotSite, query: Query, rule: ShotRule, r: Random): { period: Period | null; short: boolean } {
  const wanted = r.int(rule.ladder.length);
  for (let k = wanted; k >= 0; k--) {
    if (rule.ladder[k] === 0) return { period: null, short: k < wanted };
    const period = drawPeriod(shot.observed, shotDays(rule.ladder[k]!), { from: query.start, to: query.start + rule.window }, r);
    if (period !== null) return { period, short: k < wanted };
  }
  return { period: null, short: true };
}

/** Writes windows without fluxes, then those that show them, with their weights. */
function fill(site: PreparedSite, to: { x: Float32Array; weight: Float32Array }, drivers: readonly number[], seen: readonly number[], period: Period | null, window: number, share: number, factors: Factors | null): void {
  const width = widthOf(site);
  const step = width + FLUX_CHANNELS;
  const F = FLUXES.length;
  [...drivers, ...seen].forEach((start, k) => {
    const shows = k >= drivers.length;
    to.weight[k] = seen.length === 0 ? 1 / drivers.length : drivers.length === 0 ? 1 / seen.length : shows ? share / seen.length : (1 - share) / drivers.length;
    for (let t = 0; t < window; t++) {
      const day = start + t;
      const at = (k * window + t) * step;
      to.x.set(site.x.subarray(day * width, (day + 1) * width), at);
      if (!shows || day < period!.from || day >= period!.to || Number.isNaN(site.weight[day]!)) continue;
      for (let f = 0; f < F; f++) {
        const value = site.y[day * F + f]!;
        if (Number.isNaN(value)) continue;
        to.x[at + width + f] = value;
        to.x[at + width + F + f] = 1;
      }
      if (factors) applyFactors(to.x, to.x, at + width, at + width + F, factors);
    }
  });
}

function widthOf(site: PreparedSite): number {
  return site.x.length / Math.max(1, site.record.length);
}
