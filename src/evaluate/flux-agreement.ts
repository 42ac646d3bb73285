import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, numbers, siteRows, type DailyTable } from "../data/daily-table";
import { scores } from "./metrics";

/** How well the daily values of one table meet those of another, g C m⁻² d⁻¹. */
export interface FluxAgreement {
  readonly site: SiteId;
  readonly flux: Flux;
  /** days that both have */
  readonly n: number;
  /** mean (a − b) */
  readonly bias: number | null;
  readonly rmse: number | null;
  /** 1 − SSE / SST of b */
  readonly r2: number | null;
  readonly r2_corr: number | null;
}

/**
 * How well two versions of the same towers' fluxes agree day by day, `b` being the reference: another partition, another pipeline.
 * @throws WorkbookError MissingColumn for a table without a flux
 * @example fluxAgreement(ours, theirs).find((row) => row.flux === "gpp")?.bias
 */
export function fluxAgreement(a: DailyTable, b: DailyTable): FluxAgreement[] {
  const ofB = new Map(siteRows(b).map((rows) => [rows.site.site, rows]));
  const [daysA, daysB] = [daysOf(a), daysOf(b)];
  return siteRows(a).flatMap(({ site, from, to }) => {
    const other = ofB.get(site.site);
    if (other === undefined) return [];
    const rowOfDay = new Map(Array.from(daysB.subarray(other.from, other.to), (day, i) => [day, other.from + i]));
    return FLUXES.map((flux): FluxAgreement => {
      const [valuesA, valuesB] = [numbers(a, flux), numbers(b, flux)];
      const pairs = Array.from({ length: to - from }, (_, i) => [valuesA[from + i]!, valuesB[rowOfDay.get(daysA[from + i]!) ?? -1] ?? NaN]).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
      const { n, bias, rmse, r2, r2_corr } = scores(pairs.map(([, y]) => y!), pairs.map(([x]) => x!));
      return { site: site.site, flux, n, bias, rmse, r2, r2_corr };
    });
  });
}
