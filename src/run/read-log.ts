import * as fs from "node:fs";
import { WorkbookError } from "../core/errors";
import { readText } from "../core/files";
import { parseJson } from "../core/json";
import { runPaths } from "./run-directory";

/** One epoch of a run's log. */
export interface LogEpoch {
  readonly stage: 1 | 2;
  readonly epoch: number;
  readonly train: number;
  /** null where the epoch was not validated */
  readonly validation: number | null;
  readonly seconds: number;
}

/**
 * The epochs of a run's log, in order; an epoch trained again after an interruption counts once, as last trained.
 * @throws WorkbookError BadRun when there is no log
 * @example readLog("data/runs/tamrl").map((e) => e.train)
 */
export function readLog(dir: string): LogEpoch[] {
  const file = runPaths(dir).log;
  if (!fs.existsSync(file)) throw new WorkbookError("BadRun", `readLog: ${dir}: a run with a log is required, found no log.jsonl; name a run directory`, { file });
  const epochs = new Map<string, LogEpoch>();
  for (const line of readText(file).split("\n")) {
    const entry = parseLine(line);
    if (entry !== null && entry.event === "epoch") epochs.set(`${entry.stage}/${entry.epoch}`, { stage: entry.stage, epoch: entry.epoch, train: entry.train, validation: entry.validation, seconds: entry.seconds });
  }
  return [...epochs.values()].sort((a, b) => a.stage - b.stage || a.epoch - b.epoch);
}

/** A line of the log, or null for one that a kill cut short. */
function parseLine(line: string): (LogEpoch & { event: string }) | null {
  try {
    return parseJson(line) as LogEpoch & { event: string };
  } catch {
    return null;
  }
}
