import * as tf from "@tensorflow/tfjs";
import { slicesOfRows } from "../wasm-days";
import { addressOf, emptyTensor } from "../wasm-heap";
import { packedPanels, timesPanels } from "../wasm-product";
import type { WasmThreads } from "../wasm-threads";
import type { LstmWeights } from "./weights";

/** `lstmSlide` on the wasm operations: all days' input products, then the windows, threads along each. The caller disposes. */
export function slideWasm(wasm: WasmThreads, days: tf.Tensor2D, starts: Int32Array, time: number, { wIh, wHh, bIh, bHh }: LstmWeights): tf.Tensor2D {
  return tf.tidy(() => {
    const [count, input] = days.shape;
    const hidden = wHh.shape[1];
    const width = wasm.size("gatesWidth", hidden);
    const [h, first] = [emptyTensor<tf.Tensor2D>([starts.length, hidden]), tf.tensor1d(starts, "int32")];
    const [packed, projected] = [emptyTensor([width * (1 + input + hidden)]), emptyTensor([count, width])];
    wasm.run("lstmPackSlide", 1, input, hidden, ...[wIh, wHh, tf.add(bIh, bHh), packed].map(addressOf));
    const panels = addressOf(packed) + 4 * width;
    timesPanels(wasm, { rows: count, columns: width, depth: input, transposeA: false }, addressOf(days), packedPanels(panels, input), addressOf(packed), addressOf(projected));
    const slices = slicesOfRows(wasm, starts.length);
    const scratch = emptyTensor([slices.count * wasm.size("slideScratch", hidden)]);
    wasm.run("lstmSlide", slices.count, slices.rows, starts.length, time, hidden, addressOf(first), addressOf(projected), panels + 4 * width * input, addressOf(h), addressOf(scratch));
    return h;
  });
}
