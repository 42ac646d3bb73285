import { tf } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import type { Physical } from "../core/quantities";
import { withFastWeights } from "../model/maml";
import { adam } from "../model/optimiser";
import type { FluxModel } from "../model/types";
import { firstMonths, observedPeriod, periodWindows, shotSite, type ShotSite } from "../windows/few-shot";
import { adaptationBatch } from "../windows/few-shot-adapt";
import type { SiteRecord } from "../windows/record";
import { WindowLists } from "../windows/window-lists";
import type { RunConfig } from "./config";
import { adaptRule, descend, disposeBatch, lossOptions, taskBatch } from "./few-shot-adapt";
import { encodeShots, prepareForShots } from "./few-shot-encode";
import type { PredictContext } from "./learner";
import { asLstm, mamlAdapt } from "./maml-learner";
import { needsSupport } from "./model-config";
import { encodeSites } from "./neural-encode";
import { loadModel, predictRecord } from "./neural-predictor";

/** Fluxes of a site after a model has seen its first months, and how many windows of these it saw; 0 = it could not adapt. */
export interface Adapted {
  /** `[day, flux]`, g C m⁻² d⁻¹, unclipped */
  readonly fluxes: Physical<Float32Array>;
  readonly windows: number;
}

/** A trained model that takes to a site by its first months of flux; later fluxes are not looked at. With 0 months it is its zero-shot self. */
export interface Adapter {
  readonly name: string;
  readonly config: RunConfig;
  readonly channels: readonly string[];
  adapt(record: SiteRecord, months: number): Promise<Adapted>;
  dispose(): void;
}

/** How a model is fine-tuned: learning rate of Adam and number of steps. */
export interface Tuning {
  readonly lr: number;
  readonly steps: number;
}

/**
 * Few-shot TAM-RL: the encoder reads the months, no gradient step is made.
 * @throws WorkbookError BadRun for a run that was not trained for that many months
 * @source TAM-RL few-shot, arXiv 2310.04727
 * @example const adapter = await shotAdapter({ dir, config, standardiser })
 */
export async function shotAdapter(context: PredictContext): Promise<Adapter> {
  const { config, standardiser, dir } = context;
  refuseEnsemble(context);
  if (config.shots === 0) throw new WorkbookError("BadRun", `shotAdapter: ${dir}: a run with shots of at least 1 is required, found ${config.model} with shots 0; train one with --set shots=24`, { file: dir });
  const model = await loadModel(context);
  return {
    name: "tamrl few-shot", config, channels: standardiser.channels,
    async adapt(record, months) {
      if (months > config.shots) throw new WorkbookError("BadArgument", `shotAdapter: ${dir}: at most the ${config.shots} months of its training required, got ${months}; train with a larger shots`, { file: dir });
      const fluxes = await predictRecord(model, config, standardiser, record, months);
      const shot = shotSite(prepareForShots(config, standardiser, record));
      const period = firstMonths(shot.observed, months);
      return { fluxes, windows: period === null ? 0 : periodWindows(shot.starts, config.window, period, config.support_predict, () => 0.5).length };
    },
    dispose: () => model.dispose(),
  };
}

/**
 * Fine-tuning: a trained zero-shot network makes Adam's steps on the windows of the months, all weights but the encoder's, whose z stays.
 * @param tuning rate and steps by number of months, chosen on validation sites (`chooseTuning`)
 * @example const adapter = await tunedAdapter({ dir, config, standardiser }, new Map([[1, { lr: 1e-4, steps: 10 }]]))
 */
export async function tunedAdapter(context: PredictContext, tuning: ReadonlyMap<number, Tuning>): Promise<Adapter> {
  const { config, standardiser } = context;
  refuseEnsemble(context);
  const model = await loadModel(context);
  return {
    name: `${config.model} fine-tuned`, config, channels: standardiser.channels,
    async adapt(record, months) {
      const chosen = tuning.get(months);
      if (months > 0 && chosen === undefined) throw new WorkbookError("BadArgument", `tunedAdapter: a learning rate and steps for ${months} months required, got them for ${[...tuning.keys()].join(", ") || "none"}; choose them with chooseTuning`);
      return withFastWeights(model.parameters, async () => {
        const shot = shotSite(prepareForShots(config, standardiser, record));
        const windows = months === 0 ? 0 : tune(model, context, shot, months, chosen!);
        return { windows, fluxes: await predictRecord(model, config, standardiser, record) };
      });
    },
    dispose: () => model.dispose(),
  };
}

/** An ensemble holds runs; each of them is adapted by itself. */
function refuseEnsemble({ config, dir }: PredictContext): void {
  if (config.ensemble > 1) throw new WorkbookError("BadRun", `few-shot: ${dir}: a single run is required, found an ensemble of ${config.ensemble}; name one of its members`, { file: dir });
}

/** Moves the model by the steps of a tuning on a site's first months, calling `after` behind each; the number of windows it learned from. */
export function tune(model: FluxModel, { config, standardiser }: Pick<PredictContext, "config" | "standardiser">, shot: ShotSite, months: number, { lr, steps }: Tuning, after: (step: number) => void = () => undefined): number {
  const period = firstMonths(shot.observed, months);
  const support = period && adaptationBatch(shot, period, adaptRule(config));
  if (support === null) return 0;
  const z = taskEmbedding(model, { config, standardiser }, shot);
  const task = taskBatch(support, adaptRule(config), standardiser.channels.length, z);
  const optimiser = adam(model.parameters, { lr });
  let step = 0;
  descend(model, task, lossOptions(config, standardiser), steps, (grads) => {
    optimiser.step(grads);
    after(++step);
  });
  optimiser.dispose();
  disposeBatch(task.tensors);
  z?.dispose();
  return support.size;
}

/** z of a site [1, latent] from its drivers, or null for a model without one; the caller disposes. */
export function taskEmbedding(model: FluxModel, { config, standardiser }: Pick<PredictContext, "config" | "standardiser">, { site }: ShotSite): tf.Tensor2D | null {
  if (!needsSupport(config, config.model)) return null;
  if (config.shots > 0) return encodeShots(model, config, standardiser, site.record, 0);
  return encodeSites(model, config, [site], new WindowLists());
}

/**
 * First-order MAML: plain gradient steps from the meta-learned weights, as many and as large as in its training.
 * @source Finn, Abbeel & Levine 2017, arXiv 1703.03400
 * @example const adapter = await mamlAdapter({ dir, config, standardiser })
 */
export async function mamlAdapter(context: PredictContext): Promise<Adapter> {
  const { config, standardiser, dir } = context;
  refuseEnsemble(context);
  if (config.model !== "maml") throw new WorkbookError("BadRun", `mamlAdapter: ${dir}: a run of model maml is required, found ${config.model}; train one with --set model=maml --set shots=24`, { file: dir });
  const lstm = asLstm(context);
  const model = await loadModel(lstm);
  return {
    name: "maml", config, channels: standardiser.channels,
    async adapt(record, months) {
      return withFastWeights(model.parameters, async () => {
        const period = firstMonths(observedPeriod(record), months);
        const windows = period === null ? 0 : mamlAdapt(model, config, shotSite(prepareForShots(config, standardiser, record)), period, lossOptions(config, standardiser), standardiser.channels.length);
        return { windows, fluxes: await predictRecord(model, lstm.config, standardiser, record) };
      });
    },
    dispose: () => model.dispose(),
  };
}
