import { WorkbookError } from "../../core/errors";
import { random } from "../../core/random";
import { hasColumn, isSimulated, numbers, siteRows, type DailyTable } from "../daily-table";

/** Shift of a percentile over u* thresholds, in standard deviations of the threshold's effect. */
const PERCENTILES = { "05": -1.645, "25": -0.674, "75": 0.674, "95": 1.645 } as const;
/** Latent heat of 1 mm d⁻¹ of water, W m⁻²: 2.45 MJ kg⁻¹ over a day. */
const WATT_PER_MM = 2.45e6 / 86_400;
/** Half-hours of a day whose independent errors make the day's. */
const HALF_HOURS = 48;
const MICROMOL_TO_GRAM = 1.0378;

/**
 * A simulated table with what an original ONEFlux file has besides the fluxes: random uncertainty, percentiles over u* thresholds, the day-time partition
 * and the energy balance (LE, H, net radiation, soil heat; one closure a tower, 0.7–1). They are drawn around the table's own fluxes on the days
 * that have them, for teaching and tests: no model sees them, and nothing is learnt from them about real towers. A measured table comes back as it is.
 * @throws WorkbookError MissingColumn for a simulated table without reanalysis
 * @source size of the random error: Richardson et al. 2006, doi:10.1016/j.agrformet.2006.01.007, Table 4; of the u* effect: Papale et al. 2006,
 * doi:10.5194/bg-3-571-2006; energy balance closure of 0.7–1: Wilson et al. 2002, doi:10.1016/S0168-1923(02)00109-0
 * @example const { table } = await notebookTable(); withTowerExtras(table)
 */
export function withTowerExtras(table: DailyTable, seed = 1): DailyTable {
  if (!isSimulated(table) || hasColumn(table, "nee_randunc")) return table;
  for (const name of ["total_evaporation_sum", "surface_net_solar_radiation_sum"]) {
    if (!hasColumn(table, name)) throw new WorkbookError("MissingColumn", `withTowerExtras: column ${name} of a simulated table is required, found none; make the table with simulate`, { column: name });
  }
  const [gpp, reco, nee] = ["gpp", "reco", "nee"].map((name) => numbers(table, name)) as [Float32Array, Float32Array, Float32Array];
  const [evaporation, light] = [numbers(table, "total_evaporation_sum"), numbers(table, "surface_net_solar_radiation_sum")];
  const names = ["nee_randunc", ...Object.keys(PERCENTILES).flatMap((p) => ["nee", "reco", "gpp"].map((f) => `${f}_ustar${p}`)), "gpp_dt", "reco_dt", "le_W_m2", "h_W_m2", "netrad_W_m2", "g_W_m2"];
  const out = Object.fromEntries(names.map((name) => [name, new Float32Array(nee.length).fill(NaN)]));
  for (const { site, from, to } of siteRows(table)) {
    const rng = random(seed, `tower extras/${site.site}`);
    const tower = { spread: 0.02 + 0.06 * rng.uniform(), partition: 0.06 * rng.normal(), closure: 0.7 + 0.3 * rng.uniform() };
    let wander = 0;
    for (let row = from; row < to; row++) {
      wander = 0.95 * wander + 0.05 * rng.normal();
      const noise = [rng.normal(), rng.normal(), rng.normal()];
      if (Number.isNaN(nee[row]!)) continue;
      const size = (Math.abs(gpp[row]!) + Math.abs(reco[row]!)) / MICROMOL_TO_GRAM;
      out["nee_randunc"]![row] = ((0.6 + 0.3 * size) / Math.sqrt(HALF_HOURS)) * MICROMOL_TO_GRAM;
      for (const [p, k] of Object.entries(PERCENTILES)) {
        // a higher threshold finds more respiration at night, and with it more photosynthesis
        out[`reco_ustar${p}`]![row] = reco[row]! + k * tower.spread * Math.abs(reco[row]!);
        out[`gpp_ustar${p}`]![row] = gpp[row]! + 0.6 * k * tower.spread * Math.abs(gpp[row]!);
        out[`nee_ustar${p}`]![row] = nee[row]! + 0.4 * k * tower.spread * Math.abs(reco[row]!);
      }
      out["gpp_dt"]![row] = gpp[row]! * (1 + tower.partition + wander);
      out["reco_dt"]![row] = out["gpp_dt"]![row]! + nee[row]! + 0.1 * noise[0]!;
      const net = 0.85 * (light[row]! / 86_400) - 25 + 8 * noise[1]!;
      const soil = 0.06 * net;
      const latent = Math.max(0, -1000 * evaporation[row]!) * WATT_PER_MM * tower.closure;
      out["netrad_W_m2"]![row] = net;
      out["g_W_m2"]![row] = soil;
      out["le_W_m2"]![row] = latent;
      out["h_W_m2"]![row] = tower.closure * (net - soil) - latent + 6 * noise[2]!;
    }
  }
  return { ...table, rows: table.rows.assign(out) };
}
