import * as tf from "@tensorflow/tfjs";

/** What `openBackend` decides, kept in TensorFlow.js's own environment beside its current backend. */
export type FlagName = "TAMRL_LSTM_KERNEL" | "TAMRL_LSTM_OP";

/** Reads a decision, or undefined before `openBackend`. @example flag("TAMRL_LSTM_KERNEL") */
export function flag(name: FlagName): string | undefined {
  return tf.env().getFlags()[name] as string | undefined;
}

/** Records a decision. */
export function setFlag(name: FlagName, value: string): void {
  if (flag(name) === undefined) tf.env().registerFlag(name, () => "");
  tf.env().set(name, value);
}
