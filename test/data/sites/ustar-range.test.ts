import assert from "node:assert/strict";
import { test } from "node:test";
import { dailyTable, type DailyTable } from "../../../src/data/daily-table";
import { rowsOfSite } from "../../../src/data/sites/site-gaps";
import { ustarRange } from "../../../src/data/sites/ustar-range";
import { aSite } from "../../helpers/tables";

/** Two days of two sites; a row's numbers are NaN where not named. */
function fourDays(columns: Readonly<Record<string, readonly number[]>>): DailyTable {
  const numbers = Object.fromEntries(Object.entries({ nee: [1, 2, 3, 4], ...columns }).map(([name, values]) => [name, Float32Array.from(values)]));
  return dailyTable({ site: ["A", "A", "B", "B"], day: Int32Array.of(0, 1, 0, 1), numbers }, [aSite("A"), aSite("B")]);
}
const pairs = (table: DailyTable): (readonly string[] | undefined)[] => ["A", "B"].map((site) => ustarRange(table, "nee", rowsOfSite(table, site))?.percentiles);

test("the widest pair is taken that a site's own rows have, else the narrower, else none", () => {
  const wide = { nee_ustar05: [0, 1, NaN, NaN], nee_ustar95: [2, 3, NaN, NaN] };
  const narrow = { nee_ustar25: [0.5, 1.5, 2.5, 3.5], nee_ustar75: [1.5, 2.5, 3.5, 4.5] };
  assert.deepEqual(pairs(fourDays({ ...wide, ...narrow })), [["05", "95"], ["25", "75"]]);
  assert.deepEqual(pairs(fourDays(wide)), [["05", "95"], undefined]);
  assert.deepEqual(pairs(fourDays(narrow)), [["25", "75"], ["25", "75"]]);
  assert.deepEqual(pairs(fourDays({})), [undefined, undefined]);
});

test("one end alone is no range, neither as a column nor on a day", () => {
  assert.deepEqual(pairs(fourDays({ nee_ustar05: [0, 1, 2, 3] })), [undefined, undefined]);
  assert.deepEqual(pairs(fourDays({ nee_ustar05: [0, NaN, 2, 3], nee_ustar95: [NaN, 3, 4, 5] })), [undefined, ["05", "95"]]);
});
