import * as path from "node:path";
import { asDay, dayOfYear } from "../core/days";
import { WorkbookError } from "../core/errors";
import { isObject, readJsonObject, writeJson } from "../core/json";
import { FLUXES, type Igbp } from "../core/quantities";
import { fitClimatology, predictClimatology, type Climatology } from "../model/climatology";
import type { Learner } from "./learner";
import { runPaths } from "./run-directory";

const file = (dir: string): string => path.join(runPaths(dir).weights, "climatology.json");

/** The mean seasonal cycle by IGBP of the training sites: the floor that every model must beat. */
export const climatologyLearner: Learner = {
  async open() {
    return null;
  },
  async train({ dir, dataset, progress }) {
    const igbp: (Igbp | null)[] = [];
    const days: number[] = [];
    const values: number[] = [];
    const weights: number[] = [];
    for (const { record, weight } of dataset.train.sites) {
      for (let d = 0; d < record.length; d++) {
        if (Number.isNaN(weight[d]!)) continue;
        igbp.push(record.site.igbp);
        days.push(dayOfYear(asDay(record.first + d)));
        weights.push(weight[d]!);
        for (let f = 0; f < FLUXES.length; f++) values.push(record.targets[d * FLUXES.length + f]!);
      }
    }
    writeJson(file(dir), fitClimatology({ igbp, dayOfYear: Int32Array.from(days), values: Float32Array.from(values), weight: Float32Array.from(weights) }));
    progress({ what: "climatology", done: 1, total: 1, secondsLeft: 0 });
  },
  async load({ dir }) {
    const climatology = readJsonObject<Climatology>(file(dir), "climatology");
    if (!isObject(climatology.classes) || ![climatology.all, ...Object.values(climatology.classes)].every(isYear)) {
      throw new WorkbookError("BadRun", `climatology: ${file(dir)}: the fluxes of 366 days of the year of each class are required, found others; train it again`, { file: file(dir) });
    }
    return {
      history: 0,
      async predict(record) {
        const out = new Float32Array(record.length * FLUXES.length);
        for (let d = 0; d < record.length; d++) out.set(predictClimatology(climatology, record.site.igbp, dayOfYear(asDay(record.first + d))), d * FLUXES.length);
        return out;
      },
      dispose: () => undefined,
    };
  },
};

/** Whether a value read is a whole cycle `[day of year][flux]`. */
function isYear(value: unknown): boolean {
  const days: unknown = isObject(value) ? value["cycle"] : null;
  return Array.isArray(days) && days.length === 366 && days.every((day) => Array.isArray(day) && day.length === FLUXES.length && day.every((v) => Number.isFinite(v)));
}
