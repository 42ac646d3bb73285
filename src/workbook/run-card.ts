import * as fs from "node:fs";
import { count } from "../core/count";
import { WorkbookError } from "../core/errors";
import { isObject, readJsonObject } from "../core/json";
import { brief } from "../core/printable";
import { duration } from "../core/progress";
import { FLUXES } from "../core/quantities";
import type { Metrics } from "../evaluate/evaluate";
import { readProvenance } from "../run/provenance";
import { readLog } from "../run/read-log";
import { readHeader, readSplit, runPaths } from "../run/run-directory";

/**
 * What a run is, for `show.card`: model, data, seed, sites, device, kernel, how long it trained, and its scores where it was evaluated
 * (`metrics`, else what `evaluate` left in the folder; RMSE in g C m⁻² d⁻¹).
 * @throws WorkbookError BadRun when the folder is no run directory
 * @example show.card("This run", runCard("data/runs/tamrl"))
 */
export function runCard(dir: string, metrics: Metrics | null = keptMetrics(dir)): Record<string, string | number | null> {
  const { config, status, channels } = readHeader(dir);
  const { train, validation, test } = readSplit(dir);
  const { table, device, kernel, workbook, commit } = readProvenance(dir, "runCard");
  const epochs = fs.existsSync(runPaths(dir).log) ? readLog(dir) : [];
  return {
    model: `${config.model}${config.ensemble > 1 ? `, ensemble of ${config.ensemble}` : ""}${status === "done" ? "" : " (not finished)"}`,
    data: `${table.name} (SHA-256 ${table.sha256.slice(0, 12)}…)`,
    sites: `${train.length} to train, ${validation.length} to validate, ${test.length} held out`,
    drivers: `${channels.length} (${config.features})`,
    seed: config.seed,
    device: device ?? "not recorded", kernel: kernel ?? "none needed",
    trained: epochs.length === 0 ? "without epochs" : `${epochs.length} epochs in ${duration(epochs.reduce((sum, e) => sum + e.seconds, 0))}`,
    workbook: `${workbook}${commit === null ? "" : `, ${commit.replace(/^(.{10})[0-9a-f]*/, "$1")}`}`,
    ...Object.fromEntries(metrics === null ? [] : FLUXES.map((flux) => [`${flux.toUpperCase()} R², RMSE`, scoresOf(metrics, flux)])),
  };
}

function scoresOf(metrics: Metrics, flux: (typeof FLUXES)[number]): string | null {
  const { r2, rmse, n_sites } = metrics.summary[flux];
  if (rmse.median === null) return null;
  return `${r2.median === null ? "–" : r2.median.toFixed(2)}, ${rmse.median.toFixed(2)} (medians over ${count(n_sites, "site")}${metrics.simulated ? ", simulated" : ""})`;
}

function keptMetrics(dir: string): Metrics | null {
  const file = runPaths(dir).metrics;
  if (!fs.existsSync(file)) return null;
  const found = readJsonObject<Metrics>(file, "runCard");
  const isScore = (value: unknown): boolean => isObject(value) && (value["median"] === null || typeof value["median"] === "number");
  const summary: unknown = found.summary;
  const whole = isObject(summary) && FLUXES.map((flux) => summary[flux]).every((s) => isObject(s) && isScore(s["r2"]) && isScore(s["rmse"]) && typeof s["n_sites"] === "number");
  if (!whole) throw new WorkbookError("BadRun", `runCard: ${file}: a summary of each flux required, found ${brief(summary ?? null)}; evaluate the run again`, { file });
  return found;
}
