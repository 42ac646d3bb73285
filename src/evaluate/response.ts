import type { Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, hasColumn, numbers, siteRows, texts, type DailyTable } from "../data/daily-table";
import { hasWaterBalance, waterBalance } from "./drought-index";
import type { Contender } from "./evaluate";
import { quantile } from "./metrics";
import { predictedRows } from "./predicted-rows";
import { BIN_DAYS, responseCurve, type ResponseBin, type ResponseDays } from "./response-curve";
import { fitTemperature, type TemperatureFit } from "./response-temperature";

/** The driver of a response. */
export interface ResponseDriver {
  readonly name: "sw_in_W_m2" | "ta_degC" | "vpd_hPa" | "water_balance_mm";
  readonly label: string;
  readonly unit: string;
}
const DRIVERS: Readonly<Record<ResponseDriver["name"], ResponseDriver>> = {
  sw_in_W_m2: { name: "sw_in_W_m2", label: "incoming short-wave radiation", unit: "W m⁻²" },
  ta_degC: { name: "ta_degC", label: "air temperature", unit: "°C" },
  vpd_hPa: { name: "vpd_hPa", label: "vapour pressure deficit", unit: "hPa" },
  water_balance_mm: { name: "water_balance_mm", label: "water balance P − ET₀ of 90 days", unit: "mm" },
};

/** Days of one class, e.g. 5–15 °C, with the curve of tower and models. */
export interface ResponsePanel {
  readonly label: string;
  readonly n: number;
  readonly bins: readonly ResponseBin[];
}

/** One response: a flux against a driver, by classes of another. */
export interface Response {
  readonly flux: Flux;
  readonly driver: ResponseDriver;
  /** what the classes are of, or null for one panel */
  readonly by: string | null;
  readonly panels: readonly ResponsePanel[];
  /** classes with too few days for any bin */
  readonly silent: readonly string[];
  readonly sites: readonly SiteId[];
  readonly day: Int32Array;
  readonly names: readonly string[];
}

/** The responses that are read. */
export const RESPONSES = ["gpp-light-temperature", "gpp-light-vpd", "reco-temperature", "gpp-vpd", "gpp-dryness"] as const;
export type ResponseKind = (typeof RESPONSES)[number];

const TEMPERATURE_EDGES = [-80, 5, 15, 25, 80];
const VPD_EDGES = [-1, 5, 10, 20, 120];
/** GPP answers to dryness and dry air only where there are leaves and light. */
const GROWING = { ta: 5, light: 50 };

/** What a response is read from. */
export interface ResponseOptions {
  readonly contenders?: readonly Contender[];
  /** default: all sites of the table */
  readonly sites?: readonly SiteId[];
}

/**
 * A response curve of tower and models on the same days: GPP against light by temperature or VPD class, RECO against temperature, and GPP against VPD or against
 * the 90-day water balance on days above 5 °C and 50 W m⁻². Bins are fixed for light, temperature and VPD, and deciles for the water balance.
 * @throws WorkbookError MissingColumn for a table without the flux or a driver
 * @source light and temperature classes as in Lasslop et al. 2010, doi:10.1111/j.1365-2486.2009.02041.x (GPP's response to light and VPD)
 * @example response(table, "gpp-light-vpd", { sites: ["DE-Hai"], contenders })
 */
export function response(table: DailyTable, kind: ResponseKind, options: ResponseOptions = {}): Response {
  const flux: Flux = kind === "reco-temperature" ? "reco" : "gpp";
  const rows = rowsOf(table, options.sites);
  const driver = DRIVERS[kind.startsWith("gpp-light") ? "sw_in_W_m2" : kind === "reco-temperature" ? "ta_degC" : kind === "gpp-vpd" ? "vpd_hPa" : "water_balance_mm"];
  const x = driver.name === "water_balance_mm" ? waterBalance(table) : numbers(table, driver.name);
  const series = [{ name: "observed", values: numbers(table, flux) }, ...(options.contenders ?? []).map((c) => ({ name: c.model, values: predictedRows(table, c.predictions, flux) }))];
  const classes = kind === "gpp-light-temperature" ? { of: DRIVERS.ta_degC, edges: TEMPERATURE_EDGES } : kind === "gpp-light-vpd" ? { of: DRIVERS.vpd_hPa, edges: VPD_EDGES } : null;
  const used = kind === "gpp-vpd" || kind === "gpp-dryness" ? growing(table, rows) : rows;
  const edges = driver.name === "water_balance_mm" ? decileEdges(used.map((row) => x[row]!)) : EDGES[driver.name];
  const groups = classes === null ? [{ label: "all days", rows: used }] : classRows(numbers(table, classes.of.name), used, classes.edges, classes.of.unit);
  const [days, ids] = [daysOf(table), texts(table, "site")];
  const panels = groups.map(({ label, rows: own }): ResponsePanel => {
    const pick = (values: ArrayLike<number>): Float64Array => Float64Array.from(own, (row) => values[row]!);
    const picked: ResponseDays = { day: pick(days), site: own.map((row) => ids[row]!), x: pick(x), series: series.map((s) => ({ name: s.name, values: pick(s.values) })) };
    const bins = responseCurve(picked, edges);
    return { label, n: bins.reduce((n, b) => n + b.n, 0), bins };
  });
  const shown = panels.filter((p) => p.bins.length > 0);
  const common = used.filter((row) => Number.isFinite(x[row]!) && series.every((s) => Number.isFinite(s.values[row]!)));
  return {
    flux, driver, by: classes?.of.label ?? null, panels: shown, silent: panels.filter((p) => p.bins.length === 0).map((p) => p.label),
    sites: [...new Set(common.map((row) => ids[row]!))], day: Int32Array.from(common, (row) => days[row]!), names: series.map((s) => s.name),
  };
}

/** Wide enough that no day a tower can have lies outside; bins of few days are not shown. */
const EDGES: Readonly<Record<Exclude<ResponseDriver["name"], "water_balance_mm">, readonly number[]>> = {
  sw_in_W_m2: Array.from({ length: 17 }, (_, k) => -40 + 40 * k), ta_degC: Array.from({ length: 37 }, (_, k) => -81 + 4 * k), vpd_hPa: [-2, 0, 2, 4, 6, 8, 10, 13, 16, 20, 25, 30, 40, 60, 111],
};

/** Whether the table has what a response needs. @example RESPONSES.filter((kind) => hasResponse(table, kind)) */
export function hasResponse(table: DailyTable, kind: ResponseKind): boolean {
  if (kind === "gpp-dryness") return hasWaterBalance(table);
  return (kind === "reco-temperature" ? ["ta_degC"] : ["ta_degC", "sw_in_W_m2", "vpd_hPa"]).every((name) => hasColumn(table, name));
}

/** Temperature sensitivity of RECO at one site: the tower's and each model's, on the same days. */
export interface RespirationRow {
  readonly site: SiteId;
  readonly name: string;
  readonly fit: TemperatureFit;
}

/**
 * E0 and Q10 of RECO at each site, tower beside models; sites with too few days or too narrow a climate have no row.
 * @example respirationFits(table, { contenders }).find((r) => r.name === "observed")?.fit.q10
 */
export function respirationFits(table: DailyTable, options: ResponseOptions = {}): RespirationRow[] {
  const [ta, days, reco] = [numbers(table, "ta_degC"), daysOf(table), numbers(table, "reco")];
  const series = [{ name: "observed", values: reco }, ...(options.contenders ?? []).map((c) => ({ name: c.model, values: predictedRows(table, c.predictions, "reco") }))];
  const wanted = options.sites === undefined ? null : new Set(options.sites);
  return siteRows(table).filter(({ site }) => wanted === null || wanted.has(site.site)).flatMap(({ site, from, to }) => {
    const rows = Array.from({ length: to - from }, (_, i) => from + i).filter((row) => series.every((s) => Number.isFinite(s.values[row]!)));
    return series.flatMap(({ name, values }): RespirationRow[] => {
      const fit = fitTemperature(rows.map((row) => days[row]!), rows.map((row) => ta[row]!), rows.map((row) => values[row]!));
      return fit === null ? [] : [{ site: site.site, name, fit }];
    });
  });
}

function rowsOf(table: DailyTable, sites: readonly SiteId[] | undefined): number[] {
  const wanted = sites === undefined ? null : new Set(sites);
  return siteRows(table).filter(({ site }) => wanted === null || wanted.has(site.site)).flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
}

function growing(table: DailyTable, rows: readonly number[]): number[] {
  const [ta, sw] = [numbers(table, "ta_degC"), numbers(table, "sw_in_W_m2")];
  return rows.filter((row) => ta[row]! > GROWING.ta && sw[row]! > GROWING.light);
}

function classRows(values: Float32Array, rows: readonly number[], edges: readonly number[], unit: string): { label: string; rows: number[] }[] {
  const last = edges.length - 2;
  return edges.slice(1).map((high, k) => ({
    label: k === 0 ? `below ${high} ${unit}` : k === last ? `above ${edges[k]} ${unit}` : `${edges[k]}–${high} ${unit}`,
    rows: rows.filter((row) => values[row]! >= edges[k]! && values[row]! < high),
  }));
}

function decileEdges(values: readonly number[]): number[] {
  const known = values.filter(Number.isFinite);
  if (known.length < BIN_DAYS) return [];
  const edges = Array.from({ length: 11 }, (_, k) => quantile(known, k / 10)!);
  // the last edge is open
  return edges.map((v, k) => (k === 10 ? v + 1e-3 * Math.max(1, Math.abs(v)) : v));
}
