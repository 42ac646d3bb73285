import { FLUXES, type Flux } from "../core/quantities";
import type { Site, SiteId } from "../core/sites";
import { clusterOf, clusterSites } from "../data/splits/clusters";
import { daysOf, siteRows, type DailyTable } from "../data/daily-table";
import type { Contender } from "./evaluate";
import { alignPredictions, type QcRule } from "./observed";
import { commonDays, MIN_DAYS, scoreSites, type Aligned, type SiteRow } from "./site-metrics";

/** The scored days of one site and flux, in ascending order, as one model predicts them; g C m⁻² d⁻¹. */
export interface SiteSeries {
  readonly site: Site;
  readonly cluster: SiteId;
  /** days since 1970-01-01 `[day]` */
  readonly days: Int32Array;
  /** `[day]` */
  readonly observed: Float64Array;
  /** `[day]` */
  readonly predicted: Float64Array;
  readonly row: SiteRow;
}

/** One model's series by flux. Contenders of one name are seeds of one model. */
export interface ModelSeries {
  readonly model: string;
  readonly series: Readonly<Record<Flux, readonly SiteSeries[]>>;
}

/** What is scored. */
export interface SeriesOptions {
  /** default: all sites of the table */
  readonly sites?: readonly SiteId[];
  /** default "published" */
  readonly qc?: QcRule;
}

/**
 * Observed and predicted days of every model on exactly the same site-days: the sites that summaries count (unseen by all models, at least
 * 30 scored days), with their cluster.
 * @throws WorkbookError as `compare`
 * @example modelSeries(table, [{ model: "lstm", predictions }])[0].series.gpp.length
 */
export function modelSeries(table: DailyTable, contenders: readonly Contender[], options: SeriesOptions = {}): ModelSeries[] {
  const models = contenders.map(({ predictions }): Aligned => ({ predictions, at: alignPredictions(table, predictions) }));
  const seen = new Set(contenders.flatMap((c) => [...(c.seen ?? [])]));
  const scored = commonDays(table, models, options.qc ?? "published");
  const wanted = new Set((options.sites ?? table.sites.map((s) => s.site)).filter((s) => !seen.has(s)));
  const clusters = clusterOf(clusterSites(table.sites));
  const sites = new Map(siteRows(table).map(({ site }) => [site.site, site]));
  const days = daysOf(table);
  return contenders.map(({ model }, i) => {
    const all = scoreSites(table, wanted, models[i]!, scored, seen).filter((s) => s.row.n >= MIN_DAYS);
    const of = (flux: Flux): SiteSeries[] => all.filter((s) => s.row.flux === flux).map(({ row, tableRows, observed, predicted }) => ({
      site: sites.get(row.site)!, cluster: clusters.get(row.site) ?? row.site, days: Int32Array.from(tableRows, (r) => days[r]!), observed, predicted, row,
    }));
    return { model, series: Object.fromEntries(FLUXES.map((f) => [f, of(f)])) as Record<Flux, SiteSeries[]> };
  });
}
