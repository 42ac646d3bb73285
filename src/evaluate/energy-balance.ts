import type { SiteId } from "../core/sites";
import { hasColumn, numbers, type DailyTable } from "../data/daily-table";
import { siteYearRows } from "../data/sites/site-years";

/** Fewest days of a year with all terms, and the QC both turbulent fluxes need where it is known. */
export const CLOSURE_DAYS = 180;
const CLOSURE_QC = 0.75;

/** How far the turbulent fluxes of a site-year account for the energy at hand. */
export interface EnergyClosure {
  readonly site: SiteId;
  readonly year: number;
  /** days with all terms */
  readonly days: number;
  /** Σ(LE + H) / Σ(Rn − G); null below 180 days */
  readonly closure: number | null;
  /** whether G was among the terms: without it the ratio is of Rn */
  readonly with_g: boolean;
}

/**
 * Energy-balance ratio (LE + H) / (Rn − G) of each site-year, on days where every term is known and LE and H have a QC of at least 0.75 (or an unknown one). It says how
 * much of the exchange the tower catches on the whole: read it beside a model's error, and never scale CO₂ by it, for whether CO₂ is lost with the energy is not known.
 * Site-years of a tower without soil heat flux say so.
 * @throws WorkbookError MissingColumn for a table without LE, H or net radiation
 * @source Wilson et al. 2002, doi:10.1016/S0168-1923(02)00109-0; Stoy et al. 2013, doi:10.1016/j.agrformet.2012.11.004
 * @example energyClosure(table).find((c) => c.site === "DE-Hai")?.closure // 0.8
 */
export function energyClosure(table: DailyTable): EnergyClosure[] {
  const [le, h, net] = ["le_W_m2", "h_W_m2", "netrad_W_m2"].map((name) => numbers(table, name)) as [Float32Array, Float32Array, Float32Array];
  const optional = (name: string): Float32Array | null => (hasColumn(table, name) ? numbers(table, name) : null);
  const [g, leQc, hQc] = [optional("g_W_m2"), optional("le_qc"), optional("h_qc")];
  const good = (row: number): boolean => [leQc, hQc].every((qc) => qc === null || Number.isNaN(qc[row]!) || qc[row]! >= CLOSURE_QC);
  return siteYearRows(table).map(({ site, year, from, to }): EnergyClosure => {
    const hasG = g !== null && g.subarray(from, to).some((v) => !Number.isNaN(v));
    let [days, turbulent, available] = [0, 0, 0];
    for (let row = from; row < to; row++) {
      const energy = net[row]! - (hasG ? g[row]! : 0);
      const exchange = le[row]! + h[row]!;
      if (!Number.isFinite(energy) || !Number.isFinite(exchange) || !good(row)) continue;
      days++;
      turbulent += exchange;
      available += energy;
    }
    return { site: site.site, year, days, closure: days >= CLOSURE_DAYS && available > 0 ? turbulent / available : null, with_g: hasG };
  });
}
