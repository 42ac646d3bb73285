import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { makeFolder, projectRoot } from "../core/files";
import { nearest } from "../core/nearest";
import { counter, silent, type Progress } from "../core/progress";
import { storageFault, unwritable } from "../core/storage-fault";
import { jupyterEnvironment, venvProgram } from "./venv";

/** Where a notebook stopped. */
export interface NotebookError {
  /** number of the cell, counted from 1 over all cells; 0 for what failed between cells */
  readonly cell: number;
  readonly source: string;
  readonly message: string;
}

/** What came of executing one notebook. */
export interface NotebookResult {
  readonly name: string;
  /** the executed copy, written also when a cell failed */
  readonly file: string;
  readonly seconds: number;
  /** of these, until the kernel took the first cell */
  readonly kernelStart: number;
  readonly error: NotebookError | null;
}

export interface RunNotebooksOptions {
  readonly outDir: string;
  /** test size: TAMRL_QUICK=1 */
  readonly quick?: boolean;
  /** further environment variables, e.g. a notebook's parameters */
  readonly env?: Readonly<Record<string, string>>;
  readonly progress?: Progress;
  /** longest a single cell may take, s (default 600) */
  readonly cellTimeout?: number;
  /** aborted → the kernel ends with its cell */
  readonly signal?: AbortSignal;
}

/** Names of the project's notebooks, in reading order. @example notebookNames()[0] // "00-start-here" */
export function notebookNames(folder = path.join(projectRoot(), "notebooks")): string[] {
  return fs.readdirSync(folder).filter((f) => f.endsWith(".ipynb")).map((f) => f.slice(0, -".ipynb".length)).sort();
}

/**
 * The file of a notebook, given by path, by name or by the start of its name.
 * @throws WorkbookError BadArgument naming the nearest
 * @example notebookFile("02") // …/notebooks/02-one-site.ipynb
 */
export function notebookFile(name: string): string {
  if (name.endsWith(".ipynb") && fs.existsSync(name)) return path.resolve(name);
  const names = notebookNames();
  const found = names.filter((n) => n === name || n.startsWith(name));
  if (found.length === 1 || found.includes(name)) return path.join(projectRoot(), "notebooks", `${found.includes(name) ? name : found[0]!}.ipynb`);
  throw new WorkbookError("BadArgument", `notebooks: the name of one notebook is required, got "${name}"; ${names.length === 0 ? "there are none" : `nearest ${nearest(name, names, 3).join(", ")}`}`);
}

/**
 * Executes notebooks one after the other on the project's kernel and writes the executed copies to `outDir`. A failing
 * notebook does not stop the next; its result carries the cell.
 * @throws WorkbookError MissingPart without .venv, BadArgument for an unknown name, Interrupted
 * @example const results = await runNotebooks(["00"], { outDir: "out/notebooks", quick: true })
 */
export async function runNotebooks(names: readonly string[], options: RunNotebooksOptions): Promise<NotebookResult[]> {
  const files = (names.length === 0 ? notebookNames() : names).map(notebookFile);
  const python = venvProgram("python");
  makeFolder(options.outDir);
  const tasks = files.map((source) => ({ name: path.basename(source, ".ipynb"), source, file: path.join(path.resolve(options.outDir), path.basename(source)) }));
  const ends: Line[] = [];
  let step: ((done: number) => void) | null = null;
  const take = (text: string): void => {
    const line = JSON.parse(text) as Line;
    if (line.cell === undefined) {
      ends.push(line);
      step = null;
      return;
    }
    step ??= counter(tasks[ends.length]!.name, line.of!, options.progress ?? silent);
    step(line.cell - 1);
  };
  // one Python for all of them: it takes longer to load than many a notebook to run
  const env = { ...jupyterEnvironment(), ...options.env, TAMRL_QUICK: options.quick ? "1" : "" };
  const { code, stderr } = await lines(python, [path.join(projectRoot(), "src", "workbook", "execute.py"), String(options.cellTimeout ?? 600), ...tasks.flatMap((t) => [t.source, t.file])], env, take, options.signal);
  const said = stderr.split(BETWEEN).slice(1);
  const stopped = tasks[ends.length];
  if (stopped !== undefined && options.signal?.aborted) throw new WorkbookError("Interrupted", `notebooks: ${stopped.name}: stopped as asked; the same command executes it anew`, { file: stopped.source });
  if (stopped !== undefined) {
    const words = new Error(stderr.trim().split("\n").pop() ?? "no output");
    if (storageFault(words, options.outDir) !== null || /^PermissionError/.test(words.message)) throw unwritable("notebooks", stopped.file, words);
    throw new WorkbookError("MissingPart", `notebooks: ${stopped.name}: the notebook runner ended with code ${code} (${words.message}); run npm run setup`, { file: stopped.source });
  }
  return tasks.map(({ name, file }, i) => ({ name, file, seconds: ends[i]!.seconds!, kernelStart: ends[i]!.start!, error: ends[i]!.error ?? lateError((said[i] ?? "").split(AGAIN).pop()!) }));
}

/** Stands before each notebook's part of stderr. */
const BETWEEN = "\f\n";
/** Stands before what a second kernel says: the first ran no cell, so its words tell nothing of the notebook. */
const AGAIN = "\v\n";

interface Line {
  readonly cell?: number;
  readonly of?: number;
  readonly seconds?: number;
  readonly start?: number;
  readonly error?: NotebookError | null;
}

/** A rejected promise that no cell awaited: tslab says so on its own stderr and goes on, but the notebook is not right. */
function lateError(stderr: string): NotebookError | null {
  const at = stderr.search(/UnhandledPromiseRejection|UncaughtException/);
  return at < 0 ? null : { cell: 0, source: "(a promise that no cell awaits)", message: stderr.slice(at).trim() };
}

/** Runs a program and hands over each line of its stdout. Its stdin stays open as long as we live, so that it ends with us. */
function lines(program: string, args: readonly string[], env: NodeJS.ProcessEnv, take: (line: string) => void, signal?: AbortSignal): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    const stop = (): void => void child.stdin.end();
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    let [rest, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop()!;
      parts.filter((line) => line.startsWith("{")).forEach(take);
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      signal?.removeEventListener("abort", stop);
      resolve({ code, stderr });
    });
  });
}

/** The results as lines for a person. @example process.stderr.write(notebooksText(results)) */
export function notebooksText(results: readonly NotebookResult[]): string {
  return results
    .map(({ name, seconds, error }) => {
      if (error === null) return `${name}: done in ${seconds.toFixed(1)} s\n`;
      return `${name}: ${error.cell === 0 ? "something between cells" : `cell ${error.cell}`} failed after ${seconds.toFixed(1)} s\n${indent(error.source)}\n${indent(plain(error.message))}\n`;
    })
    .join("");
}

/** Our own errors say all in their words; where in the code they were thrown is of no use to who reads them. */
function plain(message: string): string {
  const found = /^\s*WorkbookError: (.*)$/m.exec(message);
  return found === null ? message : found[1]!;
}

function indent(text: string): string {
  return text.split("\n").slice(0, 20).map((line) => `    ${line}`).join("\n");
}
