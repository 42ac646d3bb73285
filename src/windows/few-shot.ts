import { FLUXES } from "../core/quantities";
import type { Random } from "../core/random";
import type { PreparedSite } from "./batches";
import { lowerBound } from "./lower-bound";
import { hasFlux, type SiteRecord } from "./record";
import { predictionStarts } from "./windows";

/** Months of observed flux that the few-shot tables show. @source TAM-RL few-shot, arXiv 2310.04727 (FLUXNET: 1, 3, 12, 24 months) */
export const SHOT_MONTHS = [1, 3, 12, 24] as const;

/** Channels that a few-shot support window has beside its drivers: the three fluxes, z-scored, then three that say which are there. */
export const FLUX_CHANNELS = 2 * FLUXES.length;

/** Days of a record from `from` up to, not including, `to`; counted from the record's first day. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** A prepared site with what few-shot episodes ask of it again and again. */
export interface ShotSite {
  readonly site: PreparedSite;
  /** from the first to the last day with a flux that may be shown */
  readonly observed: Period;
  /** ascending starts of all driver-complete windows */
  readonly starts: Int32Array;
}

/** Days that `months` months have, by the mean month of 365.25 / 12 days. @example shotDays(24) // 731 */
export function shotDays(months: number): number {
  return Math.round((months * 365.25) / 12);
}

/**
 * Numbers of months that an encoder with at most `longest` months is trained and shown with, 0 first.
 * @example shotLadder(24) // [0, 1, 3, 12, 24]
 */
export function shotLadder(longest: number): number[] {
  return longest === 0 ? [0] : [0, ...SHOT_MONTHS.filter((k) => k < longest), longest];
}

/** Lays out a site for few-shot episodes. @example shotSite(prepareSite(record, standardiser, candidates, 1, 0.9)) */
export function shotSite(site: PreparedSite): ShotSite {
  const starts = predictionStarts(site.record, site.candidates.window);
  return { site, starts, observed: observedPeriod(site.record, (d) => !Number.isNaN(site.weight[d]!)) };
}

/** From the first to the last day with a flux among those `use` allows; empty where there is none. @example observedPeriod(record).from */
export function observedPeriod(record: SiteRecord, use: (day: number) => boolean = () => true): Period {
  let from = 0;
  let to = record.length;
  while (to > from && !(use(to - 1) && hasFlux(record, to - 1))) to--;
  while (from < to && !(use(from) && hasFlux(record, from))) from++;
  return { from, to };
}

/**
 * The first months of an observed record, or null for 0 months and for a site without a flux. A shorter record gives what it has.
 * @example firstMonths(observedPeriod(record), 3)
 */
export function firstMonths({ from, to }: Period, months: number): Period | null {
  return months === 0 || from === to ? null : { from, to: Math.min(to, from + shotDays(months)) };
}

/**
 * A stretch of `days` days of the observed record that shares no day with `query`, drawn evenly; null where there is no room.
 * @example drawPeriod(site.observed, 30, { from: 400, to: 445 }, random(1, "episode"))
 */
export function drawPeriod(observed: Period, days: number, query: Period, r: Random): Period | null {
  const before = Math.max(0, Math.min(query.from, observed.to) - days - observed.from + 1);
  const low = Math.max(observed.from, query.to);
  const after = Math.max(0, observed.to - days - low + 1);
  if (before + after === 0) return null;
  const pick = r.int(before + after);
  const from = pick < before ? observed.from + pick : low + (pick - before);
  return { from, to: from + days };
}

/**
 * Starts of `count` windows over a period, spread evenly in time: windows inside it, or around it where it is the shorter; where gaps of
 * the drivers leave none, windows that share any day with it. `place` in [0, 1) says where in its part of the period each window lies.
 * @example periodWindows(site.starts, 45, { from: 0, to: 365 }, 12, () => 0.5)
 */
export function periodWindows(starts: Int32Array, window: number, period: Period, count: number, place: () => number): number[] {
  const edge = period.to - window;
  let list = starts.subarray(lowerBound(starts, Math.min(period.from, edge)), lowerBound(starts, Math.max(period.from, edge) + 1));
  if (list.length === 0) list = starts.subarray(lowerBound(starts, period.from - window + 1), lowerBound(starts, period.to));
  const want = Math.min(count, list.length);
  return Array.from({ length: want }, (_, k) => list[Math.floor(((k + place()) * list.length) / want)]!);
}
