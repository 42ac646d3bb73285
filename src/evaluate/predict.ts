import { counter, silent, type Progress } from "../core/progress";
import { WorkbookError } from "../core/errors";
import type { SiteId } from "../core/sites";
import { daysOf, siteRows, texts, type DailyTable } from "../data/daily-table";
import { isEnsemble } from "../run/ensemble";
import { checkRecorded } from "../run/hashes";
import { LEARNERS } from "../run/learners";
import { modelRecord } from "../run/model-view";
import { checkPreparation } from "../run/preparation";
import { readFinished, readStandardiser } from "../run/run-directory";
import { layRecord } from "../windows/record";
import { predictMembers } from "./ensemble-predict";
import type { Predictions } from "./predictions";

/** Predictions of a run with what could not be predicted. */
export interface PredictResult {
  readonly predictions: Predictions;
  /** days without a prediction, by site and reason */
  readonly missing: readonly { site: SiteId; reason: string; days: number }[];
}

/** What `predict` takes besides the run. */
export interface PredictOptions {
  /** only these sites */
  readonly sites?: readonly SiteId[];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Predicts GPP, RECO and NEE, g C m⁻² d⁻¹, for every row of a table; its fluxes, if any, are not looked at. GPP and RECO are clipped at 0
 * after inference. A day whose window misses a driver is NaN and counted.
 * @throws WorkbookError BadRun for an unfinished run, BadFile for what was changed since, MissingColumn for a channel the run was trained on and the table lacks
 * @source arXiv 2603.09974; CarbonFluxBench, arXiv 2603.09868 (stride 1, last day)
 * @example const { predictions, missing } = await predictRun("data/runs/tamrl", table)
 */
export async function predictRun(dir: string, table: DailyTable, options: PredictOptions = {}): Promise<PredictResult> {
  const header = readFinished(dir);
  const { config, channels } = header;
  checkPreparation("predict", dir, header.preparation ?? null, table.preparation ?? null, "the table");
  if (isEnsemble(config)) {
    checkRecorded(dir);
    return predictMembers(dir, config, table.sites, (member) => predictRun(member, table, options));
  }
  const wanted = options.sites ? new Set(options.sites) : null;
  const groups = siteRows(table).filter((rows) => wanted === null || wanted.has(rows.site.site));
  const n = groups.reduce((sum, g) => sum + g.to - g.from, 0);
  const ids = texts(table, "site");
  const days = daysOf(table);
  const site: SiteId[] = [];
  const day = new Int32Array(n);
  const fluxes = { gpp: new Float32Array(n), reco: new Float32Array(n), nee: new Float32Array(n) };
  const raw = { gpp: new Float32Array(n), reco: new Float32Array(n) };
  const missing: { site: SiteId; reason: string; days: number }[] = [];
  const report = counter(`predict ${config.model}`, groups.length, options.progress ?? silent);
  const predictor = await LEARNERS[config.model].load({ dir, config, standardiser: readStandardiser(dir) });
  try {
    checkRecorded(dir);
    let at = 0;
    for (const [k, rows] of groups.entries()) {
      if (options.signal?.aborted) throw new WorkbookError("Interrupted", `predict: ${dir}: stopped as asked; nothing was written`);
      const record = modelRecord(config, layRecord(table, rows, channels, config.max_gap));
      const values = await predictor.predict(record);
      const lost = new Map<string, number>();
      for (let i = rows.from; i < rows.to; i++, at++) {
        const d = (days[i]! - record.first) * 3;
        site.push(ids[i]!);
        day[at] = days[i]!;
        raw.gpp[at] = values[d]!;
        raw.reco[at] = values[d + 1]!;
        fluxes.gpp[at] = Math.max(0, values[d]!); // NaN stays NaN
        fluxes.reco[at] = Math.max(0, values[d + 1]!);
        fluxes.nee[at] = values[d + 2]!;
        if (!Number.isNaN(values[d]!)) continue;
        const reason = lossReason(predictor.history ?? config.window, record.length, days[i]! - record.first);
        lost.set(reason, (lost.get(reason) ?? 0) + 1);
      }
      for (const [reason, count] of lost) missing.push({ site: rows.site.site, reason, days: count });
      report(k + 1);
    }
  } finally {
    predictor.dispose();
  }
  return { predictions: { site, day, ...fluxes, raw }, missing };
}

/** Why a day has no prediction, of a model that looks back over `window` days, the day itself included. */
function lossReason(window: number, length: number, day: number): string {
  if (length < window) return `record shorter than the window of ${window} days`;
  if (day < window - 1) return "the record has no history of a whole window yet";
  return window > 1 ? "a driver is missing in the window" : "a driver is missing that day";
}
