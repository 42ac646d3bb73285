import * as fs from "node:fs";
import * as v8 from "node:v8";
import { Worker } from "node:worker_threads";
import { WorkbookError } from "../core/errors";
import { flag } from "./flags";
import { heapOf, wasmBackend, type WasmBackend } from "./wasm-heap";

/** The project's own wasm operations (wasm/*.ts) on the heap of TensorFlow.js, with threads. */
export interface WasmThreads {
  readonly threads: number;
  /** "relaxed SIMD" has a fused multiply-add */
  readonly instructions: "relaxed SIMD" | "SIMD";
  /** why there is one thread where more were asked for, else "" */
  readonly note: string;
  /** runs tasks 0 … tasks − 1 of an operation, side by side, and returns when all are done; numbers are sizes and addresses */
  run(operation: string, tasks: number, ...numbers: number[]): void;
  /** a size that the operations ask for, e.g. of scratch, in floats */
  size(name: string, ...numbers: number[]): number;
}

/** Places in the list that threads share; each is an int32. */
const PLACE = { round: 0, left: 1, done: 2, failed: 3, limit: 4, ready: 5, operation: 6, count: 7, arguments: 8 };
const LIST_BYTES = 4 * 64;
/** A thread that has not begun to work after this time is not waited for: the main thread does what others do not take. */
const START_MS = 3000;

interface Crew {
  readonly asked: "" | "SIMD";
  readonly exports: Readonly<Record<string, (...numbers: number[]) => number>>;
  readonly instructions: WasmThreads["instructions"];
  readonly list: Int32Array;
  /** starts one more thread; null where the heap is not shared */
  readonly start: ((index: number) => Worker) | null;
  readonly started: Worker[];
  note: string;
}

interface Built {
  builtWasm(): { ok: boolean; why: string; relaxed: string; plain: string; backend: string };
  withMemory(bytes: Uint8Array, shared: boolean): Uint8Array;
  readonly worker: string;
}

/**
 * Opens the wasm operations on the current wasm backend with `threads` threads. They are kept on the backend itself: a notebook that
 * imports src/ again after an edit must not start others. Idle threads sleep and do not keep the process alive.
 * `instructions` asks for less than the engine has; a test does.
 * @returns the operations, or the reason why they cannot be used, with its cure
 * @example const opened = openWasmThreads(2); if ("why" in opened) console.error(opened.why)
 */
export function openWasmThreads(threads: number, instructions: "" | "SIMD" = ""): WasmThreads | { readonly why: string } {
  const backend = wasmBackend();
  if (backend === null) return { why: "it needs the backend wasm, another is current; set TAMRL_BACKEND=wasm or run npm run setup" };
  try {
    const before = backend.tamrl as Crew | undefined;
    if (before === undefined || before.asked !== instructions) {
      backend.tamrl = newCrew(backend, instructions);
      before?.started.forEach((worker) => void worker.terminate());
    }
    const crew = backend.tamrl as Crew;
    Atomics.store(crew.list, PLACE.limit, enlist(crew, threads - 1));
    return threadsOf(crew);
  } catch (error) {
    return { why: `${String((error as Error).message).split("\n")[0]}; run npm run setup` };
  }
}

/** The opened wasm operations where the wasm backend is current and has them, else null. @example wasmThreads()?.threads */
export function wasmThreads(): WasmThreads | null {
  const crew = wasmBackend()?.tamrl as Crew | undefined;
  return crew === undefined ? null : threadsOf(crew);
}

/** The same, for what surrounds the LSTM: only where `openBackend` chose the kernel wasm. @example wasmOps()?.run("adam", 1, …) */
export function wasmOps(): WasmThreads | null {
  return flag("TAMRL_LSTM_KERNEL") === "wasm" ? wasmThreads() : null;
}

function newCrew(backend: WasmBackend, asked: Crew["asked"]): Crew {
  const built = require("./build-wasm.cjs") as Built;
  const files = built.builtWasm();
  const memory = heapOf(backend);
  if (!files.ok) throw new Error(`the wasm operations cannot be loaded: ${files.why}`);
  if (memory === undefined) throw new Error("this version of TensorFlow.js's wasm backend hides its heap");
  const relaxed = asked === "" && hasRelaxedSimd(fs.readFileSync(files.relaxed));
  const shared = Object.prototype.toString.call(memory.buffer) === "[object SharedArrayBuffer]";
  const bytes = built.withMemory(fs.readFileSync(relaxed ? files.relaxed : files.plain), shared);
  const module = new WebAssembly.Module(bytes);
  const control = new SharedArrayBuffer(LIST_BYTES);
  const start = (index: number): Worker => {
    const worker = new Worker(built.worker, { workerData: { compiled: module, memory, control, place: PLACE, index }, execArgv: [] });
    worker.unref();
    return worker;
  };
  return {
    asked,
    exports: new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Crew["exports"],
    instructions: relaxed ? "relaxed SIMD" : "SIMD",
    list: new Int32Array(control),
    start: shared ? start : null,
    started: [],
    note: shared ? "" : "the heap of TensorFlow.js is not shared, it was opened before set-up had run; restart",
  };
}

/** Node.js 20 has the fused multiply-add of relaxed SIMD behind a flag that may be set while it runs; from 22 on it needs none. */
function hasRelaxedSimd(bytes: Uint8Array): boolean {
  if (WebAssembly.validate(bytes)) return true;
  v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
  return WebAssembly.validate(bytes);
}

/** Starts threads until there are `wanted` besides the main one, and waits until they work. Returns how many do. */
function enlist(crew: Crew, wanted: number): number {
  if (crew.start === null || wanted <= 0) return 0;
  try {
    while (crew.started.length < wanted) {
      const worker = crew.start(crew.started.length);
      worker.on("error", (error) => { crew.note = `a thread ended: ${error.message}`; });
      crew.started.push(worker);
    }
  } catch (error) {
    crew.note = `no thread can be started: ${String((error as Error).message).split("\n")[0]}`;
  }
  const until = Date.now() + START_MS;
  for (;;) {
    const ready = Atomics.load(crew.list, PLACE.ready);
    const left = until - Date.now();
    if (ready >= crew.started.length || left <= 0) {
      if (ready < wanted && crew.note === "") crew.note = `${ready} of ${wanted} threads began to work within ${START_MS / 1000} s`;
      return Math.min(ready, wanted);
    }
    Atomics.wait(crew.list, PLACE.ready, ready, left);
  }
}

function threadsOf({ exports, instructions, list, note }: Crew): WasmThreads {
  const names = Object.keys(exports);
  return {
    threads: 1 + Atomics.load(list, PLACE.limit),
    instructions, note,
    size: (name, ...numbers) => exports[name]!(...numbers),
    run(operation, tasks, ...numbers) {
      const call = exports[operation]!;
      if (tasks === 1 || Atomics.load(list, PLACE.limit) === 0) {
        for (let task = 0; task < tasks; task++) call(task, ...numbers);
        return;
      }
      list[PLACE.operation] = names.indexOf(operation);
      list[PLACE.count] = numbers.length;
      numbers.forEach((n, k) => { list[PLACE.arguments + k] = n; });
      Atomics.store(list, PLACE.done, 0);
      Atomics.store(list, PLACE.left, tasks); // from here on tasks may be taken
      Atomics.add(list, PLACE.round, 1);
      Atomics.notify(list, PLACE.round);
      let own = 0;
      for (let task = Atomics.sub(list, PLACE.left, 1) - 1; task >= 0; task = Atomics.sub(list, PLACE.left, 1) - 1) {
        call(task, ...numbers);
        own++;
      }
      for (let done = Atomics.add(list, PLACE.done, own) + own; done < tasks; done = Atomics.load(list, PLACE.done)) Atomics.wait(list, PLACE.done, done);
      if (Atomics.exchange(list, PLACE.failed, 0) !== 0) throw new WorkbookError("OutOfMemory", `wasm: ${operation} must stay within the heap, a thread left it; use smaller batches`);
    },
  };
}
