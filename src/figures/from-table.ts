import { columnSpec } from "../core/columns";
import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, hasColumn, numbers, texts, type DailyTable } from "../data/daily-table";
import { rowsOfSite } from "../data/sites/site-gaps";
import { ustarRange } from "../data/sites/ustar-range";
import type { Metrics } from "../evaluate/evaluate";
import type { Evaluation } from "../evaluate/evaluate-runs";
import type { ClosureSeries } from "./closure";
import type { ModelScore } from "./model-bars";
import type { SiteSeries } from "./time-series";

/**
 * One site's fluxes with their range over u* thresholds where the table has it, each model's prediction and the drivers named, for `timeSeries`.
 * @throws WorkbookError BadSite naming the nearest ids
 * @example timeSeries(siteSeries(table, "DE-Hai", ["ta_degC", "sw_in_W_m2"]), { simulated: false })
 */
export function siteSeries(table: DailyTable, site: SiteId, drivers: readonly string[] = [], evaluation?: Evaluation): SiteSeries {
  const rows = rowsOfSite(table, site);
  const part = (values: Float32Array): Float32Array => values.slice(rows.from, rows.to);
  const day = daysOf(table).slice(rows.from, rows.to);
  const predicted = (evaluation?.predicted ?? []).map(({ predictions: p }, k) => {
    const at = new Map<number, number>();
    p.site.forEach((s, i) => { if (s === site) at.set(p.day[i]!, i); });
    return { name: evaluation!.names[k]!, values: (flux: Flux): Float32Array => Float32Array.from(day, (d) => p[flux][at.get(d) ?? -1] ?? NaN) };
  });
  const band = (flux: Flux): Pick<SiteSeries["fluxes"][number], "band"> => {
    const range = ustarRange(table, flux, rows);
    return range === null ? {} : { band: { ...range, low: part(range.low), high: part(range.high) } };
  };
  return {
    site, day,
    fluxes: FLUXES.filter((f) => hasColumn(table, f)).map((flux) => ({ flux, observed: part(numbers(table, flux)), ...band(flux), models: predicted.map((p) => ({ name: p.name, values: p.values(flux) })) })),
    drivers: drivers.map((name) => ({ name, label: columnSpec(name)?.label ?? name, unit: columnSpec(name)?.unit ?? "", values: part(numbers(table, name)) })),
  };
}

/**
 * The towers' own balance, and each model's before clipping, for `closure`.
 * @throws WorkbookError MissingColumn when the table lacks a flux
 * @example closure(closureSeries(table, evaluation), { simulated: true })
 */
export function closureSeries(table: DailyTable, evaluation?: Evaluation): ClosureSeries[] {
  const variants = [...new Set(texts(table, "target_variant").filter((v): v is string => v !== null))];
  const observed = { name: "observed", variant: variants.join(", ") || "unknown", site: texts(table, "site") as readonly SiteId[], day: daysOf(table), gpp: numbers(table, "gpp"), reco: numbers(table, "reco"), nee: numbers(table, "nee") };
  const models = (evaluation?.predicted ?? []).map(({ predictions: p }, k) => ({ name: evaluation!.names[k]!, variant: "before clipping", site: p.site, day: p.day, gpp: p.raw.gpp, reco: p.raw.reco, nee: p.nee }));
  return [observed, ...models];
}

/** Quartiles over sites of a metric of each model, for `modelBars`. @example modelBars(modelScores(metrics, "r2"), { metric: "r2", period, simulated }) */
export function modelScores(metrics: readonly Metrics[], metric: "rmse" | "r2"): ModelScore[] {
  return metrics.flatMap((m) => FLUXES.map((flux): ModelScore => {
    const s = m.summary[flux];
    return { model: m.model, flux, q25: s[metric].q25, median: s[metric].median, q75: s[metric].q75, sites: metric === "r2" ? s.n_r2 : s.n_sites };
  }));
}
