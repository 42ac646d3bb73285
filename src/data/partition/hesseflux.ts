import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";
import { WorkbookError } from "../../core/errors";
import type { Json } from "../../core/json";
import { counter, silent, type Progress } from "../../core/progress";
import { temporaryFolder } from "../../core/temporary-folder";
import { venvFile } from "../../core/venv";
import { stepsName, type StepMinutes } from "../half-hourly/half-hourly-table";
import { readFrame, writeFrame, type Frame } from "./frame";

/** The u* threshold of one year and what it took out, steps. */
export interface UstarYear {
  readonly year: number;
  /** percentiles over bootstraps, m s⁻¹; the 50th is the one that filters */
  readonly p05: number;
  readonly p50: number;
  readonly p95: number;
  /** measured NEE by night and by day before the filter */
  readonly night: number;
  readonly day: number;
  readonly night_filtered: number;
  readonly day_filtered: number;
}

/** What the driver tells with its columns. */
export interface HessefluxReport {
  /** of hesseflux */
  readonly version: string;
  readonly years: readonly UstarYear[];
  /** steps of NEE taken out, by reason, and those kept */
  readonly counts: { readonly no_light: number; readonly spikes: number; readonly low_ustar: number; readonly no_ustar: number; readonly kept: number };
  /** why there is no day-time partition, where there is none */
  readonly day_failed: string | null;
}

/** Why half-hours cannot be partitioned. */
export type Refusal =
  | { readonly kind: "few-nights"; readonly year: number; readonly n: number; readonly least: number }
  | { readonly kind: "no-plateau"; readonly year: number; readonly found: number }
  | { readonly kind: "little-nee"; readonly n: number; readonly least: number }
  | { readonly kind: "no-fit"; readonly reason: string };

type DriverEvent = { readonly event: "step"; readonly done: number; readonly of: number; readonly note: string } | ({ readonly event: "refused" } & Refusal);

/** How much of the driver's last words is kept. */
const LAST_WORDS = 4000;
const CURE = "run npm run setup -- --partition";

/** Whether hesseflux lies in the project's Python. @example const skip = hasHesseflux() ? false : "needs npm run setup -- --partition" */
export function hasHesseflux(): boolean {
  const folder = path.dirname(path.dirname(venvFile("python")));
  const lib = path.join(folder, "lib");
  const pythons = fs.existsSync(lib) ? fs.readdirSync(lib).map((name) => path.join(lib, name)) : [];
  return [...pythons, path.join(folder, "Lib")].some((python) => fs.existsSync(path.join(python, "site-packages", "hesseflux")));
}

/**
 * The project's Python, if it is there and hesseflux with it: what can be known before any file is read.
 * @throws WorkbookError MissingPart
 */
export function requireHesseflux(): string {
  const python = venvFile("python");
  if (!fs.existsSync(python)) throw lacking("the Python of the project's .venv", `${python} is not there`);
  if (!hasHesseflux()) throw lacking("the Python packages of hesseflux", "hesseflux is not there");
  return python;
}

/** What is asked of the driver. */
export interface HessefluxRequest {
  readonly site: string;
  readonly file: string;
  readonly stepMinutes: StepMinutes;
  readonly head: Readonly<Record<string, Json>>;
  readonly columns: ReadonlyMap<string, Float64Array>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Runs hesseflux in the project's Python on one site's half-hours.
 * @throws WorkbookError MissingPart without hesseflux, BadSite for half-hours it cannot partition, Interrupted
 */
export async function runHesseflux(request: HessefluxRequest): Promise<Frame<HessefluxReport>> {
  const python = requireHesseflux();
  const folder = temporaryFolder("partition");
  try {
    const [source, target] = [path.join(folder, "in.frame"), path.join(folder, "out.frame")];
    writeFrame(source, request.head, request.columns);
    const { refusal, end, words } = await listen(python, [source, target], request);
    if (refusal !== null) throw refused(refusal, request);
    if (request.signal?.aborted) throw new WorkbookError("Interrupted", `partition: ${request.site}: interrupted; nothing was written for it`, { site: request.site });
    if (end === null) return readFrame<HessefluxReport>(target);
    const missing = /No module named '([\w.]+)'/.exec(words)?.[1];
    if (missing !== undefined) throw lacking("the Python packages of hesseflux", `${missing} is not there`);
    throw new WorkbookError("BadSite", `partition: ${request.site}: ${request.file}: ${stepsName(request.stepMinutes)} that hesseflux can partition required, it ended with ${end} (${words.trim().split("\n").pop() ?? "no word"}); look at its columns for what cannot be`, { site: request.site, file: request.file });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the driver to its end. @returns its refusal, how it ended when not well, and its last words */
function listen(python: string, files: readonly string[], { site, progress, signal }: HessefluxRequest): Promise<{ refusal: Refusal | null; end: string | null; words: string }> {
  return new Promise((resolve) => {
    // -I: no settings or packages of the user's own; its arrays are small, threads would only wait for each other
    const child = spawn(python, ["-I", "-B", path.join(__dirname, "partition_driver.py"), ...files], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" } });
    const stop = (): void => void child.kill("SIGKILL");
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    let step: ((done: number, note?: string) => void) | null = null;
    let refusal: Refusal | null = null;
    let words = "";
    readline.createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as DriverEvent;
      if (event.event === "refused") refusal = event;
      else (step ??= counter(`partition ${site}`, event.of, progress ?? silent))(event.done, event.note);
    });
    child.stderr.on("data", (data: Buffer) => (words = (words + data.toString()).slice(-LAST_WORDS)));
    const ended = (end: string | null): void => {
      signal?.removeEventListener("abort", stop);
      resolve({ refusal, end, words });
    };
    child.on("error", (error) => ended(`no start (${error.message})`));
    child.on("close", (code, killed) => ended(code === 0 ? null : killed ?? `exit code ${code}`));
  });
}

function lacking(what: string, found: string): WorkbookError {
  return new WorkbookError("MissingPart", `partition: ${what} required, ${found}; ${CURE}`);
}

/** The message of a refusal. */
export function refused(refusal: Refusal, { site, file, stepMinutes }: Pick<HessefluxRequest, "site" | "file" | "stepMinutes">): WorkbookError {
  const steps = stepsName(stepMinutes);
  const give = "give the threshold with --ustar (0 filters nothing)";
  const texts = (): string => {
    switch (refusal.kind) {
      case "few-nights":
        return `at least ${refusal.least} ${steps} of the night with NEE, u* and temperature in ${refusal.year} required to find its u* threshold, found ${refusal.n}; leave the year out or ${give}`;
      case "no-plateau":
        return `night-time NEE that no longer rises with u* required to find a threshold, found none up to ${refusal.found.toFixed(2)} m s⁻¹ in ${refusal.year}; ${give}`;
      case "little-nee":
        return `at least ${refusal.least} ${steps} of NEE after the filters required, found ${refusal.n}; lower --ustar or take a fuller file`;
      case "no-fit":
        return `nights that give a respiration required, found none (${refusal.reason}); take a fuller file`;
    }
  };
  return new WorkbookError("BadSite", `partition: ${site}: ${file}: ${texts()}`, { site, file });
}
