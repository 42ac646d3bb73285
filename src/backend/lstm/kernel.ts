import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../../core/errors";
import { lstmHybrid } from "./hybrid";
import { lstmReference } from "./reference";
import type { LstmKernel } from "./weights";

/** Kernels of the LSTM, fastest first. */
export const KERNELS = ["hybrid", "reference"] as const;
export type KernelName = (typeof KERNELS)[number];

const FLAG = "TAMRL_LSTM_KERNEL";
const IMPLEMENTATION: Readonly<Record<KernelName, LstmKernel>> = { hybrid: lstmHybrid, reference: lstmReference };

/**
 * Chooses the LSTM kernel of the current backend and keeps the choice in TensorFlow.js's own environment, beside its backend.
 * One line per decision is added to `why`.
 * @throws WorkbookError MissingPart when `wanted` is not available; BadConfig when it is no kernel
 * @example chooseKernel("auto", []) // "hybrid"
 */
export function chooseKernel(wanted: string, why: string[]): KernelName {
  const auto = wanted === "auto" || wanted === "";
  const names = auto ? KERNELS : KERNELS.filter((name) => name === wanted);
  if (names.length === 0) throw new WorkbookError("BadConfig", `openBackend: TAMRL_LSTM must be ${KERNELS.join(", ")} or auto, got "${wanted}"; correct or unset it`);
  for (const name of names) {
    const missing = whyNot(name);
    if (missing === null) {
      why.push(auto ? `kernel ${name}: the fastest that runs here` : `kernel ${name}: asked for`);
      if (tf.env().getFlags()[FLAG] === undefined) tf.env().registerFlag(FLAG, () => "reference");
      tf.env().set(FLAG, name);
      return name;
    }
    if (!auto) throw new WorkbookError("MissingPart", `openBackend: kernel ${name} was asked for, ${missing}`);
    why.push(`kernel ${name}: not used, ${missing}`);
  }
  throw new WorkbookError("MissingPart", `openBackend: an LSTM kernel is required, none runs (${why.join("; ")})`);
}

/** The reason why `name` does not run on the current backend, with its cure, or null. */
export function whyNot(name: KernelName): string | null {
  if (name === "reference" || tf.getBackend() === "tensorflow") return null;
  return `it needs the backend tensorflow, the current one is ${tf.getBackend()}; run npm run setup`;
}

/** The kernel function of `name`, or of the choice made by `openBackend`; plain operations where that does not fit the backend. */
export function kernelOf(name?: KernelName): LstmKernel {
  const chosen = name ?? (tf.env().getFlags()[FLAG] as KernelName | undefined) ?? "reference";
  return IMPLEMENTATION[name === undefined && whyNot(chosen) !== null ? "reference" : chosen];
}
