import assert from "node:assert/strict";
import { test } from "node:test";
import { columnSpec } from "../../../src/core/columns";
import { parseDay } from "../../../src/core/days";
import { random } from "../../../src/core/random";
import { BIOMES } from "../../../src/data/simulate/biomes";
import { calendarOf } from "../../../src/data/simulate/calendar";
import { CALIBRATION } from "../../../src/data/simulate/calibration";
import { cellError, seeReanalysis } from "../../../src/data/simulate/reanalysis";
import { skyOver } from "../../../src/data/simulate/sky";
import type { Stand } from "../../../src/data/simulate/stand";

test("leaf area stays within its columns' range under any bias, and only what lay beyond is cut", () => {
  const calendar = calendarOf(parseDay("2001-01-01"), parseDay("2001-12-31"));
  const n = calendar.days.length;
  const of = (value: number): Float64Array => new Float64Array(n).fill(value);
  const sky = skyOver(0);
  const weather = { ta: of(25), tMin: of(20), sw: of(200), cloud: of(0.5), rain: of(3), vpd: of(8), pressure: of(100), wind: of(2) };
  const { tall } = BIOMES.EBF;
  const most = columnSpec("leaf_area_index_high_vegetation")!.range[1];
  let cut = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const error = cellError(n, 200, 1, random(seed, "cell"));
    const see = (leafArea: number): ReturnType<typeof seeReanalysis> => seeReanalysis({ leafArea: of(leafArea), supply: of(1), top: of(1), snow: of(0), evaporation: of(3) }, { biome: BIOMES.EBF } as Stand, weather, sky, calendar, error, 0, CALIBRATION, random(seed, "view"));
    // the same bias of a canopy a tenth as dense, which no bias takes out of the range
    const [lush, thin] = [see(12), see(1.2)];
    for (let i = 0; i < n; i++) {
      const free = 10 * thin.leafAreaHigh[i]!;
      assert.ok(lush.leafAreaHigh[i]! <= most, `seed ${seed}: ${lush.leafAreaHigh[i]}`);
      assert.ok(Math.abs(lush.leafAreaHigh[i]! - Math.min(most, free)) < 1e-4);
      if (free > most) cut++;
    }
    assert.ok(Math.abs(lush.leafAreaLow[0]! - 10 * thin.leafAreaLow[0]!) < 1e-4 && thin.leafAreaLow[0]! < thin.leafAreaHigh[0]! * (1 - tall) / tall + 1e-4);
    assert.deepEqual(lush.evaporation, thin.evaporation);
  }
  assert.ok(cut > n, "a bias that would leave the range was met");
});
