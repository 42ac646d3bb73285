import * as fs from "node:fs";
import { daysOf, isSimulated, type DailyTable } from "../data/daily-table";
import { readLog } from "../run/read-log";
import { runPaths } from "../run/run-directory";
import { periodOf, type Figure } from "./figure";
import { learningCurves, type EpochLoss } from "./learning-curves";

/** Learning curves of the runs that have epochs, under their names; no figure where none has. @example runCurves(["runs/lstm", "runs/tamrl"], ["lstm", "tamrl"], table) */
export function runCurves(dirs: readonly string[], names: readonly string[], table: DailyTable): Figure[] {
  const logged = dirs.flatMap((dir, i) => (fs.existsSync(runPaths(dir).log) ? readLog(dir).map((epoch): EpochLoss => ({ model: names[i]!, ...epoch })) : []));
  return logged.length === 0 ? [] : [learningCurves(logged, { period: periodOf(daysOf(table)), simulated: isSimulated(table) })];
}
