import * as path from "node:path";
import { openBackend } from "../backend/tf";
import { readJson } from "../core/json";
import { trainStep } from "../run/stage";
import type { Batch } from "../windows/batches";
import { readArrays } from "./arrays";
import { backendAbout } from "./backend-about";
import type { Measure } from "./serve";
import { disposeStage, stageOf } from "./stage-of";
import { BATCH_ARRAYS, type SyntheticJob } from "./synthetic";

/**
 * The whole TAM-RL step as training runs it: typed arrays to tensors, loss, gradients, Adam. The compared losses are those of the first
 * steps without dropout; the timed steps have it.
 */
export async function measureStep(dir: string): Promise<Measure> {
  const backend = await openBackend();
  const job = readJson<SyntheticJob>(path.join(dir, "job.json"), "bench");
  const weights = path.join(dir, "weights.safetensors");
  const batch = readBatch(dir, job);
  const compared = stageOf(weights, job.training, "compared");
  const losses = Array.from({ length: job.checkSteps }, () => trainStep(compared, batch, 0));
  disposeStage(compared);
  const timed = stageOf(weights, job.training, "timed");
  let steps = 0;
  return { losses, about: backendAbout(backend), run: () => void trainStep(timed, batch, steps++) };
}

function readBatch(dir: string, { batch, training }: SyntheticJob): Batch {
  const array = readArrays(dir);
  const arrays = Object.fromEntries(BATCH_ARRAYS.map((name) => [name, array(name).data])) as Record<(typeof BATCH_ARRAYS)[number], Float32Array>;
  return { size: batch, windows: training.support, shared: null, shortSupport: 0, ...arrays };
}
