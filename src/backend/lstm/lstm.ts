import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../../core/errors";
import { kernelOf, type KernelName } from "./kernel";
import type { LstmWeights } from "./weights";

export type { LstmWeights } from "./weights";

/** Initial state, direction and, for tests and the benchmark, a kernel other than the chosen one. */
export interface LstmOptions {
  /** [batch, hidden]; zeros when left out */
  readonly h0?: tf.Tensor2D;
  /** [batch, hidden]; zeros when left out */
  readonly c0?: tf.Tensor2D;
  /** walk from the last day to the first; state t stays at place t, as in PyTorch */
  readonly reverse?: boolean;
  /** only the states of the days walked last come out: the last `lastDays` days, with `reverse` the first; all when left out */
  readonly lastDays?: number;
  readonly kernel?: KernelName;
}

/**
 * One LSTM layer in one direction: x [batch, time, input] → hidden states [batch, time, hidden], or [batch, lastDays, hidden].
 * Differentiable in x, all four weights, h0 and c0. The caller disposes.
 * @throws WorkbookError BadArgument when the shapes do not fit; MissingPart when `kernel` does not run on the current backend
 * @source torch.nn.LSTM (layout, gate order i, f, g, o, two bias vectors)
 * @example const last = lstm(x, weights, { lastDays: 1 }) // [batch, 1, hidden]
 */
export function lstm(x: tf.Tensor3D, weights: LstmWeights, options: LstmOptions = {}): tf.Tensor3D {
  checkShapes(x, weights, options);
  const { wIh, wHh, bIh, bHh } = weights;
  const state: [number, number] = [x.shape[0], wHh.shape[1]];
  return tf.tidy(() =>
    kernelOf(options.kernel)({
      x, wIh, wHh,
      bias: tf.add(bIh, bHh) as tf.Tensor1D,
      h0: options.h0 ?? tf.zeros(state),
      c0: options.c0 ?? tf.zeros(state),
      reverse: options.reverse ?? false,
    }, options.lastDays ?? x.shape[1]));
}

function checkShapes(x: tf.Tensor, { wIh, wHh, bIh, bHh }: LstmWeights, { h0, c0, lastDays }: LstmOptions): void {
  const [batch, time, input] = x.shape;
  const hidden = wHh.shape[1]!;
  const check = (name: string, tensor: tf.Tensor | undefined, required: readonly (number | undefined)[]): void => {
    if (tensor === undefined || (tensor.dtype === "float32" && tensor.shape.length === required.length && tensor.shape.every((n, k) => n === required[k]))) return;
    throw new WorkbookError("BadArgument", `lstm: ${name} must be float32 [${required.join(", ")}], got ${tensor.dtype} [${tensor.shape.join(", ")}]; check the weights against the input [batch, time, input]`);
  };
  if (x.shape.length !== 3 || x.size === 0 || hidden === 0) {
    throw new WorkbookError("BadArgument", `lstm: x must be [batch, time, input] without an empty axis, got [${x.shape.join(", ")}]; leave empty batches out`);
  }
  if (lastDays !== undefined && !(Number.isInteger(lastDays) && lastDays >= 1 && lastDays <= time!)) {
    throw new WorkbookError("BadArgument", `lstm: lastDays must be a whole number from 1 to the ${time} days of x, got ${lastDays}; leave it out for all`);
  }
  check("x", x, [batch, time, input]);
  check("wIh", wIh, [4 * hidden, input]);
  check("wHh", wHh, [4 * hidden, hidden]);
  check("bIh", bIh, [4 * hidden]);
  check("bHh", bHh, [4 * hidden]);
  check("h0", h0, [batch, hidden]);
  check("c0", c0, [batch, hidden]);
}
