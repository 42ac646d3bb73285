import { random } from "../../src/core/random";
import { parseDay } from "../../src/core/days";
import type { Flux } from "../../src/core/quantities";
import { dailyTable, daysOf, numbers, texts, type DailyTable } from "../../src/data/daily-table";
import type { Predictions } from "../../src/evaluate/predictions";
import { aSite } from "../helpers/tables";

const season = (day: number): number => -Math.cos((2 * Math.PI * ((day % 365.25) - 15)) / 365.25);

/** Whole years of towers with a summer season, from 1 January; `shape` changes a day's numbers. */
export function seasonalTable(ids: readonly string[], from: number, to: number, shape: (at: { site: string; year: number; month: number; season: number }, values: Record<string, number>) => Record<string, number> = (_, v) => v): DailyTable {
  const [first, last] = [parseDay(`${from}-01-01`), parseDay(`${to}-12-31`)];
  const days = last - first + 1;
  const columns: Record<string, Float32Array> = {};
  const site: string[] = [];
  const day = new Int32Array(days * ids.length);
  ids.forEach((id, s) => {
    const rng = random(1, id);
    for (let d = 0; d < days; d++) {
      const row = s * days + d;
      const date = new Date((first + d) * 86_400_000);
      const x = season(first + d);
      const gpp = Math.max(0, 5 * x + 2);
      const reco = 2 + x;
      const plain = { gpp, reco, nee: reco - gpp, nee_qc: 1, ta_degC: 10 + 10 * x + rng.normal(), sw_in_W_m2: 150 + 120 * x, vpd_hPa: 6 + 4 * x, p_mm_d: rng.uniform() < 0.3 ? 8 * rng.uniform() : 0 };
      for (const [name, v] of Object.entries(shape({ site: id, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, season: x }, plain))) (columns[name] ??= new Float32Array(days * ids.length).fill(NaN))[row] = v;
      site.push(id);
      day[row] = first + d;
    }
  });
  return dailyTable({ site, day, numbers: columns }, ids.map((id) => aSite(id, id.startsWith("AU") ? { lat: -35 } : {})));
}

/** Predictions made of a table's own fluxes. */
export function predictionsOf(table: DailyTable, make: (flux: Flux, value: number, row: number) => number): Predictions {
  const values = (flux: Flux): Float32Array => numbers(table, flux).map((v, row) => make(flux, v, row));
  const [gpp, reco, nee] = [values("gpp"), values("reco"), values("nee")];
  return { site: texts(table, "site") as string[], day: daysOf(table), gpp, reco, nee, raw: { gpp, reco } };
}
