import { WorkbookError } from "../../core/errors";
import { stepsName, type HalfHourly } from "../half-hourly/half-hourly-table";

/** What u* filter, gap filling and partition work on `[step]`, NaN = missing. */
export interface PartitionInputs {
  /** µmol CO₂ m⁻² s⁻¹, negative = uptake; measured values alone */
  readonly NEE: Float64Array;
  /** °C */
  readonly TA: Float64Array;
  /** W m⁻² */
  readonly SW_IN: Float64Array;
  /** hPa; zero where the file knows none, so that nothing is limited by it */
  readonly VPD: Float64Array;
  /** m s⁻¹ */
  readonly USTAR: Float64Array;
  /** drivers that the file has: their gaps are filled in the result */
  readonly drivers: readonly ("TA" | "SW_IN" | "VPD")[];
  /** what was taken for what */
  readonly notes: readonly string[];
}

/** µmol of photons in the photosynthetic band for each joule of global radiation: 0.45 × 4.57. */
const PHOTONS_PER_JOULE = 0.45 * 4.57;

/**
 * The five columns from what a file has: NEE as measured (what the file itself had filled is missing again), global radiation, else from
 * photons. Nothing is filled here.
 * @param threshold of u* where it is given, m s⁻¹: u* itself is wanted only where that is not zero
 * @throws WorkbookError MissingColumn for what cannot be had, naming what may stand for it
 * @source photosynthetic share of global radiation: Meek et al. 1984, Agronomy Journal 76, 939; 4.57 µmol J⁻¹: McCree 1972, Agricultural Meteorology 10, 443
 * @example partitionInputs(table).NEE
 */
export function partitionInputs(table: HalfHourly, threshold?: number): PartitionInputs {
  const notes: string[] = [];
  const has = (name: string): boolean => known(table.columns.get(name) ?? []) > 0;
  const need = (name: string, or: string): void => {
    throw new WorkbookError("MissingColumn", `partition: ${table.site}: ${table.file}: ${name}${or} with values required, found none; take a file that has it`, { file: table.file, site: table.site, column: name });
  };
  const column = (name: string): Float64Array => Float64Array.from(table.columns.get(name) ?? new Float64Array(table.start.length).fill(NaN));
  if (!has("NEE")) need("NEE", " or FC");
  if (!has("TA")) need("TA", "");
  if (!has("SW_IN") && !has("PPFD_IN")) need("SW_IN", " or PPFD_IN");
  if (!has("USTAR") && threshold !== 0) need("USTAR", " (unless --ustar 0 says to filter nothing)");
  const [all, flags] = [column("NEE"), table.quality.get("NEE")];
  const NEE = flags === undefined ? all : all.map((v, i) => (flags[i] === 0 ? v : NaN));
  if (known(NEE) < known(all)) notes.push(`${known(all) - known(NEE)} ${stepsName(table.stepMinutes)} of NEE that the file itself had filled are filled anew; where its team has filtered by u* already, --ustar 0 adds no second filter`);
  if (!has("SW_IN")) notes.push(`SW_IN is PPFD_IN / ${PHOTONS_PER_JOULE.toFixed(2)}`);
  if (!has("VPD")) notes.push("no VPD: gaps are filled by light and temperature alone, and the day-time partition knows no drought");
  return {
    NEE, TA: column("TA"), USTAR: column("USTAR"), notes,
    SW_IN: has("SW_IN") ? column("SW_IN") : column("PPFD_IN").map((v) => v / PHOTONS_PER_JOULE),
    VPD: has("VPD") ? column("VPD") : new Float64Array(table.start.length),
    drivers: has("VPD") ? ["TA", "SW_IN", "VPD"] : ["TA", "SW_IN"],
  };
}

function known(values: ArrayLike<number>): number {
  let n = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]!)) n++;
  return n;
}
