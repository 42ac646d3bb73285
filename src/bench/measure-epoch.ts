import * as path from "node:path";
import { openBackend } from "../backend/tf";
import { readJson } from "../core/json";
import { silent } from "../core/progress";
import { random } from "../core/random";
import { readTable } from "../data/store";
import { prepareDataset } from "../run/dataset";
import type { TrainContext } from "../run/learner";
import { trainEpoch, trainStep } from "../run/stage";
import { makeBatch } from "../windows/batches";
import { backendAbout } from "./backend-about";
import { epochQueries, type NetworkJob } from "./network";
import type { Measure } from "./serve";
import { disposeStage, stageOf } from "./stage-of";

/**
 * One epoch as training runs it, batches and support sets drawn anew each time. The compared losses are those of the first batches, without
 * dropout, with the support windows that the peer was told.
 */
export async function measureEpoch(dir: string): Promise<Measure> {
  const backend = await openBackend();
  const job = readJson<NetworkJob>(path.join(dir, "job.json"), "bench");
  const weights = path.join(dir, "weights.safetensors");
  const whole = prepareDataset(await readTable(job.table), job.config);
  const queries = epochQueries(whole);
  const dataset = { ...whole, train: { sites: whole.train.sites, queries } };
  const compared = stageOf(weights, job.training, "compared");
  const losses: number[] = [];
  for (let b = 0; b < job.checkBatches && b * job.batch < queries.length; b++) {
    const batch = makeBatch(dataset.train.sites, queries.slice(b * job.batch, (b + 1) * job.batch), compared.rule, random(job.seed, `check ${b}`));
    losses.push(trainStep(compared, batch, 0));
  }
  disposeStage(compared);
  const stage = stageOf(weights, job.training, "timed");
  const context: TrainContext = { dir, config: job.config, dataset, progress: silent };
  let epoch = 0;
  return {
    losses, about: backendAbout(backend),
    async run() {
      await trainEpoch(stage, context, ++epoch);
    },
  };
}
