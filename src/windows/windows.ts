import { firstFluxDay, hasFlux, type SiteRecord } from "./record";

/** How windows are cut. */
export interface WindowRule {
  /** days a window spans */
  readonly window: number;
  /** days between window starts; the loss is taken on the last `lossDays` days */
  readonly stride: number;
  readonly lossDays: number;
}

/** Why a site's windows were dropped, in windows. */
export interface WindowCount {
  readonly kept: number;
  readonly missingDriver: number;
  readonly noFlux: number;
}

/**
 * Run length of complete drivers ending at each day `[day]`: a window ending at d is whole when `runs[d] ≥ window`.
 * @example completeRuns(record.complete)[44] >= 45
 */
export function completeRuns(complete: Uint8Array): Int32Array {
  const runs = new Int32Array(complete.length);
  for (let d = 0; d < complete.length; d++) runs[d] = complete[d] ? (d > 0 ? runs[d - 1]! : 0) + 1 : 0;
  return runs;
}

/**
 * Training windows of a record: starts (day index) whose drivers are whole and whose last `lossDays` days hold an observed flux.
 * The first window starts `window − 1` days before the first flux where drivers reach back that far.
 * @source CarbonFluxBench, arXiv 2603.09868 (windows, history days, loss on the last days)
 * @example cutWindows(record, { window: 45, stride: 15, lossDays: 15 }).starts
 */
export function cutWindows(record: SiteRecord, rule: WindowRule, use: (day: number) => boolean = () => true): { starts: Int32Array; count: WindowCount } {
  const runs = completeRuns(record.complete);
  const starts: number[] = [];
  let missingDriver = 0;
  let noFlux = 0;
  const begin = Math.max(0, firstFluxDay(record) - (rule.window - 1));
  for (let s = begin; s + rule.window <= record.length; s += rule.stride) {
    const last = s + rule.window - 1;
    if (runs[last]! < rule.window) missingDriver++;
    else if (!lossDaysHaveFlux(record, last, rule.lossDays, use)) noFlux++;
    else starts.push(s);
  }
  return { starts: Int32Array.from(starts), count: { kept: starts.length, missingDriver, noFlux } };
}

function lossDaysHaveFlux(record: SiteRecord, last: number, lossDays: number, use: (day: number) => boolean): boolean {
  for (let d = last - lossDays + 1; d <= last; d++) if (use(d) && hasFlux(record, d)) return true;
  return false;
}

/**
 * Starts of the windows that predict: stride 1, whole drivers, the last day is the prediction.
 * @source CarbonFluxBench, arXiv 2603.09868 (inference at stride 1, last day kept)
 * @example predictionStarts(record, 45)
 */
export function predictionStarts(record: SiteRecord, window: number): Int32Array {
  const runs = completeRuns(record.complete);
  const starts: number[] = [];
  for (let d = window - 1; d < record.length; d++) if (runs[d]! >= window) starts.push(d - window + 1);
  return Int32Array.from(starts);
}
