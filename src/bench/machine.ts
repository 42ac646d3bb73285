import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { projectRoot } from "../core/files";
import { readJson } from "../core/json";

/** The machine that the numbers belong to. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** the instruction sets that matter for float32 products */
  readonly instructions: readonly string[];
  readonly memory_gb: number;
  readonly system: string;
  readonly node: string;
  readonly threads: number;
  readonly workbook: string;
  readonly commit: string | null;
  readonly date: string;
}

const INSTRUCTIONS = ["sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "asimd", "sve"];

/** Describes this machine. @example describeMachine(2).cpu */
export function describeMachine(threads: number): Machine {
  const cpuinfo = fs.existsSync("/proc/cpuinfo") ? fs.readFileSync("/proc/cpuinfo", "utf8") : "";
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1]?.split(" ") ?? []);
  return {
    cpu: os.cpus()[0]?.model ?? "unknown", cores: os.availableParallelism(), instructions: INSTRUCTIONS.filter((i) => flags.has(i)),
    memory_gb: Math.round(os.totalmem() / 2 ** 30), system: `${os.type()} ${os.release()} ${os.arch()}`, node: process.versions.node,
    threads, workbook: readJson<{ version: string }>(path.join(projectRoot(), "package.json")).version, commit: commit(), date: new Date().toISOString(),
  };
}

/** Short commit of the workbook, `-dirty` when files differ, null outside a checkout. */
function commit(): string | null {
  try {
    return execFileSync("git", ["-C", projectRoot(), "describe", "--always", "--dirty", "--exclude=*"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}

/**
 * Share of the cores' time, 0…1, that other programs take while this one waits `ms`.
 * @example if ((await busyShare(500)) > 0.1) console.error("not a quiet machine")
 */
export async function busyShare(ms: number): Promise<number> {
  const read = (): { idle: number; all: number } => {
    const times = os.cpus().map((c) => c.times);
    return { idle: times.reduce((sum, t) => sum + t.idle, 0), all: times.reduce((sum, t) => sum + t.user + t.nice + t.sys + t.idle + t.irq, 0) };
  };
  const before = read();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = read();
  return after.all > before.all ? 1 - (after.idle - before.idle) / (after.all - before.all) : 0;
}
