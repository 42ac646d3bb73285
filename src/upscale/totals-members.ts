import { textAttribute, type GridFile } from "../data/grid/grid";
import { mean, quantile } from "../evaluate/metrics";
import type { SpreadKind } from "../run/ensemble";

/** Members below which a percentile interval says little of its ends. @source issue 6 */
export const MIN_MEMBERS = 20;
/** Share of the members between the ends of an interval. */
const LEVEL = 0.9;

/** What the range of a total over an ensemble's members is called, and whether it is given. */
export interface Uncertainty {
  readonly kind: SpreadKind | null;
  readonly members: number;
  /** as it stands beside a figure, e.g. "tower bootstrap, 20 members" */
  readonly label: string;
  /** whether members suffice for an interval */
  readonly interval: boolean;
  readonly text: string;
}

/**
 * What may be said of uncertainty with so many members: an interval from 20 of them on; with fewer their standard deviation, and that it is none.
 * @param kind what the members' spread is over; unknown counts as seeds, the lesser claim
 * @source issue 6: at least 20 tower-cluster-bootstrap members; seeds alone are labelled seed spread
 * @example memberUncertainty("tower-bootstrap spread", 20).label // "tower bootstrap, 20 members"
 */
export function memberUncertainty(kind: SpreadKind | null, members: number): Uncertainty {
  if (members < 2) return { kind: null, members, label: "no members", interval: false, text: "No uncertainty: the store holds no ensemble members." };
  const towers = kind === "tower-bootstrap spread";
  const label = `${towers ? "tower bootstrap" : "seed spread"}, ${members} members`;
  const interval = members >= MIN_MEMBERS;
  const of = towers ? "towers drawn anew for each member" : "seeds alone: what other towers would have taught is not in it";
  const text = interval ? `low and high: middle ${100 * LEVEL} % of members (${label}; ${of}); GPP and RECO of each member are clipped at 0 on their own, those of the total once, so members lie a little higher.` : `sd: over members (${label}; ${of}). ${MIN_MEMBERS} members are needed for an interval, so none is given.`;
  return { kind: towers ? kind : "seed spread", members, label, interval, text };
}

/** What the spread of a store's members is over, as its spread layers say; null where none says it. @example await spreadKindOf(view.grid) // "seed spread" */
export async function spreadKindOf(grid: GridFile): Promise<SpreadKind | null> {
  for (const name of grid.names.filter((n) => /_(spread|member)$/.test(n))) {
    const kind = textAttribute((await grid.variable(name)).attributes, "kind");
    if (kind === "tower-bootstrap spread" || kind === "seed spread") return kind;
  }
  return null;
}

/** Standard deviation and ends of the middle 90 % of members; null where there are none, or not enough. @example memberRange([1, 2, 3], uncertainty).sd // 1 */
export function memberRange(values: readonly number[], { interval }: Uncertainty): { sd: number | null; low: number | null; high: number | null } {
  if (values.length < 2 || values.some((v) => !Number.isFinite(v))) return { sd: null, low: null, high: null };
  const centre = mean(values)!;
  const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (values.length - 1));
  return interval ? { sd, low: quantile(values, (1 - LEVEL) / 2), high: quantile(values, (1 + LEVEL) / 2) } : { sd, low: null, high: null };
}
