import * as tf from "@tensorflow/tfjs";

interface WasmBackend {
  makeOutput(shape: readonly number[], dtype: string): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}

type Kernel = (args: { inputs: tf.NamedTensorInfoMap; backend: unknown; attrs?: tf.NamedAttrMap }) => tf.TensorInfo | tf.TensorInfo[];

/** A piece of x along one axis: `size` places from `begin`, in a tensor of `shape`. */
interface Piece {
  readonly axis: number;
  readonly begin: number;
  readonly size: number;
  readonly shape: readonly number[];
}

/**
 * Replaces the wasm backend's Slice, SplitV and Unpack where one axis is cut. The shipped kernels first copy the whole input
 * for every piece, so that cutting a window into days costs the square of its length; these copy each piece once.
 * Registering twice is harmless.
 * @example replaceWasmSlices()
 */
export function replaceWasmSlices(): void {
  replace("Slice", (x, attrs) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs["begin"] as number[], attrs["size"] as number[]);
    const cut = x.shape.flatMap((n, axis) => (size[axis] === n ? [] : [axis]));
    if (cut.length > 1) return null;
    const axis = cut[0] ?? 0;
    return x.shape.length === 0 ? null : { one: true, pieces: [{ axis, begin: begin[axis]!, size: size[axis]!, shape: size }] };
  });
  replace("SplitV", (x, attrs) => {
    const axis = tf.util.parseAxisParam(attrs["axis"] as number, x.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, attrs["numOrSizeSplits"] as number | number[], axis);
    let begin = 0;
    return { one: false, pieces: sizes.map((size) => ({ axis, begin: (begin += size) - size, size, shape: x.shape.map((n, k) => (k === axis ? size : n)) })) };
  });
  replace("Unpack", (value, attrs) => {
    const axis = tf.util.parseAxisParam(attrs["axis"] as number, value.shape)[0]!;
    const shape = value.shape.filter((_, k) => k !== axis);
    return { one: false, pieces: Array.from({ length: value.shape[axis]! }, (_, begin) => ({ axis, begin, size: 1, shape })) };
  });
}

/** Registers a kernel that copies the pieces `plan` names; what it declines (null, or another type) goes to the shipped kernel. */
function replace(kernelName: string, plan: (x: tf.TensorInfo, attrs: tf.NamedAttrMap) => { one: boolean; pieces: readonly Piece[] } | null): void {
  const shipped = tf.getKernel(kernelName, "wasm") as (tf.KernelConfig & { readonly copiesOnce?: true }) | undefined;
  if (shipped === undefined || shipped.copiesOnce) return;
  const kernelFunc: Kernel = (args) => {
    const x = (args.inputs["x"] ?? args.inputs["value"]) as tf.TensorInfo;
    const planned = x.dtype === "float32" || x.dtype === "int32" ? plan(x, args.attrs ?? {}) : null;
    if (planned === null) return (shipped.kernelFunc as unknown as Kernel)(args);
    const made = planned.pieces.map((piece) => copyPiece(args.backend as WasmBackend, x, piece));
    return planned.one ? made[0]! : made;
  };
  const config = { kernelName, backendName: "wasm", kernelFunc: kernelFunc as unknown as tf.KernelConfig["kernelFunc"], copiesOnce: true };
  tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel(config as tf.KernelConfig);
}

function copyPiece(backend: WasmBackend, x: tf.TensorInfo, { axis, begin, size, shape }: Piece): tf.TensorInfo {
  const out = backend.makeOutput(shape, x.dtype); // before the views: it may move the heap
  const from = backend.typedArrayFromHeap(x);
  const to = backend.typedArrayFromHeap(out);
  const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
  const outer = tf.util.sizeFromShape(x.shape.slice(0, axis));
  const run = size * inner;
  for (let o = 0; o < outer; o++) {
    const start = (o * x.shape[axis]! + begin) * inner;
    if (run >= 32) to.set(from.subarray(start, start + run), o * run);
    else for (let k = 0; k < run; k++) to[o * run + k] = from[start + k]!;
  }
  return out;
}
