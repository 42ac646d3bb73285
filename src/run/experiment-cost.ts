import { STATIC_WIDTH } from "../core/quantities";
import type { DailyTable } from "../data/daily-table";
import type { RunConfig } from "./config";
import { settleConfig } from "./dataset";
import type { PlannedRun } from "./experiment-plan";
import { modelChannels } from "./model-view";

/** Work of a run in an arbitrary unit (multiplications), split as it is timed. */
export interface RunCost {
  /** one epoch of each stage */
  readonly epoch: number;
  /** all epochs, and the prediction */
  readonly whole: number;
}

const BACKWARD = 2;
/** What an element of the hidden state costs beside the matrix products, in multiplications. */
const ELEMENT = 40;
/** What a feature of a day costs over all trees of three boosters; timed beside TAM-RL on 51 towers (6 s and 200 s). */
const GROWING = 40_000;

/**
 * How much work a run is beside another: window days × the multiplications of its networks. Good for comparing runs of one
 * experiment, and for seconds once one epoch of one of them was timed. What is no network is put beside them by what was timed once.
 * @example runCost(table, plan.runs[0]).whole
 */
export function runCost(table: DailyTable, run: Pick<PlannedRun, "config">): RunCost {
  const config = settleConfig(table, run.config);
  const days = table.rows.numRows();
  const channels = modelChannels(config, table.featureSets).length;
  if (!["tamrl", "maml", "tamlstm", "ctlstm", "lstm"].includes(config.model)) {
    const perFeature = config.model === "xgboost" ? GROWING : config.model === "ridge" ? channels + STATIC_WIDTH : 1;
    return { epoch: 0, whole: days * (channels + STATIC_WIDTH) * perFeature };
  }
  const windowDays = (days / config.stride) * config.window;
  const decoder = channels * config.hidden + config.layers * lstm(config.hidden, config.hidden);
  const encoder = config.model === "tamrl" && config.embedding !== "static" ? (channels + STATIC_WIDTH) * config.latent + 2 * lstm(config.latent, config.latent) : 0;
  // Shared support sets: about one a site and batch.
  const sets = config.support_shared ? Math.min(1, table.sites.length / config.batch) : 1;
  const support = config.embedding === "query" ? 1 : config.support * sets;
  const first = config.model === "tamrl" && config.stages === 2 ? decoder : 0;
  const epoch = windowDays * (1 + BACKWARD) * (first + decoder + support * encoder);
  return { epoch, whole: epoch * config.epochs + heldShare(run.config) * days * config.window * (decoder + (config.embedding === "query" ? encoder : 0)) };
}

function lstm(input: number, hidden: number): number {
  return 4 * hidden * (input + hidden) + ELEMENT * hidden;
}

/** Share of the table that is predicted at stride 1. */
function heldShare({ split }: RunConfig): number {
  return typeof split === "string" ? 0.2 : split.test.length / (split.test.length + split.train.length);
}

/**
 * Seconds that all runs will take, from the timed epoch of one of them.
 * @param probe seconds that one epoch of each stage of `probed` took
 * @example estimateSeconds(table, plan.runs, { run: plan.runs[0], seconds: 4.2 }, 2)
 */
export function estimateSeconds(table: DailyTable, runs: readonly PlannedRun[], probe: { readonly run: PlannedRun; readonly seconds: number }, workers: number): number {
  const unit = runCost(table, probe.run).epoch;
  const work = runs.reduce((sum, run) => sum + runCost(table, run).whole, 0);
  return ((unit > 0 ? (work / unit) * probe.seconds : 0) + runs.length * READING) / workers;
}

/** Seconds of a run that are no training: reading the table, cutting windows, writing. */
const READING = 4;
