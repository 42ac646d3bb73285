import { removeLeftovers } from "../core/leftovers";
import { silent, type Progress } from "../core/progress";
import { lockFolder, type Holder } from "../engine/lock";
import { logLine, runPaths } from "./run-directory";

/**
 * Does work on a run directory that this process alone holds, after taking away temporary files that a killed one left there.
 * @param work calls `tell` once the run may be written to: it says whose lock was taken over, in the run's log and to whoever watches
 * @throws WorkbookError BadRun when another process holds the run, naming it; BadFile where it cannot be written
 * @example await heldRun("data/runs/tamrl", progress, async (tell) => { tell(); … })
 */
export async function heldRun<T>(dir: string, progress: Progress = silent, work: (tell: () => void) => Promise<T>): Promise<T> {
  const former: Holder[] = [];
  const release = lockFolder(dir, "run", (holder) => former.push(holder));
  const tell = (): void => {
    for (const { pid, host } of former) {
      logLine(dir, { event: "took over", pid, host });
      progress({ what: `run: ${dir}: process ${pid} on ${host} has gone and left its lock: taken over`, done: 1, total: 1, secondsLeft: null });
    }
  };
  try {
    removeLeftovers(dir, runPaths(dir).weights);
    return await work(tell);
  } finally {
    release();
  }
}
