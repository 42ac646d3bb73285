import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { appendJsonLine, isObject, isTexts, readJsonObject, writeJson } from "../core/json";
import { brief } from "../core/printable";
import type { Site, SiteId } from "../core/sites";
import { parsePreparation, type Preparation } from "../data/preparation";
import type { Standardiser } from "../windows/standardise";
import { resolveConfig, type RunConfig } from "./config";

/** Version of the run directory's layout; another version is refused. */
export const RUN_VERSION = 1;

/** What runs did before a key was there, where today's default is another. */
const BEFORE_THE_KEY: Partial<RunConfig> = { support_shared: false };

/** What `config.json` holds: the layout's version, how far the run is, and the complete configuration. */
export interface RunHeader {
  readonly version: number;
  readonly status: "started" | "done";
  readonly config: RunConfig;
  readonly channels: readonly string[];
  /** how the satellite channels were prepared; absent without such channels, and in runs of older workbooks */
  readonly preparation?: Preparation;
}

/** Which sites the run learned from, chose its epoch by, and never saw. */
export interface RunSplit {
  readonly train: readonly SiteId[];
  readonly validation: readonly SiteId[];
  readonly test: readonly SiteId[];
  /** what was known of the sites on both learning sides, so that neighbours of other tables are recognised */
  readonly learned: readonly Site[];
  /** sites of the table that had no whole window, with the reason */
  readonly removed: readonly { readonly site: SiteId; readonly reason: string }[];
  /** false for published splits, which break clusters knowingly */
  readonly wholeClusters: boolean;
  readonly notes: readonly string[];
  /** resample towers: how often each training site was drawn */
  readonly draws?: Readonly<Record<SiteId, number>>;
  /** split temporal: the first held-out day of each known site, YYYY-MM-DD; from there on its days were not learned from */
  readonly heldFrom?: Readonly<Record<SiteId, string>>;
}

/** Where the parts of a run lie. @example runPaths("data/runs/tamrl").log */
export function runPaths(dir: string): Record<"header" | "standardiser" | "split" | "weights" | "checkpoint" | "metrics" | "predictions" | "evaluation" | "log" | "provenance" | "hashes", string> {
  return {
    header: path.join(dir, "config.json"),
    standardiser: path.join(dir, "standardiser.json"),
    split: path.join(dir, "split.json"),
    weights: path.join(dir, "weights"),
    checkpoint: path.join(dir, "checkpoint.safetensors"),
    metrics: path.join(dir, "metrics.json"),
    predictions: path.join(dir, "predictions.parquet"),
    evaluation: path.join(dir, "evaluation.json"),
    log: path.join(dir, "log.jsonl"),
    provenance: path.join(dir, "provenance.json"),
    hashes: path.join(dir, "hashes.json"),
  };
}

/**
 * Reads and checks a run's header.
 * @throws WorkbookError BadRun when the folder is no run directory or of another version
 * @example readHeader("data/runs/tamrl").config.seed
 */
export function readHeader(dir: string): RunHeader {
  const file = runPaths(dir).header;
  if (!fs.existsSync(file)) throw new WorkbookError("BadRun", `readHeader: a run directory is required, ${dir} has no config.json; name a folder that \`train --out\` wrote`, { file });
  const header = readJsonObject<Partial<RunHeader>>(file, "readHeader");
  if (header.version !== RUN_VERSION) {
    throw new WorkbookError("BadRun", `readHeader: ${dir}: a run directory of version ${RUN_VERSION} is required, found version ${brief(header.version ?? null)}; train it again with this workbook`, { file });
  }
  if (!isTexts(header.channels) || (header.status !== "started" && header.status !== "done") || !isObject(header.config)) {
    throw new WorkbookError("BadRun", `readHeader: ${dir}: status, channels and config are required in config.json; train it again`, { file });
  }
  const preparation = parsePreparation(header.preparation, `readHeader: ${dir}`);
  // in the order in which training writes them, so that a resumed run has the same bytes
  return { version: RUN_VERSION, status: header.status, config: resolveConfig({ ...BEFORE_THE_KEY, ...header.config }, file), channels: header.channels, ...(preparation === null ? {} : { preparation }) };
}

/** Reads a finished run's header. @throws WorkbookError BadRun when training has not ended */
export function readFinished(dir: string): RunHeader {
  const header = readHeader(dir);
  if (header.status !== "done") throw new WorkbookError("BadRun", `readFinished: ${dir}: a finished run is required, this one was interrupted; continue it with \`resume ${dir}\``, { file: dir });
  return header;
}

/** Writes the header. */
export function writeHeader(dir: string, header: RunHeader): void {
  writeJson(runPaths(dir).header, header);
}

/** The run's standardiser. @throws WorkbookError BadFile, BadRun when it is not whole */
export function readStandardiser(dir: string): Standardiser {
  const file = runPaths(dir).standardiser;
  const found = readJsonObject<Standardiser>(file, "readStandardiser");
  const numbers = (list: unknown, n: number, least: number): boolean => Array.isArray(list) && list.length === n && list.every((v) => typeof v === "number" && v > least);
  const n = isTexts(found.channels) ? found.channels.length : -1;
  if (![[found.mean, n, -Infinity], [found.sd, n, 0], [found.targetMean, 3, -Infinity], [found.targetSd, 3, 0]].every(([list, length, least]) => numbers(list, length as number, least as number))) {
    throw new WorkbookError("BadRun", `readStandardiser: ${file}: a mean and a standard deviation above 0 of each channel and flux required, found ${brief(found)}; copy the run again, or train it again`, { file });
  }
  return found;
}

/** The run's split. @throws WorkbookError BadFile, BadRun when it is not whole @example readSplit("data/runs/tamrl").test */
export function readSplit(dir: string): RunSplit {
  const file = runPaths(dir).split;
  const found = readJsonObject<RunSplit>(file, "readSplit");
  if (![found.train, found.validation, found.test, found.notes].every(isTexts) || !Array.isArray(found.removed) || !Array.isArray(found.learned) || !found.learned.every((s) => isObject(s) && typeof s.site === "string")) {
    throw new WorkbookError("BadRun", `readSplit: ${file}: lists of sites required as train, validation, test and learned, found ${brief(found)}; copy the run again, or train it again`, { file });
  }
  return found;
}

/** Appends one line to the run's log. */
export function logLine(dir: string, line: object): void {
  appendJsonLine(runPaths(dir).log, line);
}
