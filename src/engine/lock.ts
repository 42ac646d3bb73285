import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";

/** Who holds a lock. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
}

const BEAT_MS = 10_000;
/** A holder on another machine is gone when its lock has not been touched for so long. */
const GONE_MS = 60_000;
/** A lock without a holder for so long is what a full disk or a power cut left. */
const UNWRITTEN_MS = 2000;

/**
 * Holds a file for this process: what releases it, or the holder where another process has it. A lock whose process has gone is taken
 * over: on this machine at once, on another (a shared file system) after a minute without a sign of life.
 * @example const held = hold("out/engine.lock"); if (typeof held === "function") held()
 */
export function hold(file: string): (() => void) | Holder {
  const mine = JSON.stringify({ host: os.hostname(), pid: process.pid } satisfies Holder);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (;;) {
    try {
      fs.writeFileSync(file, mine, { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const there = look(file);
    // gone again, or made by another a moment ago and not yet written
    if (there === null || (there.holder === null && Date.now() - there.touched < UNWRITTEN_MS)) continue;
    if (there.holder !== null && living(there.holder, there.touched)) return there.holder;
    discard(file, there.text);
  }
  const beat = setInterval(() => fs.utimes(file, new Date(), new Date(), () => undefined), BEAT_MS).unref();
  return () => {
    clearInterval(beat);
    if (look(file)?.text === mine) fs.rmSync(file, { force: true });
  };
}

/**
 * Holds a folder for this process, so that two engines never write one run; returns what releases it.
 * @throws WorkbookError BadRun when another process holds it
 */
export function lockFolder(dir: string): () => void {
  const held = hold(path.join(dir, "engine.lock"));
  if (typeof held === "function") return held;
  throw new WorkbookError("BadRun", `engine: ${dir}: a folder of its own is required, process ${held.pid} on ${held.host} is working in it; wait for it, or name another folder; if that process is no engine, remove ${path.join(dir, "engine.lock")}`, { file: dir });
}

/** What a lock says, or null when it has just gone. */
function look(file: string): { text: string; holder: Holder | null; touched: number } | null {
  try {
    const touched = fs.statSync(file).mtimeMs;
    const text = fs.readFileSync(file, "utf8");
    return { text, holder: parse(text), touched };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return null;
  }
}

/** A holder, or null for a lock without one. */
function parse(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    return typeof value?.pid === "number" && typeof value.host === "string" ? { host: value.host, pid: value.pid } : null;
  } catch {
    return null;
  }
}

function living({ host, pid }: Holder, touched: number): boolean {
  if (host !== os.hostname()) return Date.now() - touched < GONE_MS;
  return alive(pid);
}

/** Whether a process of this machine runs; one that has ended but was not waited for does not. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat[stat.lastIndexOf(")") + 2] !== "Z";
  } catch {
    return true;
  }
}

/** Removes a lock that was looked at; one that another process has taken over in between is put back. */
function discard(file: string, text: string): void {
  const aside = `${file}.gone-${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return;
  }
  if (fs.readFileSync(aside, "utf8") === text) fs.rmSync(aside, { force: true });
  else fs.renameSync(aside, file);
}
