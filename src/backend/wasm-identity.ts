import * as tf from "@tensorflow/tfjs";

interface WasmBackend {
  incRef(dataId: object): void;
}

/**
 * Replaces the wasm backend's Identity: the shipped kernel copies a tensor for every clone, and each tensor that a gradient keeps is a
 * clone. Tensors never change, so one copy serves all; the backend counts who holds it, as for Reshape.
 * Registering twice is harmless.
 * @example shareClones()
 */
export function shareClones(): void {
  const kernelFunc = ({ inputs, backend }: { inputs: tf.NamedTensorInfoMap; backend: unknown }): tf.TensorInfo => {
    const { dataId, shape, dtype } = inputs["x"]!;
    (backend as WasmBackend).incRef(dataId);
    return { dataId, shape, dtype };
  };
  if (tf.getKernel("Identity", "wasm") === undefined) return;
  tf.unregisterKernel("Identity", "wasm");
  tf.registerKernel({ kernelName: "Identity", backendName: "wasm", kernelFunc: kernelFunc as unknown as tf.KernelConfig["kernelFunc"] });
}
