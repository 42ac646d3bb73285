import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** A virtual environment beside the notebooks' own, for one purpose. */
export interface PinnedVenv {
  /** folder of the project */
  readonly root: string;
  /** folder of the environment in it */
  readonly folder: string;
  /** list of requirements in the project: exact versions with hashes */
  readonly requirements: string;
  /** oldest minor version of Python 3 that the list has wheels for */
  readonly minor: number;
}

/** Where the Python of an environment lies, whether it is there or not. @example pythonOf(".venv-bench") */
export function pythonOf(folder: string): string {
  return process.platform === "win32" ? path.join(folder, "Scripts", "python.exe") : path.join(folder, "bin", "python");
}

/**
 * Makes the environment, or fills the one that is there, every file held to its hash.
 * @returns null when it is made, else why not and what to do
 * @example await makePinnedVenv({ root, folder: path.join(root, ".venv-bench"), requirements: "src/bench/requirements.txt", minor: 11 })
 */
export async function makePinnedVenv({ root, folder, requirements, minor }: PinnedVenv): Promise<{ why: string; cure: string } | null> {
  const { findPython } = require("./setup/python.cjs") as { findPython(): string | null };
  const python = pythonOf(folder);
  const cure = `install Python 3.${minor} or newer with its venv module (Debian: apt-get install python3-venv)`;
  if (!fs.existsSync(python)) {
    const base = findPython();
    if (base === null || spawnSync(base, ["-c", `import sys; sys.exit(sys.version_info < (3, ${minor}))`]).status !== 0) return { why: `no Python of 3.${minor} or newer is on the PATH`, cure };
    const venv = await ran(root, base, ["-m", "venv", folder]);
    if (venv !== null) return { why: `${base} -m venv failed (${venv})`, cure };
  }
  const pip = await ran(root, python, ["-m", "pip", "install", "--no-deps", "--require-hashes", "--disable-pip-version-check", "--no-input", "--quiet", "-r", path.join(root, requirements)]);
  return pip === null ? null : { why: `pip failed (${pip})`, cure: "check that the Python package registry can be reached and the disk has room" };
}

/** Runs a program; null when it worked, else the first error it told. */
function ran(root: string, command: string, args: readonly string[]): Promise<string | null> {
  const { reason } = require("./setup/run.cjs") as { reason(tail: string): string };
  return new Promise((resolve) => {
    let tail = "";
    const child = spawn(command, [...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (tail = (tail + String(text)).slice(-8000)));
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => resolve(code === 0 ? null : reason(tail)));
  });
}
