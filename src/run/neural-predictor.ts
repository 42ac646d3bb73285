import type { Physical, Standardized } from "../core/quantities";
import { openBackend, tf } from "../backend/tf";
import { createModel } from "../model/model";
import type { FluxModel, ModelConfig } from "../model/types";
import { lowerBound } from "../windows/lower-bound";
import type { SiteRecord } from "../windows/record";
import { physicalFluxes, type Standardiser } from "../windows/standardise";
import { WindowLists } from "../windows/window-lists";
import { readWeights, restore } from "./checkpoint";
import type { RunConfig } from "./config";
import type { PredictContext, Predictor, RecordPrediction } from "./learner";
import { modelConfig, needsSupport, weightsFile } from "./model-config";
import { encodeViews, gather, viewSites, type SiteView } from "./neural-encode";

/** Windows predicted at once where each is cut out. */
const PREDICT_BATCH = 1024;
/** Days laid end to end where windows slide: what is made of them stays near the processor. */
const SLIDE_DAYS = 2048;
/** Days whose support windows are encoded together. */
const ENCODE_DAYS = 65_536;

/** Loads a trained network for prediction. */
export async function loadPredictor(context: PredictContext): Promise<Predictor> {
  const model = await loadModel(context);
  const { config, standardiser } = context;
  return {
    predict: (record) => predictRecord(model, config, standardiser, record),
    predictAll: (records, lists) => predictRecords(model, config, standardiser, records, lists),
    dispose: () => model.dispose(),
  };
}

/** Task embeddings of single sites `[latent]` from a trained TAM-RL; null for a record shorter than a window. */
export async function loadEmbedder(context: PredictContext): Promise<{ embed(record: SiteRecord): Float32Array | null; dispose(): void }> {
  const model = await loadModel(context);
  const { config, standardiser } = context;
  return {
    embed(record) {
      const lists = new WindowLists();
      const [view] = viewSites(config, standardiser, [record], lists);
      return view!.starts.length === 0 ? null : encodeViews(model, config, standardiser, [view!], lists);
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
export async function predictRecord(model: FluxModel, config: RunConfig, s: Standardiser, record: SiteRecord, months = 0): Promise<Physical<Float32Array>> {
  const [own] = await predictRecords(model, config, s, [record], new WindowLists(), months);
  return own!.fluxes;
}

/**
 * As `predictRecord` for many records: their support windows are encoded together, and records of equal length predicted together.
 * @param lists windows that others who predict the same records have listed
 * @example await predictRecords(model, config, standardiser, cells)
 */
export async function predictRecords(model: FluxModel, config: RunConfig, s: Standardiser, records: readonly SiteRecord[], lists = new WindowLists(), months = 0): Promise<RecordPrediction[]> {
  const predicted: RecordPrediction[] = [];
  for (const part of inBatches(records, (record) => record.length, ENCODE_DAYS)) {
    const views = viewSites(config, s, part, lists);
    const whole = views.filter((view) => view.starts.length > 0);
    const z = needsSupport(config, config.model) ? encodeViews(model, config, s, whole, lists, months) : null;
    const own = new Map(whole.map((view, i) => [view, z?.slice(i * config.latent, (i + 1) * config.latent) ?? null]));
    const values = (await slideWindows(model, config, whole, z)) ?? (await cutWindows(model, config, whole, z));
    let at = 0;
    for (const view of views) {
      const out = new Float32Array(view.record.length * 3).fill(NaN) as Standardized<Float32Array>;
      for (const start of view.starts) out.set(values.subarray(at, (at += 3)), (start + config.window - 1) * 3);
      predicted.push({ fluxes: physicalFluxes(s, out), z: own.get(view) ?? null });
    }
  }
  return predicted;
}

/** Consecutive items of equal length, as many as have `most` days together. */
function inBatches<T>(items: readonly T[], length: (item: T) => number, most: number): T[][] {
  const batches: T[][] = [];
  for (const item of items) {
    const last = batches[batches.length - 1];
    if (last !== undefined && length(last[0]!) === length(item) && (last.length + 1) * length(item) <= most) last.push(item);
    else batches.push([item]);
  }
  return batches;
}

/** Standardised fluxes `[window, flux]` of sites, each day's products made once; null where network or kernel cannot. */
async function slideWindows(model: FluxModel, config: RunConfig, views: readonly SiteView[], z: Float32Array | null): Promise<Float32Array | null> {
  const out: Float32Array[] = [];
  let at = 0;
  for (const part of inBatches(views, (view) => view.record.length, SLIDE_DAYS)) {
    const own = z?.subarray(at * config.latent, (at += part.length) * config.latent) ?? null;
    for (const days of part.length > 1 ? [part] : pieces(part[0]!, config.window)) {
      const values = slideDays(model, config, days, own);
      if (values === null) return null;
      out.push(values);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return joined(out);
}

/** Days of a site and the windows in them. */
type Days = Pick<SiteView, "x" | "statics" | "starts">;

/** A long record as overlapping pieces, each with the windows that lie in it. */
function pieces(view: SiteView, window: number): Days[][] {
  const width = view.x.length / view.record.length;
  const all: Days[][] = [];
  for (let from = 0; from < view.starts.length; ) {
    const first = view.starts[from]!;
    const to = lowerBound(view.starts, first + Math.max(1, SLIDE_DAYS - window));
    const starts = view.starts.subarray(from, to);
    all.push([{ statics: view.statics, starts: starts.map((start) => start - first), x: view.x.subarray(first * width, (starts[starts.length - 1]! + window) * width) }]);
    from = to;
  }
  return all;
}

/** As `slideWindows`, of sites of as many days each, in one call. */
function slideDays(model: FluxModel, config: RunConfig, sites: readonly Days[], z: Float32Array | null): Float32Array | null {
  const length = sites[0]!.x.length / model.config.channels;
  const starts = Int32Array.from(sites.flatMap((site, i) => Array.from(site.starts, (start) => i * length + start)));
  let values: Float32Array | null = null;
  tf.tidy(() => {
    const days = { x: tf.tensor3d(joined(sites.map((site) => site.x)), [sites.length, length, model.config.channels]), ...sitesOf(sites, z) };
    values = (model.slide(days, { starts, time: config.window })?.dataSync() as Float32Array | undefined) ?? null; // [window, flux]
  });
  return values;
}

/** As `slideWindows`, each window cut out and computed by itself. */
async function cutWindows(model: FluxModel, config: RunConfig, views: readonly SiteView[], z: Float32Array | null): Promise<Float32Array> {
  const out = new Float32Array(views.reduce((n, view) => n + view.starts.length, 0) * 3);
  let at = 0;
  for (const [i, view] of views.entries()) {
    const width = view.x.length / view.record.length;
    for (let from = 0; from < view.starts.length; from += PREDICT_BATCH) {
      const part = view.starts.subarray(from, from + PREDICT_BATCH);
      const flat = gather(view.x, part, config.window * width, width);
      const values = tf.tidy(() => {
        const { statics, z: own } = sitesOf([view], z?.subarray(i * config.latent, (i + 1) * config.latent) ?? null);
        const inputs = { x: tf.tensor3d(flat, [part.length, config.window, width]), statics: tf.tile(statics, [part.length, 1]), ...(own ? { z: tf.tile(own, [part.length, 1]) } : {}) };
        return model.forward(inputs, { training: false, lastDays: 1 }).dataSync(); // [window, 1, flux]
      });
      out.set(values, at);
      at += values.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return out;
}

/** One-hots `[site, static]` and embeddings `[site, latent]`. */
function sitesOf(views: readonly Pick<SiteView, "statics">[], z: Float32Array | null): { statics: tf.Tensor2D; z?: tf.Tensor2D } {
  const statics = tf.tensor2d(joined(views.map((v) => v.statics)), [views.length, views[0]!.statics.length]);
  return { statics, ...(z ? { z: tf.tensor2d(z, [views.length, z.length / views.length]) } : {}) };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const flat = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    flat.set(part, at);
    at += part.length;
  }
  return flat;
}
