import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { sha256 } from "../core/files";
import type { Preparation } from "../data/preparation";
import { readCalibration, type EnsembleCalibration } from "../evaluate/ensemble-calibration";
import { readApplicability, type Applicability } from "../run/applicability";
import type { RunConfig } from "../run/config";
import { isEnsemble, memberDirs, spreadKind, type SpreadKind } from "../run/ensemble";
import { checkRecorded } from "../run/hashes";
import type { PredictContext } from "../run/learner";
import { readFinished, readSplit, readStandardiser, runPaths, type RunSplit } from "../run/run-directory";

/** A single run with what upscaling needs of it. */
export interface TrainedMember extends PredictContext {
  readonly applicability: Applicability;
}

/** A finished run or ensemble as upscaling takes it. */
export interface TrainedRun {
  readonly dir: string;
  readonly config: RunConfig;
  readonly channels: readonly string[];
  /** how the satellite channels were prepared that it learned from; null where it does not say */
  readonly preparation: Preparation | null;
  /** which towers taught it, and which were kept from it */
  readonly split: RunSplit;
  /** the run itself, or the members of the ensemble */
  readonly members: readonly TrainedMember[];
  /** of an ensemble */
  readonly spread: SpreadKind | null;
  readonly calibration: EnsembleCalibration | null;
}

/**
 * Opens a finished run, or an ensemble of which every member is finished.
 * @throws WorkbookError BadRun for an unfinished one, for members of other channels, and for a run without its area of applicability; BadFile for what was changed since
 * @example readTrainedRun("data/runs/five").members.length
 */
export function readTrainedRun(dir: string): TrainedRun {
  const { config, channels, preparation = null } = readFinished(dir);
  const ensemble = isEnsemble(config);
  const members = (ensemble ? memberDirs(dir, config) : [dir]).map((member): TrainedMember => {
    const own = readFinished(member);
    if (own.channels.join() !== channels.join()) throw new WorkbookError("BadRun", `upscale: ${member}: the ensemble's channels (${channels.join(", ")}) are required, found ${own.channels.join(", ")}; train the ensemble again`, { file: member });
    return { dir: member, config: own.config, standardiser: readStandardiser(member), applicability: readApplicability(member) };
  });
  const run: TrainedRun = { dir, config, channels, preparation, split: readSplit(dir), members, spread: ensemble ? spreadKind(config) : null, calibration: ensemble ? readCalibration(dir) : null };
  for (const each of new Set([dir, ...members.map((member) => member.dir)])) checkRecorded(each, "description");
  return run;
}

/** SHA-256 of all that decides a run's predictions: configuration, scales, weights, calibration. @example runIdentity(readTrainedRun(dir)).slice(0, 12) */
export function runIdentity({ config, members, calibration }: TrainedRun): string {
  const hash = crypto.createHash("sha256").update(JSON.stringify([config, calibration]));
  for (const member of members) {
    hash.update(JSON.stringify([member.config, member.standardiser, member.applicability]));
    const { weights } = runPaths(member.dir);
    for (const name of fs.readdirSync(weights).sort()) hash.update(name).update(sha256(path.join(weights, name)));
  }
  return hash.digest("hex");
}

/** Whether the model looks at a site's class at all: one that does not is asked once a cell. */
export function seesClasses({ model, static_inputs }: RunConfig): boolean {
  return static_inputs && model !== "lstm" && model !== "maml";
}
