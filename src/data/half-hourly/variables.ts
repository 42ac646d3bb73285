/** How half-hours become a day: their mean, their sum, or the mean of a molar flux as carbon a day. */
export type DailyRule = "mean" | "sum" | "carbon";

/** One quantity of half-hourly files. */
export interface HalfHourlyVariable {
  /** FLUXNET base name */
  readonly base: string;
  readonly unit: string;
  /** half-hourly values outside are no measurement; bounds are wide, for they also tell another unit */
  readonly range: readonly [number, number];
  /** canonical column of the daily table; null where the table has none */
  readonly column: string | null;
  readonly rule: DailyRule;
  /** a day needs every step: what is missing by day or by night would bend the day's value. Else five sixths of the steps do */
  readonly whole: boolean;
}

type Row = readonly [base: string, unit: string, low: number, high: number, column: string | null, rule?: DailyRule, whole?: boolean];

const MOLAR = "µmol m⁻² s⁻¹";
const POWER = "W m⁻²";
const flux = (base: string, column: string | null): Row => [base, MOLAR, -250, 250, column, "carbon", true];

const ROWS: readonly Row[] = [
  flux("NEE", "nee"), flux("GPP_NT", "gpp"), flux("RECO_NT", "reco"), flux("GPP_PI", "gpp"), flux("RECO_PI", "reco"),
  flux("GPP_DT", "gpp_dt"), flux("RECO_DT", "reco_dt"), flux("FC", null), flux("SC", null),
  ...["05", "25", "75", "95"].flatMap((p) => [flux(`NEE_${p}`, `nee_ustar${p}`), flux(`RECO_NT_${p}`, `reco_ustar${p}`), flux(`GPP_NT_${p}`, `gpp_ustar${p}`)]),
  ["LE", POWER, -1500, 2500, "le_W_m2", "mean", true],
  ["H", POWER, -1500, 2500, "h_W_m2", "mean", true],
  ["NETRAD", POWER, -500, 1600, "netrad_W_m2", "mean", true],
  ["G", POWER, -500, 1000, "g_W_m2", "mean", true],
  ["SW_IN", POWER, -50, 1600, "sw_in_W_m2", "mean", true],
  ["LW_IN", POWER, 0, 1000, "lw_in_W_m2"],
  ["TA", "°C", -90, 65, "ta_degC"],
  ["VPD", "hPa", -3, 130, "vpd_hPa"],
  ["RH", "%", -5, 125, null],
  ["PA", "kPa", 40, 115, "pa_kPa"],
  ["P", "mm", 0, 250, "p_mm_d", "sum", true],
  ["WS", "m s⁻¹", -0.1, 90, "ws_m_s"],
  ["USTAR", "m s⁻¹", -0.1, 15, null],
  ["PPFD_IN", MOLAR, -50, 3500, null],
];

/** Every quantity that half-hourly files are read for, by FLUXNET base name. */
export const HALF_HOURLY: readonly HalfHourlyVariable[] = ROWS.map(([base, unit, low, high, column, rule, whole]) =>
  ({ base, unit, range: [low, high], column, rule: rule ?? "mean", whole: whole ?? false }));

const BY_BASE: ReadonlyMap<string, HalfHourlyVariable> = new Map(HALF_HOURLY.map((v) => [v.base, v]));

/** The quantity of a base name, or undefined. @example halfHourlyVariable("TA")?.unit // "°C" */
export function halfHourlyVariable(base: string): HalfHourlyVariable | undefined {
  return BY_BASE.get(base);
}
