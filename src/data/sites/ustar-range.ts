import type { Flux } from "../../core/quantities";
import { hasColumn, numbers, type DailyTable, type SiteRows } from "../daily-table";

/** A flux by two percentiles over u* thresholds, `[row]` of its table, g C m⁻² d⁻¹; NaN = missing. */
export interface UstarRange {
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** as the columns name them, e.g. ["05", "95"] */
  readonly percentiles: readonly [string, string];
}

/** The widest first. */
const PAIRS = [["05", "95"], ["25", "75"]] as const;

/**
 * The widest range over u* thresholds that a site's source gives for a flux, in whole columns of the table; null where no day of the site has both ends.
 * Where NEE is filtered at percentiles of the threshold itself (`partition`), the lower threshold need not give the lower flux.
 * @source Pastorello et al. 2020, doi:10.1038/s41597-020-0534-3
 * @example ustarRange(table, "nee", rowsOfSite(table, "DE-Hai"))?.percentiles // ["05", "95"]
 */
export function ustarRange(table: DailyTable, flux: Flux, rows: Pick<SiteRows, "from" | "to">): UstarRange | null {
  for (const percentiles of PAIRS) {
    const names = percentiles.map((p) => `${flux}_ustar${p}`);
    if (!names.every((name) => hasColumn(table, name))) continue;
    const [low, high] = names.map((name) => numbers(table, name)) as [Float32Array, Float32Array];
    for (let row = rows.from; row < rows.to; row++) if (Number.isFinite(low[row]! + high[row]!)) return { low, high, percentiles };
  }
  return null;
}
