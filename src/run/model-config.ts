import * as path from "node:path";
import { STATIC_WIDTH } from "../core/quantities";
import type { ModelConfig } from "../model/types";
import type { Standardiser } from "../windows/standardise";
import type { RunConfig } from "./config";
import { runPaths } from "./run-directory";

/** Where a network's weights lie in a run directory. */
export function weightsFile(dir: string): string {
  return path.join(runPaths(dir).weights, "model.safetensors");
}

/** The model's own configuration from the run's. */
export function modelConfig(config: RunConfig, s: Standardiser, model: ModelConfig["model"]): ModelConfig {
  return {
    model, channels: s.channels.length, statics: STATIC_WIDTH, hidden: config.hidden, latent: config.latent, layers: config.layers, dropout: config.dropout,
    modulation: config.modulation, outputModulation: config.output_modulation, embedding: config.embedding, ...(model === "tamrl" && config.shots > 0 ? { supportFluxes: true } : {}), balance: config.balance, targetMean: s.targetMean, targetSd: s.targetSd,
  };
}

/** Whether the model is given support windows. */
export function needsSupport(config: RunConfig, model: string): boolean {
  return model === "tamrl" && (config.embedding === "support" || config.embedding === "past_only");
}

