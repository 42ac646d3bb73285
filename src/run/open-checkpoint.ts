import * as fs from "node:fs";
import { isWorkbookError } from "../core/errors";
import { previousCheckpoint, readCheckpoint, type Checkpoint } from "./checkpoint";
import type { TrainContext } from "./learner";
import { logLine, runPaths } from "./run-directory";

/**
 * The checkpoint to go on from: the newest, or where it is damaged or gone the one before it, or null to begin anew. Each of these reaches
 * the same weights, because all randomness hangs on seed, stage, epoch and batch; what was lost is said in the log and to whoever watches.
 * @example const checkpoint = openCheckpoint(context)
 */
export function openCheckpoint({ dir, progress }: Pick<TrainContext, "dir" | "progress">): Checkpoint | null {
  const file = runPaths(dir).checkpoint;
  const previous = previousCheckpoint(file);
  const newest = lookAt(file);
  if (newest.found !== null) return newest.found;
  const before = lookAt(previous);
  if (newest.damage === null && before.damage === null && before.found === null) return null;
  if (before.found === null) fs.rmSync(previous, { force: true });
  // takes the place of the damaged one, or that would be kept as the one before the next
  if (before.found !== null) fs.renameSync(previous, file);
  else fs.rmSync(file, { force: true });
  const why = [newest.damage ?? `${file} is not there`, ...(before.damage === null ? [] : [before.damage])].join("; ");
  const { stage, epoch } = before.found?.state ?? { stage: 1, epoch: 0 };
  logLine(dir, { event: "checkpoint lost", why, from: before.found === null ? "start" : "previous", stage, epoch });
  progress({ what: `resume: ${dir}: ${why}; ${before.found === null ? "beginning anew" : `going on from the checkpoint before it, stage ${stage} epoch ${epoch}`}`, done: 1, total: 1, secondsLeft: null });
  return before.found;
}

function lookAt(file: string): { found: Checkpoint | null; damage: string | null } {
  try {
    return { found: readCheckpoint(file), damage: null };
  } catch (error) {
    // what the system does not let us read is not damaged
    if (!isWorkbookError(error, "BadFile") || error.fields.cause !== undefined) throw error;
    return { found: null, damage: `${file} is damaged (its checksum differs)` };
  }
}
