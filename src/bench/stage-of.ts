import { createModel } from "../model/model";
import { adam } from "../model/optimiser";
import type { ModelConfig } from "../model/types";
import { readWeights, restore } from "../run/checkpoint";
import type { Stage } from "../run/stage";

/** What fixes a contender's training besides its data. */
export interface Training {
  readonly model: ModelConfig;
  readonly lr: number;
  readonly balanceWeight: number;
  readonly window: number;
  readonly lossDays: number;
  readonly support: number;
}

/**
 * Adam's ε in compared steps. At its usual 1e-8 the first step moves each weight by the whole rate along the sign of its gradient, so a
 * gradient that is nothing but rounding would make losses differ that are equal.
 */
const COMPARED_EPS = 1e-3;

/** The second training stage with the weights of a file; `compared` is without dropout and with a gentle ε, for losses that are held to the peer's. */
export function stageOf(weights: string, training: Training, purpose: "timed" | "compared"): Stage {
  const compared = purpose === "compared";
  const config: ModelConfig = { ...training.model, ...(compared ? { dropout: 0 } : {}) };
  const model = createModel(config, 1);
  restore(model, readWeights(weights), weights);
  return {
    number: 2, model, optimiser: adam(model.parameters, { lr: training.lr, ...(compared ? { eps: COMPARED_EPS } : {}) }), rate: training.lr, carried: new Map(),
    rule: { window: training.window, lossDays: training.lossDays, support: training.support, pastOnly: false },
    loss: { balance: config.balance, balanceWeight: training.balanceWeight, targetMean: config.targetMean, targetSd: config.targetSd },
  };
}

/** Frees a stage that is no longer needed. */
export function disposeStage({ model, optimiser }: Stage): void {
  optimiser.dispose();
  model.dispose();
}
