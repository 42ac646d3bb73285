import type { Progress } from "../core/progress";
import type { Physical } from "../core/quantities";
import type { SiteRecord } from "../windows/record";
import type { Standardiser } from "../windows/standardise";
import type { WindowLists } from "../windows/window-lists";
import type { RunConfig } from "./config";
import type { Dataset } from "./dataset";

/** What a learner gets to train with. */
export interface TrainContext {
  readonly dir: string;
  readonly config: RunConfig;
  readonly dataset: Dataset;
  readonly progress: Progress;
  /** aborted → the learner stops after its current step, leaving the last checkpoint */
  readonly signal?: AbortSignal;
}

/** What a learner gets to predict with. */
export interface PredictContext {
  readonly dir: string;
  readonly config: RunConfig;
  readonly standardiser: Standardiser;
}

/** What a model says of one record. */
export interface RecordPrediction {
  /** `[day, flux]`, as `predict` gives them */
  readonly fluxes: Physical<Float32Array>;
  /** task embedding `[latent]`; null for a model without one, and for a record shorter than a window */
  readonly z: Float32Array | null;
}

/** Predicts sites. */
export interface Predictor {
  /** days of drivers behind one prediction, its own included; the configured window where not said */
  readonly history?: number;
  /** fluxes `[day, flux]` in g C m⁻² d⁻¹, unclipped, NaN where no prediction is possible */
  predict(record: SiteRecord): Promise<Physical<Float32Array>>;
  /** many records in large batches, their windows taken from `lists` where another member has listed them; absent where one by one is as fast */
  predictAll?(records: readonly SiteRecord[], lists?: WindowLists): Promise<RecordPrediction[]>;
  dispose(): void;
}

/** What a learner computes with, for the provenance. */
export interface Engine {
  readonly device: string;
  readonly kernel: string | null;
  readonly versions: Readonly<Record<string, string>>;
}

/** A model that can be trained into a run directory and loaded from it. A new one is one file and one line in `learners.ts`. */
export interface Learner {
  /**
   * Opens what the model computes with, before anything of a run is written; null where that is plain TypeScript.
   * @throws WorkbookError MissingPart where this machine cannot have it
   */
  open(): Promise<Engine | null>;
  train(context: TrainContext): Promise<void>;
  load(context: PredictContext): Promise<Predictor>;
}
