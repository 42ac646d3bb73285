import { adamStep } from "../backend/adam-step";
import { tf } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import type { NamedArrays } from "./safetensors";

/** Settings with PyTorch's defaults. */
export interface OptimiserOptions {
  readonly lr: number;
  /** default [0.9, 0.999] */
  readonly betas?: readonly [number, number];
  /** default 1e-8 */
  readonly eps?: number;
}

/** What a checkpoint keeps: `exp_avg.<name>` and `exp_avg_sq.<name>` of every parameter, and the steps made. */
export interface OptimiserState {
  readonly tensors: NamedArrays;
  readonly stepCount: number;
}

/** Moves the parameters in place. */
export interface Optimiser {
  /** learning rate; a schedule sets it between steps */
  lr: number;
  /** One step; `grads` holds a gradient for every parameter and stays the caller's. */
  step(grads: ReadonlyMap<string, tf.Tensor>): void;
  state(): Promise<OptimiserState>;
  /** @throws WorkbookError BadRun when a name or a length does not fit */
  restore(state: OptimiserState): void;
  dispose(): void;
}

/**
 * Adam without weight decay.
 * @source Kingma & Ba 2015, arXiv 1412.6980; torch.optim.Adam
 * @example const optimiser = adam(model.parameters, { lr: 1e-3 })
 */
export function adam(parameters: ReadonlyMap<string, tf.Variable>, options: OptimiserOptions): Optimiser {
  return flatAdam(parameters, options, 0);
}

/**
 * Adam with decoupled weight decay, 0.01 by default.
 * @source Loshchilov & Hutter 2019, arXiv 1711.05101; torch.optim.AdamW
 * @example const optimiser = adamw(model.parameters, { lr: 1e-4 })
 */
export function adamw(parameters: ReadonlyMap<string, tf.Variable>, options: OptimiserOptions & { readonly weightDecay?: number }): Optimiser {
  return flatAdam(parameters, options, options.weightDecay ?? 0.01);
}

function flatAdam(parameters: ReadonlyMap<string, tf.Variable>, { lr, betas = [0.9, 0.999], eps = 1e-8 }: OptimiserOptions, decay: number): Optimiser {
  const named = [...parameters];
  const total = named.reduce((sum, [, variable]) => sum + variable.size, 0);
  const mean = zeroVector(total);
  const square = zeroVector(total);
  let stepCount = 0;
  return {
    lr,
    step(grads) {
      stepCount++;
      tf.tidy(() => {
        const g = named.map(([name, variable]) => gradientOf(grads, name, variable));
        const next = adamStep({ mean, square, parameters: named.map(([, variable]) => variable) }, g, { lr: this.lr, betas, eps, decay, count: stepCount });
        mean.assign(next.mean);
        square.assign(next.square);
        next.parameters.forEach((part, k) => named[k]![1].assign(part));
      });
    },
    async state() {
      const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
      for (const [prefix, values] of [["exp_avg", await mean.data()], ["exp_avg_sq", await square.data()]] as const) {
        let from = 0;
        for (const [name, { shape, size }] of named) {
          tensors.set(`${prefix}.${name}`, { shape: [...shape], data: values.slice(from, from + size) as Float32Array });
          from += size;
        }
      }
      return { tensors, stepCount };
    },
    restore(state) {
      for (const [prefix, variable] of [["exp_avg", mean], ["exp_avg_sq", square]] as const) {
        const values = new Float32Array(total);
        let from = 0;
        for (const [name, { size }] of named) {
          const data = state.tensors.get(`${prefix}.${name}`)?.data;
          if (data?.length !== size) {
            throw new WorkbookError("BadRun", `restore: ${prefix}.${name} must hold ${size} numbers, found ${data?.length ?? "none"}; the checkpoint belongs to another model`);
          }
          values.set(data, from);
          from += size;
        }
        tf.tidy(() => variable.assign(tf.tensor1d(values)));
      }
      stepCount = state.stepCount;
    },
    dispose: () => tf.dispose([mean, square]),
  };
}

/** In a tidy, else the tensor that the variable was made from stays behind. */
function zeroVector(length: number): tf.Variable<tf.Rank.R1> {
  return tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([length]), false));
}

function gradientOf(grads: ReadonlyMap<string, tf.Tensor>, name: string, { size }: tf.Variable): tf.Tensor {
  const grad = grads.get(name);
  if (grad?.size !== size) throw new WorkbookError("BadArgument", `step: a gradient of ${size} numbers is required for ${name}, got ${grad?.size ?? "none"}; pass what gradients() returns`);
  return grad;
}
