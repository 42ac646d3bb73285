import * as os from "node:os";
import * as tf from "@tensorflow/tfjs";
import { flag, setFlag } from "../flags";
import { portableNote, processorText } from "../processor";
import { openWasmThreads } from "../wasm-threads";
import { cudaMissing, lstmCuda } from "./cuda";
import { lstmFused, loadFused } from "./fused";
import { lstmHybrid } from "./hybrid";
import { lstmReference } from "./reference";
import { lstmWasm } from "./wasm";
import { lstmWebgpu } from "./webgpu";
import type { LstmInputs, LstmKernel } from "./weights";

/** Kernels of the LSTM, fastest first. */
export const KERNELS = ["cuda", "fused", "webgpu", "hybrid", "wasm", "reference"] as const;
export type KernelName = (typeof KERNELS)[number];

const IMPLEMENTATION: Readonly<Record<KernelName, LstmKernel>> = {
  cuda: cutting(lstmCuda), fused: lstmFused, webgpu: cutting(lstmWebgpu), hybrid: cutting(lstmHybrid), wasm: lstmWasm, reference: cutting(lstmReference),
};

/** The backend that a kernel runs on; the reference runs on any. */
const NEEDS: Readonly<Partial<Record<KernelName, string>>> = { cuda: "tensorflow", fused: "tensorflow", webgpu: "webgpu", hybrid: "tensorflow", wasm: "wasm" };

/** A kernel that gives all states, made to give the last. */
function cutting(all: (inputs: LstmInputs) => tf.Tensor3D): LstmKernel {
  return (inputs, last) => {
    const h = all(inputs); // [batch, time, hidden]
    return last === h.shape[1] ? h : tf.slice(h, [0, inputs.reverse ? 0 : h.shape[1] - last, 0], [-1, last, -1]);
  };
}

/**
 * Makes a kernel ready on the current backend: a note for the report, or why it cannot run, with its cure.
 * `threads` is for the kernels fused and wasm; 0 = one for each processor.
 * @example const { missing } = prepareKernel("hybrid")
 */
export function prepareKernel(name: KernelName, threads = 0): { readonly missing: string | null; readonly note: string } {
  if (name === "fused") {
    const loaded = loadFused(threads);
    if ("why" in loaded) return { missing: loaded.why, note: "" };
    return { missing: null, note: ` (${loaded.instructions}, ${loaded.threads} thread${loaded.threads === 1 ? "" : "s"}${portableNote(loaded.instructions, processorText())})` };
  }
  if (name === "wasm") {
    const opened = openWasmThreads(threads > 0 ? threads : os.availableParallelism());
    if ("why" in opened) return { missing: opened.why, note: "" };
    return { missing: null, note: ` (${opened.instructions}, ${opened.threads} thread${opened.threads === 1 ? "" : "s"}${opened.note === "" ? "" : `: ${opened.note}`})` };
  }
  if (name === "cuda") return { missing: cudaMissing(), note: " (cuDNN)" };
  const needed = NEEDS[name];
  const missing = needed === undefined || tf.getBackend() === needed ? null : `it needs the backend ${needed}, the current one is ${tf.getBackend()}; run npm run setup`;
  return { missing, note: "" };
}

/** Keeps the choice beside the current backend. @example useKernel("fused") */
export function useKernel(name: KernelName): void {
  setFlag("TAMRL_LSTM_KERNEL", name);
}

/**
 * The kernel function of `name`, or of the choice of `openBackend`. A choice made for one backend gives way to plain operations
 * while another one is current; a `name` does not.
 */
export function kernelOf(name?: KernelName): LstmKernel {
  if (name !== undefined) return IMPLEMENTATION[name];
  const chosen = (flag("TAMRL_LSTM_KERNEL") as KernelName | undefined) ?? "reference";
  const needed = NEEDS[chosen];
  return IMPLEMENTATION[needed === undefined || needed === tf.getBackend() ? chosen : "reference"];
}
