import { hasColumn, daysOf, numbers, siteRows, type DailyTable } from "../data/daily-table";

/** Days over which the water balance is summed: the 3-month scale on which soil moisture and vegetation answer. */
export const BALANCE_DAYS = 90;
/** Share of those days that must be known. */
const SHARE = 0.9;
/** Psychrometric constant at sea level, kPa K⁻¹, and latent heat of 1 mm d⁻¹ of water, W m⁻². */
const PSYCHROMETRIC = 0.066;
const WATT_PER_MM = 2.45e6 / 86_400;

/**
 * Reference evaporation from temperature (°C) and incoming short-wave radiation (W m⁻²) alone, mm d⁻¹.
 * @source Makkink 1957, J. Inst. Water Eng. 11, 277–288, with the factor 0.65 of de Bruin 1987 (From Penman to Makkink, TNO Proceedings 39); slope of the
 * saturation pressure: Allen et al. 1998, FAO 56, eq. 13
 * @example makkink(20, 250) // 3.9
 */
export function makkink(celsius: number, sw: number): number {
  const slope = (4098 * 0.6108 * Math.exp((17.27 * celsius) / (celsius + 237.3))) / (celsius + 237.3) ** 2;
  return Math.max(0, (0.65 * slope * sw) / (slope + PSYCHROMETRIC) / WATT_PER_MM);
}

/**
 * Climatic water balance `[row]`: precipitation less reference evaporation, summed over the 90 days that end with the row, mm; NaN where less than 90 % of them
 * are known. Low is dry. It needs no soil sensor, so that it says the same at every tower; it knows neither groundwater nor irrigation.
 * @throws WorkbookError MissingColumn for a table without ta_degC, sw_in_W_m2 or p_mm_d
 * @source Vicente-Serrano et al. 2010, doi:10.1175/2009JCLI2909.1 (P − PET over months as a drought index)
 * @example waterBalance(table)[500]
 */
export function waterBalance(table: DailyTable): Float32Array {
  const [ta, sw, rain] = ["ta_degC", "sw_in_W_m2", "p_mm_d"].map((name) => numbers(table, name)) as [Float32Array, Float32Array, Float32Array];
  const days = daysOf(table);
  const out = new Float32Array(days.length).fill(NaN);
  const daily = rain.map((p, row) => p - makkink(ta[row]!, sw[row]!));
  for (const { from, to } of siteRows(table)) {
    let [start, sum, known] = [from, 0, 0];
    for (let row = from; row < to; row++) {
      if (!Number.isNaN(daily[row]!)) {
        sum += daily[row]!;
        known++;
      }
      while (days[start]! <= days[row]! - BALANCE_DAYS) {
        if (!Number.isNaN(daily[start]!)) {
          sum -= daily[start]!;
          known--;
        }
        start++;
      }
      if (known >= SHARE * BALANCE_DAYS) out[row] = (sum * BALANCE_DAYS) / known;
    }
  }
  return out;
}

/** Whether the table can tell a water balance. */
export function hasWaterBalance(table: DailyTable): boolean {
  return ["ta_degC", "sw_in_W_m2", "p_mm_d"].every((name) => hasColumn(table, name));
}
