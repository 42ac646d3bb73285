import * as fs from "node:fs";
import * as path from "node:path";
import { openXgboost } from "../backend/xgboost/engine";
import { threadCount } from "../core/threads";
import { isWorkbookError, WorkbookError } from "../core/errors";
import { sha256, writeAtomic } from "../core/files";
import { isObject, readJsonObject, writeJson } from "../core/json";
import { counter } from "../core/progress";
import { FLUXES, type Flux, type Standardized } from "../core/quantities";
import { fitXgboost, XGBOOST_ROUNDS, XGBOOST_SETTINGS, type XgboostFit } from "../model/xgboost";
import { completeDays, dayRows, featureNames, leftOut } from "../windows/day-rows";
import { physicalFluxes, standardiseDrivers } from "../windows/standardise";
import type { Learner, PredictContext, Predictor, TrainContext } from "./learner";
import { logLine, runPaths } from "./run-directory";

/** A flux's booster as `weights/xgboost.json` lists it. */
interface BoosterEntry {
  readonly file: string;
  readonly sha256: string;
  readonly rounds: number;
  /** RMSE in z-scores of the flux; null without validation sites */
  readonly validation: number | null;
}

interface XgboostFile {
  readonly version: string;
  readonly settings: object;
  readonly features: readonly string[];
  readonly boosters: Readonly<Partial<Record<Flux, BoosterEntry>>>;
}

/** Rounds between lines of the log. */
const LOG_EVERY = 10;

const listing = (dir: string): string => path.join(runPaths(dir).weights, "xgboost.json");

/**
 * XGBoost on the day's drivers and the class one-hots, one booster a flux: the benchmark's tabular baseline. Growth stops by the same
 * validation sites that choose the epoch of the networks; training days weigh QC × class weight. An interrupted run keeps its finished boosters.
 * @source CarbonFluxBench, arXiv 2603.09868; there one booster holds the three fluxes, and the classes are categories instead of one-hots
 */
export const xgboostLearner: Learner = {
  async open() {
    const { version } = openXgboost();
    const threads = threadCount();
    return { device: `CPU, ${threads} thread${threads === 1 ? "" : "s"}`, kernel: null, versions: { node: process.versions.node, xgboost: version } };
  },
  train,
  load,
};

async function train(context: TrainContext): Promise<void> {
  const { dir, dataset } = context;
  const engine = openXgboost();
  const before = fs.existsSync(listing(dir)) ? readJsonObject<XgboostFile>(listing(dir), "xgboost").boosters : {};
  const boosters: Partial<Record<Flux, BoosterEntry>> = {};
  for (const flux of FLUXES) {
    const entry = before[flux];
    boosters[flux] = entry !== undefined && whole(dir, entry) ? entry : await trainFlux(flux, engine, context);
    writeJson(listing(dir), { version: engine.version, settings: XGBOOST_SETTINGS, features: featureNames(dataset.channels), boosters });
  }
}

async function trainFlux(flux: Flux, engine: ReturnType<typeof openXgboost>, { dir, config, dataset, progress, signal }: TrainContext): Promise<BoosterEntry> {
  const [train, validation] = [dayRows(dataset.train.sites, flux), dayRows(dataset.validation.sites, flux)];
  const report = counter(`xgboost ${flux}`, XGBOOST_ROUNDS, progress);
  const onRound = (round: number, error: number | null): void => {
    if (round % LOG_EVERY === 0) logLine(dir, { event: "round", flux, round, validation: error });
    report(round, error === null ? undefined : `validation ${error.toFixed(4)}`);
  };
  let fit: XgboostFit;
  try {
    fit = await fitXgboost(engine, train, validation, { seed: config.seed, threads: threadCount(), onRound, ...(signal ? { signal } : {}) });
  } catch (error) {
    if (isWorkbookError(error, "Interrupted")) throw new WorkbookError("Interrupted", `train: ${dir}: stopped as asked while growing the booster of ${flux}; continue with \`resume ${dir}\``, { file: dir, cause: error });
    throw error;
  }
  report(XGBOOST_ROUNDS, `${fit.rounds} rounds kept`);
  logLine(dir, { event: "booster", flux, rows: train.rows, validation_rows: validation.rows, left_out: leftOut(dataset.train.sites, flux), rounds: fit.rounds, grown: fit.grown, validation: fit.validation });
  const name = `${flux}.ubj`;
  const file = path.join(runPaths(dir).weights, name);
  writeAtomic(file, fit.model);
  return { file: name, sha256: sha256(file), rounds: fit.rounds, validation: fit.validation };
}

/** Whether the booster's file is the one that training wrote. */
function whole(dir: string, entry: BoosterEntry): boolean {
  // the listing may come from anywhere: it must not name files outside its run
  if (typeof entry?.file !== "string" || path.basename(entry.file) !== entry.file) return false;
  const file = path.join(runPaths(dir).weights, entry.file);
  return fs.existsSync(file) && sha256(file) === entry.sha256;
}

async function load({ dir, standardiser }: PredictContext): Promise<Predictor> {
  const { boosters, features } = readJsonObject<XgboostFile>(listing(dir), "xgboost");
  if (!Array.isArray(features) || !isObject(boosters) || features.join() !== featureNames(standardiser.channels).join()) throw new WorkbookError("BadRun", `xgboost: ${listing(dir)}: boosters of the run's own channels are required, found others; train it again`, { file: listing(dir) });
  const engine = openXgboost();
  const models = FLUXES.map((flux) => {
    const entry = boosters[flux];
    if (entry === undefined || !whole(dir, entry)) throw new WorkbookError("BadRun", `xgboost: ${dir}: the booster of ${flux} as training wrote it is required, found ${entry === undefined ? "none" : `another or no ${entry.file}`}; train it again`, { file: dir });
    return fs.readFileSync(path.join(runPaths(dir).weights, entry.file));
  });
  const loaded = models.map((model) => engine.load(model));
  return {
    history: 1,
    async predict(record) {
      const { days, width, x } = completeDays(record, standardiseDrivers(standardiser, record.drivers));
      const out = new Float32Array(record.length * FLUXES.length).fill(NaN) as Standardized<Float32Array>;
      if (days.length === 0) return physicalFluxes(standardiser, out);
      const rows = engine.matrix({ rows: days.length, width, x });
      try {
        loaded.forEach((booster, f) => {
          const values = booster.predict(rows);
          days.forEach((day, row) => (out[day * FLUXES.length + f] = values[row]!));
        });
      } finally {
        rows.dispose();
      }
      return physicalFluxes(standardiser, out);
    },
    dispose: () => loaded.forEach((booster) => booster.dispose()),
  };
}
