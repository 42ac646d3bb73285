/** A column of CarbonSense: its base name in the half-hourly table and the range its pipeline maps to 0…1 (or −1…1). */
export interface CarbonSenseColumn {
  readonly name: string;
  readonly base: string;
  /** the pipeline's normalisation of this predictor; null for targets, which are published as they are */
  readonly range: readonly [low: number, high: number] | null;
}

type Row = readonly [name: string, base: string, range?: readonly [number, number]];
const columns = (rows: readonly Row[]): readonly CarbonSenseColumn[] => rows.map(([name, base, range]) => ({ name, base, range: range ?? null }));

/**
 * `predictors.csv` of version 1. A value stands in the file as (x − middle) / (high − low).
 * @source Fortier et al. 2025, arXiv 2406.04940; normalization_config.yml and 5_normalize_and_organize.ipynb of github.com/mjfortier/CarbonSense
 */
export const V1_PREDICTORS = columns([
  ["TA_F", "TA", [-80, 80]], ["SW_IN_F", "SW_IN", [0, 2000]], ["LW_IN_F", "LW_IN", [0, 2000]], ["VPD_F", "VPD", [0, 110]], ["RH", "RH", [0, 100]],
  ["PA_F", "PA", [20, 150]], ["P_F", "P", [0, 300]], ["WS_F", "WS", [0, 100]], ["USTAR", "USTAR", [0, 10]], ["PPFD_IN", "PPFD_IN", [-200, 3000]],
  ["NETRAD", "NETRAD", [-1000, 2000]], ["G_F_MDS", "G", [-1000, 2000]], ["H_F_MDS", "H", [-1000, 2000]], ["LE_F_MDS", "LE", [-1000, 2000]],
]);

/** `targets.csv` of version 1: µmol CO₂ m⁻² s⁻¹, measured hours only (flag 0). @source as V1_PREDICTORS */
export const V1_TARGETS = columns([
  ["NEE_VUT_REF", "NEE"], ["GPP_NT_VUT_REF", "GPP_NT"], ["RECO_NT_VUT_REF", "RECO_NT"], ["GPP_DT_VUT_REF", "GPP_DT"], ["RECO_DT_VUT_REF", "RECO_DT"],
]);

/**
 * Table `ec_data` of version 2 (`carbonsense_v2.sql`): predictors normalised, targets as they are; what is filled worse than flag 2 is missing.
 * @source stage_4.py (DEFAULT_NORM) of github.com/mjfortier/CarbonSense
 */
export const V2_COLUMNS = columns([
  ["TA", "TA", [-80, 80]], ["SW_IN", "SW_IN", [-1500, 1500]], ["LW_IN", "LW_IN", [-1000, 1000]], ["VPD", "VPD", [0, 110]], ["RH", "RH", [0, 100]],
  ["PA", "PA", [0, 110]], ["P", "P", [0, 100]], ["WS", "WS", [-100, 100]], ["USTAR", "USTAR", [-4, 4]], ["PPFD_IN", "PPFD_IN", [-2500, 2500]],
  ["NETRAD", "NETRAD", [-1000, 1000]], ["G", "G", [-700, 700]], ["H", "H", [-700, 700]], ["LE", "LE", [-700, 700]],
  ["NEE", "NEE"], ["GPP_NT", "GPP_NT"], ["RECO_NT", "RECO_NT"], ["GPP_DT", "GPP_DT"], ["RECO_DT", "RECO_DT"],
]);

/**
 * Whether predictors are normalised, told by the time of day `TOD`: 0…23.5 as it is, −1…1 normalised.
 * @example isNormalised([-1, -0.96]) // true
 */
export function isNormalised(timeOfDay: Iterable<number>): boolean {
  for (const v of timeOfDay) if (v < 0) return true;
  return false;
}

/** Undoes the normalisation of one column, in place. */
export function denormalise(values: Float32Array, { range }: CarbonSenseColumn): void {
  if (range === null) return;
  const [low, high] = range;
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * (high - low) + (high + low) / 2;
}
