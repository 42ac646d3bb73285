import type { Igbp } from "../../core/quantities";
import type { Random } from "../../core/random";
import type { Calendar } from "./calendar";
import { seasonAt, type Normals } from "./normals";

/** Share of grassland towers on meadows that are cut, and of forest towers that lose canopy during a record. */
const MEADOWS = 0.45;
const DISTURBED_FORESTS = 0.12;
const FORESTS: readonly Igbp[] = ["ENF", "EBF", "DBF", "MF"];

/**
 * Share of the leaf area that cutting, thinning, wind or fire left `[day]`, 1 where nothing happened. Meadows in humid climates are cut
 * two to four times a summer and regrow in weeks; forests recover over years.
 * @source Wohlfahrt et al. 2008, doi:10.1029/2007JD009286 (cut meadows); Amiro et al. 2010, doi:10.1029/2010JG001390 (forests)
 * @example leavesLeft("GRA", normals, calendar, random(1))[0] // 1
 */
export function leavesLeft(igbp: Igbp, normals: Normals, calendar: Calendar, random: Random): Float64Array {
  const n = calendar.days.length;
  const left = new Float64Array(n).fill(1);
  const luck = random.uniform();
  const humid = normals.detail[0] === "C" || normals.detail[0] === "D";
  const meadow = (igbp === "GRA" || igbp === "CVM") && humid && luck < MEADOWS;
  const forest = FORESTS.includes(igbp) && luck < DISTURBED_FORESTS;
  if (!meadow && !forest) return left;
  const cutsAYear = 2 + random.int(3);
  const struckOn = Math.floor(n * (0.3 + 0.6 * random.uniform()));
  const loss = 0.35 + 0.4 * random.uniform();
  let missing = 0;
  let sinceCut = 999;
  for (let i = 0; i < n; i++) {
    missing *= meadow ? Math.exp(-1 / 16) : Math.exp(-1 / 1400);
    sinceCut++;
    const summer = seasonAt(calendar.dayOfYear[i]!, normals.north) > 0.3;
    if (meadow && summer && sinceCut > 130 / cutsAYear && random.uniform() < 0.12) {
      missing = 0.7;
      sinceCut = 0;
    }
    if (forest && i === struckOn) missing = loss;
    left[i] = 1 - missing;
  }
  return left;
}
