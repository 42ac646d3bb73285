import * as fs from "node:fs";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../../core/errors";
import { rawOps, type RawAttribute, type RawOps } from "../raw";
import { batchFirst, timeFirst } from "./time-first";
import type { LstmInputs } from "./weights";

const CURE = "run npm run setup -- --gpu on a machine with an NVIDIA GPU and its driver";
const LOOK = "see that nvidia-smi shows the GPU with a driver for CUDA 12, and what TF_CPP_MIN_LOG_LEVEL=0 tells of libraries that do not load; then run npm run setup -- --gpu";

/**
 * Whether cuDNN computes here: null, or the reason why not, with its cure. One tiny layer is run, because a GPU that is seen
 * may still lack a library of its own.
 * @example const missing = cudaMissing()
 */
export function cudaMissing(): string | null {
  const ops = rawOps();
  if (ops === null) return `it needs the backend tensorflow, the current one is ${tf.getBackend()}; ${CURE}`;
  if (!ops.gpu) return gpuLibraryIsHere() ? `libtensorflow for a GPU is in place but finds none; ${LOOK}` : `libtensorflow is the one for the CPU; ${CURE}`;
  try {
    tf.tidy(() => {
      const ones = (shape: number[]): tf.Tensor => tf.ones(shape);
      const [x, state] = [ones([1, 1, 1]), ones([1, 1, 1])];
      forward(ops, x, state, state, ones([cudnnSize(1, 1)]), true)[0]!.dataSync();
    });
    return null;
  } catch (error) {
    return `cuDNN does not run (${String((error as Error).message).split("\n")[0]}); ${LOOK}`;
  }
}

/** Whether set-up laid NVIDIA's libraries beside libtensorflow. */
function gpuLibraryIsHere(): boolean {
  return fs.existsSync(path.join(path.dirname(require.resolve("@tensorflow/tfjs-node-gpu/package.json")), "deps", "nvidia"));
}

/**
 * The LSTM as cuDNN computes it: all days in one operation each way, parameters packed into its flat layout.
 * @throws WorkbookError MissingPart when libtensorflow uses no GPU
 * @source TensorFlow ops CudnnRNN and CudnnRNNBackprop (time first); cuDNN's gates are i, f, g, o like torch.nn.LSTM's
 * @example lstmCuda({ x, wIh, wHh, bias, h0, c0, reverse: false }) // [batch, time, hidden]
 */
export function lstmCuda({ x, wIh, wHh, bias, h0, c0, reverse }: LstmInputs): tf.Tensor3D {
  const ops = rawOps();
  if (ops === null || !ops.gpu) throw new WorkbookError("MissingPart", `lstm: kernel cuda needs a GPU that libtensorflow uses, the backend is ${tf.getBackend()} on the CPU; ${CURE}`);
  const [batch, , input] = x.shape;
  const hidden = wHh.shape[1];
  const training = tf.engine().state.gradientDepth > 0;
  const run = tf.customGrad((...all) => {
    const [x, wIh, wHh, bias, h0, c0] = all.slice(0, 6) as [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor2D];
    const save = all[6] as unknown as (tensors: tf.Tensor[]) => void;
    const days = timeFirst(x, reverse); // [time, batch, input]
    const [h, c] = [h0.expandDims(0), c0.expandDims(0)]; // [1, batch, hidden]
    const params = packCudnn(wIh, wHh, bias);
    const outputs = forward(ops, days, h, c, params, training); // states [time, batch, hidden], last h, last c, reserve
    save([days, h, c, params, ...outputs]);
    return {
      value: batchFirst(outputs[0] as tf.Tensor3D, reverse), // [batch, time, hidden]
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => {
        const [dX, dH, dC, dParams] = backward(ops, saved, timeFirst(dy as tf.Tensor3D, reverse));
        return [batchFirst(dX as tf.Tensor3D, reverse), ...unpackCudnn(dParams as tf.Tensor1D, input, hidden), dH!.reshape([batch, hidden]), dC!.reshape([batch, hidden])];
      }),
    };
  });
  return run(x, wIh, wHh, bias, h0, c0) as tf.Tensor3D;
}

/** How many numbers cuDNN keeps for one layer: both matrices and two bias vectors. @example cudnnSize(24, 128) // 78848 */
export function cudnnSize(input: number, hidden: number): number {
  return 4 * hidden * (input + hidden + 2);
}

/**
 * Weights in cuDNN's flat layout: W of i, f, g, o, each [hidden, input]; R likewise; then the biases of W and of R.
 * Ours is one bias: it takes the place of W's, and R's is zero. The caller disposes.
 * @source cuDNN, cudnnGetRNNWeightParams (linLayerID 0–7 of CUDNN_LSTM)
 * @example packCudnn(wIh, wHh, bias) // [4·hidden·(input + hidden + 2)]
 */
export function packCudnn(wIh: tf.Tensor2D, wHh: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor1D {
  return tf.tidy(() => tf.concat([wIh.flatten(), wHh.flatten(), bias, tf.zerosLike(bias)]));
}

/** The way back of `packCudnn`, for gradients: of wIh, wHh and bias. The caller disposes. @example unpackCudnn(dParams, 24, 128) */
export function unpackCudnn(params: tf.Tensor1D, input: number, hidden: number): [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D] {
  const rows = 4 * hidden;
  const at = [0, rows * input, rows * (input + hidden)] as const;
  return [
    params.slice([at[0]], [rows * input]).reshape([rows, input]),
    params.slice([at[1]], [rows * hidden]).reshape([rows, hidden]),
    params.slice([at[2]], [rows]),
  ];
}

/** Attributes of both operations. @source TensorFlow, cudnn_rnn_ops.cc */
export function cudnnAttributes(ops: RawOps): RawAttribute[] {
  return [ops.float, ops.text("rnn_mode", "lstm"), ops.text("input_mode", "linear_input"), ops.text("direction", "unidirectional"), ops.number("dropout", 0)];
}

function forward(ops: RawOps, x: tf.Tensor, h: tf.Tensor, c: tf.Tensor, params: tf.Tensor, training: boolean): tf.Tensor[] {
  return ops.run("CudnnRNN", [...cudnnAttributes(ops), ops.flag("is_training", training)], [x, h, c, params], 4);
}

/** Gradients of input, first h, first c and parameters. */
function backward(ops: RawOps, saved: readonly tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  const [x, h, c, params, states, lastH, lastC, reserve] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const none = tf.zerosLike(lastH); // nothing follows from the last state but what dy says
  return ops.run("CudnnRNNBackprop", cudnnAttributes(ops), [x, h, c, params, states, lastH, lastC, dy, none, none, reserve], 4);
}
