import * as path from "node:path";
import { STATIC_WIDTH, type Standardized } from "../core/quantities";
import { oneHots } from "../core/sites";
import { openBackend, tf } from "../backend/tf";
import { createModel, initialLstmFrom } from "../model/model";
import type { LossOptions } from "../model/losses";
import { adam, adamw } from "../model/optimiser";
import type { FluxModel, ModelConfig } from "../model/types";
import type { BatchRule } from "../windows/batches";
import type { SiteRecord } from "../windows/record";
import { physicalFluxes, standardiseDrivers, type Standardiser } from "../windows/standardise";
import { predictSupport, supportCandidates } from "../windows/support";
import { predictionStarts } from "../windows/windows";
import { prefixed, readCheckpoint, readWeights, restore, under, writeWeights } from "./checkpoint";
import type { RunConfig } from "./config";
import type { Learner, PredictContext, Predictor, TrainContext } from "./learner";
import { logLine, runPaths } from "./run-directory";
import { trainStage } from "./stage";

const weightsFile = (dir: string): string => path.join(runPaths(dir).weights, "model.safetensors");
/** Windows predicted at once. */
const PREDICT_BATCH = 1024;

/** TAM-RL and its neural peers: trained in one or two stages, predicted at stride 1 with the last day kept. */
export const neuralLearner: Learner = { train, load };

async function train(context: TrainContext): Promise<void> {
  const { config, dataset, dir } = context;
  const backend = await openBackend();
  logLine(dir, { event: "backend", backend: backend.backend, kernel: backend.kernel, device: backend.device, why: backend.why });
  const checkpoint = readCheckpoint(runPaths(dir).checkpoint);
  const twoStages = config.model === "tamrl" && config.stages === 2;
  const loss: LossOptions = { balance: config.balance, balanceWeight: config.balance_weight, targetMean: dataset.standardiser.targetMean, targetSd: dataset.standardiser.targetSd };
  const { standardiser } = dataset;
  const model = createModel(modelConfig(config, standardiser, config.model as ModelConfig["model"]), config.seed);
  let handed = under("stage1", checkpoint?.arrays ?? new Map());
  if (twoStages) {
    const first = createModel(modelConfig(config, standardiser, "lstm"), config.seed);
    if (handed.size > 0) restore(first, handed, dir);
    else {
      const optimiser = adamw(first.parameters, { lr: config.lr1 });
      handed = await trainStage({ number: 1, model: first, optimiser, rate: config.lr1, rule: batchRule(config, "lstm"), loss, carried: new Map() }, context, checkpoint);
      optimiser.dispose();
    }
    initialLstmFrom(model, first);
    first.dispose();
  }
  const number = config.model === "tamrl" ? 2 : 1;
  const rate = number === 2 ? config.lr2 : config.lr1;
  const optimiser = number === 2 ? adam(model.parameters, { lr: rate }) : adamw(model.parameters, { lr: rate });
  const best = await trainStage({ number, model, optimiser, rate, rule: batchRule(config, config.model), loss, carried: new Map(prefixed("stage1", handed)) }, context, checkpoint);
  writeWeights(weightsFile(dir), best, { model: config.model });
  optimiser.dispose();
  model.dispose();
}

async function load({ dir, config, standardiser }: PredictContext): Promise<Predictor> {
  await openBackend();
  const model = createModel(modelConfig(config, standardiser, config.model as ModelConfig["model"]), config.seed);
  restore(model, readWeights(weightsFile(dir)), weightsFile(dir));
  return { predict: (record) => predictRecord(model, config, standardiser, record), dispose: () => model.dispose() };
}

/** The model's own configuration from the run's. */
function modelConfig(config: RunConfig, s: Standardiser, model: ModelConfig["model"]): ModelConfig {
  return {
    model, channels: s.channels.length, statics: STATIC_WIDTH, hidden: config.hidden, latent: config.latent, layers: config.layers, dropout: config.dropout,
    modulation: config.modulation, outputModulation: config.output_modulation, embedding: config.embedding, balance: config.balance, targetMean: s.targetMean, targetSd: s.targetSd,
  };
}

function needsSupport(config: RunConfig, model: string): boolean {
  return model === "tamrl" && (config.embedding === "support" || config.embedding === "past_only");
}

function batchRule(config: RunConfig, model: string): BatchRule {
  return { window: config.window, lossDays: config.stride, support: needsSupport(config, model) ? config.support : 0, pastOnly: config.embedding === "past_only" };
}

/** Fluxes `[day, flux]` of one site: z once from the site's own drivers, then every whole window's last day. */
async function predictRecord(model: FluxModel, config: RunConfig, s: Standardiser, record: SiteRecord): Promise<Float32Array> {
  const width = s.channels.length;
  const x = standardiseDrivers(s, record.drivers);
  const starts = predictionStarts(record, config.window);
  const out = new Float32Array(record.length * 3).fill(NaN) as Standardized<Float32Array>;
  const statics = oneHots(record.site);
  const z = needsSupport(config, config.model) && starts.length > 0 ? encodeSite(model, config, record, x, statics, width) : null;
  for (let from = 0; from < starts.length; from += PREDICT_BATCH) {
    const part = starts.subarray(from, from + PREDICT_BATCH);
    const flat = gather(x, part, config.window * width, width);
    const values = tf.tidy(() => {
      const inputs = { x: tf.tensor3d(flat, [part.length, config.window, width]), statics: tf.tile(tf.tensor2d(statics, [1, statics.length]), [part.length, 1]), ...(z ? { z: tf.tile(z, [part.length, 1]) as typeof z } : {}) };
      return model.forward(inputs, { training: false, lastDays: 1 }).dataSync(); // [batch, 1, flux]
    });
    part.forEach((start, i) => out.set(values.subarray(i * 3, i * 3 + 3), (start + config.window - 1) * 3));
    await new Promise((resolve) => setImmediate(resolve));
  }
  z?.dispose();
  return physicalFluxes(s, out);
}

/** Task embedding `[1, latent]` of a site; the caller disposes. */
function encodeSite(model: FluxModel, config: RunConfig, record: SiteRecord, x: Float32Array, statics: Float32Array, width: number): ReturnType<typeof tf.tensor2d> {
  const starts = Int32Array.from(predictSupport(supportCandidates(record, config.window), config.support_predict));
  const flat = gather(x, starts, config.window * width, width);
  return tf.tidy(() => model.encode(
    tf.tensor3d(flat, [starts.length, config.window, width]),
    tf.tensor2d(statics, [1, statics.length]),
    tf.fill([1, starts.length], 1 / starts.length) as ReturnType<typeof tf.tensor2d>,
  )) as ReturnType<typeof tf.tensor2d>;
}

function gather(x: Float32Array, starts: Int32Array, span: number, width: number): Float32Array {
  const flat = new Float32Array(starts.length * span);
  starts.forEach((start, i) => flat.set(x.subarray(start * width, start * width + span), i * span));
  return flat;
}
