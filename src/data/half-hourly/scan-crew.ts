import { Worker } from "node:worker_threads";
import { ScanModule, type TextSlot } from "./fast-rows";
import type { Scanner } from "./scan";
import { ScanAhead } from "./scan-ahead";

/** Slots of a file: so much text waits while the main thread works on another file. */
const SLOTS = 16;
/** More threads would wait for the main one. */
const MOST_HELPERS = 3;

/**
 * Threads that read the plain lines of half-hourly files beside the main one; they start when the first large file comes. The main thread
 * never waits for text that none of them has begun to read, so that on a busy machine, or while they start, it goes on alone.
 */
export class ScanCrew {
  private module: ScanModule | null | undefined;
  private readonly free: number[];
  private readonly waiting: ((first: number) => void)[] = [];
  private readonly helpers: Worker[] = [];

  /**
   * @param threads all threads that may work, the main one among them
   * @param files files that are read side by side
   */
  constructor(private readonly threads: number, private readonly files: number) {
    this.free = Array.from({ length: files }, (_, k) => k * SLOTS);
  }

  /** Help for a scanner, once slots are free; null where there are no threads, or its lines are too long. */
  async help(scanner: Scanner): Promise<ScanAhead | null> {
    const module = this.module === undefined ? (this.module = this.start()) : this.module;
    const { fields } = scanner;
    if (module === null || fields === null) return null;
    const first = this.free.shift() ?? (await new Promise<number>((resolve) => this.waiting.push(resolve)));
    const leave = (): void => {
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(first);
      else next(first);
    };
    const slots = Array.from({ length: SLOTS }, (_, k) => module.slot(first + k, fields));
    if (slots.every((slot): slot is TextSlot => slot !== null)) return new ScanAhead(scanner, slots, leave);
    leave();
    return null;
  }

  /** Ends the threads. */
  async end(): Promise<void> {
    await Promise.all(this.helpers.splice(0).map((helper) => helper.terminate()));
  }

  private start(): ScanModule | null {
    const helpers = Math.min(MOST_HELPERS, this.threads - 1);
    const module = helpers < 1 ? null : ScanModule.open(this.files * SLOTS);
    if (module === null) return null;
    const { worker: file } = require("../wasm/build.cjs") as { readonly worker: string };
    for (let k = 0; k < helpers; k++) {
      const helper = new Worker(file, { workerData: module.workerData(), execArgv: [] });
      helper.on("error", () => undefined); // one that cannot start leaves its share to the others
      helper.unref();
      this.helpers.push(helper);
    }
    return module;
  }
}
