import * as fs from "node:fs";
import * as path from "node:path";
import { tf } from "../../src/backend/tf";
import type { FluxModel, ModelConfig, ModelInputs } from "../../src/model/types";
import { createModel } from "../../src/model/model";
import { projectRoot } from "../../src/core/files";

/** A float32 array as make_golden.py stores it. */
export interface Stored {
  readonly shape: number[];
  readonly base64: string;
}

/** One case of make_golden.py. */
export interface Golden {
  readonly config: ModelConfig;
  readonly lastDays: number;
  readonly steps: number;
  readonly state: Record<string, Stored>;
  readonly inputs: Record<"x" | "statics" | "support" | "supportWeight" | "target" | "valid" | "weight", Stored>;
  readonly outputEval: Stored;
  readonly outputTrain: Stored;
  readonly zEval?: Stored;
  readonly decoded?: Stored;
  readonly loss: { total: number; mse: number; balance: number };
  readonly grads: Record<string, Stored>;
  readonly buffers: Record<string, Stored>;
  readonly adam: Record<string, Stored>;
  readonly adamw: Record<string, Stored>;
}

export function readGolden<T = Golden>(name: string): T {
  return JSON.parse(fs.readFileSync(path.join(projectRoot(), "test", "fixtures", `golden-${name}.json`), "utf8")) as T;
}

/** Names of the golden cases. */
export function goldenCases(): string[] {
  return fs.readdirSync(path.join(projectRoot(), "test", "fixtures"))
    .map((file) => /^golden-(.*)\.json$/.exec(file)?.[1] ?? "")
    .filter((name) => name !== "" && name !== "safetensors");
}

export function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

export function floats({ base64 }: Stored): Float32Array {
  return new Float32Array(bytesOf(base64).buffer);
}

export function tensorOf<T extends tf.Tensor>(stored: Stored): T {
  return tf.tensor(floats(stored), stored.shape) as T;
}

/** The model of a case with PyTorch's weights; a name that only one side knows, or another shape, throws. */
export function modelOf(golden: Golden): FluxModel {
  const model = createModel(golden.config, 0);
  const variables = new Map([...model.parameters, ...model.buffers]);
  const strangers = [...variables.keys(), ...Object.keys(golden.state)].filter((name) => !variables.has(name) || !(name in golden.state));
  if (strangers.length > 0) throw new Error(`names differ from PyTorch's: ${strangers.join(", ")}`);
  tf.tidy(() => variables.forEach((variable, name) => variable.assign(tensorOf(golden.state[name]!))));
  return model;
}

export function inputsOf({ inputs }: Golden): ModelInputs {
  return { x: tensorOf<tf.Tensor3D>(inputs.x), statics: tensorOf<tf.Tensor2D>(inputs.statics), support: tensorOf<tf.Tensor3D>(inputs.support), supportWeight: tensorOf<tf.Tensor2D>(inputs.supportWeight) };
}

/** Largest absolute difference. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    if (!(d <= worst)) worst = d; // NaN counts as worse
  }
  return worst;
}
