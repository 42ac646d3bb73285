import { asDay, quarterOf } from "../core/days";
import type { Random } from "../core/random";
import type { SiteRecord } from "./record";
import { completeRuns } from "./windows";

/** All starts of driver-complete windows of one site, by the quarter of the year their middle day lies in. */
export interface SupportCandidates {
  readonly window: number;
  /** four ascending lists of starts */
  readonly byQuarter: readonly [Int32Array, Int32Array, Int32Array, Int32Array];
}

/** Lists where support windows may start. @example supportCandidates(record, 45) */
export function supportCandidates(record: SiteRecord, window: number): SupportCandidates {
  const runs = completeRuns(record.complete);
  const lists: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let d = window - 1; d < record.length; d++) {
    if (runs[d]! < window) continue;
    const start = d - window + 1;
    lists[quarterOf(asDay(record.first + start + (window >> 1)))].push(start);
  }
  return { window, byQuarter: [Int32Array.from(lists[0]), Int32Array.from(lists[1]), Int32Array.from(lists[2]), Int32Array.from(lists[3])] };
}

/**
 * Support windows of one training query: `count` windows of the same site, spread over the quarters of the year (one from each
 * when 4), drawn by `r`, none sharing a day with the query. Fewer where fewer exist; the query itself, with `short` set, where none does.
 * `pastOnly` keeps windows that end before the query begins (an ablation).
 * @source method notes §4; arXiv 2603.09974 (task embedding from a support set of the site's own drivers)
 * @example drawSupport(candidates, 120, 4, random(1, "support"))
 */
export function drawSupport(candidates: SupportCandidates, query: number, count: number, r: Random, pastOnly = false): { starts: number[]; short: boolean } {
  const starts: number[] = [];
  const offset = count % 4 === 0 ? 0 : r.int(4);
  for (let k = 0; k < count; k++) {
    const list = candidates.byQuarter[(offset + k) % 4]!;
    const low = lowerBound(list, query - candidates.window + 1);
    const high = pastOnly ? list.length : lowerBound(list, query + candidates.window);
    const free = list.length - (high - low);
    if (free <= 0) continue;
    const pick = r.int(free);
    starts.push(list[pick < low ? pick : pick + (high - low)]!);
  }
  return starts.length > 0 ? { starts, short: false } : { starts: [query], short: true };
}

/**
 * Support windows of a site at inference: `count` / 4 from each quarter, spread evenly over all driver-complete days. The choice
 * depends on the record alone, so order and batch size of the queries do not change it. Empty when the record is shorter than a window.
 * @example predictSupport(candidates, 12)
 */
export function predictSupport(candidates: SupportCandidates, count: number): number[] {
  const starts: number[] = [];
  for (let q = 0; q < 4; q++) {
    const list = candidates.byQuarter[q]!;
    const want = Math.min(list.length, Math.floor(count / 4) + (q < count % 4 ? 1 : 0));
    for (let k = 0; k < want; k++) starts.push(list[Math.floor(((k + 0.5) * list.length) / want)]!);
  }
  return starts;
}

/** Index of the first entry ≥ value. */
function lowerBound(list: Int32Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (list[mid]! < value) low = mid + 1;
    else high = mid;
  }
  return low;
}
