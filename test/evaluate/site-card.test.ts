import assert from "node:assert/strict";
import { test } from "node:test";
import { daysOf, numbers, dailyTable } from "../../src/data/daily-table";
import { outliers, hasOutliers } from "../../src/evaluate/outliers";
import { siteCards } from "../../src/evaluate/site-card";
import { aSite, towerTable } from "../helpers/tables";

test("a spike stands out among its month, a season does not, rain and codes are not asked", () => {
  const table = towerTable([aSite("AA-One")], 3 * 365);
  const values = numbers(table, "ta_degC").slice();
  assert.deepEqual(outliers(values, daysOf(table)), []);
  values[400] = 60;
  values[17] = -40;
  assert.deepEqual(outliers(values, daysOf(table)), [17, 400]);
  assert.deepEqual(["p_mm_d", "clouds", "nee_qc", "ta_degC", "gpp"].map(hasOutliers), [false, false, false, true, true]);
  assert.deepEqual(outliers(Float32Array.of(1, 100), Int32Array.of(0, 1)), [], "too few to tell");
  assert.deepEqual(outliers(Float32Array.from({ length: 31 }, (_, i) => (i === 9 ? 1 : 0)), Int32Array.from({ length: 31 }, (_, i) => i)), [], "without any spread nothing stands out by a measure");
});

test("a card says what is there, in which unit, how good and how closed", () => {
  const n = 100;
  const table = dailyTable({
    site: new Array<string>(n).fill("AA-One"), day: Int32Array.from({ length: n }, (_, i) => 2 * i), text: { source: new Array<string>(n).fill("FLUXNET2015_SUBSET_DD") },
    numbers: {
      gpp: new Float32Array(n).fill(3), reco: new Float32Array(n).fill(2), nee: new Float32Array(n).fill(-0.5), ta_degC: Float32Array.from({ length: n }, (_, i) => (i < 50 ? 10 + i : NaN)),
      nee_qc: Float32Array.from({ length: n }, (_, i) => [1, 0.8, 0.2, NaN][i % 4]!), temperature_2m: new Float32Array(n).fill(12),
    },
  }, [aSite("AA-One", { igbp: "DBF" })]);
  const [card] = siteCards(table);
  assert.deepEqual([card!.igbp, card!.flux_days, card!.qc1_share, card!.qc75_share, card!.qc_unknown_share, card!.closure, card!.measured_share, card!.energy_closure], ["DBF", 100, 0.25, 0.5, 0.25, 0.5, null, null]);
  const of = (column: string) => card!.variables.find((v) => v.column === column)!;
  const { days, share, first, last, min, median, max, longest_gap, unit, unit_doubt } = of("ta_degC");
  assert.deepEqual([days, first, last, min, median, max, unit, unit_doubt], [50, "1970-01-01", "1970-04-09", 10, 34.5, 59, "°C", null]);
  assert.deepEqual([share.toFixed(4), longest_gap], [(50 / 199).toFixed(4), 100], "days without a row are missing too");
  assert.match(of("temperature_2m").unit_doubt!, /looks like °C/);
  assert.equal(card!.variables.some((v) => v.column === "ws_m_s"), false);
});
