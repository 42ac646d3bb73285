import { WorkbookError } from "../core/errors";
import type { Site } from "../core/sites";
import { FLUXES, type Flux } from "../core/quantities";
import { memberDirs, spreadKind, type SpreadKind } from "../run/ensemble";
import type { RunConfig } from "../run/config";
import { intervalOf, LEVELS } from "./conformal";
import { readCalibration, type EnsembleCalibration } from "./ensemble-calibration";
import type { PredictResult } from "./predict";
import type { Intervals, Predictions } from "./predictions";

/**
 * Predicts with every member of an ensemble and gives their mean, their spread and, where the ensemble is calibrated, intervals.
 * @param sites what is known of the sites: the width of an interval depends on the class
 * @param predictOne predicts with one member's run directory
 * @example await predictMembers(dir, config, table.sites, (member) => predictRun(member, table))
 */
export async function predictMembers(dir: string, config: RunConfig, sites: readonly Site[], predictOne: (member: string) => Promise<PredictResult>): Promise<PredictResult> {
  const results: PredictResult[] = [];
  for (const member of memberDirs(dir, config)) results.push(await predictOne(member));
  const combined = combineMembers(results.map((r) => r.predictions), spreadKind(config));
  const calibration = readCalibration(dir);
  return { ...results[0]!, predictions: calibration === null ? combined : withIntervals(combined, calibration, sites) };
}

/**
 * Mean and spread of members that predict the same rows. The mean is taken before clipping and clipped then, so that a closed balance of
 * all members stays closed before clipping. A day that one member lacks is missing.
 * @throws WorkbookError BadArgument for members of other rows, or fewer than two
 * @source method §6: the mean of the predictions is the prediction
 * @example combineMembers([a, b], "seed spread").spread.gpp
 */
export function combineMembers(members: readonly Predictions[], kind: SpreadKind): Predictions {
  const first = members[0];
  if (first === undefined || members.length < 2) throw new WorkbookError("BadArgument", `combineMembers: at least 2 members required, got ${members.length}`);
  for (const [k, m] of members.entries()) {
    if (m.day.length !== first.day.length || m.day.some((d, i) => d !== first.day[i] || m.site[i] !== first.site[i])) {
      throw new WorkbookError("BadArgument", `combineMembers: member ${k + 1}: the same sites and days as member 1 required; predict the same table with all`);
    }
  }
  const of = (flux: Flux): Moments => moments(members.map((m) => (flux === "nee" ? m.nee : m.raw[flux])));
  const [gpp, reco, nee] = FLUXES.map(of) as [Moments, Moments, Moments];
  return {
    site: first.site, day: first.day, gpp: gpp.mean.map((v) => Math.max(0, v)), reco: reco.mean.map((v) => Math.max(0, v)), nee: nee.mean, raw: { gpp: gpp.mean, reco: reco.mean },
    spread: { kind, gpp: gpp.sd, reco: reco.sd, nee: nee.sd },
  };
}

/** Mean and standard deviation over members. */
export interface Moments {
  readonly mean: Float32Array;
  readonly sd: Float32Array;
}

/** Mean and standard deviation (divisor n − 1) over members `[member][row]`; NaN where one is. */
export function moments(values: readonly Float32Array[]): Moments {
  const n = values.length;
  const mean = values[0]!.map((_, i) => values.reduce((sum, v) => sum + v[i]!, 0) / n);
  return { mean, sd: mean.map((m, i) => Math.sqrt(values.reduce((sum, v) => sum + (v[i]! - m) ** 2, 0) / (n - 1))) };
}

/**
 * Predictions with an interval of each flux at each level, around the values as written.
 * @example withIntervals(combined, calibration, table.sites).intervals[0].nee.low
 */
export function withIntervals(predictions: Predictions, calibration: EnsembleCalibration, sites: readonly Site[]): Predictions {
  const { spread } = predictions;
  if (spread === undefined) throw new WorkbookError("BadArgument", "withIntervals: predictions of an ensemble are required, these have no spread");
  const igbp = new Map(sites.map((s) => [s.site, s.igbp]));
  const igbpOf = (row: number): string | null => igbp.get(predictions.site[row]!) ?? null;
  const intervals = LEVELS.map((level): Intervals => {
    const ends = FLUXES.map((flux) => {
      const own = calibration.fluxes[flux];
      const none = new Float32Array(predictions.day.length).fill(NaN);
      return [flux, own === null ? { low: none, high: none } : intervalOf(own, level, predictions[flux], spread[flux], igbpOf)] as const;
    });
    return { level, ...(Object.fromEntries(ends) as Record<Flux, { low: Float32Array; high: Float32Array }>) };
  });
  return { ...predictions, intervals };
}
