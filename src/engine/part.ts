import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import type { EngineOptions, EngineResult } from "./options";
import { runTasks } from "./run-tasks";
import { readTasks } from "./task";

/** Which tasks of a file: every `of`-th, from `part` on. */
export interface Part {
  readonly part: number;
  readonly of: number;
}

/**
 * Reads `I/N`; I is taken modulo N, so that the numbers of an array from 0 to N − 1 and of one from 1 to N each name every part once.
 * @throws WorkbookError BadArgument
 * @example parsePart("40/40") // { part: 0, of: 40 }
 */
export function parsePart(text: string): Part {
  const found = /^(\d+)\/(\d+)$/.exec(text);
  const [part, of] = [Number(found?.[1]), Number(found?.[2])];
  if (!(of >= 1 && part <= of)) throw new WorkbookError("BadArgument", `tasks: --part: I/N with I from 0 to N is required, got "${text}"; in a Slurm array $SLURM_ARRAY_TASK_ID/N`);
  return { part: part % of, of };
}

/**
 * Does a part of a task file on this machine, by default one task at a time on all its processors. Parts run beside one another on machines that
 * share a file system; what is done is not done again, and its own log lies in `FILE.parts`.
 * @throws WorkbookError as `readTasks` and `runTasks`
 * @example await runPart("out/tasks.jsonl", parsePart("3/40"))
 */
export async function runPart(file: string, { part, of }: Part, options: Omit<EngineOptions, "dir"> = {}): Promise<EngineResult> {
  const tasks = readTasks(file).filter((_, i) => i % of === part);
  return runTasks(tasks, { workers: 1, ...options, dir: path.join(`${file}.parts`, `${part}-of-${of}`) });
}
