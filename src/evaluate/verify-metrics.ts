import * as fs from "node:fs";
import * as path from "node:path";
import { readJson } from "../core/json";
import type { Progress } from "../core/progress";
import { FLUXES } from "../core/quantities";
import type { DailyTable } from "../data/daily-table";
import { targetView } from "../data/target-view";
import { readFinished, readSplit, runPaths } from "../run/run-directory";
import { openTable } from "../run/train";
import { compared, type Check } from "../run/verify";
import { compare, type Contender, type Metrics } from "./evaluate";
import { readKeptEvaluation, type KeptEvaluation } from "./kept-evaluation";
import { predictRun } from "./predict";
import type { Predictions } from "./predictions";
import { seenSites } from "./seen-sites";
import { readPredictions } from "./write-predictions";

/** What `verifyMetrics` may be told. */
export interface VerifyOptions {
  /** the table that was evaluated, where it has moved */
  readonly table?: string;
  /** folders and files that the table was made from, to be compared with what it says of them */
  readonly inputs?: readonly string[];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** How far predictions (g C m⁻² d⁻¹) and metrics of another kernel or processor may lie apart: float32 sums in another order, over a window. */
const TOLERANCE = 1e-3;

/**
 * Predicts and scores a run again as it was when its metrics were kept, and compares; no check for a run that keeps none. Runs that were
 * scored on the same days are taken by their kept predictions.
 * @throws WorkbookError as `predictRun`
 * @example (await verifyMetrics("data/runs/tamrl"))[1].state // "holds"
 */
export async function verifyMetrics(dir: string, options: VerifyOptions = {}): Promise<Check[]> {
  const kept = readKeptEvaluation(dir);
  if (kept === null) return fs.existsSync(runPaths(dir).metrics) ? [{ what: "metrics", state: "unknown", detail: "nothing says how they were made; evaluate the run again" }] : [];
  const file = options.table ?? kept.table;
  if (file === null || !fs.existsSync(file)) return [{ what: "metrics", state: "unknown", detail: `the table evaluated, ${kept.provenance.table.name}, is not there; name it with --table` }];
  const named = await openTable(file);
  const table = compared(`evaluated table ${named.name}`, kept.provenance.table.sha256, named.sha256);
  if (table.state === "broken") return [table];
  const lost = kept.beside.map((other) => path.join(dir, other)).find((other) => !fs.existsSync(runPaths(other).predictions));
  if (lost !== undefined) return [{ what: "metrics", state: "unknown", detail: `${lost} was scored on the same days, and its predictions are gone; evaluate again` }];
  const view = targetView(named.table, readFinished(dir).config.partition);
  const again = await predictRun(dir, view, { sites: kept.sites, ...(options.progress ? { progress: options.progress } : {}), ...(options.signal ? { signal: options.signal } : {}) });
  const before = await readPredictions(runPaths(dir).predictions);
  const metrics = await scoredAgain(dir, kept, view, again.predictions);
  return [
    within("predictions", differenceOf(before, again.predictions)),
    within("metrics", largestDifference({ ...readJson<Metrics>(runPaths(dir).metrics, "verify"), model: "" }, JSON.parse(JSON.stringify({ ...metrics, model: "" })))),
  ];
}

async function scoredAgain(dir: string, kept: KeptEvaluation, view: DailyTable, own: Predictions): Promise<Metrics> {
  const contenders: Contender[] = [];
  for (const other of kept.beside) {
    const at = path.join(dir, other);
    contenders.push({ model: other, predictions: other === "." ? own : await readPredictions(runPaths(at).predictions), seen: seenSites(readSplit(at), view) });
  }
  return compare(view, contenders, { tableName: kept.provenance.table.name, sites: kept.sites })[kept.beside.indexOf(".")]!;
}

function within(what: string, difference: number): Check {
  if (difference === 0) return { what, state: "holds", detail: "computed again, equal to the bit" };
  const told = Number.isFinite(difference) ? `largest difference ${difference.toPrecision(2)}` : "other sites, days or gaps";
  return { what, state: difference <= TOLERANCE ? "holds" : "broken", detail: `computed again, ${told} (another kernel or processor may differ by ${TOLERANCE})` };
}

function differenceOf(a: Predictions, b: Predictions): number {
  if (a.site.length !== b.site.length || a.site.some((site, i) => site !== b.site[i] || a.day[i] !== b.day[i])) return Infinity;
  let most = 0;
  for (const flux of FLUXES) for (let i = 0; i < a.day.length; i++) most = Math.max(most, apart(a[flux][i]!, b[flux][i]!));
  return most;
}

/** How far two numbers lie apart; a gap is only like a gap. */
function apart(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  return Math.abs(a - b) / Math.max(1, Math.abs(a));
}

/** The largest difference of two values of one shape, relative above 1; infinite where anything but a number differs. */
function largestDifference(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return apart(a, b);
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return a === b ? 0 : Infinity;
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.reduce((most, key) => Math.max(most, largestDifference((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])), 0);
}
