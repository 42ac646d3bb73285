import { channelsOf, columnSpec } from "../../src/core/columns";
import type { Site } from "../../src/core/sites";
import { dailyTable, numbers, type DailyTable } from "../../src/data/daily-table";
import { aSite, towerTable } from "./tables";

const DAYS = 250;

/** Towers of two classes with ERA5 and reflectance in place of met channels; one site has no window, one no flux. */
export function benchmarkLike(): { table: DailyTable; sites: Site[] } {
  const sites = Array.from({ length: 12 }, (_, k) => aSite(`S${String(k).padStart(2, "0")}`, { lat: 40 + k, koppen: k < 6 ? "C" : "D", koppenDetail: k < 6 ? "Cfb" : "Dfb" }));
  const tower = towerTable(sites, DAYS);
  const n = tower.rows.numRows();
  const channels = channelsOf("minimal").filter((c) => c !== "lat" && c !== "lon");
  // air temperature lies about within −10 … 30; each channel follows it through the middle of its own range
  const columns: Record<string, Float32Array> = Object.fromEntries(channels.map((c) => {
    const [low, high] = columnSpec(c)!.range;
    return [c, Float32Array.from(numbers(tower, "ta_degC"), (v) => (low + high) / 2 + ((high - low) * (v - 10)) / 200)];
  }));
  for (const c of ["gpp", "reco", "nee", "nee_qc"]) columns[c] = Float32Array.from(numbers(tower, c));
  for (let i = DAYS; i < 2 * DAYS; i += 10) columns["clouds"]![i] = NaN;
  columns["temperature_2m"]!.fill(NaN, DAYS, 2 * DAYS);
  for (const c of ["gpp", "reco", "nee"]) columns[c]!.fill(NaN, 2 * DAYS, 3 * DAYS);
  const site = Array.from({ length: n }, (_, i) => sites[Math.floor(i / DAYS)]!.site);
  return { table: dailyTable({ site, day: Int32Array.from({ length: n }, (_, i) => i % DAYS), numbers: columns }, sites), sites };
}
