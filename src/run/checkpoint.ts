import * as fs from "node:fs";
import { WorkbookError } from "../core/errors";
import { readBytes, replaceAtomic, writeAtomic } from "../core/files";
import { parseJson } from "../core/json";
import { printable } from "../core/printable";
import { tf } from "../backend/tf";
import { decodeSafetensors, type NamedArrays } from "../model/safetensors";
import type { FluxModel } from "../model/types";
import { encodeSealed, sealOf } from "./seal";

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

/** Where the checkpoint before the newest is kept. @example previousCheckpoint("run/checkpoint.safetensors") // "run/checkpoint.previous.safetensors" */
export function previousCheckpoint(file: string): string {
  return file.replace(/(\.\w+)?$/, ".previous$1");
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

/** Writes weights under their PyTorch names, with a checksum. */
export function writeWeights(file: string, arrays: NamedArrays, metadata: Record<string, string> = {}): void {
  writeAtomic(file, encodeSealed(arrays, metadata));
}

/**
 * Reads weights. Those of another program carry no checksum; what of them can be checked is.
 * @throws WorkbookError BadFile for a file that is gone, torn, foreign or not as it was written
 */
export function readWeights(file: string): NamedArrays {
  const bytes = bytesOf(file);
  if (sealOf(bytes) === "broken") throw new WorkbookError("BadFile", `readWeights: ${file}: weights as they were written are required, their checksum says they were changed or damaged; copy them again, or train the run again`, { file });
  return decodeSafetensors(bytes, file).tensors;
}

function bytesOf(file: string): Uint8Array {
  try {
    return readBytes(file);
  } catch (cause) {
    throw new WorkbookError("BadFile", `readWeights: ${file}: readable weights are required, found: ${(cause as Error).message}; copy the run again, or train it again`, { file, cause });
  }
}

/**
 * Writes a checkpoint as one file with its checksum, so that weights and state cannot disagree and damage is seen. The one before it is kept.
 * @example writeCheckpoint(runPaths(dir).checkpoint, checkpoint)
 */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  replaceAtomic(file, (temporary) => {
    fs.writeFileSync(temporary, encodeSealed(checkpoint.arrays, { state: JSON.stringify(checkpoint.state) }));
    if (fs.existsSync(file)) fs.renameSync(file, previousCheckpoint(file));
  });
}

/**
 * Reads a checkpoint, or null where there is none.
 * @throws WorkbookError BadFile for one that is not as it was written
 */
export function readCheckpoint(file: string): Checkpoint | null {
  if (!fs.existsSync(file)) return null;
  const bytes = bytesOf(file);
  if (sealOf(bytes) !== "whole") throw new WorkbookError("BadFile", `readCheckpoint: ${file}: a checkpoint as it was written is required, its checksum says it was changed or damaged; remove it`, { file });
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  return { state: parseState(metadata["state"] ?? "", file), arrays: tensors };
}

function parseState(text: string, file: string): TrainingState {
  try {
    const state = parseJson(text) as TrainingState | null;
    if (state !== null && [state.stage, state.epoch, state.bestEpoch, state.steps].every((n) => Number.isSafeInteger(n) && n >= 0)) return state;
  } catch {
    // said below, with what is required
  }
  throw new WorkbookError("BadFile", `readCheckpoint: ${file}: a training state of stage, epoch and steps is required, found ${printable(text, 60)}; remove the run and train again`, { file });
}

/** The arrays under `prefix/`, without it. */
export function under(prefix: string, arrays: NamedArrays): NamedArrays {
  return new Map([...arrays].filter(([name]) => name.startsWith(`${prefix}/`)).map(([name, a]) => [name.slice(prefix.length + 1), a]));
}

/** The arrays with `prefix/` before each name. */
export function prefixed(prefix: string, arrays: NamedArrays): (readonly [string, { readonly shape: readonly number[]; readonly data: Float32Array }])[] {
  return [...arrays].map(([name, a]) => [`${prefix}/${name}`, a] as const);
}
