import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { isObject, readJsonObject, writeJson } from "../core/json";
import { FLUXES, type Flux, type Standardized } from "../core/quantities";
import { addRow, fitRidge, predictRidge, ridgeSums, type RidgeChoice, type RidgeFit, type RidgeSums } from "../model/ridge";
import type { PreparedSite } from "../windows/batches";
import { completeDays, eachDay, featureNames, leftOut } from "../windows/day-rows";
import { physicalFluxes, standardiseDrivers } from "../windows/standardise";
import type { Learner } from "./learner";
import { logLine, runPaths } from "./run-directory";

/** `weights/ridge.json`: one linear model a flux, in z-scores of drivers and fluxes. */
interface RidgeFile {
  readonly features: readonly string[];
  readonly fluxes: Readonly<Record<Flux, { readonly penalty: number; readonly intercept: number; readonly coefficients: readonly number[] }>>;
}

const file = (dir: string): string => path.join(runPaths(dir).weights, "ridge.json");

/**
 * Ridge regression of each flux on the day's drivers and the class one-hots: what is linear and has no memory. The penalty is chosen on
 * the validation sites that choose the epoch of the networks; training days weigh QC × class weight.
 */
export const ridgeLearner: Learner = {
  async open() {
    return null;
  },
  async train({ dir, dataset, progress, signal }) {
    const features = featureNames(dataset.channels);
    const train = sumUp(dataset.train.sites, features.length, signal);
    const validation = sumUp(dataset.validation.sites, features.length, signal);
    const fits = FLUXES.map((flux, f) => {
      const choice = fitRidge(train[f]!, validation[f]!);
      logLine(dir, { event: "ridge", flux, rows: train[f]!.rows, validation_rows: validation[f]!.rows, left_out: leftOut(dataset.train.sites, flux), penalty: choice.penalty, tried: choice.tried });
      progress({ what: "ridge", done: f + 1, total: FLUXES.length, secondsLeft: null, note: `${flux}: penalty ${choice.penalty}` });
      return [flux, plain(choice)] as const;
    });
    writeJson(file(dir), { features, fluxes: Object.fromEntries(fits) });
  },
  async load({ dir, standardiser }) {
    const { features, fluxes } = readJsonObject<RidgeFile>(file(dir), "ridge");
    const known = Array.isArray(features) && isObject(fluxes) && FLUXES.every((flux) => isObject(fluxes[flux]) && isLinear(fluxes[flux], features.length));
    if (!known || features.join() !== featureNames(standardiser.channels).join()) throw new WorkbookError("BadRun", `ridge: ${file(dir)}: coefficients of the run's own channels are required, found others; train it again`, { file: file(dir) });
    const fits: RidgeFit[] = FLUXES.map((flux) => ({ intercept: fluxes[flux].intercept, coefficients: Float64Array.from(fluxes[flux].coefficients) }));
    return {
      history: 1,
      async predict(record) {
        const { days, width, x } = completeDays(record, standardiseDrivers(standardiser, record.drivers));
        const out = new Float32Array(record.length * FLUXES.length).fill(NaN) as Standardized<Float32Array>;
        days.forEach((day, row) => fits.forEach((fit, f) => (out[day * FLUXES.length + f] = predictRidge(fit, x, row * width))));
        return physicalFluxes(standardiser, out);
      },
      dispose: () => undefined,
    };
  },
};

function isLinear({ intercept, coefficients }: RidgeFile["fluxes"][Flux], n: number): boolean {
  return Array.isArray(coefficients) && coefficients.length === n && [intercept, ...coefficients].every((v) => Number.isFinite(v));
}

/** Sums of each flux [flux] over the days that may teach it. */
function sumUp(sites: readonly PreparedSite[], width: number, signal?: AbortSignal): RidgeSums[] {
  const sums = FLUXES.map(() => ridgeSums(width));
  for (const site of sites) {
    if (signal?.aborted) throw new WorkbookError("Interrupted", "ridge: stopped as asked; begin again with `resume`");
    eachDay([site], (features, { y, weight }, day) => {
      sums.forEach((sum, f) => {
        const value = y[day * FLUXES.length + f]!;
        if (!Number.isNaN(value)) addRow(sum, features, value, weight[day]!);
      });
    });
  }
  return sums;
}

function plain({ penalty, intercept, coefficients }: RidgeChoice): RidgeFile["fluxes"][Flux] {
  return { penalty, intercept, coefficients: [...coefficients] };
}
