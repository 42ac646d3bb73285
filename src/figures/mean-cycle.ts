import { asDay, dayOfYear } from "../core/days";
import type { SiteId } from "../core/sites";
import { quantile } from "./quantile";

/** Days in a step of the mean cycle: the compositing period of MODIS vegetation products. */
export const CYCLE_STEP = 8;
const STEPS = Math.ceil(365 / CYCLE_STEP);

/** One step of a mean seasonal cycle over sites, in the units of the values. */
export interface CycleStep {
  /** middle of the step, day of the year 1..365 */
  readonly dayOfYear: number;
  /** mean over sites of each site's mean over its years */
  readonly mean: number;
  readonly q25: number;
  readonly q75: number;
  readonly sites: number;
}

/**
 * Mean seasonal cycle of `values` `[row]` over sites, each site counting once whatever the length of its record: days are averaged
 * by site and 8-day step, then over sites. NaN values are left out; a step without values has no entry. Days of sites in `south`
 * move by half a year, so that seasons of both hemispheres fall together.
 * @example meanCycle(site, day, values, new Set())
 */
export function meanCycle(site: readonly SiteId[], day: ArrayLike<number>, values: ArrayLike<number>, south: ReadonlySet<SiteId>): CycleStep[] {
  const bySite = new Map<SiteId, { sum: Float64Array; n: Float64Array }>();
  for (let i = 0; i < site.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    const id = site[i]!;
    let cycle = bySite.get(id);
    if (cycle === undefined) bySite.set(id, (cycle = { sum: new Float64Array(STEPS), n: new Float64Array(STEPS) }));
    const ordinal = Math.min(364, dayOfYear(asDay(day[i]!)) - 1);
    const step = Math.floor((south.has(id) ? (ordinal + 182) % 365 : ordinal) / CYCLE_STEP);
    cycle.sum[step] += values[i]!;
    cycle.n[step]++;
  }
  return Array.from({ length: STEPS }, (_, step): CycleStep => {
    const means = [...bySite.values()].filter((c) => c.n[step]! > 0).map((c) => c.sum[step]! / c.n[step]!);
    return {
      dayOfYear: step * CYCLE_STEP + Math.min(CYCLE_STEP, 365 - step * CYCLE_STEP) / 2 + 0.5,
      mean: means.length === 0 ? NaN : means.reduce((a, b) => a + b, 0) / means.length,
      q25: quantile(means, 0.25), q75: quantile(means, 0.75), sites: means.length,
    };
  }).filter((step) => step.sites > 0);
}
