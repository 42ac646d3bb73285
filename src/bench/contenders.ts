import * as path from "node:path";
import { projectRoot } from "../core/files";
import type { Part } from "./cases";
import type { ContenderSpec } from "./contender";
import type { Peer } from "./peer";

/** The peer, to which ratios are taken. */
export const PEER = "pytorch";

/**
 * glibc gives large blocks back to the system at once and fetches them anew at each step; told to keep them, PyTorch gains about a fifth.
 * @source mallopt(3), GNU C Library
 */
const KEEP_MEMORY = { MALLOC_MMAP_THRESHOLD_: "4294967296", MALLOC_TRIM_THRESHOLD_: "8589934592", MALLOC_TOP_PAD_: "67108864" };

/**
 * Who is timed on a part: the peer first, where there is one, as installed and with glibc told to keep its memory; then ours.
 * @example contendersOf("step", dir, peer, { threads: 2, all: false })
 */
export function contendersOf(part: Part, dir: string, peer: Peer, options: { threads: number; all: boolean }): ContenderSpec[] {
  const threads = String(options.threads);
  const env = { TAMRL_THREADS: threads, TF_NUM_INTRAOP_THREADS: threads, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
  const folder = path.join(projectRoot(), "src", "bench");
  const python = (name: string, more: Readonly<Record<string, string>> = {}): ContenderSpec[] =>
    "python" in peer ? [{ name, command: peer.python, args: [path.join(folder, "torch_contender.py"), part, dir], env: { ...env, ...more } }] : [];
  const ours = (name: string, more: Readonly<Record<string, string>> = {}): ContenderSpec =>
    ({ name, command: process.execPath, args: [path.join(folder, "worker.cjs"), part, dir], env: { ...env, ...more } });
  return [
    ...python(PEER), ...python(`${PEER}, memory kept`, KEEP_MEMORY),
    ours("native", { TAMRL_BACKEND: "tensorflow", TAMRL_LSTM: "fused" }), ours("wasm", { TAMRL_BACKEND: "wasm", TAMRL_LSTM: "auto" }),
    ...(options.all ? [ours("hybrid", { TAMRL_BACKEND: "tensorflow", TAMRL_LSTM: "hybrid" })] : []),
  ];
}
