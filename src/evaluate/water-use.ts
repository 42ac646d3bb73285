import type { SiteId } from "../core/sites";
import { daysOf, hasColumn, numbers, texts, type DailyTable } from "../data/daily-table";
import { siteYearRows } from "../data/sites/site-years";
import type { Contender } from "./evaluate";
import { predictedRows } from "./predicted-rows";

/** Fewest days of a year from which an efficiency is taken. */
export const WATER_USE_DAYS = 60;
/** Days with less light, warmth or evaporation are no growing days: W m⁻², °C, mm d⁻¹. */
const GROWING = { light: 50, ta: 5, evaporation: 0.2 };
/** Rain above this wets the leaves, whose drying is no transpiration: mm d⁻¹, on the day and the day before. */
const WET = 0.5;
const QC = 0.75;

/** Carbon gained for water lost at one site-year. */
export interface WaterUse {
  readonly site: SiteId;
  readonly igbp: string | null;
  readonly year: number;
  /** "observed", or the model whose GPP stands over the tower's evaporation */
  readonly name: string;
  readonly days: number;
  /** ΣGPP / ΣET, g C per kg of water */
  readonly wue: number;
  /** ΣGPP · mean VPD / ΣET, g C hPa per kg of water; null without VPD */
  readonly inherent: number | null;
}

/** Evaporation that a latent heat flux (W m⁻²) stands for at an air temperature (°C), mm d⁻¹. @source Allen et al. 1998, FAO 56, eq. 3-1 @example evaporation(100, 20) // 3.5 */
export function evaporation(le: number, celsius: number): number {
  return (le * 86_400) / (2.501e6 - 2361 * celsius);
}

/**
 * Water-use efficiency of each site-year over dry growing days (above 5 °C, 50 W m⁻² and 0.2 mm d⁻¹ of evaporation, no rain above 0.5 mm on the day or the one before, QC
 * of LE at least 0.75 or unknown), and the inherent one, which takes the dryness of the air out. A model's GPP is set over the tower's own evaporation on the
 * same days. LE is used as measured: where the energy balance does not close, the efficiency is too high for tower and model alike.
 * @throws WorkbookError MissingColumn for a table without GPP, LE, ta_degC, sw_in_W_m2 or p_mm_d
 * @source Beer et al. 2009, doi:10.1029/2008GB003233 (inherent water-use efficiency); Kuglitsch et al. 2008, doi:10.5194/bgd-5-4481-2008 (dry days)
 * @example waterUse(table, [{ model: "tamrl", predictions }]).filter((w) => w.name === "observed")
 */
export function waterUse(table: DailyTable, contenders: readonly Contender[] = []): WaterUse[] {
  const [le, ta, sw, rain] = ["le_W_m2", "ta_degC", "sw_in_W_m2", "p_mm_d"].map((name) => numbers(table, name)) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const optional = (name: string): Float32Array | null => (hasColumn(table, name) ? numbers(table, name) : null);
  const [qc, vpd] = [optional("le_qc"), optional("vpd_hPa")];
  const series = [{ name: "observed", values: numbers(table, "gpp") }, ...contenders.map((c) => ({ name: c.model, values: predictedRows(table, c.predictions, "gpp") }))];
  const [day, ids] = [daysOf(table), texts(table, "site")];
  const follows = (row: number): boolean => row > 0 && ids[row - 1] === ids[row] && day[row - 1] === day[row]! - 1;
  return siteYearRows(table).flatMap(({ site, year, from, to }) => {
    const rows: number[] = [];
    let water = 0;
    for (let row = from; row < to; row++) {
      const lost = evaporation(le[row]!, ta[row]!);
      const dry = rain[row]! <= WET && !(follows(row) && rain[row - 1]! > WET);
      const good = qc === null || Number.isNaN(qc[row]!) || qc[row]! >= QC;
      if (!dry || !good || !(ta[row]! > GROWING.ta && sw[row]! > GROWING.light && lost > GROWING.evaporation) || series.some((s) => !Number.isFinite(s.values[row]!))) continue;
      rows.push(row);
      water += lost;
    }
    if (rows.length < WATER_USE_DAYS) return [];
    const dryness = vpd === null ? NaN : rows.reduce((sum, row) => sum + vpd[row]!, 0) / rows.length;
    return series.map(({ name, values }): WaterUse => {
      const wue = rows.reduce((sum, row) => sum + values[row]!, 0) / water;
      return { site: site.site, igbp: site.igbp, year, name, days: rows.length, wue, inherent: Number.isFinite(dryness) ? wue * dryness : null };
    });
  });
}
