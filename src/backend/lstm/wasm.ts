import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../../core/errors";
import { addressOf, emptyTensor } from "../wasm-heap";
import { wasmThreads, type WasmThreads } from "../wasm-threads";
import type { LstmInputs } from "./weights";

interface Sizes {
  readonly batch: number;
  readonly time: number;
  readonly input: number;
  readonly hidden: number;
  readonly reverse: boolean;
  /** states that come out, of the days walked last */
  readonly last: number;
}

/** What the way back needs of the way there; the layout is the module's own (wasm/layout.ts). */
interface Kept {
  readonly gates: tf.Tensor;
  readonly cells: tf.Tensor;
  readonly inputs: tf.Tensor;
}

/**
 * The LSTM as one wasm operation each way: products, gates and cell in one pass over the days, threads along the batch, on the
 * backend's own tensors without copies. Without a gradient to follow it keeps nothing but the states.
 * @throws WorkbookError MissingPart when the wasm operations are not opened; OutOfMemory when the heap is full
 * @example lstmWasm({ x, wIh, wHh, bias, h0, c0, reverse: false }, time) // [batch, time, hidden]
 */
export function lstmWasm({ x, wIh, wHh, bias, h0, c0, reverse }: LstmInputs, last: number): tf.Tensor3D {
  const wasm = wasmThreads();
  if (wasm === null) throw new WorkbookError("MissingPart", `lstm: kernel wasm needs its operations on the backend wasm, the current one is ${tf.getBackend()}; run npm run setup, then openBackend()`);
  const [batch, time, input] = x.shape;
  const sizes: Sizes = { batch, time, input, hidden: wHh.shape[1], reverse, last };
  if (tf.engine().state.gradientDepth === 0) return tf.tidy(() => forward(wasm, sizes, [x, wIh, wHh, bias, h0, c0], false).h);
  const run = tf.customGrad((...all) => {
    const given = all.slice(0, 6) as tf.Tensor[];
    const save = all[6] as unknown as (tensors: tf.Tensor[]) => void;
    const { h, gates, cells, inputs } = forward(wasm, sizes, given, true);
    save([given[1]!, given[2]!, gates, cells, inputs]);
    return {
      value: h,
      gradFunc: (dh: tf.Tensor, saved: tf.Tensor[]) => {
        const [wIh, wHh, gates, cells, inputs] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        return tf.tidy(() => backward(wasm, sizes, wIh, wHh, { gates, cells, inputs }, dh));
      },
    };
  });
  return run(x, wIh, wHh, bias, h0, c0) as tf.Tensor3D;
}

/** Rows of a slice and the number of slices: one for each thread. */
function slicesOf(wasm: WasmThreads, batch: number): { rows: number; count: number } {
  const rows = Math.ceil(batch / wasm.threads);
  return { rows, count: Math.ceil(batch / rows) };
}

function forward(wasm: WasmThreads, { batch, time, input, hidden, reverse, last }: Sizes, [x, wIh, wHh, bias, h0, c0]: readonly tf.Tensor[], keep: boolean): Kept & { h: tf.Tensor3D } {
  const width = wasm.size("gatesWidth", hidden);
  const steps = keep ? time : 1;
  const h = emptyTensor<tf.Tensor3D>([batch, last, hidden]);
  const gates = emptyTensor([steps, batch, width]);
  const cells = emptyTensor([steps + (keep ? 1 : 0), batch, wasm.size("cellWidth", hidden)]);
  const inputs = emptyTensor([steps, batch, wasm.size("inputsWidth", input, hidden)]);
  const packed = emptyTensor([width * (input + hidden + 1)]);
  const { rows, count } = slicesOf(wasm, batch);
  const scratch = emptyTensor([count * wasm.size("spareSize")]);
  wasm.run("lstmPackForward", 1, input, hidden, ...[wIh!, wHh!, bias!, packed].map(addressOf));
  wasm.run("lstmForward", count, rows, batch, time, input, hidden, Number(reverse), last, Number(keep), ...[x!, packed, h0!, c0!, h, gates, cells, inputs, scratch].map(addressOf));
  tf.dispose([packed, scratch]);
  return { h, gates, cells, inputs };
}

/** Gradients of x, wIh, wHh, bias, h0, c0. */
function backward(wasm: WasmThreads, { batch, time, input, hidden, reverse, last }: Sizes, wIh: tf.Tensor, wHh: tf.Tensor, { gates, cells, inputs }: Kept, dh: tf.Tensor): tf.Tensor[] {
  const width = wasm.size("gatesWidth", hidden);
  const dx = emptyTensor([batch, time, input]);
  const [dwIh, dwHh, dBias] = [emptyTensor([4 * hidden, input]), emptyTensor([4 * hidden, hidden]), emptyTensor([4 * hidden])] as const;
  const [dh0, dc0] = [emptyTensor([batch, hidden]), emptyTensor([batch, hidden])] as const;
  const packed = emptyTensor([width * (wasm.size("cellWidth", input) + wasm.size("cellWidth", hidden))]);
  const { rows, count } = slicesOf(wasm, batch);
  const each = wasm.size("backwardScratch", rows, time, input, hidden);
  const scratch = emptyTensor([count * each]);
  wasm.run("lstmPackBackward", 1, input, hidden, ...[wIh, wHh, packed].map(addressOf));
  wasm.run("lstmBackward", count, rows, batch, time, input, hidden, Number(reverse), last, ...[packed, gates, cells, inputs, dh, dx, dh0, dc0, scratch].map(addressOf), 4 * each);
  const sums = addressOf(scratch) + 4 * wasm.size("spareSize");
  wasm.run("lstmWeightGradients", 1, count, input, hidden, sums, 4 * each, ...[dwIh, dwHh, dBias].map(addressOf));
  return [dx, dwIh, dwHh, dBias, dh0, dc0];
}
