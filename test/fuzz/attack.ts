import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../../src/core/files";
import { scratch } from "../helpers/cli";
import type { Said } from "./child";

/** The readers under attack, by what they cost to load; each group has a process of its own. */
export const GROUPS = ["text", "towers", "drivers", "runs", "native"] as const;

/** A case that has not ended after so long hangs, on however busy a machine. */
const HANG_MS = 90_000;

/** What became of a group's readers. */
export interface Attack {
  readonly cases: ReadonlyMap<string, number>;
  /** one a finding: reader, seed, what happened, and where the input lies when the process did not survive it */
  readonly findings: readonly string[];
}

/**
 * Attacks the readers of a group in a process of its own and watches it.
 * @param seed of every reader's cases: the same seed gives the same cases
 * @example await attack("text", 500, 1)
 */
export async function attack(group: (typeof GROUPS)[number], cases: number, seed: number): Promise<Attack> {
  const root = fs.realpathSync(scratch(`fuzz-${group}`));
  const child = spawn(process.execPath, ["--max-old-space-size=2048", "--import", "tsx", path.join(projectRoot(), "test", "fuzz", "child.ts"), group, String(cases), String(seed), root], { cwd: projectRoot(), stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const done = new Map<string, number>();
  const findings: string[] = [];
  // the folder that cases are read in goes with this process
  const keep = (): string => {
    const [input, kept] = [path.join(root, "case"), path.join(projectRoot(), ".cache", "fuzz", `${group}-${seed}`)];
    if (fs.existsSync(input)) fs.cpSync(input, kept, { recursive: true });
    return kept;
  };
  let [at, stderr] = ["the start", ""];
  let watch: NodeJS.Timeout | undefined;
  const wind = (): void => {
    clearTimeout(watch);
    watch = setTimeout(() => {
      findings.push(`${group}: ${at}: seed ${seed}: hangs; its input lies in ${keep()}`);
      child.kill("SIGKILL");
    }, HANG_MS);
  };
  wind();
  child.stderr!.on("data", (piece) => (stderr = (stderr + String(piece)).slice(-4000)));
  child.on("message", (said: Said) => {
    wind();
    at = `${said.target}, case ${"begins" in said ? said.begins : "none"}`;
    if (!("ended" in said)) return;
    done.set(said.target, said.ended);
    if (said.failure !== null) findings.push(`${group}: ${said.target}: ${said.failure}`);
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => child.once("close", (c, s) => resolve([c, s])));
  clearTimeout(watch);
  if ((code !== 0 || signal !== null) && !findings.some((f) => f.includes("hangs"))) findings.push(`${group}: ${at}: seed ${seed}: the process ended with ${signal ?? code}; its input lies in ${keep()}\n${stderr}`);
  return { cases: done, findings };
}
