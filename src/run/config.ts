import { FEATURE_SETS, type FeatureSet } from "../core/columns";
import { WorkbookError } from "../core/errors";
import { checkKeys, parseJson } from "../core/json";
import { didYouMean } from "../core/nearest";
import { brief } from "../core/printable";
import type { SiteId } from "../core/sites";
import { EXCLUDED_SITE_YEARS, type ExcludedSiteYears } from "../data/sites/site-year-flags";
import { PARTITIONS, type Partition } from "../data/target-view";
import { CLASS_WEIGHTS, type ClassWeights } from "../windows/class-weights";
import { SUPPORT_SEASONS, type SupportSeason } from "../windows/support";
import { PROTOCOL_NAMES, protocolDefaults, type ProtocolName } from "./benchmark-protocol";

/** Models that `train` knows; each has an entry in `run/learners.ts`. */
export const MODELS = ["tamrl", "maml", "tamlstm", "ctlstm", "lstm", "xgboost", "ridge", "climatology"] as const;
export type ModelName = (typeof MODELS)[number];

/** Explicit site lists of a split. */
export interface SplitLists {
  readonly train: readonly SiteId[];
  readonly test: readonly SiteId[];
}

/** One experiment, complete. @source method notes §3–§6; arXiv 2603.09974; arXiv 2603.09868 */
export interface RunConfig {
  readonly model: ModelName;
  /** `carbonfluxbench`: the benchmark's windows, splits and feature sets; other values of these are refused */
  readonly protocol: ProtocolName;
  /** `auto` takes `minimal` where the table has reflectance, else `tower` */
  readonly features: FeatureSet | "auto";
  readonly split: string | SplitLists;
  readonly validation: "site" | "time";
  readonly seed: number;
  /** seed of the split and of the validation sites; null: `seed` */
  readonly split_seed: number | null;
  /** members: 1 is a single run; n are n runs of the seeds `seed` … `seed + n − 1` on one split, predicting their mean */
  readonly ensemble: number;
  /** `towers`: learn from training clusters drawn with replacement by `seed` */
  readonly resample: "off" | "towers";
  /** upper limit of each stage */
  readonly epochs: number;
  readonly stages: 1 | 2;
  readonly batch: number;
  readonly hidden: number;
  readonly latent: number;
  readonly layers: number;
  readonly dropout: number;
  readonly lr1: number;
  readonly lr2: number;
  readonly window: number;
  readonly stride: number;
  readonly max_gap: number;
  readonly support: number;
  /** in training without shots, queries of one site in a batch share a support set where they have no day in common with it; off: each has its own, as published */
  readonly support_shared: boolean;
  readonly support_predict: number;
  /** few-shot: the most months of a site's own flux that the encoder may see; 0 = none, the zero-shot form */
  readonly shots: number;
  /** weight of the support windows with fluxes against those without, where months are given */
  readonly shot_share: number;
  /** few-shot: standard deviation of the logarithm of the factors by which an episode's GPP and RECO are multiplied in training; 0 = off */
  readonly shot_distort: number;
  /** maml: rate and number of gradient steps of an adaptation */
  readonly inner_lr: number;
  readonly inner_steps: number;
  /** where z comes from; `past_only`: in training, support windows that end before the query begins */
  readonly embedding: "support" | "query" | "static" | "past_only";
  /** which half of the year support windows come from: all of it, the growing season, or the winter of the site's hemisphere */
  readonly support_season: SupportSeason;
  /** lat and lon among the channels; `auto` from 200 sites on: fewer can be told apart by where they lie, which says nothing of a place never seen */
  readonly position: boolean | "auto";
  /** reflectance and vegetation indices among the channels */
  readonly satellite: boolean;
  /** IGBP and Köppen one-hots known to the model; off: all zero */
  readonly static_inputs: boolean;
  /** which partition of NEE the targets GPP and RECO come from */
  readonly partition: Partition;
  /** site-years whose fluxes nothing is learnt from: none, or those the rule `implausible-budget` flags; test sites are scored on all */
  readonly exclude_site_years: ExcludedSiteYears;
  readonly modulation: "tied" | "free" | "none";
  readonly output_modulation: boolean;
  readonly balance: "off" | "soft-z" | "soft" | "hard";
  readonly balance_weight: number;
  /** `auto` takes `capped` under 200 sites, else `product` */
  readonly class_weights: ClassWeights | "auto";
  /** weight of a day whose QC is unknown */
  readonly unknown_qc: number;
  /** epochs between validations, and epochs without improvement before a stage ends */
  readonly validate_every: number;
  readonly patience: number;
}

/** The defaults: the paper's model in the form this project trains it. */
export const DEFAULT_CONFIG: RunConfig = {
  model: "tamrl", protocol: "own", features: "auto", split: "koppen", validation: "site", seed: 1, split_seed: null, ensemble: 1, resample: "off",
  epochs: 100, stages: 2, batch: 128, hidden: 128, latent: 32, layers: 1, dropout: 0.3, lr1: 1e-3, lr2: 1e-3,
  window: 45, stride: 15, max_gap: 7, support: 4, support_shared: true, support_predict: 12, shots: 0, shot_share: 1, shot_distort: 0, inner_lr: 0.05, inner_steps: 5, embedding: "support",
  support_season: "all", position: "auto", satellite: true, static_inputs: true, partition: "night", exclude_site_years: "off",
  modulation: "tied", output_modulation: true, balance: "soft", balance_weight: 0.1, class_weights: "auto",
  unknown_qc: 0.9, validate_every: 5, patience: 10,
};

const WORDS: { readonly [K in keyof RunConfig]?: readonly string[] } = {
  model: MODELS, protocol: PROTOCOL_NAMES, features: ["auto", ...FEATURE_SETS], validation: ["site", "time"],
  resample: ["off", "towers"], embedding: ["support", "query", "static", "past_only"], modulation: ["tied", "free", "none"],
  support_season: SUPPORT_SEASONS, partition: PARTITIONS, exclude_site_years: EXCLUDED_SITE_YEARS,
  balance: ["off", "soft-z", "soft", "hard"], class_weights: ["auto", ...CLASS_WEIGHTS],
};

/** Smallest and largest value a number may have, and whether it must be whole. */
const NUMBERS: { readonly [K in keyof RunConfig]?: readonly [low: number, high: number, whole: boolean] } = {
  seed: [0, 2 ** 31, true], ensemble: [1, 100, true], epochs: [1, 10_000, true], stages: [1, 2, true], batch: [1, 65_536, true], hidden: [2, 4096, true],
  latent: [1, 4096, true], layers: [1, 8, true], dropout: [0, 0.95, false], lr1: [1e-8, 1, false], lr2: [1e-8, 1, false],
  window: [2, 730, true], stride: [1, 730, true], max_gap: [0, 366, true], support: [1, 64, true], support_predict: [4, 400, true],
  shots: [0, 120, true], shot_share: [0, 1, false], shot_distort: [0, 2, false], inner_lr: [1e-6, 10, false], inner_steps: [1, 100, true],
  balance_weight: [0, 1e6, false], unknown_qc: [0, 1, false], validate_every: [1, 1000, true], patience: [1, 10_000, true],
};

/**
 * A complete configuration from overrides; every unknown key or impossible value is an error.
 * @throws WorkbookError BadConfig naming the key, what is allowed and what was found
 * @example resolveConfig({ model: "lstm", epochs: 10 })
 */
export function resolveConfig(overrides: object, where = "config"): RunConfig {
  checkKeys(where, overrides, Object.keys(DEFAULT_CONFIG));
  const config = { ...DEFAULT_CONFIG, ...protocolDefaults(overrides, where), ...overrides } as RunConfig;
  for (const key of Object.keys(WORDS) as (keyof RunConfig)[]) {
    const allowed = WORDS[key]!;
    const value = config[key];
    if (typeof value !== "string" || !allowed.includes(value)) throw bad(where, key, `one of ${allowed.join(", ")}`, value, typeof value === "string" ? didYouMean(value, allowed) : "");
  }
  for (const key of Object.keys(NUMBERS) as (keyof RunConfig)[]) {
    const [low, high, whole] = NUMBERS[key]!;
    const value = config[key];
    if (typeof value !== "number" || !Number.isFinite(value) || value < low || value > high || (whole && !Number.isInteger(value))) {
      throw bad(where, key, `a ${whole ? "whole " : ""}number from ${low} to ${high}`, value);
    }
  }
  for (const key of ["output_modulation", "support_shared", "satellite", "static_inputs"] as const) {
    if (typeof config[key] !== "boolean") throw bad(where, key, "true or false", config[key]);
  }
  if (config.position !== "auto" && typeof config.position !== "boolean") throw bad(where, "position", '"auto", true or false', config.position);
  const blind = config.model === "tamlstm" || config.model === "ctlstm" || (config.model === "tamrl" && config.embedding === "static");
  if (!config.static_inputs && blind) throw bad(where, "static_inputs", `true for a model that is driven by the classes (${config.model}${config.model === "tamrl" ? ", embedding static" : ""})`, config.static_inputs);
  if (config.split === "temporal" && config.validation !== "time") throw bad(where, "validation", '"time" with split temporal, where every site trains,', config.validation);
  const { split_seed: s } = config;
  if (s !== null && !(Number.isInteger(s) && s >= 0 && s <= 2 ** 31)) throw bad(where, "split_seed", `null or a whole number from 0 to ${2 ** 31}`, s);
  if (config.model === "ctlstm" && config.hidden % 2 !== 0) throw bad(where, "hidden", "an even number for ctlstm (half for drivers, half for classes)", config.hidden);
  if (config.model === "tamrl" && config.modulation === "none" && !config.output_modulation) throw bad(where, "modulation", "a modulation at input or output for tamrl (without both it is model lstm)", config.modulation);
  if (config.shots > 0 && config.model !== "maml" && (config.model !== "tamrl" || config.embedding !== "support")) throw bad(where, "shots", "0 for all but maml, and tamrl with embedding support,", config.shots);
  if (config.shots === 0 && config.model === "maml") throw bad(where, "shots", "the longest number of months, at least 1 for maml,", config.shots);
  if (config.shots > 0 && config.support_season !== "all") throw bad(where, "support_season", "all with shots, whose support windows lie in the months shown", config.support_season);
  if (config.stride > config.window) throw bad(where, "stride", `at most window (${config.window})`, config.stride);
  checkSplit(where, config.split);
  return config;
}

function checkSplit(where: string, split: unknown): void {
  const named = ["koppen", "igbp", "none", "temporal", "published-koppen", "published-igbp"];
  if (typeof split === "string" && (named.includes(split) || /^fold:\d+\/\d+$/.test(split))) return;
  if (split !== null && typeof split === "object" && !Array.isArray(split)) {
    checkKeys(`${where}: split`, split, ["train", "test"]);
    const lists = split as Partial<SplitLists>;
    if ([lists.train, lists.test].every((l) => Array.isArray(l) && l.every((s) => typeof s === "string"))) return;
  }
  throw bad(where, "split", `one of ${named.join(", ")}, fold:i/k, or {"train": [sites], "test": [sites]}`, split);
}

function bad(where: string, key: string, required: string, found: unknown, more = ""): WorkbookError {
  return new WorkbookError("BadConfig", `${where}: ${key}: ${required} required, got ${brief(found)}${more}`, { column: key });
}

/**
 * Overrides from `key=value` words: the value is JSON where it parses as JSON, else a string; dots reach nested keys.
 * @throws WorkbookError BadArgument for a word without `=`
 * @example parseSets(["epochs=3", "model=lstm"]) // { epochs: 3, model: "lstm" }
 */
export function parseSets(words: readonly string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) throw new WorkbookError("BadArgument", `--set: key=value is required, got "${word}"`);
    const path = word.slice(0, at).split(".");
    let here = out;
    for (const step of path.slice(0, -1)) {
      if (["__proto__", "constructor", "prototype"].includes(step)) throw new WorkbookError("BadConfig", `--set: known keys only, got "${step}"`);
      if (typeof here[step] !== "object" || here[step] === null) here[step] = {};
      here = here[step] as Record<string, unknown>;
    }
    Object.defineProperty(here, path[path.length - 1]!, { value: parseValue(word.slice(at + 1)), enumerable: true, writable: true, configurable: true });
  }
  return out;
}

function parseValue(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
