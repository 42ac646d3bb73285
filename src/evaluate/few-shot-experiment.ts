import * as path from "node:path";
import { count } from "../core/count";
import { toCsv } from "../core/csv";
import { WorkbookError } from "../core/errors";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import { markdownText } from "../core/markdown";
import type { Progress } from "../core/progress";
import type { DailyTable } from "../data/daily-table";
import { resolveConfig } from "../run/config";
import { prepareDataset, settleConfig } from "../run/dataset";
import { mamlAdapter, shotAdapter, tunedAdapter, type Adapter } from "../run/few-shot-adapters";
import { chooseTuning, type TuningChoice } from "../run/few-shot-tuning";
import type { PredictContext } from "../run/learner";
import { provenanceOfRuns } from "../run/origin";
import { readFinished, readSplit, readStandardiser } from "../run/run-directory";
import { ensureRun, openTable } from "../run/train";
import { SHOT_MONTHS } from "../windows/few-shot";
import { evaluateFewShot, fewShotRows, type FewShotEvaluation } from "./few-shot";
import { toMarkdown } from "./table";

/** What `fewShotExperiment` takes. */
export interface FewShotExperimentOptions {
  readonly table: string | DailyTable;
  /** folder of the three runs and of few-shot.csv, few-shot.md and few-shot.json; runs in it are taken up again */
  readonly out: string;
  /** overrides of the run configuration, the same for all three; not model, shots and ensemble */
  readonly config?: object;
  /** default 1, 3, 12, 24 */
  readonly months?: readonly number[];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** The comparison, and how fine-tuning was chosen. */
export interface FewShotExperiment extends FewShotEvaluation {
  readonly tuning: readonly TuningChoice[];
}

/**
 * Few-shot TAM-RL against fine-tuning of zero-shot TAM-RL and first-order MAML: trains the three on one split, chooses the tuning on
 * validation sites, scores all of them with every number of months on the same days of the test sites.
 * @throws WorkbookError BadConfig for `model`, `shots` or `ensemble` among the overrides; as `train` and `evaluateFewShot`
 * @source arXiv 2310.04727 (comparison), arXiv 1703.03400 (MAML)
 * @example await fewShotExperiment({ table: "T.parquet", out: "data/runs/few-shot", config: { hidden: 64, epochs: 20 } })
 */
export async function fewShotExperiment(options: FewShotExperimentOptions): Promise<FewShotExperiment> {
  const months = options.months ?? SHOT_MONTHS;
  const overrides = options.config ?? {};
  for (const key of ["model", "shots", "ensemble"]) {
    if (key in overrides) throw new WorkbookError("BadConfig", `fewShotExperiment: ${key} is set by the experiment itself; leave it out, and choose the months with months (--months)`, { column: key });
  }
  const shots = Math.max(...months);
  const named = await openTable(options.table);
  const { table, name } = named;
  const more = { ...(options.progress ? { progress: options.progress } : {}), ...(options.signal ? { signal: options.signal } : {}) };
  const context = async (run: string, config: object): Promise<PredictContext> => {
    const dir = path.join(options.out, run);
    await ensureRun({ table: options.table, out: dir, config: { ...overrides, ...config }, ...more });
    return { dir, config: readFinished(dir).config, standardiser: readStandardiser(dir) };
  };
  const fewShot = await context("tamrl-few-shot", { model: "tamrl", shots });
  const zeroShot = await context("tamrl", { model: "tamrl" });
  const maml = await context("maml", { model: "maml", shots });

  const { validation } = prepareDataset(table, settleConfig(table, resolveConfig({ ...overrides, model: "tamrl" })));
  const tuning = await chooseTuning(zeroShot, validation.sites, months);
  if (tuning.length === 0) throw new WorkbookError("BadSplit", `fewShotExperiment: ${name}: a validation site with a flux record longer than ${months[0]} months is required to choose the tuning, found none among ${validation.sites.length}; use validation=site or a larger table`);
  const adapters: Adapter[] = [];
  try {
    adapters.push(await shotAdapter(fewShot), await tunedAdapter(zeroShot, new Map(tuning.map((t) => [t.months, t]))), await mamlAdapter(maml));
    const evaluation = { ...(await evaluateFewShot(adapters, table, { months, tableName: name, sites: readSplit(fewShot.dir).test, ...more })), tuning };
    writeFewShot(options.out, evaluation);
    writeJson(path.join(options.out, "provenance.json"), provenanceOfRuns(named, [fewShot, zeroShot, maml].map((run) => run.dir), null));
    return evaluation;
  } finally {
    for (const adapter of adapters) adapter.dispose();
  }
}

/** Writes few-shot.csv, few-shot.md and few-shot.json (sites, sites too short, sites not adapted, tuning). */
export function writeFewShot(dir: string, evaluation: FewShotExperiment): void {
  const rows = fewShotRows(evaluation);
  writeAtomic(path.join(dir, "few-shot.csv"), toCsv(rows));
  writeAtomic(path.join(dir, "few-shot.md"), fewShotText(evaluation));
  const { months, sites, tooShort, notAdapted, tuning, scores } = evaluation;
  writeJson(path.join(dir, "few-shot.json"), { rule: RULE, months, sites, tooShort, notAdapted, tuning, rows, site_scores: scores.flatMap((s) => s.metrics.sites.map((row) => ({ model: s.model, k: s.months, ...row }))) });
}

const RULE = "every k is scored on the days after the longest k; a site with fewer than 30 flux days there is left out and listed";

/** The table with the rule it was scored by and the sites it leaves out. @example console.log(fewShotText(evaluation)) */
export function fewShotText(evaluation: FewShotExperiment): string {
  const { months, sites, tooShort, tuning } = evaluation;
  const left = months.map((k) => [k, tooShort.filter((t) => t.months === k).map((t) => t.site)] as const).filter(([, s]) => s.length > 0);
  const none = tooShort.filter((t) => t.months === null).map((t) => t.site);
  return [
    toMarkdown(fewShotRows(evaluation)),
    `k: months of the site's own flux that the model has seen; ${RULE}.`,
    `Sites scored: ${sites.length}. Too short for ${months[months.length - 1]} months: ${tooShort.length}${left.map(([k, s]) => `; long enough for ${k}: ${s.map(markdownText).join(", ")}`).join("")}${none.length > 0 ? `; for none: ${none.map(markdownText).join(", ")}` : ""}.`,
    `Fine-tuning, chosen on validation sites: ${tuning.map((t) => `k ${t.months}: lr ${t.lr}, ${t.steps} steps, loss ${t.loss_untuned.toFixed(3)} → ${t.loss.toFixed(3)} over ${count(t.sites, "site")}`).join("; ")}.`,
    "",
  ].join("\n");
}
