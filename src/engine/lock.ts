import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { makeFolder, readText, temporaryName } from "../core/files";
import { lifeOf, thisProcess, type ProcessId } from "../core/processes";
import { unwritable } from "../core/storage-fault";

/** Who holds a lock. */
export type Holder = ProcessId;

const BEAT_MS = 10_000;
/** A holder that cannot be seen from here is gone when its lock has not been touched for so long. */
const GONE_MS = 60_000;
/** A lock without a holder for so long is what a full disk or a power cut left. */
const UNWRITTEN_MS = 2000;
/** Between two looks at a lock that another process is just writing. */
const LOOK_MS = 20;

/**
 * Holds a file for this process: what releases it, or the holder where another process has it. A lock whose process has gone is taken
 * over: on this machine at once, on another (a shared file system) after a minute without a sign of life. A later process of the same
 * number is not taken for the holder, nor one in another container.
 * @param tookOver told whose lock it was
 * @throws WorkbookError BadFile where the file cannot be written
 * @example const held = hold("out/engine.lock"); if (typeof held === "function") held()
 */
export function hold(file: string, tookOver: (former: Holder) => void = () => undefined): (() => void) | Holder {
  const mine = JSON.stringify(thisProcess());
  makeFolder(path.dirname(file));
  // this process's own time: a clock that went back makes a lock seem to come from the future
  const began = performance.now();
  while (!make(file, mine)) {
    const there = look(file);
    if (there === null) continue;
    if (there.holder === null && Date.now() - there.touched < UNWRITTEN_MS && performance.now() - began < UNWRITTEN_MS) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
      continue;
    }
    if (there.holder !== null && living(there.holder, there.touched)) return there.holder;
    if (discard(file, there.text) && there.holder !== null) tookOver(there.holder);
  }
  const beat = setInterval(() => fs.utimes(file, new Date(), new Date(), () => undefined), BEAT_MS).unref();
  return () => {
    clearInterval(beat);
    if (look(file)?.text === mine) fs.rmSync(file, { force: true });
  };
}

/** Removes a lock whose process has gone. @example clearDead("out/tile.claim") */
export function clearDead(file: string): void {
  if (!fs.existsSync(file)) return;
  const held = hold(file);
  if (typeof held === "function") held();
}

/**
 * Holds a folder for this process, so that two never write one run; returns what releases it.
 * @param what the lock's name, and who complains
 * @throws WorkbookError BadRun when another process holds it, naming it
 * @example const release = lockFolder("data/runs/tamrl", "run")
 */
export function lockFolder(dir: string, what = "engine", tookOver?: (former: Holder) => void): () => void {
  const file = path.join(dir, `${what}.lock`);
  const held = hold(file, tookOver);
  if (typeof held === "function") return held;
  throw new WorkbookError("BadRun", `${what}: ${dir}: a folder of its own is required, process ${held.pid} on ${held.host} is working in it; wait for it, or name another folder; if that process is none of this workbook, remove ${file}`, { file: dir, holder: held.pid });
}

/** Makes the lock; false where there is one. */
function make(file: string, text: string): boolean {
  try {
    fs.writeFileSync(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // made, but nothing could be written into it
    if (code === "ENOSPC" || code === "EDQUOT") fs.rmSync(file, { force: true });
    throw unwritable("write", file, error);
  }
}

/** What a lock says, or null when it has just gone. */
function look(file: string): { text: string; holder: Holder | null; touched: number } | null {
  try {
    const touched = fs.statSync(file).mtimeMs;
    const text = readText(file);
    return { text, holder: parse(text), touched };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return null;
  }
}

/** A holder, or null for a lock without one. */
function parse(text: string): Holder | null {
  try {
    const { host, pid, born } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === "number" && typeof host === "string" ? { host, pid, ...(typeof born === "string" ? { born } : {}) } : null;
  } catch {
    return null;
  }
}

function living(holder: Holder, touched: number): boolean {
  const life = lifeOf(holder);
  return life === "out of sight" ? Date.now() - touched < GONE_MS : life === "alive";
}

/** Removes a lock that was looked at; one that another process has taken over in between is put back. */
function discard(file: string, text: string): boolean {
  const aside = temporaryName(file);
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return false;
  }
  const same = fs.readFileSync(aside, "utf8") === text;
  if (same) fs.rmSync(aside, { force: true });
  else fs.renameSync(aside, file);
  return same;
}
