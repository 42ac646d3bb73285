import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../core/errors";

/** What is used of TensorFlow.js's wasm backend; `tamrl` is where wasm-threads.ts keeps its threads. */
export interface WasmBackend {
  readonly wasm: { readonly asm: Readonly<Record<string, unknown>>; readonly HEAPU8: Uint8Array; _malloc(bytes: number): number };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: string): tf.TensorInfo;
  tamrl?: unknown;
}

/** The wasm backend when it is the current one, else null. */
export function wasmBackend(): WasmBackend | null {
  return tf.getBackend() === "wasm" ? (tf.backend() as unknown as WasmBackend) : null;
}

/** The memory that all tensors of the wasm backend lie in. Asked by name: a notebook's `WebAssembly` may be another object. */
export function heapOf(backend: WasmBackend): WebAssembly.Memory | undefined {
  return Object.values(backend.wasm.asm).find((value) => Object.prototype.toString.call(value) === "[object WebAssembly.Memory]") as WebAssembly.Memory | undefined;
}

/** Where a tensor's numbers begin in the heap. */
export function addressOf(tensor: tf.Tensor): number {
  return (tf.backend() as unknown as WasmBackend).dataIdMap.get(tensor.dataId).memoryOffset;
}

/**
 * Makes the wasm backend refuse a tensor that its heap cannot hold. As shipped it takes the address 0 of a failed allocation for a place:
 * an operation then writes over the heap's beginning, and a later one ends in "Aborted()". Doing it twice is harmless.
 * @example guardHeap(wasmBackend()!)
 */
export function guardHeap({ wasm }: WasmBackend): void {
  const allocate = wasm.asm["malloc"] as (bytes: number) => number; // not `_malloc`, which replaces itself when first called
  wasm._malloc = (bytes) => {
    const address = bytes < 2 ** 32 ? allocate(bytes) : 0; // more would be taken modulo 4 GiB
    if (address === 0 && bytes > 0) throw new WorkbookError("OutOfMemory", `wasm: ${Math.ceil(bytes / 2 ** 20)} MiB more are required, the heap of 4 GiB is full; use smaller batches or windows`);
    return address;
  };
}

/**
 * A float32 tensor whose numbers are whatever the heap held: the caller fills it.
 * @throws WorkbookError OutOfMemory when the heap is full
 * @example const h = emptyTensor<tf.Tensor3D>([batch, time, hidden])
 */
export function emptyTensor<T extends tf.Tensor>(shape: readonly number[]): T {
  return tf.engine().makeTensorFromTensorInfo((tf.backend() as unknown as WasmBackend).makeOutput(shape, "float32")) as T;
}

/**
 * The files the wasm backend is to be started from: where set-up has built it, the one whose heap threads may share.
 * @example wasm.setWasmPaths(wasmFiles())
 */
export function wasmFiles(): Record<string, string> {
  const { builtWasm } = require("./build-wasm.cjs") as { builtWasm(): { ok: boolean; backend: string } };
  const built = builtWasm();
  const shipped = path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm"));
  const files = ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm", "tfjs-backend-wasm-threaded-simd.wasm"];
  return Object.fromEntries(files.map((file) => [file, built.ok && file === path.basename(built.backend) ? built.backend : path.join(shipped, file)]));
}
