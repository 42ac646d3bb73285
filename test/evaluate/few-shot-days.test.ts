import assert from "node:assert/strict";
import { test } from "node:test";
import { numbers, type DailyTable } from "../../src/data/daily-table";
import { evaluateFewShot } from "../../src/evaluate/few-shot";
import { resolveConfig } from "../../src/run/config";
import type { Adapter } from "../../src/run/few-shot-adapters";
import { aSite, towerTable } from "../helpers/tables";

/** Two sites of 400 days; the fluxes of B begin on its day 100, and its first one is a GPP alone. */
const PLAIN = towerTable([aSite("A"), aSite("B", { lat: 60 })], 400);
const late = (flux: string): Float32Array => numbers(PLAIN, flux).map((v, row) => (row >= 400 && row < (flux === "gpp" ? 500 : 501) ? NaN : v));
const TABLE: DailyTable = { ...PLAIN, rows: PLAIN.rows.assign({ gpp: late("gpp"), reco: late("reco"), nee: late("nee") }) };

/** Predicts a hundredth of its months above the truth, and 50 above it up to, not including, a day of each site. */
function model(until: Readonly<Record<string, number>>, channels = ["ta_degC"]): Adapter {
  return {
    name: "made", config: resolveConfig({}), channels, dispose: () => undefined,
    adapt: async ({ site, targets }, months) => ({ windows: 1, fluxes: targets.map((v, i) => v + (Math.floor(i / 3) < until[site.site]! ? 50 : months / 100)) }),
  };
}
const scored = async (adapter: Adapter, months: readonly number[]): Promise<Map<number, (readonly [string, number, number])[]>> => {
  const { scores } = await evaluateFewShot([adapter], TABLE, { months, tableName: "T" });
  return new Map(scores.map((s) => [s.months, s.metrics.sites.filter((row) => row.flux === "nee").map((row) => [row.site, row.n, Math.round(100 * row.rmse!)] as const)]));
};

test("the months begin with a site's first flux, not with its record, and the day after the longest is the first scored, for every k", async () => {
  // 3 months are 91 days: A is scored from its day 91, B from 100 + 91
  const right = await scored(model({ A: 91, B: 191 }), [1, 3]);
  assert.deepEqual([...right], [0, 1, 3].map((k) => [k, [["A", 309, k], ["B", 209, k]]]));
  // one that errs a day longer errs on the first scored day
  const day = await scored(model({ A: 92, B: 192 }), [1, 3]);
  for (const rows of day.values()) for (const [site, , error] of rows) assert.ok(error > 250, `${site}: ${error}`);
});

test("fewer months asked for leave more days to score", async () => {
  assert.deepEqual([...await scored(model({ A: 30, B: 130 }), [1])], [0, 1].map((k) => [k, [["A", 370, k], ["B", 270, k]]]));
});

test("30 days with a flux after the longest months are enough, 29 are not", async () => {
  const ending = (end: number): DailyTable => ({ ...TABLE, rows: TABLE.rows.assign(Object.fromEntries(["gpp", "reco", "nee"].map((flux) => [flux, numbers(TABLE, flux).map((v, row) => (row < 400 && row >= end ? NaN : v))]))) });
  const sites = async (end: number): Promise<object> => {
    const { sites, tooShort } = await evaluateFewShot([model({ A: 0, B: 0 })], ending(end), { months: [1, 3], tableName: "T" });
    return { sites, tooShort };
  };
  assert.deepEqual(await sites(91 + 30), { sites: ["A", "B"], tooShort: [] });
  assert.deepEqual(await sites(91 + 29), { sites: ["B"], tooShort: [{ site: "A", flux_days: 120, left: 29, months: 1 }] });
});
