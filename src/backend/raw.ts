import * as tf from "@tensorflow/tfjs";

/** An attribute of a raw TensorFlow operation. */
export interface RawAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string;
}

interface Binding {
  readonly TF_FLOAT: number;
  readonly TF_INT64: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_Version: string;
  createTensor(shape: readonly number[], dtype: number, values: Int32Array): number;
  deleteTensor(id: number): void;
  executeOp(name: string, attributes: readonly RawAttribute[], inputs: readonly number[], outputs: number): { id: number; shape: number[]; dtype: number }[];
}

interface NodeBackend {
  readonly binding: Binding;
  readonly isUsingGpuDevice: boolean;
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(metadata: { id: number; shape: number[]; dtype: number }): tf.Tensor;
}

/** Raw operations of the running libtensorflow. Nothing here is taped: use inside `tf.customGrad`, with a gradient of your own. */
export interface RawOps {
  /** runs an operation whose inputs are float32 tensors; `int64First` is passed before them as a scalar */
  run(name: string, attributes: readonly RawAttribute[], inputs: readonly tf.Tensor[], outputs: number, int64First?: number): tf.Tensor[];
  /** `a·b` of two matrices, either transposed. TensorFlow.js's own matMul goes through the slower BatchMatMulV2. */
  matMul(a: tf.Tensor2D, b: tf.Tensor2D, transposeA?: boolean, transposeB?: boolean): tf.Tensor2D;
  /** the attribute `T = float` */
  readonly float: RawAttribute;
  flag(name: string, value: boolean): RawAttribute;
  number(name: string, value: number): RawAttribute;
  text(name: string, value: string): RawAttribute;
  whole(name: string, value: number): RawAttribute;
  readonly gpu: boolean;
}

/**
 * Raw operations when the current backend is libtensorflow, else null.
 * @example rawOps()?.matMul(a, b, false, true)
 */
export function rawOps(): RawOps | null {
  if (tf.getBackend() !== "tensorflow") return null;
  const backend = tf.backend() as unknown as NodeBackend;
  const { binding } = backend;
  const float: RawAttribute = { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const flag = (name: string, value: boolean): RawAttribute => ({ name, type: binding.TF_ATTR_BOOL, value });
  const run: RawOps["run"] = (name, attributes, inputs, outputs, int64First) => {
    const ids = backend.getInputTensorIds(inputs);
    // The addon's own Int64Scalar never frees its handle; this one is freed here.
    const scalar = int64First === undefined ? null : binding.createTensor([], binding.TF_INT64, new Int32Array([int64First, 0]));
    try {
      return binding.executeOp(name, attributes, scalar === null ? ids : [scalar, ...ids], outputs).map((m) => backend.createOutputTensor(m));
    } finally {
      if (scalar !== null) binding.deleteTensor(scalar);
    }
  };
  return {
    run,
    matMul: (a, b, transposeA = false, transposeB = false) =>
      run("MatMul", [flag("transpose_a", transposeA), flag("transpose_b", transposeB), float], [a, b], 1)[0] as tf.Tensor2D,
    float,
    flag,
    number: (name, value) => ({ name, type: binding.TF_ATTR_FLOAT, value }),
    text: (name, value) => ({ name, type: binding.TF_ATTR_STRING, value }),
    whole: (name, value) => ({ name, type: binding.TF_ATTR_INT, value }),
    gpu: backend.isUsingGpuDevice,
  };
}
