import * as fs from "node:fs";
import { readJson } from "../core/json";
import type { EngineResult } from "../engine/options";
import { readMark } from "../engine/task";
import type { RunSplit } from "../run/run-directory";
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

/**
 * What a run kept from its map: towers to be scored on, and towers to validate on, which no member of an ensemble learned from.
 * @example keptBack({ split: readSplit("data/runs/map") })[0]
 */
export function keptBack({ split: { train, validation, test, draws } }: { readonly split: Pick<RunSplit, "train" | "validation" | "test" | "draws"> }): string[] {
  const kept = [
    ...(test.length > 0 ? [`${test.length} held out for testing`] : []),
    ...(validation.length > 0 ? [`${validation.length} kept for validation, which taught nothing (no member of an ensemble either)`] : []),
  ];
  if (kept.length === 0) return [];
  const advice = [
    ...(test.length > 0 ? [`a map is better made with --set split=none, by which every tower teaches${validation.length > 0 ? " but for those kept for validation" : ""}`] : []),
    ...(validation.length > 0 ? ["--set validation=time validates on the last fifth of each record instead, so that every tower teaches by the rest (an ensemble then has intervals only with resample=towers)"] : []),
  ];
  // of towers drawn with replacement the split does not say which were not drawn
  const learned = draws === undefined ? `${train.length} of ${train.length + validation.length + test.length} towers` : `${train.length} towers drawn`;
  return [`the run learned from ${learned}: ${kept.join(", ")}; ${advice.join("; ")}`];
}
