import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterSites } from "../../src/data/splits/clusters";
import type { DailyTable } from "../../src/data/daily-table";
import { armDifferences } from "../../src/evaluate/ablation-table";
import { predictionsOf, seasonalTable } from "./site-analyses";

const SITES = ["AA-One", "BB-Two"];

/** Difference in mean RMSE of an arm off by 0.2 from its own targets to a default off by 0.3, both good on these days of the year only. */
function difference(ustar50: DailyTable, ref: DailyTable, from: number, to: number): number[] {
  const arm = (name: string, table: DailyTable, off: number) => ({ arm: name, seed: 1, predictions: predictionsOf(table, (_, v, row) => v + (row % 365 >= from && row % 365 < to ? off : 10 * off)) });
  const pooled = [arm("default", ustar50, 0.3), arm("targets REF", ref, 0.2)];
  const [only] = armDifferences({ pooled, sites: SITES }, "default", clusterSites(ustar50.sites), "T.parquet", (name) => (name === "default" ? ustar50 : ref));
  assert.deepEqual(only!.differences.map((d) => d.flux), ["gpp", "reco", "nee"]);
  return only!.differences.map((d) => Math.round(1e4 * d.rmse_mean.value!) / 1e4);
}

test("targets of another u* threshold are compared on the days whose QC counts in both", () => {
  const ustar50 = seasonalTable(SITES, 2011, 2011, ({ month }, v) => ({ ...v, nee_qc: month < 3 ? 0.9 : 1 }));
  const ref = seasonalTable(SITES, 2011, 2011, ({ month }, v) => ({ ...v, gpp: 1.1 * v["gpp"]!, nee_qc: month < 11 ? 1 : 0.95 }));
  assert.deepEqual(difference(ustar50, ref, 59, 304), [-0.1, -0.1, -0.1]);
});

test("a QC that is unknown in one table leaves the other's, and a table without QC has it unknown", () => {
  const half = seasonalTable(SITES, 2011, 2011, ({ month }, v) => ({ ...v, nee_qc: month < 7 ? 1 : 0.5 }));
  const without = seasonalTable(SITES, 2011, 2011, (_, { nee_qc: _q, ...v }) => ({ ...v, reco: v["reco"]! + 1 }));
  assert.deepEqual(difference(half, without, 0, 181), [-0.1, -0.1, -0.1]);
  assert.deepEqual(difference(without, seasonalTable(SITES, 2011, 2011, (_, { nee_qc: _q, ...v }) => v), 0, 365), [-0.1, -0.1, -0.1]);
});
