import { WorkbookError } from "../core/errors";
import type { Progress } from "../core/progress";

/** How often this notebook was interrupted: its kernel counts, elsewhere it is never. */
function interrupts(): number {
  return (globalThis as { __workbookInterrupts__?: () => number }).__workbookInterrupts__?.() ?? 0;
}

/**
 * A progress that ends the work it tells of once a notebook's cell was interrupted. The kernel itself only stops waiting for the cell, and
 * the training would go on unseen.
 * @throws WorkbookError Interrupted at the first event after the interrupt
 * @example await train({ table, out, progress: interruptible(progressDisplay(output().live(), true)) })
 */
export function interruptible(progress: Progress, count: () => number = interrupts): Progress {
  const before = count();
  return (event) => {
    if (count() > before) throw new WorkbookError("Interrupted", `${event.what}: stopped, for the cell was interrupted; run it again to go on`);
    progress(event);
  };
}
