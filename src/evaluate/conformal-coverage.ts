import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { isSimulated, numbers, siteRows, type DailyTable } from "../data/daily-table";
import { LEVELS, type Level } from "./conformal";
import { mean, quantile } from "./metrics";
import { alignPredictions, scorable, type QcRule } from "./observed";
import type { Predictions } from "./predictions";
import { MIN_DAYS } from "./site-metrics";
import type { TableRow } from "./table";

/** Share of one site's observed days inside their interval, with the interval's mean width in g C m⁻² d⁻¹. */
export interface SiteCoverage {
  readonly site: SiteId;
  readonly flux: Flux;
  readonly level: Level;
  readonly n: number;
  readonly covered: number;
  readonly width: number;
}

/**
 * Coverage at each site that has at least 30 observed days with an interval; a flux or level without intervals has no row.
 * @example siteCoverage(table, predictions, { seen }).filter((c) => c.flux === "nee" && c.level === 0.9)
 */
export function siteCoverage(table: DailyTable, predictions: Predictions, options: { readonly sites?: readonly SiteId[]; readonly seen?: ReadonlySet<SiteId>; readonly qc?: QcRule } = {}): SiteCoverage[] {
  const at = alignPredictions(table, predictions);
  const wanted = options.sites ? new Set(options.sites) : null;
  const groups = siteRows(table).filter(({ site }) => (wanted === null || wanted.has(site.site)) && !options.seen?.has(site.site));
  return FLUXES.flatMap((flux) => {
    const use = scorable(table, flux, options.qc ?? "published");
    // a flux that the table lacks has no row to look at
    const observed = use.includes(1) ? numbers(table, flux) : new Float32Array(0);
    return LEVELS.flatMap((level) => {
      const interval = predictions.intervals?.find((i) => i.level === level);
      if (interval === undefined) return [];
      const { low, high } = interval[flux];
      return groups.flatMap(({ site, from, to }): SiteCoverage[] => {
        let [n, inside, width] = [0, 0, 0];
        for (let row = from; row < to; row++) {
          const i = at[row]!;
          if (use[row] === 0 || i < 0 || !Number.isFinite(low[i]!)) continue;
          n++;
          if (observed[row]! >= low[i]! && observed[row]! <= high[i]!) inside++;
          width += high[i]! - low[i]!;
        }
        return n < MIN_DAYS ? [] : [{ site: site.site, flux, level, n, covered: inside / n, width: width / n }];
      });
    });
  });
}

/**
 * Coverage over sites: its median, its worst decile (the 10 % quantile), its mean, and the median width.
 * @example coverageRows(table, "tamrl", siteCoverage(table, predictions))
 */
export function coverageRows(table: DailyTable, model: string, sites: readonly SiteCoverage[]): TableRow[] {
  return FLUXES.flatMap((flux) => LEVELS.flatMap((level): TableRow[] => {
    const of = sites.filter((s) => s.flux === flux && s.level === level);
    if (of.length === 0) return [];
    const covered = of.map((s) => s.covered);
    return [{
      flux, model, data: isSimulated(table) ? "simulated" : "measured", level, n_sites: of.length, n_days: of.reduce((sum, s) => sum + s.n, 0),
      median: quantile(covered, 0.5), worst_decile: quantile(covered, 0.1), mean: mean(covered), width_median: quantile(of.map((s) => s.width), 0.5),
    }];
  }));
}
