import * as fs from "node:fs";
import * as path from "node:path";
import type { SiteId } from "../core/sites";
import type { DailyTable } from "../data/daily-table";
import { targetView } from "../data/target-view";
import { resolveConfig } from "../run/config";
import { isEnsemble, memberDirs, resumeMembers, spreadKind, trainMembers, type MemberOptions } from "../run/ensemble";
import { recordFiles } from "../run/hashes";
import { logLine, readFinished, readSplit, runPaths } from "../run/run-directory";
import { openTable, tableOf, type TrainOptions, type TrainResult } from "../run/train";
import { calibrateOn, calibrationFile, writeCalibration, type EnsembleCalibration } from "./ensemble-calibration";
import { combineMembers } from "./ensemble-predict";
import { predictRun, type PredictOptions } from "./predict";
import type { Predictions } from "./predictions";

/** A spread needs two values. */
const MIN_MEMBERS = 2;

/** Whether overrides ask for an ensemble. @example ensemblePlan({ ensemble: 5 }) // true */
export function ensemblePlan(overrides: object): boolean {
  return isEnsemble(resolveConfig(overrides));
}

/** A trained ensemble with its calibration; null where no site was left to calibrate on. */
export interface EnsembleResult extends TrainResult {
  readonly calibration: EnsembleCalibration | null;
}

/**
 * Trains an ensemble of `config.ensemble` members and calibrates its intervals.
 * @throws WorkbookError as `train`
 * @example await trainEnsemble({ table: "T.parquet", out: "data/runs/five", config: { ensemble: 5, resample: "towers" } })
 */
export async function trainEnsemble(options: TrainOptions & MemberOptions): Promise<EnsembleResult> {
  const result = await trainMembers(options);
  return calibrated(result, (await openTable(options.table)).table, options);
}

/**
 * Goes on with an interrupted ensemble to the same end.
 * @throws WorkbookError as `resume`
 * @example await resumeEnsemble({ dir: "data/runs/five" })
 */
export async function resumeEnsemble(options: { readonly dir: string; readonly table?: TrainOptions["table"]; readonly progress?: TrainOptions["progress"]; readonly signal?: AbortSignal } & MemberOptions): Promise<EnsembleResult> {
  const result = await resumeMembers(options);
  return calibrated(result, (await openTable(options.table ?? tableOf(options.dir))).table, options);
}

/**
 * The ensemble in `out`, finished if need be; else a new one.
 * @throws WorkbookError BadRun when `out` holds a run of another table
 * @example await ensureEnsemble({ table: "T.parquet", out: "data/runs/five", config: { ensemble: 5 } })
 */
export async function ensureEnsemble(options: TrainOptions & MemberOptions): Promise<EnsembleResult> {
  // one killed before it was laid out is begun anew
  if (!fs.existsSync(runPaths(options.out).header)) return trainEnsemble(options);
  return resumeEnsemble({ dir: options.out, ...options });
}

async function calibrated(result: TrainResult, table: DailyTable, options: PredictOptions): Promise<EnsembleResult> {
  const calibration = await calibrateEnsemble(result.dir, table, options);
  const clusters = calibration?.fluxes.nee?.n_clusters ?? 0;
  const warning = calibration === null ? "no interval: no site that two members have not learned from (validation by site, or resample towers with more members, leaves some)"
    : clusters < 9 ? `intervals at 90 % need 9 calibration clusters, at 80 % 4; there are ${clusters}` : null;
  return { ...result, calibration, warnings: warning === null ? result.warnings : [...result.warnings, warning] };
}

/**
 * Calibrates an ensemble on the training table's sites that at least two of its members have not learned from: the validation sites, and with
 * `resample: "towers"` every site that two members did not draw, predicted by those members alone. Writes `calibration.json`; null, and
 * no file, where there is no such site.
 * @source Kim, Xu & Barber 2020, arXiv 2002.09025 (out-of-bag members calibrate a bootstrap ensemble without more training)
 * @example await calibrateEnsemble("data/runs/five", table)
 */
export async function calibrateEnsemble(dir: string, table: DailyTable, options: PredictOptions = {}): Promise<EnsembleCalibration | null> {
  const { config } = readFinished(dir);
  const dirs = memberDirs(dir, config);
  const known = new Set(table.sites.map((s) => s.site));
  const candidates = readSplit(dir).learned.map((s) => s.site).filter((s) => known.has(s));
  const learned = dirs.map((member) => new Set(readSplit(member).train));
  const membersOf = (site: SiteId): number[] => dirs.flatMap((_, k) => (learned[k]!.has(site) ? [] : [k]));
  const sites = candidates.filter((s) => membersOf(s).length >= MIN_MEMBERS);
  recordFiles(dir, [path.basename(calibrationFile(dir))], false);
  fs.rmSync(calibrationFile(dir), { force: true });
  if (sites.length === 0) return null;
  const own: Map<SiteId, Predictions>[] = [];
  for (const [k, member] of dirs.entries()) {
    const wanted = sites.filter((s) => !learned[k]!.has(s));
    own.push(wanted.length === 0 ? new Map() : bySite((await predictRun(member, table, { ...options, sites: wanted })).predictions));
  }
  const parts = sites.map((site) => {
    const members = membersOf(site).map((k) => own[k]!.get(site)!);
    return { predictions: combineMembers(members, spreadKind(config)), members: members.length };
  });
  const calibration = calibrateOn(targetView(table, config.partition), parts, spreadKind(config), dirs.length);
  if (Object.values(calibration.fluxes).every((f) => f === null)) return null;
  writeCalibration(dir, calibration);
  logLine(dir, { event: "calibration", sites: sites.length, clusters: calibration.fluxes.nee?.n_clusters ?? null });
  return calibration;
}

/** Predictions of each site; sites stand one after the other. */
function bySite(p: Predictions): Map<SiteId, Predictions> {
  const out = new Map<SiteId, Predictions>();
  for (let from = 0; from < p.site.length; ) {
    let to = from;
    while (to < p.site.length && p.site[to] === p.site[from]) to++;
    const cut = (values: Float32Array): Float32Array => values.slice(from, to);
    out.set(p.site[from]!, { site: p.site.slice(from, to), day: p.day.slice(from, to), gpp: cut(p.gpp), reco: cut(p.reco), nee: cut(p.nee), raw: { gpp: cut(p.raw.gpp), reco: cut(p.raw.reco) } });
    from = to;
  }
  return out;
}
