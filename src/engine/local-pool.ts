import { WorkbookError } from "../core/errors";
import type { Ledger } from "./ledger";
import type { PoolSize } from "./sizes";
import { startWorker, type WorkerProcess } from "./worker-process";

/**
 * Does what waits on processes of this machine, as many side by side as `size` says; returns with every one of them gone, whatever
 * happened.
 * @throws WorkbookError MissingPart when no worker starts, and as `Ledger.settle`
 */
export async function runLocally(ledger: Ledger, size: PoolSize, signal: AbortSignal | undefined): Promise<void> {
  const halt = new AbortController();
  const stop = (): void => halt.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  const lanes = Array.from({ length: Math.min(size.workers, ledger.queue.length) }, () => lane(ledger, size.threads, halt));
  const ends = await Promise.allSettled(lanes);
  signal?.removeEventListener("abort", stop);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** One worker's life: takes tasks until none waits, and a new process where its own has died; its error ends all lanes. */
async function lane(ledger: Ledger, threads: number, halt: AbortController): Promise<void> {
  const halted = halt.signal;
  let worker: WorkerProcess | null = null;
  const end = (): void => void worker?.stop();
  halted.addEventListener("abort", end);
  try {
    while (ledger.queue.length > 0 && !halted.aborted) {
      worker ??= await start(threads, halted);
      const next = halted.aborted ? undefined : ledger.queue.shift();
      if (!next) break;
      ledger.begun(next, { pid: worker.pid });
      const outcome = await worker.run(next.task, (p) => ledger.heard(next.task, p));
      if (outcome.end === "died") worker = null;
      if (outcome.end === "died" && halted.aborted) break;
      ledger.settle(next, outcome);
    }
  } catch (error) {
    halt.abort();
    throw error;
  } finally {
    halted.removeEventListener("abort", end);
    await worker?.stop();
  }
}

async function start(threads: number, halted: AbortSignal): Promise<WorkerProcess> {
  const worker = startWorker(threads);
  const broken = await worker.ready;
  if (broken === null || halted.aborted) return worker;
  throw new WorkbookError("MissingPart", `engine: a worker process that starts is required, ${broken}; run npm run setup`);
}
