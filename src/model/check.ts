import { WorkbookError } from "../core/errors";
import { nearest } from "../core/nearest";
import { supportChannels } from "./few-shot";
import type { ForwardOptions, ModelConfig, ModelInputs } from "./types";

const ALLOWED: Readonly<Record<"modulation" | "embedding" | "balance", readonly string[]>> = {
  modulation: ["tied", "free", "none"],
  embedding: ["support", "query", "static", "past_only"],
  balance: ["off", "soft-z", "soft", "hard"],
};

/** @throws WorkbookError BadConfig naming the key */
export function checkConfig(config: ModelConfig, models: readonly string[]): void {
  const fail = (key: string, required: string, found: unknown): never => {
    throw new WorkbookError("BadConfig", `createModel: ${key} must be ${required}, got ${JSON.stringify(found)}; correct the configuration`, { column: key });
  };
  const word = (key: string, value: string, words: readonly string[]): void => {
    if (!words.includes(value)) fail(key, `one of ${words.join(", ")} (nearest ${nearest(value, words)[0]})`, value);
  };
  word("model", config.model, models);
  for (const key of ["modulation", "embedding", "balance"] as const) word(key, config[key], ALLOWED[key]);
  for (const key of ["channels", "statics", "hidden", "latent", "layers"] as const) {
    if (!Number.isInteger(config[key]) || config[key] < 1) fail(key, "a whole number of at least 1", config[key]);
  }
  if (config.supportFluxes && (config.model !== "tamrl" || config.embedding === "query" || config.embedding === "static")) fail("supportFluxes", "off but for tamrl with support windows", true);
  if (!(config.dropout >= 0 && config.dropout < 1)) fail("dropout", "at least 0 and below 1", config.dropout);
  if (config.targetMean.length !== 3 || !config.targetMean.every(Number.isFinite)) fail("targetMean", "three finite numbers", config.targetMean);
  if (config.targetSd.length !== 3 || !config.targetSd.every((sd) => sd > 0 && Number.isFinite(sd))) fail("targetSd", "three positive numbers", config.targetSd);
}

/** @throws WorkbookError BadArgument naming the tensor, the shape required and the shape found */
export function checkInputs(config: ModelConfig, needsSupport: boolean, { x, statics, support, supportWeight, sets, z }: ModelInputs, { lastDays }: ForwardOptions): void {
  const fail = (name: string, required: string, found: string): never => {
    throw new WorkbookError("BadArgument", `forward: ${name} must be ${required}, got ${found}; check the batch against the model's configuration`);
  };
  const [batch, time] = x.shape;
  const shape = (name: string, found: readonly number[], required: readonly number[]): void => {
    if (found.length !== required.length || found.some((n, k) => n !== required[k])) fail(name, `[${required.join(", ")}]`, `[${found.join(", ")}]`);
  };
  shape("x", x.shape, [batch, time, config.channels]);
  shape("statics", statics.shape, [batch, config.statics]);
  if (!Number.isInteger(lastDays) || lastDays < 1 || lastDays > time) fail("lastDays", `1 … ${time}`, String(lastDays));
  if (z !== undefined && config.model === "tamrl") return shape("z", z.shape, [batch, config.latent]);
  if (!needsSupport) return;
  if (support === undefined) return fail("support (or z)", "[batch·windows, time, channel]", "none");
  const n = sets === undefined ? batch : sets.of.shape[1];
  if (sets !== undefined) {
    shape("sets.of", sets.of.shape, [batch, n]);
    shape("sets.statics", sets.statics.shape, [n, config.statics]);
  }
  const windows = support.shape[0] / n;
  const width = supportChannels(config);
  if (windows < 1 || !Number.isInteger(windows)) fail("support", `[a multiple of ${n}, time, ${width}]`, `[${support.shape.join(", ")}]`);
  shape("support", support.shape, [n * windows, support.shape[1], width]);
  if (supportWeight !== undefined) shape("supportWeight", supportWeight.shape, [n, windows]);
}
