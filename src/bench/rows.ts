import { WorkbookError } from "../core/errors";
import type { Contender } from "./contender";
import type { Measured } from "./alternate";

/** One contender in one row of the benchmark. Ratios are to the peer of the same run, below 1 is faster; null where no peer ran. */
export interface BenchRow {
  readonly name: string;
  readonly contender: string;
  readonly ms_min: number;
  readonly ms_median: number;
  readonly ratio_min: number | null;
  readonly ratio_median: number | null;
  readonly runs: number;
  /** peak memory of the contender's process, MB */
  readonly rss_mb: number;
  /** what one run works through, per second of the fastest run, e.g. site-days; null where the unit is a step */
  readonly per_s: number | null;
  readonly unit: string;
  /** the last result on shared weights and data, and how far all of them are from the peer's, relative */
  readonly loss: number;
  readonly loss_difference: number;
}

/** What a run works through. */
export interface Work {
  readonly name: string;
  readonly unit: string;
  /** units in a run; null for a step */
  readonly units: number | null;
}

/** Middle value; the mean of the two middle ones where their number is even. @example median([3, 1, 2]) // 2 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/**
 * Rows of one case: minimum and median of all runs, and their ratios to the contender `peer`. A contender without a timed run has no row.
 * @example benchRows({ name: "lstm", unit: "step", units: null }, measured, losses, "pytorch")
 */
export function benchRows(work: Work, measured: readonly Measured[], losses: ReadonlyMap<string, readonly number[]>, peer: string | null): BenchRow[] {
  const timed = measured.filter((m) => m.ms.length > 0);
  const of = timed.find((m) => m.name === peer);
  const base = of && { min: Math.min(...of.ms), median: median(of.ms) };
  const reference = losses.get(of?.name ?? timed[0]?.name ?? "") ?? [];
  return timed.map(({ name, ms, rss_mb }) => {
    const [min, middle] = [Math.min(...ms), median(ms)];
    const own = losses.get(name) ?? [];
    return {
      name: work.name, contender: name, ms_min: min, ms_median: middle,
      ratio_min: base ? min / base.min : null, ratio_median: base ? middle / base.median : null,
      runs: ms.length, rss_mb, per_s: work.units === null ? null : (1000 * work.units) / min, unit: work.unit,
      loss: own[own.length - 1] ?? NaN, loss_difference: lossDifference(own, reference),
    };
  });
}

/** Largest relative difference of two lists of losses; infinite where they do not pair. @example lossDifference([1], [1.001]) // 0.000999 */
export function lossDifference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length || a.length === 0) return Infinity;
  const each = a.map((x, i) => Math.abs(x - b[i]!) / Math.max(Math.abs(b[i]!), 1e-12));
  return each.some(Number.isNaN) ? Infinity : Math.max(...each);
}

/**
 * Holds a contender's losses to another's, relative: on the same weights and data they must agree before a time means anything.
 * @throws WorkbookError NotFinite, naming both contenders and their losses
 * @example checkLosses("step B128", wasm, pytorch, 1e-4)
 */
export function checkLosses(name: string, contender: Pick<Contender, "name" | "ready">, reference: Pick<Contender, "name" | "ready">, tolerance: number): void {
  if (lossDifference(contender.ready.losses, reference.ready.losses) <= tolerance) return;
  throw new WorkbookError("NotFinite", `bench: ${name}: losses equal to ${reference.name}'s within ${tolerance} relative required of ${contender.name}, found ${list(contender.ready.losses)} and ${list(reference.ready.losses)} on the same weights and data; one of the two computes something else, so no time is shown`);
}

const list = (losses: readonly number[]): string => (losses.length === 0 ? "none" : losses.map((l) => l.toPrecision(7)).join(", "));
