import { openBackend } from "../backend/tf";
import { createModel, initialLstmFrom } from "../model/model";
import type { LossOptions } from "../model/losses";
import { adam, adamw } from "../model/optimiser";
import type { ModelConfig } from "../model/types";
import type { BatchRule } from "../windows/batches";
import { prefixed, restore, under, writeWeights } from "./checkpoint";
import type { RunConfig } from "./config";
import { shotStage } from "./few-shot-stage";
import type { Learner, TrainContext } from "./learner";
import { modelConfig, needsSupport, weightsFile } from "./model-config";
import { loadPredictor } from "./neural-predictor";
import { openCheckpoint } from "./open-checkpoint";
import { logLine } from "./run-directory";
import { trainStage } from "./stage";

/** TAM-RL and its neural peers: trained in one or two stages, predicted at stride 1 with the last day kept. */
export const neuralLearner: Learner = { open: () => openBackend(), train, load: loadPredictor };

async function train(context: TrainContext): Promise<void> {
  const { config, dataset, dir } = context;
  const backend = await openBackend();
  logLine(dir, { event: "backend", backend: backend.backend, kernel: backend.kernel, device: backend.device, why: backend.why });
  const checkpoint = openCheckpoint(context);
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
  const best = await trainStage({ number, model, optimiser, rate, rule: batchRule(config, config.model), loss, carried: new Map(prefixed("stage1", handed)), ...shotStage(config, standardiser) }, context, checkpoint);
  writeWeights(weightsFile(dir), best, { model: config.model });
  optimiser.dispose();
  model.dispose();
}

function batchRule(config: RunConfig, model: string): BatchRule {
  return { window: config.window, lossDays: config.stride, support: needsSupport(config, model) ? config.support : 0, pastOnly: config.embedding === "past_only", shared: config.support_shared };
}
