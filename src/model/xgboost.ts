import { WorkbookError } from "../core/errors";
import type { XgboostBooster, XgboostEngine, XgboostRows } from "../backend/xgboost/engine";

/**
 * Settings of the benchmark's XGBoost. What it leaves at the library's default stays there: trees grow by depth (`grow_policy=depthwise`,
 * `max_leaves` then cuts the growth of a level), lambda 1, no sampling of rows or columns. So the seed has nothing to draw.
 * @source CarbonFluxBench, arXiv 2603.09868
 */
export const XGBOOST_SETTINGS = {
  learning_rate: 0.05, max_depth: 10, min_child_weight: 5, max_leaves: 31, tree_method: "hist", grow_policy: "depthwise",
  objective: "reg:squarederror", eval_metric: "rmse",
} as const;
/** Rounds at most, and rounds without a better validation error after which growth stops. @source CarbonFluxBench, arXiv 2603.09868 */
export const XGBOOST_ROUNDS = 1000;
export const XGBOOST_PATIENCE = 10;

/** How a booster is trained beside its fixed settings. */
export interface XgboostFitOptions {
  readonly seed: number;
  readonly threads: number;
  readonly rounds?: number;
  readonly patience?: number;
  /** after each round (counted from 1): the validation error, null without validation rows */
  readonly onRound?: (round: number, error: number | null) => void;
  readonly signal?: AbortSignal;
}

/** A trained booster: its best rounds only. */
export interface XgboostFit {
  /** UBJSON */
  readonly model: Uint8Array;
  /** rounds kept: up to the best validation error */
  readonly rounds: number;
  /** rounds grown before growth stopped */
  readonly grown: number;
  /** root of the weighted mean squared validation error, in the units of y; null without validation rows */
  readonly validation: number | null;
}

/**
 * Grows one booster and keeps its rounds up to the best validation error; without validation rows it grows and keeps all. The event loop gets a turn after each round.
 * @throws WorkbookError EmptyTable without training rows, Interrupted when the signal aborts, NotFinite when the error is not a number
 * @source Chen & Guestrin 2016, doi:10.1145/2939672.2939785; settings: CarbonFluxBench, arXiv 2603.09868
 * @example const { model, rounds } = await fitXgboost(engine, train, validation, { seed: 1, threads: 2 })
 */
export async function fitXgboost(engine: XgboostEngine, train: XgboostRows, validation: XgboostRows, options: XgboostFitOptions): Promise<XgboostFit> {
  if (train.rows === 0) throw new WorkbookError("EmptyTable", "fitXgboost: a training site-day with all drivers, the flux and a weight above 0 is required, found none; choose another split or feature set");
  const limit = options.rounds ?? XGBOOST_ROUNDS;
  const held: { dispose(): void }[] = [];
  const hold = <T extends { dispose(): void }>(what: T): T => (held.push(what), what);
  try {
    const trainRows = hold(engine.matrix(train));
    const validationRows = validation.rows > 0 ? hold(engine.matrix(validation)) : null;
    const booster = hold(engine.booster({ ...XGBOOST_SETTINGS, seed: options.seed, nthread: options.threads, verbosity: 0 }, trainRows, validationRows ? [validationRows] : []));
    let [grown, rounds] = [0, 0];
    let best: number | null = null;
    while (grown < limit && !(validationRows && grown - rounds >= (options.patience ?? XGBOOST_PATIENCE))) {
      if (options.signal?.aborted) throw new WorkbookError("Interrupted", `fitXgboost: stopped as asked after round ${grown}`);
      booster.update(grown, trainRows);
      const error = validationRows ? finite(booster.evaluate(grown, validationRows), grown) : null;
      grown++;
      if (error === null || best === null || error < best) [best, rounds] = [error, grown];
      options.onRound?.(grown, error);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const kept: XgboostBooster = rounds === grown ? booster : hold(booster.firstRounds(rounds));
    return { model: kept.save(), rounds, grown, validation: best };
  } finally {
    for (const what of held.reverse()) what.dispose();
  }
}

function finite(error: number, round: number): number {
  if (Number.isFinite(error)) return error;
  throw new WorkbookError("NotFinite", `fitXgboost: a finite validation error is required, round ${round + 1} has ${error}; look for impossible values in the table`);
}
