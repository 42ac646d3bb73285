import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../../core/errors";
import { rawOps, type RawOps } from "../raw";
import { batchFirst, timeFirst } from "./time-first";
import type { LstmInputs } from "./weights";

/**
 * The LSTM through TensorFlow's own operations: BlockLSTM forward; backward, LSTMBlockCellGrad and one product a day,
 * then one product for each weight gradient. The kernel of a machine with the addon but without a compiler.
 * @throws WorkbookError MissingPart when the current backend is not tensorflow
 * @source TensorFlow ops BlockLSTM and LSTMBlockCellGrad (gate order i, g, f, o; time first)
 * @example lstmHybrid({ x, wIh, wHh, bias, h0, c0, reverse: false }) // [batch, time, hidden]
 */
export function lstmHybrid({ x, wIh, wHh, bias, h0, c0, reverse }: LstmInputs): tf.Tensor3D {
  const ops = rawOps();
  if (ops === null) throw new WorkbookError("MissingPart", `lstm: kernel hybrid needs the backend tensorflow, the current one is ${tf.getBackend()}; run npm run setup or choose the kernel reference`);
  const run = tf.customGrad((...all) => {
    const [x, wIh, wHh, bias, h0, c0] = all.slice(0, 6) as [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor2D];
    const save = all[6] as unknown as (tensors: tf.Tensor[]) => void;
    const xs = timeFirst(x, reverse); // [time, batch, input]
    const w = toBlock(tf.concat([wIh, wHh], 1)).transpose() as tf.Tensor2D; // [input + hidden, 4·hidden]
    const b = toBlock(bias);
    const states = forward(ops, xs, w, b, h0, c0); // 7 × [time, batch, hidden]
    save([xs, w, b, h0, c0, ...states]);
    return {
      value: batchFirst(states[6]!, reverse), // [batch, time, hidden]
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => backward(ops, timeFirst(dy as tf.Tensor3D, reverse), saved, reverse)),
    };
  });
  return run(x, wIh, wHh, bias, h0, c0) as tf.Tensor3D;
}

/** Seven outputs of BlockLSTM: i, c, f, o, g, tanh(c), h; each [time, batch, hidden]. */
function forward(ops: RawOps, xs: tf.Tensor3D, w: tf.Tensor2D, b: tf.Tensor1D, h0: tf.Tensor2D, c0: tf.Tensor2D): tf.Tensor3D[] {
  const noPeephole = tf.zeros([h0.shape[1]]);
  const attributes = [ops.number("forget_bias", 0), ops.number("cell_clip", -1), ops.flag("use_peephole", false), ops.float];
  return ops.run("BlockLSTM", attributes, [xs, c0, h0, w, noPeephole, noPeephole, noPeephole, b], 7, xs.shape[0]) as tf.Tensor3D[];
}

/** Gradients of x, wIh, wHh, bias, h0, c0. */
function backward(ops: RawOps, dy: tf.Tensor3D, saved: tf.Tensor[], reverse: boolean): tf.Tensor[] {
  const [xs, w, b, h0, c0, ...states] = saved as [tf.Tensor3D, tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor2D, ...tf.Tensor3D[]];
  const [time, batch, input] = xs.shape;
  const hidden = h0.shape[1];
  const [i, c, f, o, g, tanhC, h] = states.map((s) => tf.unstack(s)) as [tf.Tensor[], tf.Tensor[], tf.Tensor[], tf.Tensor[], tf.Tensor[], tf.Tensor[], tf.Tensor[]];
  const x = tf.unstack(xs);
  const dh = tf.unstack(dy) as tf.Tensor2D[];
  const wX = w.slice([0, 0], [input, 4 * hidden]);
  const wH = w.slice([input, 0], [hidden, 4 * hidden]);
  const none = tf.zeros([hidden]);
  let dC: tf.Tensor = tf.zeros([batch, hidden]);
  let dNext: tf.Tensor2D = tf.zeros([batch, hidden]);
  const dGates = new Array<tf.Tensor>(time);
  for (let t = time - 1; t >= 0; t--) {
    const inputs = [x[t]!, t > 0 ? c[t - 1]! : c0, t > 0 ? h[t - 1]! : h0, w, none, none, none, b,
      i[t]!, c[t]!, f[t]!, o[t]!, g[t]!, tanhC[t]!, dC, tf.add(dh[t]!, dNext)];
    [dC, dGates[t]] = ops.run("LSTMBlockCellGrad", [ops.flag("use_peephole", false), ops.float], inputs, 5) as [tf.Tensor, tf.Tensor];
    dNext = ops.matMul(dGates[t] as tf.Tensor2D, wH, false, true);
  }
  const all = tf.stack(dGates).reshape([time * batch, 4 * hidden]) as tf.Tensor2D;
  const before = time > 1 ? tf.concat([h0.expandDims(0), states[6]!.slice([0, 0, 0], [time - 1, batch, hidden])]) : h0;
  const dWx = ops.matMul(all, xs.reshape([time * batch, input]), true); // [4·hidden, input]
  const dWh = ops.matMul(all, before.reshape([time * batch, hidden]), true); // [4·hidden, hidden]
  const dX = ops.matMul(all, wX, false, true).reshape([time, batch, input]) as tf.Tensor3D;
  return [batchFirst(dX, reverse), fromBlock(dWx), fromBlock(dWh), fromBlock(all.sum(0)), dNext, dC];
}

/** Rows in gate order i, f, g, o → BlockLSTM's i, g, f, o. The same swap leads back. */
function toBlock<T extends tf.Tensor>(rows: T): T {
  const [i, f, g, o] = tf.split(rows, 4, 0) as [T, T, T, T];
  return tf.concat([i, g, f, o], 0) as T;
}

const fromBlock = toBlock;
