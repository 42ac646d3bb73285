import type { TaskContext } from "../engine/task";
import type { Members } from "./ensemble";
import { ensureRun } from "./train";

/** What the engine gives a worker that trains one member. */
export interface MemberTask {
  /** path of the table's file */
  readonly table: string;
  readonly config: object;
  readonly channels: readonly string[];
}

/**
 * Trains one member of an ensemble in a worker process, going on from what is there.
 * @throws WorkbookError as `train`
 */
export async function trainMember(given: MemberTask, { output, progress }: TaskContext): Promise<{ windows: number; warnings: string[] }> {
  const { windows, warnings }: Members = await ensureRun({ table: given.table, out: output, config: given.config, channels: given.channels, progress });
  return { windows, warnings: [...warnings] };
}
