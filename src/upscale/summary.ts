import * as fs from "node:fs";
import { readJson } from "../core/json";
import type { EngineResult } from "../engine/options";
import { readMark } from "../engine/task";
import type { TileReport } from "./infer";
import { REASONS, type Reason } from "./layers";
import type { UpscalePlan } from "./plan";

/** What an upscaling came to. */
export interface UpscaleResult {
  readonly out: string;
  readonly simulated: boolean;
  readonly tiles: { readonly total: number; readonly done: number; readonly done_before: number };
  /** tiles without values, with the reason; the same command tries them again */
  readonly failed: readonly { readonly tile: string; readonly reason: string }[];
  readonly cells: Readonly<Record<Reason, number>>;
  /** days with a value, summed over cells; and the same times the classes and members asked */
  readonly cell_days: number;
  readonly model_days: number;
  readonly small_classes: number;
  readonly unknown_class: number;
  /** driver values filled in short gaps, and cells without a single value, by channel */
  readonly filled: Readonly<Record<string, number>>;
  readonly never: Readonly<Record<string, number>>;
  /** driver values that the reader took out or changed, by reason */
  readonly changed: Readonly<Record<string, number>>;
  /** what a user of the grid should know */
  readonly notes: readonly string[];
  /** workers' time, seconds, and what share of it went into writing */
  readonly seconds: TileReport["seconds"] & { readonly wall: number };
  readonly write_share: number;
  readonly kernels: readonly string[];
}

/** Adds up the reports of all tiles that are done. @example summarise(plan, await runTasks(plan.tasks, …)).cells.predicted */
export function summarise({ tasks, out, grid, run }: UpscalePlan, engine: EngineResult): UpscaleResult {
  const reports = tasks.filter((task) => fs.existsSync(task.output) && readMark(task) !== null).map((task) => readJson<TileReport>(task.output, "upscale"));
  const sum = (pick: (report: TileReport) => number): number => reports.reduce((total, report) => total + pick(report), 0);
  const byName = (pick: (report: TileReport) => Readonly<Record<string, number>>): Record<string, number> => {
    const out: Record<string, number> = {};
    for (const report of reports) for (const [name, n] of Object.entries(pick(report))) out[name] = (out[name] ?? 0) + n;
    return out;
  };
  const seconds = { read: sum((r) => r.seconds.read), infer: sum((r) => r.seconds.infer), write: sum((r) => r.seconds.write) };
  return {
    out, simulated: grid.simulated, tiles: { total: tasks.length, done: reports.length, done_before: engine.skipped.length },
    failed: engine.failed.map((f) => ({ tile: f.id, reason: f.reason })),
    cells: Object.fromEntries(REASONS.map((reason) => [reason, sum((r) => r.counts.cells[reason])])) as Record<Reason, number>,
    cell_days: sum((r) => r.counts.cell_days), model_days: sum((r) => r.counts.model_days), small_classes: sum((r) => r.counts.small_classes), unknown_class: sum((r) => r.counts.unknown_class),
    filled: byName((r) => r.counts.filled), never: byName((r) => r.counts.never), changed: byName((r) => r.counts.changed), notes: [...grid.notes, ...keptBack(run)],
    seconds: { ...seconds, wall: engine.seconds }, write_share: seconds.write / Math.max(1e-9, seconds.read + seconds.infer + seconds.write),
    kernels: [...new Set(reports.map((r) => r.kernel ?? "none"))].sort(),
  };
}

/** A run that was made to be scored keeps towers from its map. */
function keptBack({ split: { train, validation, test } }: Pick<UpscalePlan["run"], "split">): string[] {
  if (test.length === 0) return [];
  return [`the run learned from ${train.length} of ${train.length + validation.length + test.length} towers: ${test.length} are held out for testing, ${validation.length} chose its epoch; a map is better made by a run of all of them (--set split=none)`];
}
