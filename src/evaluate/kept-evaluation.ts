import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { isObject, isTexts, readJsonObject, writeJson } from "../core/json";
import { brief } from "../core/printable";
import type { SiteId } from "../core/sites";
import { recordFiles } from "../run/hashes";
import type { Provenance } from "../run/provenance";
import { runPaths } from "../run/run-directory";
import type { Metrics } from "./evaluate";
import type { Predictions } from "./predictions";
import { writePredictions } from "./write-predictions";

/** What `evaluation.json` beside a run's metrics says: how they were made, so that they can be made again. */
export interface KeptEvaluation {
  readonly provenance: Provenance;
  /** where the table lay; null for one in memory */
  readonly table: string | null;
  /** sites scored */
  readonly sites: readonly SiteId[];
  /** runs scored on the same site-days, this one among them, by their paths from this one */
  readonly beside: readonly string[];
}

/** How the evaluation of several runs was made. */
export interface EvaluationOrigin extends Omit<KeptEvaluation, "beside"> {
  /** run directories in the order scored */
  readonly dirs: readonly string[];
}

/**
 * Leaves a run's metrics and predictions in its directory, with how they were made and their hashes. A kill in between leaves metrics that
 * no record speaks of, never a record that speaks of others.
 * @example await keepEvaluation("data/runs/tamrl", metrics, predictions, origin)
 */
export async function keepEvaluation(dir: string, metrics: Metrics, predictions: Predictions, { dirs, ...origin }: EvaluationOrigin): Promise<void> {
  const paths = runPaths(dir);
  const names = [paths.metrics, paths.predictions, paths.evaluation].map((file) => path.basename(file));
  recordFiles(dir, names, false);
  fs.rmSync(paths.evaluation, { force: true });
  writeJson(paths.metrics, metrics);
  await writePredictions(predictions, paths.predictions);
  writeJson(paths.evaluation, { ...origin, beside: dirs.map((other) => path.relative(dir, other) || ".") } satisfies KeptEvaluation);
  recordFiles(dir, names, true);
}

/**
 * How a run's metrics were made, or null where it keeps none.
 * @throws WorkbookError BadFile, BadRun when it is not whole
 */
export function readKeptEvaluation(dir: string): KeptEvaluation | null {
  const file = runPaths(dir).evaluation;
  if (!fs.existsSync(file)) return null;
  const found = readJsonObject<KeptEvaluation>(file, "readKeptEvaluation");
  const isTable = isObject(found.provenance) && isObject(found.provenance.table) && [found.provenance.table.name, found.provenance.table.sha256, found.table ?? ""].every((text) => typeof text === "string");
  if (!isTable || !isTexts(found.sites) || !isTexts(found.beside)) {
    throw new WorkbookError("BadRun", `readKeptEvaluation: ${file}: the table evaluated, sites and runs beside required, found ${brief(found)}; evaluate the run again`, { file });
  }
  return found;
}
