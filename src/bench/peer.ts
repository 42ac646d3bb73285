import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../core/files";
import { makePinnedVenv, pythonOf } from "../workbook/pinned-venv";

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
  const python = pythonOf(folder);
  const there = versionsOf(python);
  if (typeof there !== "string") return { python, versions: there };
  if (!install) return { why: `.venv-bench: ${there}`, cure: "run npm run bench where the Python package registry can be reached" };
  say("PyTorch and pandas are installed into .venv-bench for comparison (once; some 2 GB on Linux, where the registry's PyTorch brings its CUDA libraries) …");
  // PyTorch 2.15 has no wheels for an older Python
  const failed = await makePinnedVenv({ root, folder, requirements: path.join("src", "bench", "requirements.txt"), minor: 11 });
  if (failed !== null) return { why: failed.why, cure: `${failed.cure}, then run npm run bench again; 6 GB of disk are taken, or name a Python that has PyTorch, pandas and safetensors by TAMRL_BENCH_PYTHON` };
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
