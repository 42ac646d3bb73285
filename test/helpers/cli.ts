import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { projectRoot } from "../../src/core/files";

/** What a run of the command line left. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a user's shell does, in a process of its own. */
export function tamrl(...argv: string[]): CliResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(projectRoot(), "src", "workbook", "tamrl.cjs"), ...argv], { encoding: "utf8", maxBuffer: 1 << 26 });
  return { code: status, stdout, stderr };
}

/** As `tamrl`, still running. */
export function spawnTamrl(...argv: string[]): ChildProcess {
  return spawn(process.execPath, [path.join(projectRoot(), "src", "workbook", "tamrl.cjs"), ...argv], { stdio: ["ignore", "pipe", "pipe"] });
}

/** Interrupts `child` as Ctrl-C does, as soon as `ready`. */
export function interrupted(child: ChildProcess, ready: () => boolean): Promise<CliResult> {
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (text) => (stdout += String(text)));
  child.stderr!.on("data", (text) => (stderr += String(text)));
  const watch = setInterval(() => {
    if (!ready()) return;
    clearInterval(watch);
    child.kill("SIGINT");
  }, 5);
  return new Promise((resolve) => child.on("close", (code) => {
    clearInterval(watch);
    resolve({ code, stdout, stderr });
  }));
}

const made: string[] = [];
process.on("exit", () => {
  for (const folder of made) {
    try {
      fs.rmSync(folder, { recursive: true, force: true });
    } catch {
      // a folder a test closed, or the busy disk of one: `test/run.cjs` removes all that is left
    }
  }
});

/** A new empty folder; it goes when this process ends. */
export function scratch(name: string): string {
  made.push(fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`)));
  return made[made.length - 1]!;
}

/** A new file of that name and content, alone in its folder; both go when this process ends. */
export function scratchFile(name: string, content: string | Uint8Array): string {
  const file = path.join(scratch("file"), name);
  fs.writeFileSync(file, content);
  return file;
}
