import type { SiteId } from "../../core/sites";
import type { Exclusion } from "../ingest/exclusion";
import type { Preparation } from "../preparation";
import type { SiteObservations } from "./modis-average";

/** Composites in a row that may be missing before clean mode leaves the days between open: two, or three periods from view to view. */
const CLEAN_PERIODS = 3;

/** One site's columns on a gapless daily axis. */
export interface DailySeries {
  readonly site: SiteId;
  /** days since 1970-01-01, one after the other */
  readonly day: Int32Array;
  readonly columns: ReadonlyMap<string, Float32Array>;
  /** days that were filled across a long gap, or left open */
  readonly excluded: readonly Exclusion[];
}

/**
 * Lays composites of several days on a daily axis: linear from the day one was seen to the day the next was, constant before the first and
 * after the last within their own periods. Snow is that of the nearest view. Paper mode closes every gap, clean mode those of at most three
 * periods; long gaps are counted either way. A daily product keeps its days as they are: short gaps are closed when windows are cut (`max_gap`).
 * @source method §3
 * @example dailySeries(observed.sites[0], 16, "MOD13", "paper").columns.get("evi")
 */
export function dailySeries(seen: SiteObservations, period: number, product: string, mode: Preparation): DailySeries {
  const { site, date, columns } = seen;
  if (period === 1) return { site, day: date, columns, excluded: [] };
  const first = date[0]!;
  const length = date[date.length - 1]! + period - first;
  const excluded: Exclusion[] = [];
  const laid = new Map<string, Float32Array>();
  for (const [name, values] of columns) {
    const known = viewsOf(seen, values, period);
    const out = new Float32Array(length).fill(NaN);
    let long = 0;
    // its own period, but not beyond the views before and after
    known.forEach(({ from, to, value }, k) => put(out, Math.max(from, known[k - 1]?.at ?? from) - first, Math.min(to, known[k + 1]?.at ?? to) - first, () => value));
    const between = name === "snow" ? nearer : linear;
    known.slice(1).forEach((next, k) => {
      const view = known[k]!;
      const [from, to] = [Math.ceil(view.at), Math.floor(next.at)];
      const isLong = next.at - view.at > CLEAN_PERIODS * period;
      if (isLong) long += Math.max(0, Math.min(to, next.from - 1) - Math.max(from, view.to + 1) + 1);
      if (!isLong || mode === "paper") put(out, from - first, to - first, (day) => between(view, next, first + day));
    });
    laid.set(name, out);
    if (long > 0) excluded.push({ site, reason: `${name} of ${product}: ${mode === "clean" ? `left open between views more than ${CLEAN_PERIODS} periods apart` : `filled linearly between views more than ${CLEAN_PERIODS} periods apart`}`, days: long });
  }
  return { site, day: Int32Array.from({ length }, (_, i) => first + i), columns: laid, excluded };
}

interface View {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** Known values in order of the day they were seen; two that were seen on one day become their mean. */
function viewsOf({ date, seen }: SiteObservations, values: Float32Array, period: number): View[] {
  const views = Array.from(values, (value, i): View => ({ at: seen[i]!, from: date[i]!, to: date[i]! + period - 1, value })).filter((v) => v.value === v.value).sort((a, b) => a.at - b.at);
  const out: View[] = [];
  for (const view of views) {
    const last = out[out.length - 1];
    if (last !== undefined && view.at - last.at < 1e-9) out[out.length - 1] = { at: last.at, from: Math.min(last.from, view.from), to: Math.max(last.to, view.to), value: (last.value + view.value) / 2 };
    else out.push(view);
  }
  return out;
}

const linear = (a: View, b: View, day: number): number => a.value + ((day - a.at) / (b.at - a.at)) * (b.value - a.value);
const nearer = (a: View, b: View, day: number): number => (day - a.at <= b.at - day ? a.value : b.value);

function put(out: Float32Array, from: number, to: number, value: (day: number) => number): void {
  for (let day = Math.max(0, Math.ceil(from)); day <= Math.min(out.length - 1, to); day++) out[day] = value(day);
}
