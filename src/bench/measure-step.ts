import * as path from "node:path";
import { openBackend } from "../backend/tf";
import { readJson } from "../core/json";
import { createModel } from "../model/model";
import { adam } from "../model/optimiser";
import type { ModelConfig } from "../model/types";
import { readWeights, restore } from "../run/checkpoint";
import { trainStep, type Stage } from "../run/stage";
import type { Batch } from "../windows/batches";
import { readArrays } from "./arrays";
import { backendAbout } from "./backend-about";
import type { Measure } from "./serve";
import type { SyntheticJob } from "./synthetic";

/**
 * The whole TAM-RL step as training runs it: typed arrays to tensors, loss, gradients, Adam. The compared losses are those of the first
 * steps without dropout; the timed steps have it.
 */
export async function measureStep(dir: string): Promise<Measure> {
  const backend = await openBackend();
  const job = readJson<SyntheticJob>(path.join(dir, "job.json"), "bench");
  const batch = readBatch(dir, job);
  const compared = stageOf(dir, job, { ...job.model, dropout: 0 });
  const losses = Array.from({ length: job.checkSteps }, () => trainStep(compared, batch, 0));
  compared.optimiser.dispose();
  compared.model.dispose();
  const timed = stageOf(dir, job, job.model);
  let steps = 0;
  return { losses, about: backendAbout(backend), run: () => void trainStep(timed, batch, steps++) };
}

function stageOf(dir: string, job: SyntheticJob, config: ModelConfig): Pick<Stage, "model" | "optimiser" | "rule" | "loss"> {
  const file = path.join(dir, "weights.safetensors");
  const model = createModel(config, 1);
  restore(model, readWeights(file), file);
  return {
    model, optimiser: adam(model.parameters, { lr: job.lr }),
    rule: { window: job.case.time, lossDays: job.lossDays, support: job.case.windows, pastOnly: false },
    loss: { balance: config.balance, balanceWeight: job.balanceWeight, targetMean: config.targetMean, targetSd: config.targetSd },
  };
}

function readBatch(dir: string, job: SyntheticJob): Batch {
  const array = readArrays(dir);
  const [x, statics, support, supportWeight, y, valid, weight] = ["x", "statics", "support", "supportWeight", "y", "valid", "weight"].map((name) => array(name).data);
  return { size: job.case.batch, windows: job.case.windows, x: x!, statics: statics!, support: support!, supportWeight: supportWeight!, y: y!, valid: valid!, weight: weight!, shortSupport: 0 };
}
