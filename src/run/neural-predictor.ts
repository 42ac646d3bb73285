import { type Standardized } from "../core/quantities";
import { oneHots } from "../core/sites";
import { openBackend, tf } from "../backend/tf";
import { createModel } from "../model/model";
import type { FluxModel, ModelConfig } from "../model/types";
import type { SiteRecord } from "../windows/record";
import { physicalFluxes, standardiseDrivers, type Standardiser } from "../windows/standardise";
import { predictSupport, supportCandidates } from "../windows/support";
import { predictionStarts } from "../windows/windows";
import { readWeights, restore } from "./checkpoint";
import type { RunConfig } from "./config";
import { encodeShots } from "./few-shot-encode";
import type { PredictContext, Predictor } from "./learner";
import { modelConfig, needsSupport, weightsFile } from "./model-config";

/** Windows predicted at once. */
const PREDICT_BATCH = 1024;

/** Loads a trained network for prediction. */
export async function loadPredictor(context: PredictContext): Promise<Predictor> {
  const model = await loadModel(context);
  return { predict: (record) => predictRecord(model, context.config, context.standardiser, record), dispose: () => model.dispose() };
}

/** Task embeddings of single sites `[latent]` from a trained TAM-RL; null for a record shorter than a window. */
export async function loadEmbedder(context: PredictContext): Promise<{ embed(record: SiteRecord): Float32Array | null; dispose(): void }> {
  const model = await loadModel(context);
  const { config, standardiser } = context;
  return {
    embed(record) {
      const width = standardiser.channels.length;
      if (predictionStarts(record, config.window).length === 0) return null;
      const z = config.shots > 0 ? encodeShots(model, config, standardiser, record, 0) : encodeSite(model, config, record, standardiseDrivers(standardiser, record.drivers), oneHots(record.site), width);
      const values = z.dataSync().slice() as Float32Array;
      z.dispose();
      return values;
    },
    dispose: () => model.dispose(),
  };
}

/** A trained network with its weights; the caller disposes. */
export async function loadModel({ dir, config, standardiser }: PredictContext): Promise<FluxModel> {
  await openBackend();
  const model = createModel(modelConfig(config, standardiser, config.model as ModelConfig["model"]), config.seed);
  restore(model, readWeights(weightsFile(dir)), weightsFile(dir));
  return model;
}

/**
 * Fluxes `[day, flux]` of one site: z once from the site's own drivers and, few-shot, its fluxes of the first `months`, then every whole
 * window's last day.
 */
export async function predictRecord(model: FluxModel, config: RunConfig, s: Standardiser, record: SiteRecord, months = 0): Promise<Float32Array> {
  const width = s.channels.length;
  const x = standardiseDrivers(s, record.drivers);
  const starts = predictionStarts(record, config.window);
  const out = new Float32Array(record.length * 3).fill(NaN) as Standardized<Float32Array>;
  const statics = oneHots(record.site);
  const z = needsSupport(config, config.model) && starts.length > 0 ? config.shots > 0 ? encodeShots(model, config, s, record, months) : encodeSite(model, config, record, x, statics, width) : null;
  const days = { x: tf.tensor2d(x, [record.length, width]), statics: tf.tensor2d(statics, [1, statics.length]), ...(z ? { z } : {}) };
  const slid = starts.length === 0 ? null : model.slide(days, { starts, time: config.window });
  tf.dispose([days.x, days.statics]);
  if (slid !== null) {
    const values = slid.dataSync(); // [window, flux]
    slid.dispose();
    starts.forEach((start, i) => out.set(values.subarray(i * 3, i * 3 + 3), (start + config.window - 1) * 3));
  }
  for (let from = 0; slid === null && from < starts.length; from += PREDICT_BATCH) {
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
export function encodeSite(model: FluxModel, config: RunConfig, record: SiteRecord, x: Float32Array, statics: Float32Array, width: number): ReturnType<typeof tf.tensor2d> {
  const starts = Int32Array.from(predictSupport(supportCandidates(record, config.window, config.support_season), config.support_predict));
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
