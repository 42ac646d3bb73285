import { asDay, formatDay, parseDay, type Day } from "../core/days";
import { WorkbookError } from "../core/errors";
import type { Physical } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { siteRows, type DailyTable } from "../data/daily-table";
import { traceWindow, type WindowTrace } from "../model/trace";
import { readWeights } from "../run/checkpoint";
import { modelConfig, weightsFile } from "../run/model-config";
import { modelRecord } from "../run/model-view";
import { readFinished, readStandardiser } from "../run/run-directory";
import { layRecord } from "../windows/record";
import { physicalFluxes, standardiseDrivers } from "../windows/standardise";
import { predictionStarts } from "../windows/windows";
import { embedSites } from "./embed";

/** One window of one site on its way through the network. */
export interface SiteTrace extends WindowTrace {
  readonly site: SiteId;
  /** first day of the window */
  readonly first: Day;
  readonly channels: readonly string[];
  /** standardised drivers `[time, channel]` */
  readonly drivers: Float32Array;
  /** task embedding `[latent]`; null where `modulated` is false */
  readonly z: Float32Array | null;
  /** g C m⁻² d⁻¹, unclipped `[time, flux]` */
  readonly predicted: Physical<Float32Array>;
}

/** What `traceSite` may be told. */
export interface TraceOptions {
  /** last day of the window, YYYY-MM-DD; the middle window of the record without it */
  readonly day?: string;
  /** the site whose drivers make the task embedding; the site itself without it */
  readonly supportOf?: SiteId;
  /** false: without any modulation */
  readonly modulated?: boolean;
}

/**
 * Follows one window of a site through a trained TAM-RL, step by step. The last day's fluxes are those that `predictRun` gives, before clipping.
 * @throws WorkbookError BadRun for another model or an embedding of the query, BadSite for a site that the table lacks or a day without a whole window
 * @example (await traceSite("data/runs/tamrl", table, "SIM-001")).gates.forget
 */
export async function traceSite(dir: string, table: DailyTable, site: SiteId, options: TraceOptions = {}): Promise<SiteTrace> {
  const { config, channels } = readFinished(dir);
  if (config.model !== "tamrl" || config.embedding === "query" || config.shots > 0) {
    throw new WorkbookError("BadRun", `traceSite: ${dir}: a zero-shot run of model tamrl whose embedding comes from a support set is required, found model ${config.model}, embedding ${config.embedding}, shots ${config.shots}; train one`, { file: dir });
  }
  const { sites, z } = await embedSites(dir, table, { sites: [site], ...(options.supportOf ? { supportOf: new Map([[site, options.supportOf]]) } : {}) });
  const s = readStandardiser(dir);
  const record = modelRecord(config, layRecord(table, siteRows(table).find((r) => r.site.site === sites[0])!, channels, config.max_gap));
  const starts = predictionStarts(record, config.window);
  const wanted = options.day === undefined ? starts[starts.length >> 1] : starts.find((start) => record.first + start + config.window - 1 === parseDay(options.day!));
  if (wanted === undefined) {
    const ends = starts.length === 0 ? "no window with all drivers" : `windows that end from ${formatDay(asDay(record.first + starts[0]! + config.window - 1))} to ${formatDay(asDay(record.first + starts[starts.length - 1]! + config.window - 1))}, with gaps`;
    throw new WorkbookError("BadSite", `traceSite: ${site}: a window of ${config.window} whole days that ends on ${options.day ?? "any day"} is required, found ${ends}; choose another day`, { site });
  }
  const drivers = standardiseDrivers(s, record.drivers).subarray(wanted * channels.length, (wanted + config.window) * channels.length);
  const task = options.modulated === false ? null : z;
  const trace = traceWindow(readWeights(weightsFile(dir)), modelConfig(config, s, "tamrl"), drivers, task);
  return { ...trace, site, first: asDay(record.first + wanted), channels, drivers, z: task, predicted: physicalFluxes(s, trace.fluxes) };
}
