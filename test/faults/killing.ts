import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../../src/core/files";
import { random, type Random } from "../../src/core/random";
import { openGrid } from "../../src/data/grid/open";
import { scratch } from "../helpers/cli";

/** A command that may be killed at any moment and is then called again. */
export interface Scenario {
  readonly name: string;
  /** arguments that begin the work in `out`, or go on with what is there */
  command(out: string): readonly string[];
  /** it feeds worker processes, which are killed too */
  readonly workers?: boolean;
}

/** One process that was killed: where, and when. */
export interface Kill {
  readonly scenario: string;
  readonly victim: "command" | "worker";
  readonly when: string;
}

/** An undisturbed run: what it left, how long it took, and how often command and workers changed a file. */
interface Calm {
  readonly files: ReadonlyMap<string, string>;
  readonly ms: number;
  readonly changes: { readonly command: number; readonly worker: number };
}

/** What a process is told of the fault it shall meet. */
interface Fault {
  readonly at: number;
  readonly moment: "before" | "middle" | "after";
  readonly worker: boolean;
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  /** the fault was met, or the time ran out */
  readonly killed: boolean;
}

const PRELOAD = path.join(projectRoot(), "test", "faults", "die-at.cjs");
const COUNT: Fault = { at: 0, moment: "before", worker: false };
/** A worker in native code sees the end of its input only afterwards. */
const ORPHAN_MS = 30_000;

/** Runs the command in `out` and kills it, or its first worker, at the given change of a file or after some time. */
async function run(scenario: Scenario, out: string, fault: Fault | null, afterMs = Infinity): Promise<Ended> {
  const told = path.join(path.dirname(out), "told");
  fs.rmSync(told, { force: true });
  const env: NodeJS.ProcessEnv = { ...process.env, TAMRL_THREADS: "1", TAMRL_FAULT_OF: out };
  if (fault !== null) Object.assign(env, { NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}`, TAMRL_FAULT: JSON.stringify({ root: path.dirname(out), told, ...fault }) });
  const child = spawn(process.execPath, [path.join(projectRoot(), "src", "workbook", "tamrl.cjs"), ...scenario.command(out)], { env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += String(text)));
  const timer = Number.isFinite(afterMs) ? setTimeout(() => child.kill("SIGKILL"), afterMs) : null;
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => child.on("close", (...end) => resolve(end)));
  if (timer) clearTimeout(timer);
  await noneLeft(out);
  return { code, stderr, killed: signal === "SIGKILL" || (fault !== null && fault.at > 0 && fs.existsSync(told)) };
}

/** Waits until no process is left that the command of `out` started. */
export async function noneLeft(out: string): Promise<void> {
  const end = Date.now() + ORPHAN_MS;
  for (let left = processesOf(out); left.length > 0; left = processesOf(out)) {
    assert.ok(Date.now() < end, `orphans: ${left.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Processes that carry the mark of `out` in their environment; none where the system does not show it. */
export function processesOf(out: string): number[] {
  if (!fs.existsSync("/proc/self/environ")) return [];
  return fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return fs.readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`TAMRL_FAULT_OF=${out}`);
    } catch {
      return false;
    }
  });
}

/** Runs a scenario undisturbed, in a folder of its own. */
export async function undisturbed(scenario: Scenario): Promise<Calm> {
  const changes = { command: 0, worker: 0 };
  let files: ReadonlyMap<string, string> = new Map();
  let ms = 0;
  for (const worker of scenario.workers ? [false, true] : [false]) {
    const out = path.join(scratch(`calm-${scenario.name}`), "out");
    const started = performance.now();
    const { code, stderr } = await run(scenario, out, { ...COUNT, worker });
    assert.equal(code, 0, stderr);
    ms = performance.now() - started;
    changes[worker ? "worker" : "command"] = Number(fs.readFileSync(path.join(path.dirname(out), "told"), "utf8"));
    files = await left(out);
  }
  return { files, ms, changes };
}

/**
 * Kills a scenario in one folder up to `most` times, lets it finish, and compares with the undisturbed run: the same files, the same bytes,
 * no temporary file, no lock, no claim, no process.
 */
export async function killAndCompare(scenario: Scenario, calm: Calm, seed: string, most: number): Promise<Kill[]> {
  const r = random(1, seed);
  const out = path.join(scratch(`hurt-${scenario.name}`), "out");
  const kills: Kill[] = [];
  const story = (): string => `${scenario.name}, seed "${seed}": ${kills.map((kill) => `${kill.victim} ${kill.when}`).join("; ")}`;
  for (let ended: Ended | null = null; ended === null || ended.killed; ) {
    const plan = kills.length < most ? draw(r, scenario, calm, kills.length) : null;
    ended = plan === null ? await run(scenario, out, null) : await run(scenario, out, plan.fault, plan.afterMs);
    if (plan !== null && ended.killed) kills.push({ scenario: scenario.name, victim: plan.fault?.worker ? "worker" : "command", when: plan.when });
    // a command whose worker was killed may have finished all the same
    else assert.equal(ended.code, 0, `${story()}\n${ended.stderr}`);
  }
  const files = await left(out);
  assert.deepEqual([...files.keys()], [...calm.files.keys()], story());
  for (const [name, text] of calm.files) assert.ok(files.get(name) === text, `${name} differs; ${story()}`);
  return kills;
}

/** Where the next kill shall fall: every third one by time, for native code writes too; the first never, so that one kill is a kill. */
function draw(r: Random, scenario: Scenario, calm: Calm, made: number): { fault: Fault | null; afterMs?: number; when: string } {
  if (made % 3 === 2) {
    const share = r.uniform();
    return { fault: null, afterMs: share * calm.ms, when: `after ${(100 * share).toFixed(0)} % of the time` };
  }
  const worker = scenario.workers === true && r.uniform() < 0.5;
  const at = 1 + r.int(calm.changes[worker ? "worker" : "command"]);
  const moment = (["before", "middle", "after"] as const)[r.int(3)]!;
  return { fault: { at, moment, worker }, when: `${moment} change ${at}` };
}

/** Every file that the command left beside and below `out`, with what in it does not depend on place or time. */
async function left(out: string): Promise<Map<string, string>> {
  const folder = path.dirname(out);
  const names = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name !== "told" && fs.statSync(path.join(folder, name)).isFile()).sort();
  const content = new Map<string, string>();
  for (const name of names) content.set(name, name.endsWith(".nc") ? await netcdf(path.join(folder, name)) : timeless(path.join(folder, name), folder));
  return content;
}

/** What a NetCDF-4 file holds: HDF5 notes in each of its headers when it was made. */
async function netcdf(file: string): Promise<string> {
  const grid = await openGrid(file);
  try {
    const all: unknown[] = [grid.attributes];
    for (const name of grid.names) {
      const variable = await grid.variable(name);
      const values = await variable.read(variable.shape.map((n) => [0, n] as const));
      all.push([name, variable.attributes, variable.shape, Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64")]);
    }
    return JSON.stringify(all);
  } finally {
    grid.close();
  }
}

/** Keys of what is measured, of how often a command was called, and of hashes over paths. */
const MEASURED = ["seconds", "estimate", "write_share", "done_before", "hash"];

function timeless(file: string, folder: string): string {
  if (file.endsWith(".jsonl")) return wholeLines(file) ? "lines" : "torn";
  const bytes = fs.readFileSync(file);
  if (!file.endsWith(".json")) return bytes.toString("base64");
  return JSON.stringify(JSON.parse(bytes.toString("utf8").replaceAll(folder, "FOLDER")), (key, value: unknown) => (MEASURED.includes(key) ? undefined : value));
}

/** A log's last line is whole, and a line that was broken off spoils no other. */
function wholeLines(file: string): boolean {
  const text = fs.readFileSync(file, "utf8");
  const broken = text.split("\n").filter((line) => line !== "" && !line.endsWith("}"));
  return text.endsWith("\n") && broken.every((line) => line.indexOf('{"time"', 1) < 0);
}
