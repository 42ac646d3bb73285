import { asDay, quarterOf } from "../core/days";
import { WorkbookError } from "../core/errors";
import type { Random } from "../core/random";
import { lowerBound } from "./lower-bound";
import type { SiteRecord } from "./record";
import { completeRuns } from "./windows";

/** Which half of the year support windows come from. */
export const SUPPORT_SEASONS = ["all", "growing", "winter"] as const;
export type SupportSeason = (typeof SUPPORT_SEASONS)[number];

/** All starts of driver-complete windows of one site, by the quarter of the year their middle day lies in. */
export interface SupportCandidates {
  readonly window: number;
  /** four ascending lists of starts */
  readonly byQuarter: readonly [Int32Array, Int32Array, Int32Array, Int32Array];
  /** quarters that windows are drawn from, in turn */
  readonly quarters: readonly number[];
  /** the season asked for holds no whole window, so all quarters are used */
  readonly outOfSeason: boolean;
}

/**
 * Lists where support windows may start. `growing` takes April to September north of the equator and October to March south of it,
 * `winter` the other half; a record without a whole window in its season uses the whole year and says so.
 * @throws WorkbookError BadSite where the season needs a latitude that is not known
 * @example supportCandidates(record, 45)
 */
export function supportCandidates(record: SiteRecord, window: number, season: SupportSeason = "all"): SupportCandidates {
  const runs = completeRuns(record.complete);
  const lists: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let d = window - 1; d < record.length; d++) {
    if (runs[d]! < window) continue;
    const start = d - window + 1;
    lists[quarterOf(asDay(record.first + start + (window >> 1)))].push(start);
  }
  const inSeason = seasonQuarters(record, season).filter((q) => season === "all" || lists[q]!.length > 0);
  const outOfSeason = inSeason.length === 0;
  return {
    window, byQuarter: [Int32Array.from(lists[0]), Int32Array.from(lists[1]), Int32Array.from(lists[2]), Int32Array.from(lists[3])],
    quarters: outOfSeason ? [0, 1, 2, 3] : inSeason, outOfSeason,
  };
}

function seasonQuarters({ site }: SiteRecord, season: SupportSeason): readonly number[] {
  if (season === "all") return [0, 1, 2, 3];
  if (site.lat === null) throw new WorkbookError("BadSite", `supportCandidates: ${site.site}: a latitude is required to tell its growing season, none found; name a site list with its position (--sites)`, { site: site.site });
  return season === "growing" === site.lat >= 0 ? [1, 2] : [0, 3];
}

/**
 * Support windows of one training query: `count` windows of the same site, spread over the quarters of its season (one from each
 * of the year's when 4), drawn by `r`, none sharing a day with the query. Fewer where fewer exist; the query itself, with `short` set, where none does.
 * `pastOnly` keeps windows that end before the query begins (an ablation).
 * @source method notes §4; arXiv 2603.09974 (task embedding from a support set of the site's own drivers)
 * @example drawSupport(candidates, 120, 4, random(1, "support"))
 */
export function drawSupport(candidates: SupportCandidates, query: number, count: number, r: Random, pastOnly = false): { starts: number[]; short: boolean } {
  const starts: number[] = [];
  const { quarters } = candidates;
  const offset = count % quarters.length === 0 ? 0 : r.int(quarters.length);
  for (let k = 0; k < count; k++) {
    const list = candidates.byQuarter[quarters[(offset + k) % quarters.length]!]!;
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
 * Support windows of a site at inference: as many from each quarter of its season (`count` / 4 in a whole year), spread evenly over all driver-complete days. The choice
 * depends on the record alone, so order and batch size of the queries do not change it. Empty when the record is shorter than a window.
 * @example predictSupport(candidates, 12)
 */
export function predictSupport(candidates: SupportCandidates, count: number): number[] {
  const starts: number[] = [];
  const n = candidates.quarters.length;
  for (const [i, quarter] of candidates.quarters.entries()) {
    const list = candidates.byQuarter[quarter]!;
    const want = Math.min(list.length, Math.floor(count / n) + (i < count % n ? 1 : 0));
    for (let k = 0; k < want; k++) starts.push(list[Math.floor(((k + 0.5) * list.length) / want)]!);
  }
  return starts;
}
