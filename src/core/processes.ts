import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";

/** A process as others can tell it from every other one. */
export interface ProcessId {
  readonly host: string;
  readonly pid: number;
  /** Linux: `boot/namespace/start`, so that neither a later process of the same number nor one of another container is taken for it */
  readonly born?: string;
}

/** How this process sees another: of a process on another machine, of another boot or in another container nothing is to be seen. */
export type Life = "alive" | "gone" | "out of sight";

/** This process. @example thisProcess().pid === process.pid */
export function thisProcess(): ProcessId {
  const born = birthOf(process.pid);
  return { host: os.hostname(), pid: process.pid, ...(born === null ? {} : { born }) };
}

/** Whether a process still runs. @example lifeOf(thisProcess()) // "alive" */
export function lifeOf({ host, pid, born }: ProcessId): Life {
  if (host !== os.hostname()) return "out of sight";
  const here = spaceHere();
  if (born !== undefined && here !== null && !born.startsWith(`${here}/`)) return "out of sight";
  if (!runs(pid)) return "gone";
  const now = birthOf(pid);
  return born === undefined || now === null || now === born ? "alive" : "gone";
}

/** A process in short, for a file's name. @example `T.parquet.tmp-${processMark(thisProcess())}` */
export function processMark({ host, pid, born }: ProcessId): string {
  const place = born === undefined ? host : `${host}/${born.slice(0, born.lastIndexOf("/"))}`;
  return `${short(place)}-${pid}-${short(born ?? "")}`;
}

/** As `lifeOf`, of the process that a mark names; null for a text that is no mark. @example lifeOfMark(processMark(thisProcess())) // "alive" */
export function lifeOfMark(mark: string): Life | null {
  const found = /^([0-9a-f]{6})-(\d+)-[0-9a-f]{6}$/.exec(mark);
  if (found === null) return null;
  if (!processMark(thisProcess()).startsWith(`${found[1]!}-`)) return "out of sight";
  const pid = Number(found[2]);
  if (!runs(pid)) return "gone";
  const born = birthOf(pid);
  return processMark({ host: os.hostname(), pid, ...(born === null ? {} : { born }) }) === mark ? "alive" : "gone";
}

function short(text: string): string {
  return crypto.createHash("sha256").update(text).digest("hex").slice(0, 6);
}

/** Whether a process of this machine runs; one that has ended but was not waited for does not. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return statOf(pid)?.[0] !== "Z";
}

/** Boot, namespace and start of a process of this machine; null where the system does not tell. */
function birthOf(pid: number): string | null {
  const [here, start] = [spaceHere(), statOf(pid)?.[19]];
  return here === null || start === undefined ? null : `${here}/${start}`;
}

/** Which boot of the machine and which namespace of process numbers this process sees. */
function spaceHere(): string | null {
  try {
    const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
    return `${boot}/${/\d+/.exec(fs.readlinkSync("/proc/self/ns/pid"))?.[0] ?? ""}`;
  } catch {
    return null;
  }
}

/**
 * Fields of /proc/PID/stat from the third on (state is the first, start the twentieth); null where there are none.
 * @source proc(5)
 */
function statOf(pid: number): string[] | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // a program's name stands in brackets and may hold anything
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}
