import { WorkbookError } from "../core/errors";
import { duration, type Progress } from "../core/progress";
import { parsePart, runPart } from "../engine/part";
import type { Given, OptionSpec } from "./arguments";
import { engineOf, ENGINE_OPTIONS } from "./engine-options";
import type { VerbResult } from "./verbs";

/** Options of `tasks`: a part is done where it was started. */
export const TASKS_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  part: { kind: "one", help: "I/N: every N-th task, from I on (1/1: all); I from 0 to N − 1 or from 1 to N" },
  workers: { kind: "one", help: "tasks at once (1)" },
  threads: ENGINE_OPTIONS.threads,
};

/** Does a part of a task file that an engine laid out. */
export async function tasksVerb(given: Given, context: { progress: Progress; signal: AbortSignal }): Promise<VerbResult> {
  const [file, ...more] = given.words;
  if (file === undefined || more.length > 0) throw new WorkbookError("BadArgument", `tasks: one FILE is required, got ${given.words.length}; see tasks --help`);
  const part = parsePart(given.one("part") ?? "1/1");
  const result = await runPart(file, part, { ...engineOf("tasks", given), ...context });
  const failed = result.failed.map((f) => `failed: ${f.id} (${f.attempts} attempt${f.attempts === 1 ? "" : "s"}): ${f.reason.split("\n")[0]}`);
  const text = [`${result.done.length} tasks done, ${result.skipped.length} done before, ${result.failed.length} failed; ${duration(result.seconds)}`, ...failed].join("\n");
  return { json: { file, ...part, ...result }, text, code: result.failed.length > 0 ? 1 : 0 };
}
