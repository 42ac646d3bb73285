import { ERA5_LAND } from "./era5-land";
import { WorkbookError } from "./errors";

/** Groups of columns, as the table orders them. */
export type ColumnGroup = "flux" | "tower" | "vegetation" | "reflectance" | "reanalysis" | "extra";

/** One numeric column of the canonical daily table. */
export interface ColumnSpec {
  readonly name: string;
  readonly unit: string;
  readonly group: ColumnGroup;
  readonly label: string;
  /** physically possible range in `unit`; a value outside is excluded and counted */
  readonly range: readonly [number, number];
  /** how short gaps close: linear, zero (precipitation), or nearest (codes, azimuths) */
  readonly fill: "linear" | "zero" | "nearest" | "never";
}

type Row = readonly [name: string, unit: string, label: string, low: number, high: number, fill?: ColumnSpec["fill"]];

const FLUX_UNIT = "g C m⁻² d⁻¹";
const flux: readonly Row[] = [
  ["gpp", FLUX_UNIT, "gross primary production, night-time partition", -50, 80, "never"],
  ["reco", FLUX_UNIT, "ecosystem respiration, night-time partition", -50, 80, "never"],
  ["nee", FLUX_UNIT, "net ecosystem exchange, negative = uptake", -80, 80, "never"],
  ["nee_qc", "1", "share of half-hours measured or filled with good quality", 0, 1, "never"],
];
const extra: readonly Row[] = [
  ["nee_measured", "1", "share of half-hours in which NEE is measured, not filled", 0, 1, "never"],
  ["gpp_dt", FLUX_UNIT, "gross primary production, day-time partition", -50, 80, "never"],
  ["reco_dt", FLUX_UNIT, "ecosystem respiration, day-time partition", -50, 80, "never"],
  ["nee_randunc", FLUX_UNIT, "random uncertainty of NEE", 0, 50, "never"],
  ...["nee", "reco", "gpp"].flatMap((flux) => ["05", "25", "75", "95"].map((p): Row => [`${flux}_ustar${p}`, FLUX_UNIT, `${flux.toUpperCase()}, percentile ${p} over u* thresholds`, -80, 80, "never"])),
  ["le_W_m2", "W m⁻²", "latent heat flux", -300, 900, "never"],
  ["le_qc", "1", "share of half-hours of latent heat measured or filled with good quality", 0, 1, "never"],
  ["h_W_m2", "W m⁻²", "sensible heat flux", -400, 900, "never"],
  ["h_qc", "1", "share of half-hours of sensible heat measured or filled with good quality", 0, 1, "never"],
  ["netrad_W_m2", "W m⁻²", "net radiation", -250, 600, "never"],
  ["g_W_m2", "W m⁻²", "soil heat flux", -200, 300, "never"],
  ["lw_in_W_m2", "W m⁻²", "incoming long-wave radiation", 20, 700],
];
const tower: readonly Row[] = [
  ["ta_degC", "°C", "air temperature", -80, 60],
  ["sw_in_W_m2", "W m⁻²", "incoming short-wave radiation", -15, 600],
  ["vpd_hPa", "hPa", "vapour pressure deficit", -1, 110],
  ["p_mm_d", "mm d⁻¹", "precipitation", 0, 700, "zero"],
  ["pa_kPa", "kPa", "air pressure", 50, 110],
  ["ws_m_s", "m s⁻¹", "wind speed", 0, 60],
];
const vegetation: readonly Row[] = [
  ["evi", "1", "enhanced vegetation index", -0.3, 1.1],
  ["fapar", "1", "fraction of absorbed photosynthetically active radiation", -0.05, 1.05],
  ["lai", "m² m⁻²", "leaf area index", -0.1, 15],
  ["ndvi", "1", "normalized difference vegetation index", -0.3, 1.1],
  ["snow", "1", "share of satellite views with snow or ice", 0, 1, "nearest"],
  ["lst_day_K", "K", "MOD11 land surface temperature, day", 180, 360],
  ["lst_night_K", "K", "MOD11 land surface temperature, night", 180, 340],
];
const reflectance: readonly Row[] = [
  ...[1, 2, 3, 4, 5, 6, 7].map((b): Row => [`sur_refl_b0${b}`, "1", `MOD09GA surface reflectance, band ${b}`, -0.01, 1.6]),
  ["SensorZenith", "°", "MOD09GA sensor zenith angle", 0, 180],
  ["SensorAzimuth", "°", "MOD09GA sensor azimuth", -180, 360, "nearest"],
  ["SolarZenith", "°", "MOD09GA solar zenith angle", 0, 180],
  ["SolarAzimuth", "°", "MOD09GA solar azimuth", -180, 360, "nearest"],
  ["clouds", "code", "MOD09GA cloud state, bits 0–2", 0, 7, "nearest"],
];
const reanalysis: readonly Row[] = [
  ["temperature_2m", "K", "ERA5-Land 2 m temperature", 180, 340],
  ["total_precipitation_sum", "m d⁻¹", "ERA5-Land precipitation", 0, 0.7, "zero"],
  ["surface_net_solar_radiation_sum", "J m⁻² d⁻¹", "ERA5-Land net solar radiation", -1e6, 5e7],
  ["total_evaporation_sum", "m d⁻¹", "ERA5-Land evaporation, negative = evaporation", -0.03, 0.01],
  ["leaf_area_index_high_vegetation", "m² m⁻²", "ERA5-Land leaf area index, high vegetation", 0, 15],
  ["leaf_area_index_low_vegetation", "m² m⁻²", "ERA5-Land leaf area index, low vegetation", 0, 15],
];

const expand = (group: ColumnGroup, rows: readonly Row[]): ColumnSpec[] =>
  rows.map(([name, unit, label, low, high, fill]) => ({ name, unit, group, label, range: [low, high] as const, fill: fill ?? "linear" }));

/** Every numeric column of the canonical daily table, in its order. Text columns: site, date, target_variant, source, day_convention. */
export const COLUMNS: readonly ColumnSpec[] = [
  ...expand("flux", flux), ...expand("tower", tower), ...expand("vegetation", vegetation),
  ...expand("reflectance", reflectance), ...expand("reanalysis", reanalysis), ...expand("extra", extra),
];

/** Column names of a group. @example columnsOf("tower")[0] // "ta_degC" */
export function columnsOf(group: ColumnGroup): string[] {
  return COLUMNS.filter((c) => c.group === group).map((c) => c.name);
}

const BY_NAME: ReadonlyMap<string, ColumnSpec> = new Map([...ERA5_LAND, ...COLUMNS].map((c) => [c.name, c]));

/**
 * The specifications of those names that a table may have, in its order: the canonical columns, then further ERA5-Land aggregates.
 * @example knownColumns(["snowfall_sum", "gpp", "x"]).map((c) => c.name) // ["gpp", "snowfall_sum"]
 */
export function knownColumns(names: Iterable<string>): ColumnSpec[] {
  const asked = new Set(names);
  return [...COLUMNS, ...ERA5_LAND.filter((c) => !COLUMNS.some((o) => o.name === c.name))].filter((c) => asked.has(c.name));
}

/** The specification of a column, or undefined. @example columnSpec("ta_degC")?.unit // "°C" */
export function columnSpec(name: string): ColumnSpec | undefined {
  return BY_NAME.get(name);
}

/** Names of the feature sets (design: configuration key `features`). */
export const FEATURE_SETS = ["tower", "tower-vi", "minimal", "standard", "full"] as const;
export type FeatureSet = (typeof FEATURE_SETS)[number];

/**
 * Dynamic channels of a feature set in model order; position comes last. `standard` and `full` need the benchmark's own column list.
 * @throws WorkbookError BadConfig for those two without their list
 * @source CarbonFluxBench, arXiv 2603.09868
 * @example channelsOf("minimal").length // 20
 */
export function channelsOf(set: FeatureSet, listed?: readonly string[]): readonly string[] {
  const position = ["lat", "lon"];
  if (set === "tower") return [...columnsOf("tower"), ...position];
  if ((set === "standard" || set === "full") && listed === undefined) {
    throw new WorkbookError("BadConfig", `channelsOf: ${set}: the benchmark's own list of ERA5-Land columns is required, the table has none; ingest CarbonFluxBench with --features ${set}, or use minimal, tower or tower-vi`, { column: "features" });
  }
  if (set === "tower-vi") return [...columnsOf("tower"), "evi", "fapar", ...position];
  return [...columnsOf("reflectance"), ...(listed ?? columnsOf("reanalysis")), ...position];
}
