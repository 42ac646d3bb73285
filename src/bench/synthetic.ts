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

/** What a contender of the synthetic cases finds in its folder as `job.json`. */
export interface SyntheticJob {
  readonly case: BenchCase;
  readonly lossDays: number;
  readonly model: ModelConfig;
  readonly lr: number;
  readonly balanceWeight: number;
  /** steps whose losses are compared, dropout off */
  readonly checkSteps: number;
}

/** Targets of the synthetic steps in physical units, g C m⁻² d⁻¹: typical of a temperate tower. */
const TARGET_MEAN: readonly [number, number, number] = [3.2, 2.6, -0.6];
const TARGET_SD: readonly [number, number, number] = [3.5, 2.1, 2.4];

/** The configuration of the paper's model at the sizes of a case. @source arXiv 2603.09974; arXiv 2603.09868 (dropout 0.3) */
export function modelOf(c: BenchCase): ModelConfig {
  return {
    model: "tamrl", channels: c.channels, statics: STATIC_WIDTH, hidden: c.hidden, latent: LATENT, layers: 1, dropout: 0.3, modulation: "tied",
    outputModulation: true, embedding: "support", balance: "soft", targetMean: TARGET_MEAN, targetSd: TARGET_SD,
  };
}

/** Writes weights, one batch and the job of an LSTM or whole-step case: all contenders read the same bytes. */
export async function writeSynthetic(dir: string, c: BenchCase, seed: number): Promise<void> {
  const job: SyntheticJob = { case: c, lossDays: LOSS_DAYS, model: modelOf(c), lr: 1e-3, balanceWeight: 0.1, checkSteps: 2 };
  writeJson(path.join(dir, "job.json"), job);
  const r = random(seed, c.name);
  if (c.part === "lstm") writeLstm(dir, c, r);
  else await writeStep(dir, c, r, seed);
}

function writeLstm(dir: string, { batch, time, channels, hidden }: BenchCase, r: Random): void {
  const uniform = (...shape: number[]): SharedArray => fill(shape, () => (2 * r.uniform() - 1) / Math.sqrt(hidden));
  const weights = { weight_ih_l0: uniform(4 * hidden, channels), weight_hh_l0: uniform(4 * hidden, hidden), bias_ih_l0: uniform(4 * hidden), bias_hh_l0: uniform(4 * hidden) };
  writeArrays(dir, { ...weights, x: fill([batch, time, channels], r.normal), target: fill([batch, LOSS_DAYS, hidden], () => 0.5 * r.normal()) });
}

async function writeStep(dir: string, c: BenchCase, r: Random, seed: number): Promise<void> {
  const { batch, time, windows, channels } = c;
  await openBackend({ backend: "cpu", kernel: "reference" }); // only to draw the weights that a new model has
  const model = createModel(modelOf(c), seed);
  writeWeights(path.join(dir, "weights.safetensors"), snapshot(model));
  model.dispose();
  const statics = fill([batch, STATIC_WIDTH], () => 0);
  for (let b = 0; b < batch; b++) statics.data[b * STATIC_WIDTH + r.int(16)] = statics.data[b * STATIC_WIDTH + 16 + r.int(5)] = statics.data[b * STATIC_WIDTH + 21 + r.int(30)] = 1;
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
