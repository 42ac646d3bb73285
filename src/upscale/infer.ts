import { writeJson, type Json } from "../core/json";
import type { PredictorGrid, Tile } from "../data/grid/predictors";
import { openPredictors } from "../data/grid/open-predictors";
import { appendToZarr } from "../data/grid/write-zarr";
import type { TaskContext } from "../engine/task";
import { checkRecorded } from "../run/hashes";
import { LEARNERS } from "../run/learners";
import { monthAxis } from "./month-axis";
import { predictTile, type TileJob } from "./predict-tile";
import type { TileCounts } from "./tile-values";
import { readTrainedRun } from "./trained-run";
import { writeTile } from "./write";

/** Arguments of a tile's task, as the task file holds them. */
export interface TileTask {
  readonly run: string;
  readonly grid: string;
  readonly out: string;
  readonly tile: Tile;
  /** of run, grid and layout: a store that is made of others has other tasks */
  readonly identity: string;
}

/** What a tile's output file says. */
export interface TileReport {
  readonly tile: Tile;
  readonly counts: TileCounts;
  /** where its time went */
  readonly seconds: { readonly read: number; readonly infer: number; readonly write: number };
  /** what the worker computed with */
  readonly kernel: string | null;
}

/**
 * The task of one tile over all its years: reads its drivers, predicts, writes its chunks and then its report. Run and grid stay open
 * between the tiles of a process.
 * @example { module: "src/upscale/infer", function: "inferTile", arguments: { run, grid, out, tile, identity }, … }
 */
export async function inferTile(given: TileTask, { output, progress, keep }: TaskContext): Promise<Json> {
  const job = await keep(`upscale ${given.run} ${given.grid} ${given.identity}`, () => openJob(given), closeJob);
  const out = await keep(`zarr ${given.out}`, () => appendToZarr(given.out));
  const [drivers, read] = await timed(() => job.grid.readTile(given.tile, job.run.channels));
  const [values, infer] = await timed(() => predictTile(job, given.tile, drivers, (done, total) => progress({ what: "cells", done, total, secondsLeft: null })));
  const [, write] = await timed(() => writeTile(out, job.run, given.tile, drivers, values));
  writeJson(output, { tile: given.tile, counts: values.counts, seconds: { read, infer, write }, kernel: job.kernel } satisfies TileReport);
  return null;
}

/** A run and a grid opened for tiles, with the kernel in use. */
export interface OpenJob extends TileJob {
  readonly kernel: string | null;
}

/** Opens what all tiles share. The caller closes. @example const job = await openJob({ run, grid }) */
export async function openJob({ run: dir, grid: path }: Pick<TileTask, "run" | "grid">): Promise<OpenJob> {
  const run = readTrainedRun(dir);
  const grid: PredictorGrid = await openPredictors(path, { channels: run.channels, run: dir });
  const learner = LEARNERS[run.config.model];
  const engine = await learner.open();
  const members = [];
  for (const member of run.members) {
    members.push({ ...member, predictor: await learner.load(member) });
    checkRecorded(member.dir);
  }
  return { run, grid, members, months: monthAxis(grid.days), kernel: engine?.kernel ?? null };
}

/** Closes what `openJob` opened. */
export function closeJob({ grid, members }: OpenJob): void {
  for (const { predictor } of members) predictor.dispose();
  grid.close();
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const started = performance.now();
  const value = await work();
  return [value, (performance.now() - started) / 1000];
}
