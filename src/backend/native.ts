import { flag } from "./flags";
import { rawOps, type RawAttribute, type RawOps } from "./raw";
import type * as tf from "@tensorflow/tfjs";

/** The project's own operations in the running libtensorflow (native/*.cc). As with RawOps, nothing here is taped. */
export interface NativeOps {
  readonly raw: RawOps;
  /** runs one of them by its short name, e.g. "Embed" */
  run(name: string, attributes: readonly RawAttribute[], inputs: readonly tf.Tensor[], outputs: number): tf.Tensor[];
}

/**
 * The native operations where `openBackend` chose the fused kernel and libtensorflow is current, else null.
 * @example nativeOps()?.run("Modulate", [raw.flag("masked", false)], [x, scale, shift, shift], 1)
 */
export function nativeOps(): NativeOps | null {
  const op = flag("TAMRL_LSTM_OP");
  const raw = op !== undefined && flag("TAMRL_LSTM_KERNEL") === "fused" ? rawOps() : null;
  return raw === null ? null : { raw, run: (name, attributes, inputs, outputs) => raw.run(`${op}${name}`, attributes, inputs, outputs) };
}
