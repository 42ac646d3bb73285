import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../../core/errors";
import { flag, setFlag } from "../flags";
import { lstmFused, loadFused } from "./fused";
import { lstmHybrid } from "./hybrid";
import { lstmReference } from "./reference";
import type { LstmInputs, LstmKernel } from "./weights";

/** Kernels of the LSTM, fastest first. */
export const KERNELS = ["fused", "hybrid", "reference"] as const;
export type KernelName = (typeof KERNELS)[number];

const IMPLEMENTATION: Readonly<Record<KernelName, LstmKernel>> = { fused: lstmFused, hybrid: cutting(lstmHybrid), reference: cutting(lstmReference) };

/** A kernel that gives all states, made to give the last. */
function cutting(all: (inputs: LstmInputs) => tf.Tensor3D): LstmKernel {
  return (inputs, last) => {
    const h = all(inputs); // [batch, time, hidden]
    return last === h.shape[1] ? h : tf.slice(h, [0, inputs.reverse ? 0 : h.shape[1] - last, 0], [-1, last, -1]);
  };
}

/**
 * Chooses the LSTM kernel of the current backend and keeps the choice beside it. One line per decision is added to `why`.
 * `threads` is for the fused kernel; 0 = one for each processor.
 * @throws WorkbookError MissingPart when `wanted` is not available; BadConfig when it is no kernel
 * @example chooseKernel("auto", []) // "fused"
 */
export function chooseKernel(wanted: string, why: string[], threads = 0): KernelName {
  const auto = wanted === "auto" || wanted === "";
  const names = auto ? KERNELS : KERNELS.filter((name) => name === wanted);
  if (names.length === 0) throw new WorkbookError("BadConfig", `openBackend: TAMRL_LSTM must be ${KERNELS.join(", ")} or auto, got "${wanted}"; correct or unset it`);
  for (const name of names) {
    const { missing, note } = prepare(name, threads);
    if (missing === null) {
      why.push(`kernel ${name}: ${auto ? "the fastest that runs here" : "asked for"}${note}`);
      setFlag("TAMRL_LSTM_KERNEL", name);
      return name;
    }
    if (!auto) throw new WorkbookError("MissingPart", `openBackend: kernel ${name} was asked for, ${missing}`);
    why.push(`kernel ${name}: not used, ${missing}`);
  }
  throw new WorkbookError("MissingPart", `openBackend: an LSTM kernel is required, none runs (${why.join("; ")}); run npm run setup`);
}

/** Makes a kernel ready: the reason why it cannot run, with its cure, or null. */
function prepare(name: KernelName, threads: number): { missing: string | null; note: string } {
  if (name === "fused") {
    const loaded = loadFused(threads);
    if ("why" in loaded) return { missing: loaded.why, note: "" };
    return { missing: null, note: ` (${loaded.instructions}, ${loaded.threads} thread${loaded.threads === 1 ? "" : "s"})` };
  }
  if (name === "reference" || tf.getBackend() === "tensorflow") return { missing: null, note: "" };
  return { missing: `it needs the backend tensorflow, the current one is ${tf.getBackend()}; run npm run setup`, note: "" };
}

/**
 * The kernel function of `name`, or of the choice of `openBackend`. A choice made for libtensorflow gives way to plain
 * operations while another backend is current; a `name` does not.
 */
export function kernelOf(name?: KernelName): LstmKernel {
  if (name !== undefined) return IMPLEMENTATION[name];
  return IMPLEMENTATION[tf.getBackend() === "tensorflow" ? ((flag("TAMRL_LSTM_KERNEL") as KernelName | undefined) ?? "reference") : "reference"];
}
