import { IGBP, type Igbp } from "../core/quantities";
import type { TileDrivers } from "../data/grid/predictors";

/** A class of a cell and its share of the cell's land; null stands for land of no known class. */
export interface Component {
  readonly igbp: Igbp | null;
  readonly share: number;
}

/** Shares below this are given to the others: a prediction of their own would cost as much as that of a whole cell. */
export const LEAST_SHARE = 0.05;

/**
 * The classes by which a cell is predicted: those with at least 5 % of its land, unknown land among them, their shares made to sum to 1;
 * the largest alone where none has. Largest first.
 * @param fractions share of each class in the cell's land `[igbp]`; what they lack to 1 is unknown
 * @example cellMixture(fractions)[0].igbp // "ENF"
 */
export function cellMixture(fractions: Float32Array): Component[] {
  const known = IGBP.map((igbp, k): Component => ({ igbp, share: fractions[k]! > 0 ? fractions[k]! : 0 })); // NaN is unknown too
  const sum = known.reduce((total, c) => total + c.share, 0);
  const all = [...known, { igbp: null, share: Math.max(0, 1 - sum) }].sort((a, b) => b.share - a.share);
  const large = all.filter((c) => c.share >= LEAST_SHARE);
  const kept = large.length > 0 ? large : all.slice(0, 1);
  const total = kept.reduce((s, c) => s + c.share, 0);
  return kept.map((c) => ({ igbp: c.igbp, share: c.share / total }));
}

/** The classes of every cell of a tile `[cell]`; none where there is no land. @example tileMixtures(drivers)[0]?.[0]?.igbp // "ENF" */
export function tileMixtures({ landFraction, igbp }: Pick<TileDrivers, "landFraction" | "igbp">): Component[][] {
  return Array.from(landFraction, (land, i) => (land > 0 ? cellMixture(igbp.subarray(i * IGBP.length, (i + 1) * IGBP.length)) : []));
}
