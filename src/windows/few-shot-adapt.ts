import { random } from "../core/random";
import { makeBatch, type Batch, type PreparedSite } from "./batches";
import type { Period, ShotSite } from "./few-shot";
import { hasFlux } from "./record";

/** Windows that an adaptation learns from, and how many at most. */
export interface AdaptRule {
  readonly window: number;
  /** days at the end of a window on which the loss is taken */
  readonly lossDays: number;
  readonly most: number;
  /** weight of a day whose QC is unknown */
  readonly unknownQc: number;
}

/**
 * One site's windows that end in `period`, as one batch: loss on the days of the period only, weighted by QC alone (a class weight would
 * scale the step, and a new site has none). At most `most` windows, spread evenly. Null where no driver-complete window shows a flux.
 * @example adaptationBatch(site, { from: 0, to: 91 }, { window: 45, lossDays: 30, most: 48, unknownQc: 0.9 })
 */
export function adaptationBatch(shot: ShotSite, period: Period, rule: AdaptRule): Batch | null {
  const { window, lossDays } = rule;
  const { record, weight } = shot.site;
  const learns = (d: number): boolean => d >= period.from && d < period.to && !Number.isNaN(weight[d]!) && hasFlux(record, d);
  const starts = [...shot.starts].filter((s) => {
    for (let d = s + window - lossDays; d < s + window; d++) if (learns(d)) return true;
    return false;
  });
  const qc = Float32Array.from(weight, (_, d) => (!learns(d) ? NaN : Number.isNaN(record.qc[d]!) ? rule.unknownQc : record.qc[d]!));
  return gathered({ ...shot.site, weight: qc }, starts, rule);
}

/**
 * One site's windows that share no day with `period` and show a flux on their last days: what an adaptation is judged by. Spread evenly, at
 * most `most`; null where there is none.
 * @example judgingBatch(site, { from: 0, to: 91 }, { window: 45, lossDays: 15, most: 64, unknownQc: 0.9 })
 */
export function judgingBatch(shot: ShotSite, period: Period, rule: AdaptRule): Batch | null {
  const { window, lossDays } = rule;
  const { record, weight } = shot.site;
  const starts = [...shot.starts].filter((s) => {
    if (s < period.to && s + window > period.from) return false;
    for (let d = s + window - lossDays; d < s + window; d++) if (!Number.isNaN(weight[d]!) && hasFlux(record, d)) return true;
    return false;
  });
  return gathered(shot.site, starts, rule);
}

function gathered(site: PreparedSite, starts: readonly number[], { window, lossDays, most }: AdaptRule): Batch | null {
  if (starts.length === 0) return null;
  const count = Math.min(most, starts.length);
  const queries = Array.from({ length: count }, (_, k) => ({ site: 0, start: starts[Math.floor(((k + 0.5) * starts.length) / count)]! }));
  // nothing is drawn: without support windows the stream is not touched
  return makeBatch([site], queries, { window, lossDays, support: 0, pastOnly: false }, random(0, "unused"));
}
