import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../core/files";

/** The Python that runs the PyTorch and pandas contenders, or why there is none and what to do. */
export type Peer = { readonly python: string; readonly versions: Readonly<Record<string, string>> } | { readonly why: string; readonly cure: string };

const NEEDED = ["torch", "numpy", "pandas", "safetensors"];
const ASK = `import json, sys, importlib.metadata as m
json.dump({**{n: m.version(n) for n in sys.argv[1:]}, "python": sys.version.split()[0]}, sys.stdout)`;

/**
 * The peer's Python: TAMRL_BENCH_PYTHON where it is set, else the project's `.venv-bench`, which is made on first use with the exact
 * versions of `requirements.txt`, hashes checked. `say` is told before a long download. Nothing is made when `install` is false.
 * @example const peer = await findPeer({ install: true, say: console.error })
 */
export async function findPeer(options: { install: boolean; say(line: string): void; root?: string; env?: NodeJS.ProcessEnv }): Promise<Peer> {
  const { install, say, root = projectRoot(), env = process.env } = options;
  const named = env["TAMRL_BENCH_PYTHON"];
  if (named) {
    const versions = versionsOf(named);
    return typeof versions === "string" ? { why: `TAMRL_BENCH_PYTHON=${named}: ${versions}`, cure: `install ${NEEDED.join(", ")} there, or unset it` } : { python: named, versions };
  }
  const folder = path.join(root, ".venv-bench");
  const python = process.platform === "win32" ? path.join(folder, "Scripts", "python.exe") : path.join(folder, "bin", "python");
  const there = versionsOf(python);
  if (typeof there !== "string") return { python, versions: there };
  if (!install) return { why: `.venv-bench: ${there}`, cure: "run npm run bench where the Python package registry can be reached" };
  say("PyTorch and pandas are installed into .venv-bench for comparison (once; some 2 GB on Linux, where the registry's PyTorch brings its CUDA libraries) …");
  const failed = await make(root, folder, python);
  if (failed !== null) return failed;
  const versions = versionsOf(python);
  return typeof versions === "string" ? { why: `.venv-bench: ${versions} after its installation`, cure: "remove .venv-bench and run npm run bench again" } : { python, versions };
}

/** Versions of what the contenders need, from the packages' records (importing PyTorch takes seconds), or what is missing. */
function versionsOf(python: string): Record<string, string> | string {
  if (path.isAbsolute(python) && !fs.existsSync(python)) return "it is not there yet";
  const asked = spawnSync(python, ["-c", ASK, ...NEEDED], { encoding: "utf8" });
  if (asked.error) return `it does not start (${asked.error.message})`;
  if (asked.status === 0) return JSON.parse(asked.stdout) as Record<string, string>;
  return (asked.stderr.trim().split("\n").pop() ?? "").replace(/^.*PackageNotFoundError: /, "");
}

async function make(root: string, folder: string, python: string): Promise<{ why: string; cure: string } | null> {
  const { findPython } = require("../workbook/setup/python.cjs") as { findPython(): string | null };
  const cure = "install Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv), then run npm run bench again";
  if (!fs.existsSync(python)) {
    const base = findPython();
    // PyTorch 2.15 has no wheels for an older one
    if (base === null || spawnSync(base, ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).status !== 0) return { why: "no Python of 3.11 or newer is on the PATH", cure };
    const venv = await ran(root, base, ["-m", "venv", folder]);
    if (venv !== null) return { why: `${base} -m venv failed (${venv})`, cure };
  }
  const requirements = path.join(root, "src", "bench", "requirements.txt");
  const pip = await ran(root, python, ["-m", "pip", "install", "--no-deps", "--require-hashes", "--disable-pip-version-check", "--no-input", "--quiet", "-r", requirements]);
  return pip === null ? null : { why: `pip failed (${pip})`, cure: "check that the Python package registry can be reached and 6 GB of disk are free, then run npm run bench again; or name a Python that has PyTorch, pandas and safetensors by TAMRL_BENCH_PYTHON" };
}

/** Runs a program; null when it worked, else the first error it told. */
function ran(root: string, command: string, args: readonly string[]): Promise<string | null> {
  const { reason } = require("../workbook/setup/run.cjs") as { reason(tail: string): string };
  return new Promise((resolve) => {
    let tail = "";
    const child = spawn(command, [...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (tail = (tail + String(text)).slice(-8000)));
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => resolve(code === 0 ? null : reason(tail)));
  });
}
