import * as fs from "node:fs";
import * as path from "node:path";
import { openBackend } from "../backend/tf";
import { readJson } from "../core/json";
import { siteRows } from "../data/daily-table";
import { readTable } from "../data/store";
import { weightsFile } from "../run/model-config";
import { loadPredictor } from "../run/neural-predictor";
import { layRecord } from "../windows/record";
import { backendAbout } from "./backend-about";
import type { NetworkJob } from "./network";
import type { Measure } from "./serve";

/**
 * Prediction as the product does it: for each site z once, then every whole window's last day, from drivers in physical units to fluxes.
 * Compared: the mean absolute value of each flux over all predicted days.
 */
export async function measureInference(dir: string): Promise<Measure> {
  const backend = await openBackend();
  const job = readJson<NetworkJob>(path.join(dir, "job.json"), "bench");
  const run = runOf(dir);
  const table = await readTable(job.table);
  const wanted = new Set(job.sites);
  const records = siteRows(table).filter((rows) => wanted.has(rows.site.site)).map((rows) => layRecord(table, rows, job.standardiser.channels, job.config.max_gap));
  const predictor = await loadPredictor({ dir: run, config: job.config, standardiser: job.standardiser });
  const predictAll = async (): Promise<Float32Array[]> => {
    const all: Float32Array[] = [];
    for (const record of records) all.push(await predictor.predict(record));
    return all;
  };
  return {
    losses: meanSizes(await predictAll()), about: backendAbout(backend),
    async run() {
      await predictAll();
    },
  };
}

/** A run directory of this process's own with the shared weights. */
export function runOf(dir: string): string {
  const run = path.join(dir, `run-${process.pid}`);
  fs.mkdirSync(path.dirname(weightsFile(run)), { recursive: true });
  fs.copyFileSync(path.join(dir, "weights.safetensors"), weightsFile(run));
  return run;
}

/** Mean absolute value of each flux over all days with a value `[flux]`. */
export function meanSizes(predicted: readonly Float32Array[]): number[] {
  const [sum, n] = [[0, 0, 0], [0, 0, 0]];
  for (const values of predicted) values.forEach((v, i) => {
    if (Number.isNaN(v)) return;
    sum[i % 3] += Math.abs(v);
    n[i % 3]++;
  });
  return sum.map((s, f) => s / n[f]!);
}
