import type { Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs";

/**
 * Weights of one LSTM direction, in PyTorch's layout; the rows of each are the gates i, f, g, o in that order.
 * @source torch.nn.LSTM: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0
 */
export interface LstmWeights {
  /** [4·hidden, input] */
  readonly wIh: Tensor2D;
  /** [4·hidden, hidden] */
  readonly wHh: Tensor2D;
  /** [4·hidden] */
  readonly bIh: Tensor1D;
  /** [4·hidden] */
  readonly bHh: Tensor1D;
}

/** What every kernel is given: one bias, and both initial states. */
export interface LstmInputs {
  /** [batch, time, input] */
  readonly x: Tensor3D;
  /** [4·hidden, input] */
  readonly wIh: Tensor2D;
  /** [4·hidden, hidden] */
  readonly wHh: Tensor2D;
  /** [4·hidden] = bIh + bHh */
  readonly bias: Tensor1D;
  /** [batch, hidden] */
  readonly h0: Tensor2D;
  /** [batch, hidden] */
  readonly c0: Tensor2D;
  /** walk from the last day to the first */
  readonly reverse: boolean;
}

/** A kernel: the hidden states of the `last` days walked `[batch, last, hidden]`, in the order of the days; differentiable in every tensor of its inputs. */
export type LstmKernel = (inputs: LstmInputs, last: number) => Tensor3D;
