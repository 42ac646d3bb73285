import { WorkbookError } from "../core/errors";
import { startDriver, type Driver, type DriverMessage } from "./dask-driver";
import type { Ledger, Waiting } from "./ledger";
import type { EngineOptions } from "./options";
import type { PoolSize } from "./sizes";
import { outcomeOf, type Outcome } from "./worker-process";

/**
 * Does what waits on Dask's workers, each feeding Node processes of its own; returns with all of them gone, whatever happened.
 * @throws WorkbookError MissingPart when Dask, its scheduler or Node on its workers is not to be had or goes away, and as `Ledger.settle`
 */
export async function runOnDask(ledger: Ledger, size: PoolSize, options: EngineOptions): Promise<void> {
  const run = new DaskRun(ledger, options);
  const stop = (): void => run.finish();
  const driver = startDriver(size, options, (message) => run.take(message));
  void driver.gone.then((words) => run.fail(driverEnded(words, ledger)));
  options.signal?.addEventListener("abort", stop);
  try {
    if (!options.signal?.aborted) await run.feed(driver);
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await driver.stop();
  }
}

/** The tasks that Dask has, until nothing more is to come of them. */
class DaskRun {
  private readonly open = new Map<string, Waiting>();
  private driver: Driver | null = null;
  private over = false;
  finish: () => void = () => undefined;
  fail: (error: unknown) => void = () => undefined;

  constructor(private readonly ledger: Ledger, private readonly options: EngineOptions) {}

  /** Hands over all that waits, and whatever waits again later; resolves at the end. */
  feed(driver: Driver): Promise<void> {
    this.driver = driver;
    return new Promise((resolve, reject) => {
      this.finish = () => ((this.over = true), resolve());
      this.fail = (error) => ((this.over = true), reject(error));
      this.hand();
    });
  }

  private hand(): void {
    for (let next = this.ledger.queue.shift(); next; next = this.ledger.queue.shift()) {
      this.open.set(next.task.id, next);
      this.driver?.send(next.task);
    }
    if (this.open.size === 0) this.finish();
  }

  take(message: DriverMessage): void {
    if (this.over) return;
    try {
      this.hear(message);
    } catch (error) {
      this.fail(error);
    }
  }

  private hear(message: DriverMessage): void {
    switch (message.event) {
      case "ready":
        return this.ledger.log({ event: "dask", scheduler: message.scheduler, driver: message.pid });
      case "workers":
        this.ledger.log({ event: "workers", n: message.n });
        return this.ledger.report(message.n === 0 ? "waiting for Dask workers" : `${message.n} Dask worker${message.n === 1 ? "" : "s"}`);
      case "refused":
        throw refusal(message, this.options, this.ledger);
      default:
        return this.hearOf(message.id, message);
    }
  }

  private hearOf(id: string, message: Exclude<DriverMessage, { readonly event: "ready" | "workers" | "refused" }>): void {
    const waiting = this.open.get(id);
    if (!waiting) return;
    if (message.event === "task") return this.ledger.begun(waiting, { pid: message.pid, host: message.host, worker: message.worker, worker_pid: message.worker_pid });
    if (message.event === "progress") return this.ledger.heard(waiting.task, message.progress);
    if (message.event === "unfit" && this.ledger.done.length === 0) {
      throw new WorkbookError("MissingPart", `dask: Node and this project's folder on every Dask worker are required, found none at ${message.reason}; put both where the workers see them under the same path`);
    }
    const outcome: Outcome = message.event === "died" || message.event === "unfit" ? { end: "died", reason: message.reason } : outcomeOf(message)!;
    this.open.delete(id);
    this.ledger.settle(waiting, outcome);
    this.hand();
  }
}

function refusal({ kind, reason }: Extract<DriverMessage, { readonly event: "refused" }>, { scheduler, cluster }: EngineOptions, ledger: Ledger): WorkbookError {
  const texts = {
    unreachable: `a Dask scheduler that answers at ${scheduler} is required, found none within 5 s (${reason}); start it (dask scheduler) or mend the address`,
    versions: `the same versions on both sides are required, ${reason}; name a Python with the cluster's versions by TAMRL_DASK_PYTHON, or install src/workbook/requirements-dask.txt there`,
    cluster: `a cluster ${cluster ?? "local"} that starts is required, it does not (${reason}); see Dask's configuration (jobqueue.yaml) and environment.md, HPC and clusters`,
    lost: `a Dask scheduler that lives is required, ${reason} with ${ledger.done.length} tasks done in this run; start it again, and the same command goes on from there`,
  };
  return new WorkbookError("MissingPart", `dask: ${texts[kind]}`);
}

function driverEnded(words: string, ledger: Ledger): WorkbookError {
  const lacks = /No module named '([\w.]+)'/.exec(words)?.[1];
  if (lacks !== undefined) return new WorkbookError("MissingPart", `dask: the Python packages distributed and dask-jobqueue are required, ${lacks} is not there; run npm run setup, or name a Python that has them by TAMRL_DASK_PYTHON`);
  return new WorkbookError("MissingPart", `dask: a driver that lives is required, ${words}; ${ledger.done.length} tasks were done in this run, the same command goes on from there`);
}
