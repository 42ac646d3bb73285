import { WorkbookError } from "../../core/errors";
import { conversion, type Conversion } from "../grid/physical-unit";
import { spelledOut } from "../half-hourly/unit-text";
import { halfHourlyVariable } from "../half-hourly/variables";

/**
 * Variables of the Met and Flux files under their ALMA names, with the base name of the half-hourly table each goes to.
 * @source Ukkola et al. 2022, doi:10.5194/essd-14-449-2022
 */
export const PLUMBER2_COLUMNS: readonly (readonly [name: string, base: string])[] = [
  ["Tair", "TA"], ["SWdown", "SW_IN"], ["LWdown", "LW_IN"], ["VPD", "VPD"], ["RH", "RH"], ["Psurf", "PA"], ["Precip", "P"], ["Wind", "WS"], ["Ustar", "USTAR"],
  ["NEE", "NEE"], ["GPP", "GPP_NT"], ["GPP_DT", "GPP_DT"], ["Resp", "RECO_NT"], ["Resp_DT", "RECO_DT"],
  ["Qle", "LE"], ["Qh", "H"], ["Qg", "G"], ["Rnet", "NETRAD"],
];

/**
 * The conversion of a variable from the unit its file states to that of the half-hourly table; a rate of rain becomes the rain of a step.
 * @throws WorkbookError BadUnit for a unit of another kind or none: a conversion is never guessed
 * @example conversionOf("a_Met.nc", "Tair", "TA", "K", 1800) // { scale: 1, offset: -273.15 }
 */
export function conversionOf(file: string, name: string, base: string, unit: string, stepSeconds: number): Conversion {
  const variable = halfHourlyVariable(base)!;
  const summed = variable.rule === "sum";
  const wanted = summed ? `${variable.unit} s⁻¹` : variable.unit;
  const found = unit === "" ? null : conversion(spelledOut(unit), spelledOut(wanted), { water: base === "P" });
  if (found !== null) return summed ? { scale: found.scale * stepSeconds, offset: found.offset } : found;
  throw new WorkbookError("BadUnit", `ingest: ${file}: ${name} in ${wanted}, or a unit that converts to it, required, found ${unit === "" ? "no unit" : `"${unit}"`}; convert it`, { file, column: name });
}

/**
 * Vapour pressure deficit, hPa, from specific humidity, kg kg⁻¹, pressure, kPa, and saturation pressure, hPa; not below 0.
 * @source e = q p / (0.622 + 0.378 q): Wallace & Hobbs 2006, eq. 3.62 with w = q / (1 − q)
 * @example vpdOf(0.01, 100, 23.4) // 7.4
 */
export function vpdOf(humidity: number, pressure: number, saturated: number): number {
  const vapour = (humidity * pressure * 10) / (0.622 + 0.378 * humidity);
  return Math.max(0, saturated - vapour);
}
