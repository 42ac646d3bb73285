import * as fs from "node:fs";
import { WorkbookError } from "../core/errors";
import { writeAtomic } from "../core/files";
import { tf } from "../backend/tf";
import { decodeSafetensors, encodeSafetensors, type NamedArrays } from "../model/safetensors";
import type { FluxModel } from "../model/types";

/** Where training stands after a whole epoch. */
export interface TrainingState {
  readonly stage: 1 | 2;
  /** epochs done in this stage */
  readonly epoch: number;
  readonly bestEpoch: number;
  /** null before the first validation */
  readonly bestLoss: number | null;
  /** optimiser steps made in this stage */
  readonly steps: number;
  /** the stage has ended (limit or patience) */
  readonly ended: boolean;
}

/** A checkpoint: the state, the weights now, the best weights (a copy), the optimiser. */
export interface Checkpoint {
  readonly state: TrainingState;
  readonly arrays: NamedArrays;
}

/** Parameters and buffers of a model as arrays, copied. */
export function snapshot(model: FluxModel): NamedArrays {
  const out = new Map<string, { shape: number[]; data: Float32Array }>();
  for (const [name, v] of [...model.parameters, ...model.buffers]) out.set(name, { shape: [...v.shape], data: Float32Array.from(v.dataSync()) });
  return out;
}

/**
 * Puts arrays into a model's parameters and buffers.
 * @throws WorkbookError BadRun for a missing tensor or another shape
 */
export function restore(model: FluxModel, arrays: NamedArrays, where: string): void {
  for (const [name, v] of [...model.parameters, ...model.buffers]) {
    const found = arrays.get(name);
    if (!found || found.shape.join() !== v.shape.join()) {
      throw new WorkbookError("BadRun", `restore: ${where}: tensor ${name} of shape [${v.shape.join(", ")}] required, found ${found ? `[${found.shape.join(", ")}]` : "none"}; the weights belong to another configuration`, { file: where });
    }
    tf.tidy(() => v.assign(tf.tensor(found.data, [...found.shape], "float32").asType(v.dtype as "float32")));
  }
}

/** Writes weights under their PyTorch names. */
export function writeWeights(file: string, arrays: NamedArrays, metadata: Record<string, string> = {}): void {
  writeAtomic(file, encodeSafetensors(arrays, metadata));
}

/** Reads weights. @throws WorkbookError BadFile for a torn or foreign file */
export function readWeights(file: string): NamedArrays {
  return decodeSafetensors(fs.readFileSync(file), file).tensors;
}

/** Writes a checkpoint as one file, so that weights and state cannot disagree. */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  writeAtomic(file, encodeSafetensors(checkpoint.arrays, { state: JSON.stringify(checkpoint.state) }));
}

/** Reads a checkpoint, or null where none was written yet. @throws WorkbookError BadFile for a torn file */
export function readCheckpoint(file: string): Checkpoint | null {
  if (!fs.existsSync(file)) return null;
  const { tensors, metadata } = decodeSafetensors(fs.readFileSync(file), file);
  if (!metadata["state"]) throw new WorkbookError("BadFile", `readCheckpoint: ${file}: a training state is required, found none; remove the run and train again`, { file });
  return { state: JSON.parse(metadata["state"]) as TrainingState, arrays: tensors };
}

/** The arrays under `prefix/`, without it. */
export function under(prefix: string, arrays: NamedArrays): NamedArrays {
  return new Map([...arrays].filter(([name]) => name.startsWith(`${prefix}/`)).map(([name, a]) => [name.slice(prefix.length + 1), a]));
}

/** The arrays with `prefix/` before each name. */
export function prefixed(prefix: string, arrays: NamedArrays): (readonly [string, { readonly shape: readonly number[]; readonly data: Float32Array }])[] {
  return [...arrays].map(([name, a]) => [`${prefix}/${name}`, a] as const);
}
