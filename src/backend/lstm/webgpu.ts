import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../../core/errors";
import { webgpuBackend, type WebgpuBackend } from "../webgpu";
import { newTensor, record } from "../webgpu-record";
import { backwardShader, DAY_FIELDS, forwardShader, TILE } from "./webgpu-shaders";
import type { LstmInputs } from "./weights";

/** The size of a walk over the days, and its direction. */
interface Walk {
  readonly batch: number;
  readonly time: number;
  readonly hidden: number;
  readonly reverse: boolean;
}

/**
 * The LSTM as WGSL: x·W_ih for all days as one product, then one dispatch a day each way, with the recurrent product and the cell
 * in it; the gradients of the weights as one product each. All tensors stay on the GPU, and nothing is stored for a gradient
 * that nobody follows.
 * @throws WorkbookError MissingPart when the current backend is not webgpu
 * @example lstmWebgpu({ x, wIh, wHh, bias, h0, c0, reverse: false }) // [batch, time, hidden]
 */
export function lstmWebgpu({ x, wIh, wHh, bias, h0, c0, reverse }: LstmInputs): tf.Tensor3D {
  const backend = webgpuBackend();
  if (backend === null) throw new WorkbookError("MissingPart", `lstm: kernel webgpu needs the backend webgpu, the current one is ${tf.getBackend()}; run npm run setup, then set TAMRL_BACKEND=webgpu`);
  const walk: Walk = { batch: x.shape[0], time: x.shape[1], hidden: wHh.shape[1], reverse };
  if (tf.engine().state.gradientDepth === 0) return tf.tidy(() => forward(backend, walk, [x, wIh, wHh, bias, h0, c0], false).h);
  const run = tf.customGrad((...all) => {
    const given = all.slice(0, 6) as tf.Tensor[];
    const save = all[6] as unknown as (tensors: tf.Tensor[]) => void;
    const { h, cell, gates } = forward(backend, walk, given, true);
    const [x, wIh, wHh, , h0, c0] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    save([x, wIh, wHh, h0, c0, h, cell, gates!]);
    return { value: h, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => backward(backend, walk, dy, saved)) };
  });
  return run(x, wIh, wHh, bias, h0, c0) as tf.Tensor3D;
}

interface States {
  readonly h: tf.Tensor3D;
  /** all days when a gradient follows, else the last day's */
  readonly cell: tf.Tensor3D;
  readonly gates: tf.Tensor3D | null;
}

function forward(backend: WebgpuBackend, walk: Walk, given: readonly tf.Tensor[], training: boolean): States {
  const { batch, time, hidden } = walk;
  const [x, wIh, wHh, bias, h0, c0] = given as [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor2D];
  const projected = tf.matMul(x.reshape([batch * time, x.shape[2]]), wIh, false, true); // [batch·time, 4·hidden]
  const cells = training ? time : 1;
  const h = newTensor(backend, [batch, time, hidden]) as tf.Tensor3D;
  const cell = newTensor(backend, [batch, cells, hidden]) as tf.Tensor3D;
  const gates = training ? (newTensor(backend, [batch, time, 4 * hidden]) as tf.Tensor3D) : null;
  record(backend, {
    key: `tamrl lstm forward ${training}`,
    shader: () => forwardShader(training),
    inputs: [projected, bias, wHh, h0, c0],
    outputs: gates === null ? [h, cell] : [h, cell, gates],
    steps: days(walk).map((place) => numbers({ ...walk, ...place, cells })),
    workgroups: tiles(walk),
  });
  return { h, cell, gates };
}

/** Gradients of x, wIh, wHh, bias, h0, c0. */
function backward(backend: WebgpuBackend, walk: Walk, dy: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor[] {
  const { batch, time, hidden, reverse } = walk;
  const [x, wIh, wHh, h0, c0, h, cell, gates] = saved as [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  const dz = newTensor(backend, [batch * time, 4 * hidden]) as tf.Tensor2D;
  const dCell = newTensor(backend, [batch, hidden]);
  const dh0 = newTensor(backend, [batch, hidden]);
  const back = days(walk).reverse();
  record(backend, {
    key: "tamrl lstm backward",
    shader: backwardShader,
    inputs: [dy, gates, cell, c0, wHh],
    outputs: [dz, dCell, dh0],
    steps: [...back, { day: -1, before: -1, after: back[time - 1]!.day }].map((place) => numbers({ ...walk, ...place, cells: time })),
    workgroups: tiles(walk),
  });
  const before = statesBefore(h, h0, reverse);
  const dWih = tf.matMul(dz, x.reshape([batch * time, x.shape[2]]), true); // [4·hidden, input]
  const dWhh = tf.matMul(dz, before.reshape([batch * time, hidden]), true); // [4·hidden, hidden]
  return [tf.matMul(dz, wIh).reshape(x.shape), dWih, dWhh, tf.sum(dz, 0), dh0, dCell];
}

/** The state that each day began with: h moved by one day, h0 at the start; [batch, time, hidden]. */
function statesBefore(h: tf.Tensor3D, h0: tf.Tensor2D, reverse: boolean): tf.Tensor3D {
  const [batch, time, hidden] = h.shape;
  const first = h0.reshape([batch, 1, hidden]) as tf.Tensor3D;
  if (time === 1) return first;
  const rest = h.slice([0, reverse ? 1 : 0, 0], [batch, time - 1, hidden]);
  return tf.concat(reverse ? [rest, first] : [first, rest], 1);
}

/** The days in walking order, each with its neighbours; −1 = none. */
function days({ time, reverse }: Walk): { day: number; before: number; after: number }[] {
  const at = (step: number): number => (step < 0 || step >= time ? -1 : reverse ? time - 1 - step : step);
  return Array.from({ length: time }, (_, step) => ({ day: at(step), before: at(step - 1), after: at(step + 1) }));
}

function numbers(values: Readonly<Record<(typeof DAY_FIELDS)[number], number>>): Int32Array {
  return Int32Array.from(DAY_FIELDS, (name) => values[name]);
}

function tiles({ batch, hidden }: Walk): [number, number] {
  return [Math.ceil(hidden / TILE.units), Math.ceil(batch / TILE.rows)];
}
