import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import type { Cluster } from "../data/splits/clusters";
import { fewClusters, pairedBootstrap, type Interval } from "./bootstrap";
import type { Metrics } from "./evaluate";
import { mean, quantile } from "./metrics";
import { PUBLISHED } from "./reference";
import type { TableRow } from "./table";

/** One model with one `Metrics` a seed, all scored on the same site-days. */
export interface ModelGroup {
  readonly model: string;
  readonly seeds: readonly Metrics[];
}

/** Below this a relative gain in R² says nothing: the reference is next to the mean. @source method §8 */
const MIN_R2_REFERENCE = 0.1;

/**
 * The main table, one row a flux and model: scores of each site averaged over seeds, then over sites. RMSE in g C m⁻² d⁻¹.
 * @source method §8: per-site metrics first; clipped and unclipped means, for a few sites rule the unclipped one
 * @example mainRows(groups)[0].r2_median
 */
export function mainRows(groups: readonly ModelGroup[]): TableRow[] {
  return FLUXES.flatMap((flux) => groups.map(({ model, seeds }): TableRow => {
    const first = seeds[0]!;
    const s = first.summary[flux];
    const [rmse, r2] = [siteValues(seeds, flux, "rmse"), siteValues(seeds, flux, "r2")];
    return {
      flux, model, data: first.simulated ? "simulated" : "measured", seeds: seeds.length, n_sites: s.n_sites, n_days: s.n_days, n_lost: s.n_lost,
      rmse_mean: mean(rmse), rmse_median: quantile(rmse, 0.5), rmse_q25: quantile(rmse, 0.25), rmse_q75: quantile(rmse, 0.75), rmse_pooled: over(seeds, (m) => m.summary[flux].pooled.rmse),
      n_r2: r2.length, r2_median: quantile(r2, 0.5), r2_q25: quantile(r2, 0.25), r2_q75: quantile(r2, 0.75),
      r2_mean_clipped: mean(r2.map((v) => Math.max(0, v))), r2_mean: mean(r2), r2_pooled: over(seeds, (m) => m.summary[flux].pooled.r2),
    };
  }));
}

/**
 * The same in the paper's shape: one row a model, RMSE and R² of each flux side by side, in the aggregation asked for.
 * @param by `median` over sites as the benchmark reports, or `mean` (R² clipped at 0)
 * @example toMarkdown(paperShape(mainRows(groups), "median"))
 */
export function paperShape(rows: readonly TableRow[], by: "median" | "mean"): TableRow[] {
  const r2 = by === "median" ? "r2_median" : "r2_mean_clipped";
  return [...new Set(rows.map((r) => r["model"] as string))].map((model): TableRow => {
    const own = (flux: Flux, key: string): TableRow[string] => rows.find((r) => r["model"] === model && r["flux"] === flux)?.[key] ?? null;
    const cells = FLUXES.flatMap((f) => [[`${f.toUpperCase()} RMSE`, own(f, `rmse_${by}`)], [`${f.toUpperCase()} R²`, own(f, r2)]]);
    return { model, data: own("gpp", "data"), seeds: own("gpp", "seeds"), sites: own("gpp", "n_sites"), ...Object.fromEntries(cells) };
  });
}

/**
 * One model against every other: differences with 95 % intervals of the paired bootstrap over clusters, the share of sites it wins, and
 * relative gains in percent. A gain in R² is given only where the reference exceeds 0.1. A flux without a common site has no row.
 * @param model the one compared; differences are `model` − `reference`, gains positive where it is better
 * @throws WorkbookError BadArgument as `pairedBootstrap`
 * @source method §8; the abstract's "8–9.6 %" and "19.4 % to 43.8 %" of arXiv 2603.09974 are such relative gains
 * @example gainRows(groups, "tamrl", clusterSites(table.sites), { seed: 1 })
 */
export function gainRows(groups: readonly ModelGroup[], model: string, clusters: readonly Cluster[], options: { readonly seed: number; readonly draws?: number }): TableRow[] {
  const own = groups.find((g) => g.model === model);
  if (own === undefined) return [];
  const main = mainRows(groups);
  const scored = FLUXES.filter((flux) => own.seeds[0]!.summary[flux].n_sites > 0);
  return scored.flatMap((flux) => groups.filter((g) => g !== own).map((reference): TableRow => {
    const d = pairedBootstrap(named(own), named(reference), clusters, flux, options);
    const value = (of: string, key: string): number | null => main.find((r) => r["model"] === of && r["flux"] === flux)![key] as number | null;
    const lower = (key: string): number | null => gain(value(reference.model, key), value(model, key), -1, 0);
    const higher = (key: string): number | null => gain(value(reference.model, key), value(model, key), 1, MIN_R2_REFERENCE);
    return {
      flux, model, reference: reference.model, data: own.seeds[0]!.simulated ? "simulated" : "measured", seeds: Math.min(own.seeds.length, reference.seeds.length), n_sites: d.n_sites, n_clusters: d.n_clusters,
      ...spread("d_rmse_mean", d.rmse_mean), gain_rmse_mean_pct: lower("rmse_mean"), ...spread("d_rmse_median", d.rmse_median), gain_rmse_median_pct: lower("rmse_median"),
      ...spread("d_r2_median", d.r2_median), gain_r2_median_pct: higher("r2_median"), ...spread("d_r2_mean_clipped", d.r2_mean_clipped), gain_r2_mean_clipped_pct: higher("r2_mean_clipped"),
      ...spread("win_rate", d.win_rate),
    };
  }));
}

/** What must be said under a table of gains whose intervals stand on few clusters; null where none does. @example fewBehind(gainRows(groups, "tamrl", clusters, { seed: 1 })) */
export function fewBehind(rows: readonly TableRow[]): string | null {
  return fewClusters(rows.map((r) => Number(r["n_clusters"])));
}

/** Gain columns that fit a page. @example toMarkdown(shortGains(gainRows(groups, "tamrl", clusters, { seed: 1 }))) */
export function shortGains(rows: readonly TableRow[]): TableRow[] {
  const interval = (r: TableRow, key: string, digits = 3): string => {
    const [v, low, high] = [r[key], r[`${key}_low`], r[`${key}_high`]] as (number | null)[];
    return v === null || low === null || high === null ? "–" : `${v!.toFixed(digits)} (${low!.toFixed(digits)} … ${high!.toFixed(digits)})`;
  };
  const percent = (v: TableRow[string] | undefined): string => (typeof v === "number" ? `${v > 0 ? "+" : ""}${v.toFixed(1)} %` : "–");
  return rows.map((r): TableRow => ({
    flux: r["flux"]!, reference: r["reference"]!, sites: r["n_sites"]!, clusters: r["n_clusters"]!, "Δ mean RMSE": interval(r, "d_rmse_mean"), "RMSE gain": percent(r["gain_rmse_mean_pct"]),
    "Δ median R²": interval(r, "d_r2_median"), "R² gain": percent(r["gain_r2_median_pct"]), "wins at": interval(r, "win_rate", 2),
  }));
}

/** Published numbers in the same table's words; none is of these sites. @example publishedRows()[0].sites */
export function publishedRows(): TableRow[] {
  return PUBLISHED.map((p): TableRow => ({ flux: p.flux, model: p.model, metric: p.metric, value: p.value, sites: `not the same sites: ${p.sites}`, source: p.source }));
}

/** Each site's mean over seeds, of the sites that the summary counts. */
function siteValues(seeds: readonly Metrics[], flux: Flux, what: "rmse" | "r2"): number[] {
  const { short_sites, seen_sites } = seeds[0]!.summary[flux];
  const out = new Set<SiteId>([...short_sites, ...seen_sites]);
  const values = new Map<SiteId, number[]>();
  for (const m of seeds) for (const row of m.sites) if (row.flux === flux && !out.has(row.site) && row[what] !== null) values.set(row.site, [...(values.get(row.site) ?? []), row[what]!]);
  return [...values.values()].map((v) => mean(v)!);
}

function named({ model, seeds }: ModelGroup): Metrics[] {
  return seeds.map((m) => ({ ...m, model }));
}

function over(seeds: readonly Metrics[], value: (m: Metrics) => number | null): number | null {
  return mean(seeds.flatMap((m) => value(m) ?? []));
}

/** Percent by which `value` is better than `reference`; null where the reference does not exceed `above`. */
function gain(reference: number | null, value: number | null, sign: 1 | -1, above: number): number | null {
  return reference === null || value === null || reference <= above ? null : (100 * sign * (value - reference)) / reference;
}

function spread(name: string, { value, low, high }: Interval): TableRow {
  return { [name]: value, [`${name}_low`]: low, [`${name}_high`]: high };
}
