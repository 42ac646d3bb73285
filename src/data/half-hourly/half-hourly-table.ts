/** Minutes between two steps. */
export type StepMinutes = 30 | 60;

/** What steps are called. @example stepsName(60) // "hours" */
export function stepsName(minutes: StepMinutes): "hours" | "half-hours" {
  return minutes === 60 ? "hours" : "half-hours";
}

/**
 * One site's half-hours (or hours) as a file gives them: FLUXNET base names and units, gapless in time, missing = NaN.
 * Names: NEE, GPP_NT, RECO_NT, GPP_DT, RECO_DT, FC and SC (µmol CO₂ m⁻² s⁻¹), LE and H (W m⁻²), TA (°C), SW_IN (W m⁻²), VPD (hPa),
 * PA (kPa), P (mm a step), WS and USTAR (m s⁻¹), PPFD_IN (µmol m⁻² s⁻¹), RH (%); GPP_PI and RECO_PI are a partition of the tower's own team.
 */
export interface HalfHourly {
  readonly file: string;
  readonly site: string;
  readonly kind: string;
  readonly source: string;
  readonly stepMinutes: StepMinutes;
  /** minutes since 1970-01-01 00:00 in LOCAL STANDARD time at the START of each step `[step]`; equally spaced */
  readonly start: Float64Array;
  /** hours to add to UTC for local standard time; null when no metadata tells */
  readonly utcOffset: number | null;
  /** values by base name `[step]` */
  readonly columns: ReadonlyMap<string, Float32Array>;
  /** quality flag of a column where the file has one, by base name: 0 measured, 1 to 3 filled, from good to poor; NaN (255 in bytes) = none `[step]` */
  readonly quality: ReadonlyMap<string, Uint8Array | Float32Array>;
  /** the target variant of the fluxes, e.g. `NT_VUT_USTAR50`; absent for fluxes that no pipeline has filled and partitioned */
  readonly variant?: string;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly igbp: string | null;
  /** what a reader of the report should know: sensors taken, time assumed, values left out */
  readonly warnings: readonly string[];
}
