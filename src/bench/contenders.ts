import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import type { Part } from "./cases";
import type { ContenderSpec } from "./contender";
import type { Peer } from "./peer";

/** The peer of all parts but ingest. */
const PEER = "pytorch";

/**
 * glibc gives large blocks back to the system at once and fetches them anew at each step; told to keep them, PyTorch gains about a fifth.
 * @source mallopt(3), GNU C Library
 */
const KEEP_MEMORY = { MALLOC_MMAP_THRESHOLD_: "4294967296", MALLOC_TRIM_THRESHOLD_: "8589934592", MALLOC_TOP_PAD_: "67108864" };

/** Our own contenders: the environment that chooses backend and kernel. */
const OURS = {
  native: { TAMRL_BACKEND: "tensorflow", TAMRL_LSTM: "fused" },
  wasm: { TAMRL_BACKEND: "wasm", TAMRL_LSTM: "auto" },
  hybrid: { TAMRL_BACKEND: "tensorflow", TAMRL_LSTM: "hybrid" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
export type OurName = keyof typeof OURS;
const OUR_NAMES = Object.keys(OURS) as OurName[];

/**
 * Contenders of ours by name.
 * @throws WorkbookError BadArgument for a name that none has
 * @example ourNames(["native"])
 */
export function ourNames(names: readonly string[]): OurName[] {
  const unknown = names.find((name) => !(OUR_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new WorkbookError("BadArgument", `bench: --contenders: some of ${OUR_NAMES.join(", ")} required, got "${unknown}"; see bench --help`);
  return names as OurName[];
}

/**
 * Who is timed on a part: the peer first, where there is one, as installed and with glibc told to keep its memory; then ours, those that
 * `only` names where it is given.
 * @example contendersOf("step", dir, peer, { threads: 2, all: false })
 */
export function contendersOf(part: Part, dir: string, peer: Peer, options: { threads: number; all: boolean; only?: readonly OurName[] }): ContenderSpec[] {
  const threads = String(options.threads);
  const env = { TAMRL_THREADS: threads, TF_NUM_INTRAOP_THREADS: threads, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
  const folder = path.join(projectRoot(), "src", "bench");
  const python = (name: string, more?: Readonly<Record<string, string>>): ContenderSpec[] =>
    "python" in peer ? [{ name, command: peer.python, args: [path.join(folder, "torch_contender.py"), part, dir], peer: more === undefined, env: { ...env, ...more } }] : [];
  const ours = (name: string, more: Readonly<Record<string, string>> = {}): ContenderSpec =>
    ({ name, command: process.execPath, args: [path.join(folder, "worker.cjs"), part, dir], env: { ...env, ...more } });
  if (part === "ingest") return [...python("pandas"), ...python("pandas, files side by side", { PANDAS_THREADS: threads }), ours("ingest")];
  const chosen = options.only ?? (options.all ? OUR_NAMES : OUR_NAMES.filter((name) => name !== "hybrid"));
  return [...python(PEER), ...python(`${PEER}, memory kept`, KEEP_MEMORY), ...chosen.map((name) => ours(name, OURS[name]))];
}
