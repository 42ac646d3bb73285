import * as path from "node:path";
import { openBackend } from "../backend/tf";
import { writeJson } from "../core/json";
import { STATIC_WIDTH } from "../core/quantities";
import { random, type Random } from "../core/random";
import { createModel } from "../model/model";
import type { ModelConfig } from "../model/types";
import { snapshot, writeWeights } from "../run/checkpoint";
import { writeArrays, type SharedArray } from "./arrays";
import { LATENT, LOSS_DAYS, type BenchCase } from "./cases";
import type { Training } from "./stage-of";

/** What a contender of the LSTM and whole-step cases finds in its folder as `job.json`. */
export interface SyntheticJob {
  readonly batch: number;
  readonly training: Training;
  /** steps whose losses are compared, dropout off */
  readonly checkSteps: number;
}

/** Arrays of a shared batch, in the order that the peer reads them. */
export const BATCH_ARRAYS = ["x", "statics", "support", "supportWeight", "y", "valid", "weight"] as const;

/** Targets of the synthetic steps in physical units, g C m⁻² d⁻¹: typical of a temperate tower. */
const TARGET_MEAN: readonly [number, number, number] = [3.2, 2.6, -0.6];
const TARGET_SD: readonly [number, number, number] = [3.5, 2.1, 2.4];

/** The paper's model at the sizes of a case. @source arXiv 2603.09974; arXiv 2603.09868 (dropout 0.3) */
function modelOf(c: BenchCase): ModelConfig {
  return {
    model: "tamrl", channels: c.channels, statics: STATIC_WIDTH, hidden: c.hidden, latent: LATENT, layers: 1, dropout: 0.3, modulation: "tied",
    outputModulation: true, embedding: "support", balance: "soft", targetMean: TARGET_MEAN, targetSd: TARGET_SD,
  };
}

/**
 * Writes weights, one batch and the job of an LSTM or whole-step case into `dir`: all contenders read the same bytes.
 * @example await writeSynthetic(dir, benchCases(false, ["lstm"])[0], 1)
 */
export async function writeSynthetic(dir: string, c: BenchCase, seed: number): Promise<void> {
  const training: Training = { model: modelOf(c), lr: 1e-3, balanceWeight: 0.1, window: c.time, lossDays: LOSS_DAYS, support: c.windows };
  writeJson(path.join(dir, "job.json"), { batch: c.batch, training, checkSteps: 2 } satisfies SyntheticJob);
  const r = random(seed, c.name);
  if (c.part === "lstm") return writeLstm(dir, c, r);
  writeBatch(dir, c, r);
  await writeNewWeights(dir, training.model, seed);
}

/** Writes the weights of a new model as `weights.safetensors`. @example await writeNewWeights(dir, config, 1) */
export async function writeNewWeights(dir: string, config: ModelConfig, seed: number): Promise<void> {
  await openBackend({ backend: "cpu", kernel: "reference" }); // it has only to hold them
  const model = createModel(config, seed);
  writeWeights(path.join(dir, "weights.safetensors"), snapshot(model));
  model.dispose();
}

function writeLstm(dir: string, { batch, time, channels, hidden }: BenchCase, r: Random): void {
  const uniform = (...shape: number[]): SharedArray => fill(shape, () => (2 * r.uniform() - 1) / Math.sqrt(hidden));
  const weights = { weight_ih_l0: uniform(4 * hidden, channels), weight_hh_l0: uniform(4 * hidden, hidden), bias_ih_l0: uniform(4 * hidden), bias_hh_l0: uniform(4 * hidden) };
  writeArrays(dir, { ...weights, x: fill([batch, time, channels], r.normal), target: fill([batch, LOSS_DAYS, hidden], () => 0.5 * r.normal()) });
}

function writeBatch(dir: string, { batch, time, windows, channels }: BenchCase, r: Random): void {
  const statics = fill([batch, STATIC_WIDTH], () => 0);
  for (let b = 0; b < batch; b++) for (const [from, classes] of [[0, 16], [16, 5], [21, 30]] as const) statics.data[b * STATIC_WIDTH + from + r.int(classes)] = 1;
  writeArrays(dir, {
    x: fill([batch, time, channels], r.normal), statics,
    support: fill([batch * windows, time, channels], r.normal), supportWeight: fill([batch, windows], () => 1 / windows),
    y: fill([batch, LOSS_DAYS, 3], r.normal), valid: fill([batch, LOSS_DAYS, 3], () => (r.uniform() < 0.9 ? 1 : 0)), weight: fill([batch, LOSS_DAYS], r.uniform),
  });
}

function fill(shape: readonly number[], draw: () => number): SharedArray {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let k = 0; k < data.length; k++) data[k] = draw();
  return { shape, data };
}
