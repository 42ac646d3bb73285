import * as path from "node:path";
import { parseDay, type Day } from "../../src/core/days";
import { random } from "../../src/core/random";
import type { Flux } from "../../src/core/quantities";
import type { Site } from "../../src/core/sites";

/** Where the snapshots of this folder lie. */
export const SNAPSHOTS = path.join(__dirname, "snapshots");

export const PERIOD = { first: parseDay("2001-01-01"), last: parseDay("2002-12-31") };

const site = (id: string, lat: number | null, lon: number | null, igbp: Site["igbp"], koppen: Site["koppen"]): Site => ({ site: id, lat, lon, igbp, koppen, koppenDetail: null });

/** Six sites: two forests, a southern savanna, a crop, one without a class and one without a position. */
export const SITES: readonly Site[] = [
  site("DE-Hai", 51.08, 10.45, "DBF", "C"), site("FI-Hyy", 61.85, 24.29, "ENF", "D"), site("AU-How", -12.49, 131.15, "SAV", "A"),
  site("US-Ne1", 41.17, -96.48, "CRO", "D"), site("XX-Unk", 10, 20, null, null), site("XX-Nil", null, null, "GRA", "B"),
];

/** Site-days every tenth day of two years with a seasonal flux, a model that damps it, and a few holes in both. */
export function fluxDays(flux: Flux, ids: readonly string[] = ["DE-Hai", "FI-Hyy", "AU-How"]): { flux: Flux; site: string[]; day: number[]; observed: number[]; predicted: number[] } {
  const stream = random(7, flux);
  const sign = flux === "nee" ? -0.5 : 1;
  const out = { flux, site: [] as string[], day: [] as number[], observed: [] as number[], predicted: [] as number[] };
  for (const id of ids) {
    const shift = id === "AU-How" ? 182 : 0;
    for (let d = 0; d < 730; d += 10) {
      const truth = sign * Math.max(0, 4 - 5 * Math.cos((2 * Math.PI * (d + shift - 15)) / 365));
      out.site.push(id);
      out.day.push(PERIOD.first + d);
      out.observed.push(stream.uniform() < 0.05 ? NaN : truth + stream.normal());
      out.predicted.push(stream.uniform() < 0.05 ? NaN : 0.8 * truth + 0.5 * stream.normal());
    }
  }
  return out;
}

/** A day of 2001. */
export function day2001(dayOfYear: number): Day {
  return (PERIOD.first + dayOfYear - 1) as Day;
}
