import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { openBackend } from "../backend/tf";
import { targetView } from "../data/target-view";
import { evaluateRuns, type EvaluateRunsOptions } from "../evaluate/evaluate-runs";
import { comparisonFigures } from "../figures/from-evaluation";
import { runCurves } from "../figures/from-runs";
import { provenanceOf } from "../run/provenance";
import { readHeader } from "../run/run-directory";
import { openTable, tableOf } from "../run/train";
import { writeComparisonReport } from "./comparison-report";

/** What `report` takes: as `evaluate`; without `table` the first run's own, without `out` the folder `report` in a single run. */
export interface ReportRunsOptions extends Omit<EvaluateRunsOptions, "table" | "keep"> {
  readonly table?: string;
}

/**
 * Scores runs on the same site-days and writes one self-contained HTML page with its tables beside it.
 * @returns the page's file
 * @throws WorkbookError as `evaluateRuns`, BadArgument for several runs without `out`
 * @example await reportRuns(["data/runs/lstm", "data/runs/tamrl"], { out: "out/compared" })
 */
export async function reportRuns(dirs: readonly string[], options: ReportRunsOptions = {}): Promise<{ readonly file: string; readonly bytes: number }> {
  if (dirs.length === 0) throw new WorkbookError("BadArgument", "report: at least one run directory is required, got none; see report --help");
  if (dirs.length > 1 && options.out === undefined) throw new WorkbookError("BadArgument", "report: --out: a folder is required for a report of several runs, got none; see report --help");
  const { config } = readHeader(dirs[0]!);
  const source = options.table ?? tableOf(dirs[0]!);
  const out = options.out ?? path.join(dirs[0]!, "report");
  const evaluation = await evaluateRuns(dirs, { ...options, table: source, out });
  const named = await openTable(source);
  const table = targetView(named.table, config.partition);
  const focus = evaluation.names.find((name) => /^tamrl\b/.test(name)) ?? evaluation.names[evaluation.names.length - 1]!;
  const held = new Set(evaluation.metrics[0]!.sites.map((row) => row.site));
  const file = path.join(out, "report.html");
  writeComparisonReport(file, {
    table, tableName: named.name, evaluation, runs: dirs, focus, notebooks: [], note: "",
    figures: [...comparisonFigures(table, evaluation, focus, held), ...runCurves(dirs, evaluation.names, table)],
    provenance: provenanceOf(named, config.seed, await openBackend()),
  });
  return { file, bytes: fs.statSync(file).size };
}
