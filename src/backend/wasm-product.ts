import type * as tf from "@tensorflow/tfjs";
import { addressOf, emptyTensor } from "./wasm-heap";
import type { WasmThreads } from "./wasm-threads";

/** Rows of a task come in tiles of this many; columns of b in panels of that many. */
const TILE = 6;
const PANEL = 8;
/** Tasks for each thread: enough that none waits long for the last. */
const TASKS = 3;
/** Products of fewer numbers than this are one task: waking a thread takes longer. */
const SMALL = 2e5;

/**
 * a·b of two matrices, either transposed, plus `start` [columns] on each row; not taped. The caller disposes.
 * @example const y = wasmProduct(wasm, x, w, false, true, bias) // x·wᵀ + bias
 */
export function wasmProduct(wasm: WasmThreads, a: tf.Tensor2D, b: tf.Tensor2D, transposeA: boolean, transposeB: boolean, start: tf.Tensor1D | null = null): tf.Tensor2D {
  const [rows, depth] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const columns = b.shape[transposeB ? 0 : 1];
  const c = emptyTensor<tf.Tensor2D>([rows, columns]);
  const panels = Math.ceil(columns / PANEL);
  // Whole panels of a matrix that lies as it is used need no packing.
  const asIs = !transposeB && columns % PANEL === 0;
  const packed = asIs ? null : emptyTensor([panels * PANEL * depth]);
  if (packed !== null) {
    const perTask = rows * depth * columns < SMALL ? panels : Math.ceil(panels / wasm.threads);
    wasm.run("productPack", Math.ceil(panels / perTask), perTask, depth, columns, Number(transposeB), addressOf(b), addressOf(packed));
  }
  const ofB = packed === null ? { b: addressOf(b), step: 4 * columns, panelStep: 4 * PANEL } : packedPanels(addressOf(packed), depth);
  timesPanels(wasm, { rows, columns, depth, transposeA }, addressOf(a), ofB, start === null ? 0 : addressOf(start), addressOf(c));
  packed?.dispose();
  return c;
}

/** Where panels of b begin in the heap, bytes between their rows and between panels. */
interface Panels {
  readonly b: number;
  readonly step: number;
  readonly panelStep: number;
}

/** Panels one after the other, `depth` × 8 each. */
export function packedPanels(address: number, depth: number): Panels {
  return { b: address, step: 4 * PANEL, panelStep: 4 * PANEL * depth };
}

/** c = a·panels + start, all addresses; `start` 0 is none. @example timesPanels(wasm, { rows, columns, depth, transposeA: false }, a, packedPanels(b, depth), 0, c) */
export function timesPanels(wasm: WasmThreads, { rows, columns, depth, transposeA }: { rows: number; columns: number; depth: number; transposeA: boolean }, a: number, { b, step, panelStep }: Panels, start: number, c: number): void {
  const tasks = rows * depth * columns < SMALL ? 1 : Math.min(Math.ceil(rows / TILE), wasm.threads === 1 ? 1 : TASKS * wasm.threads);
  const slice = TILE * Math.ceil(rows / tasks / TILE);
  const count = Math.ceil(rows / slice);
  const scratch = emptyTensor([count * wasm.size("spareSize")]);
  wasm.run("productRows", count, slice, rows, columns, depth, Number(transposeA), a, b, step, panelStep, start, c, addressOf(scratch));
  scratch.dispose();
}

/** w [out, in] packed for x·wᵀ. The caller disposes. @example const packed = packWeights(wasm, w) */
export function packWeights(wasm: WasmThreads, w: tf.Tensor2D): tf.Tensor {
  const [columns, depth] = w.shape;
  const panels = Math.ceil(columns / PANEL);
  const packed = emptyTensor([panels * PANEL * depth]);
  wasm.run("productPack", 1, panels, depth, columns, 1, addressOf(w), addressOf(packed));
  return packed;
}
