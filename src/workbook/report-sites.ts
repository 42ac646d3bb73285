import { count } from "../core/count";
import { asDay, monthOf } from "../core/days";
import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import type { DailyTable } from "../data/daily-table";
import type { Evaluation } from "../evaluate/evaluate-runs";
import { alignPredictions } from "../evaluate/observed";
import type { SiteRow } from "../evaluate/site-metrics";
import { scoredDays, type ScoredDays } from "../figures/from-evaluation";
import { lineStyles } from "../figures/style";
import { cellsOf, cellsToHtml } from "./cells";
import { jsonForScript } from "./escape";

/** Mean of each month of the year, January first; null where no day is scored. */
type Cycle = readonly (number | null)[];

/** What the report's page needs to open a site. */
export interface SiteDetails {
  /** the towers, then each model */
  readonly models: readonly { readonly label: string; readonly color: string; readonly dash: string }[];
  readonly fluxes: readonly { readonly label: string }[];
  /** columns of a site's table after flux and model */
  readonly scores: readonly { readonly label: string; readonly digits: number }[];
  readonly sites: readonly SiteDetail[];
  /** the model whose scores stand in the list of sites */
  readonly focus: string;
}

interface SiteDetail {
  readonly site: SiteId;
  readonly about: string;
  /** flux, model, then the scores */
  readonly rows: readonly (readonly (number | null)[])[];
  /** one a flux, null where the site has no scored day: a line for the towers and each model */
  readonly cycles: readonly (readonly Cycle[] | null)[];
  /** the site's row in the list */
  readonly line: Readonly<Record<string, string | number | null>>;
}

const SCORES = [
  { label: "days", digits: 0, of: (r: SiteRow) => r.n }, { label: "days lost", digits: 0, of: (r: SiteRow) => r.n_lost }, { label: "R²", digits: 2, of: (r: SiteRow) => r.r2 },
  { label: "RMSE", digits: 2, of: (r: SiteRow) => r.rmse }, { label: "bias", digits: 2, of: (r: SiteRow) => r.bias }, { label: "r²", digits: 2, of: (r: SiteRow) => r.r2_corr },
];

/**
 * Every scored site of an evaluation with all models' scores and mean seasonal cycles on the scored days, for a report that opens sites.
 * @example siteDetails(table, evaluation, "tamrl").sites[0].cycles
 */
export function siteDetails(table: DailyTable, evaluation: Evaluation, focus: string): SiteDetails {
  const { names, metrics } = evaluation;
  const styles = lineStyles(["observed", ...names]);
  const aligned = evaluation.predicted.map((p) => alignPredictions(table, p.predictions));
  const byFlux = FLUXES.map((flux) => monthlyCycles(scoredDays(table, evaluation, flux, aligned)));
  const known = new Map(table.sites.map((s) => [s.site, s]));
  const rowsOf = new Map<SiteId, { row: SiteRow; model: number }[]>();
  metrics.forEach((m, model) => m.sites.forEach((row) => rowsOf.set(row.site, [...(rowsOf.get(row.site) ?? []), { row, model }])));
  const at = names.indexOf(focus);
  const sites = [...rowsOf].map(([site, all]): SiteDetail => {
    const { lat, lon, igbp, koppen } = known.get(site)!;
    const seen = all.some((r) => r.row.seen);
    const place = lat === null || lon === null ? "position unknown" : `${lat.toFixed(2)}°, ${lon.toFixed(2)}°`;
    const scored = all.filter((r) => r.row.n > 0).sort((a, b) => FLUXES.indexOf(a.row.flux) - FLUXES.indexOf(b.row.flux));
    const of = (flux: Flux): SiteRow | undefined => all.find((r) => r.model === at && r.row.flux === flux)?.row;
    return {
      site, about: `${igbp ?? "land cover unknown"}, Köppen ${koppen ?? "unknown"}, ${place}${seen ? "; its fluxes were seen in training" : ""}`,
      rows: scored.map(({ row, model }) => [FLUXES.indexOf(row.flux), model, ...SCORES.map((s) => short(s.of(row)))]),
      cycles: byFlux.map((cycles) => cycles.get(site) ?? null),
      line: { site, igbp, koppen, ...(seen ? { seen: "seen" } : {}), days: of("nee")?.n ?? 0, ...Object.fromEntries(FLUXES.flatMap((flux) => [[`${flux.toUpperCase()} R²`, of(flux)?.r2 ?? null], [`${flux.toUpperCase()} RMSE`, of(flux)?.rmse ?? null]])) },
    };
  });
  return { models: [...styles.values()].map(({ label, color, dash }) => ({ label, color, dash })), fluxes: FLUXES.map((f) => ({ label: f.toUpperCase() })), scores: SCORES.map(({ label, digits }) => ({ label, digits })), sites, focus: styles.get(focus)?.label ?? focus };
}

/** Enough figures for a table and a chart; a report of 500 sites has a million of them. */
function short(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(3));
}

/** Mean of the scored days of each month of the year, by site: the tower, then each model. */
function monthlyCycles({ site, day, observed, models }: ScoredDays): Map<SiteId, Cycle[]> {
  const lines = [observed, ...models.map((m) => m.values)];
  const sums = new Map<SiteId, { n: Float64Array; of: Float64Array[] }>();
  for (let i = 0; i < site.length; i++) {
    if (lines.some((values) => !Number.isFinite(values[i]!))) continue;
    let own = sums.get(site[i]!);
    if (own === undefined) sums.set(site[i]!, (own = { n: new Float64Array(12), of: lines.map(() => new Float64Array(12)) }));
    const month = monthOf(asDay(day[i]!)) - 1;
    own.n[month]++;
    lines.forEach((values, k) => (own!.of[k]![month] += values[i]!));
  }
  return new Map([...sums].map(([id, { n, of }]) => [id, of.map((sum) => Array.from(sum, (s, m) => (n[m] === 0 ? null : short(s / n[m]!))))]));
}

/**
 * The list of sites as a table whose rows the report's page opens. Without scripts the list is all there is.
 * @example siteDetailsToHtml(siteDetails(table, evaluation, "tamrl"))
 */
export function siteDetailsToHtml(details: SiteDetails): string {
  const { sites, focus, ...page } = details;
  const caption = `${count(sites.length, "site")}; scores of ${focus} on the days that all models predict, RMSE in g C m⁻² d⁻¹. Open a site for every model's scores and its mean seasonal cycle.`;
  const cells = cellsOf(sites.map((s) => s.line), { caption, limit: sites.length });
  const html = cellsToHtml(cells, { className: "sites", numbered: true });
  const data = jsonForScript({ ...page, sites: sites.map(({ line: _, ...rest }) => rest) });
  return `<div class="scroll tall" tabindex="0" role="region" aria-label="${count(sites.length, "site")}">${html}</div>\n<script type="application/json" id="site-data">${data}</script>`;
}
