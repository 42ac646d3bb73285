import * as fs from "node:fs";
import * as path from "node:path";
import type { Json } from "../../src/core/json";
import { writeAtomic } from "../../src/core/files";
import type { TaskContext } from "../../src/engine/task";

/** Small work for tests of the engine; every function is called in a worker. */
export interface Given {
  readonly value: number;
  /** folder in which a task leaves a line each time it is begun */
  readonly trace?: string;
}

/** Writes the square; leaves a trace of each call. */
export async function square({ value, trace }: Given, { output, progress }: TaskContext): Promise<Json> {
  mark(trace, output);
  progress({ what: "square", done: 1, total: 1, secondsLeft: 0 });
  writeAtomic(output, String(value * value));
  return { value: value * value };
}

/** Fails of itself. */
export async function fails({ value, trace }: Given, { output }: TaskContext): Promise<void> {
  mark(trace, output);
  throw new Error(`value ${value} is refused`);
}

/** Dies under SIGKILL when first called, half its output written; does its work when called again. */
export async function diesOnce(given: Given, context: TaskContext): Promise<Json> {
  const half = `${context.output}.half`;
  if (!fs.existsSync(half)) {
    fs.writeFileSync(half, "1");
    mark(given.trace, context.output);
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => undefined);
  }
  return square(given, context);
}

/** Dies whenever it is called. */
export async function diesAlways({ trace }: Given, { output }: TaskContext): Promise<void> {
  mark(trace, output);
  process.stderr.write("Error: no memory left\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => undefined);
}

/** As `square`, but its disk is full until a file `room` lies in the trace. */
export async function fillsDisk(given: Given, context: TaskContext): Promise<Json> {
  mark(given.trace, context.output);
  if (!fs.existsSync(path.join(given.trace!, "room"))) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  return square({ value: given.value }, context);
}

/** As `square`, but waits for a file `go` in the trace. */
export async function waits(given: Given, context: TaskContext): Promise<Json> {
  mark(given.trace, context.output);
  while (!fs.existsSync(path.join(given.trace!, "go"))) await new Promise((resolve) => setTimeout(resolve, 20));
  return square({ value: given.value }, context);
}

/** Never ends; says who it is. */
export async function hangs({ trace }: Given, { output }: TaskContext): Promise<void> {
  mark(trace, output, String(process.pid));
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}

/** Prints where messages go, and says how many threads it was told. */
export async function prints(_: Given, { output }: TaskContext): Promise<Json> {
  process.stdout.write('{"event":"done","id":"another"}\n');
  fs.writeFileSync(output, "");
  return { threads: process.env["TAMRL_THREADS"] ?? null, tensorflow: process.env["TF_NUM_INTRAOP_THREADS"] ?? null };
}

/** Uses what its process keeps; leaves a trace when it is opened and when it is released. */
export async function shares({ value, trace }: Given, { output, keep }: TaskContext): Promise<Json> {
  const opened = await keep("opened", () => (mark(trace, "opened"), { uses: 0 }), () => mark(trace, "released"));
  opened.uses++;
  writeAtomic(output, String(value));
  return { uses: opened.uses };
}

function mark(trace: string | undefined, output: string, text = "called"): void {
  if (trace !== undefined) fs.appendFileSync(path.join(trace, path.basename(output)), `${text}\n`);
}
