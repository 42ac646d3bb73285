import { asDay, formatDay } from "../core/days";
import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, hasColumn, numbers, siteRows, texts, type DailyTable } from "../data/daily-table";

/** What a table holds of one site: a line of the site card. */
export interface SiteDescription {
  readonly site: SiteId;
  readonly igbp: string | null;
  readonly koppen: string | null;
  readonly first: string;
  readonly last: string;
  /** rows, with or without a flux */
  readonly days: number;
  readonly flux_days: number;
  /** days of known QC = 1, and of unknown QC, among the flux days */
  readonly qc1_days: number;
  readonly qc_unknown_days: number;
  readonly variant: string | null;
  /** means over flux days, g C m⁻² d⁻¹; null where the flux is missing */
  readonly gpp: number | null;
  readonly reco: number | null;
  readonly nee: number | null;
  /** mean |NEE − (RECO − GPP)| of the reference, g C m⁻² d⁻¹ */
  readonly closure: number | null;
}

/**
 * One line a site: period, flux days, QC, target variant, mean fluxes (g C m⁻² d⁻¹) and how far the reference's own balance is from closing.
 * @example describeSites(table).find((s) => s.site === "DE-Hai")
 */
export function describeSites(table: DailyTable): SiteDescription[] {
  const days = daysOf(table);
  const fluxes = Object.fromEntries(FLUXES.map((f) => [f, hasColumn(table, f) ? numbers(table, f) : null])) as Record<Flux, Float32Array | null>;
  const qc = hasColumn(table, "nee_qc") ? numbers(table, "nee_qc") : null;
  const variant = texts(table, "target_variant");
  return siteRows(table).map(({ site, from, to }) => {
    let [fluxDays, qc1, unknown] = [0, 0, 0];
    const sums = { gpp: new Mean(), reco: new Mean(), nee: new Mean(), closure: new Mean() };
    for (let i = from; i < to; i++) {
      for (const f of FLUXES) sums[f].add(fluxes[f]?.[i] ?? NaN);
      sums.closure.add(Math.abs((fluxes.nee?.[i] ?? NaN) - ((fluxes.reco?.[i] ?? NaN) - (fluxes.gpp?.[i] ?? NaN))));
      if (!FLUXES.some((f) => !Number.isNaN(fluxes[f]?.[i] ?? NaN))) continue;
      fluxDays++;
      const q = qc?.[i] ?? NaN;
      if (Number.isNaN(q)) unknown++;
      else if (q >= 1) qc1++;
    }
    return {
      site: site.site, igbp: site.igbp, koppen: site.koppenDetail ?? site.koppen, first: formatDay(asDay(days[from]!)), last: formatDay(asDay(days[to - 1]!)),
      days: to - from, flux_days: fluxDays, qc1_days: qc1, qc_unknown_days: unknown, variant: [...new Set(variant.slice(from, to))].filter((v) => v !== null).join(" + ") || null,
      gpp: sums.gpp.value(), reco: sums.reco.value(), nee: sums.nee.value(), closure: sums.closure.value(),
    };
  });
}

/** A mean that skips NaN and is null of nothing. */
class Mean {
  private n = 0;
  private sum = 0;
  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.n++;
    this.sum += value;
  }
  value(): number | null {
    return this.n > 0 ? this.sum / this.n : null;
  }
}
