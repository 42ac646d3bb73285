import assert from "node:assert/strict";
import { test } from "node:test";
import { FLUXES, STATIC_WIDTH } from "../../src/core/quantities";
import { numbers, siteRows } from "../../src/data/daily-table";
import { prepareSite, type PreparedSite } from "../../src/windows/batches";
import { completeDays, dayRows, featureNames, leftOut } from "../../src/windows/day-rows";
import { layRecord } from "../../src/windows/record";
import { fitStandardiser, standardiseDrivers } from "../../src/windows/standardise";
import { supportCandidates } from "../../src/windows/support";
import { aSite, towerTable } from "../helpers/tables";

const CHANNELS = ["ta_degC", "p_mm_d"];

/** Two sites of 60 days: site B misses a driver for 10 days and GPP on day 3, and has QC 0 on day 5. */
function prepared(use: (day: number) => boolean = () => true): { sites: PreparedSite[]; standardiser: ReturnType<typeof fitStandardiser> } {
  const table = towerTable([aSite("A"), aSite("B", { igbp: "CRO", koppen: null, koppenDetail: null })], 60);
  const { from } = siteRows(table)[1]!;
  for (let d = 20; d < 30; d++) numbers(table, "ta_degC")[from + d] = NaN;
  numbers(table, "gpp")[from + 3] = NaN;
  numbers(table, "nee_qc")[from + 5] = 0;
  const records = siteRows(table).map((rows) => layRecord(table, rows, CHANNELS, 0));
  const standardiser = fitStandardiser(records, CHANNELS);
  return { standardiser, sites: records.map((r, i) => prepareSite(r, standardiser, supportCandidates(r, 45), 1 + i, 0.9, use)) };
}

test("a row is a day with all its drivers, its flux and a weight above 0; other fluxes of that day still count", () => {
  const { sites } = prepared();
  assert.deepEqual(FLUXES.map((flux) => dayRows(sites, flux).rows), [60 + 48, 60 + 49, 60 + 49]);
});

test("a row holds the day's own drivers, the site's one-hots, its flux and its weight", () => {
  const { sites } = prepared();
  const { x, y, weight, width, rows } = dayRows(sites, "reco");
  assert.equal(width, CHANNELS.length + STATIC_WIDTH);
  const [a, b] = sites as [PreparedSite, PreparedSite];
  assert.deepEqual([...x.subarray(7 * width, 7 * width + 2)], [...a.x.subarray(14, 16)]);
  assert.deepEqual([...x.subarray((rows - 1) * width + 2, rows * width)], [...b.statics]);
  assert.equal(y[rows - 1], b.y[59 * 3 + 1]);
  assert.deepEqual([weight[0], weight[rows - 1]], [1, 2]);
  assert.equal(y.length, rows);
  assert.ok([...x, ...y, ...weight].every(Number.isFinite));
});

test("days that must not train give no row", () => {
  const { sites } = prepared((day) => day < 10);
  assert.equal(dayRows(sites, "nee").rows, 10 + 9);
  assert.equal(dayRows([], "nee").rows, 0);
});

test("at prediction the features of a day are those it would train with", () => {
  const { sites, standardiser } = prepared();
  const { record } = sites[1]!;
  const { days, x, width } = completeDays(record, standardiseDrivers(standardiser, record.drivers));
  assert.deepEqual([...days], [...Array(60).keys()].filter((d) => d < 20 || d >= 30));
  const trained = dayRows([sites[1]!], "nee");
  assert.deepEqual([...x.subarray(6 * width, 9 * width)], [...trained.x.subarray(5 * width, 8 * width)], "day 5 of QC 0 does not train");
});

test("what gives no row is counted by site and reason; a day without the flux is no loss", () => {
  const { sites } = prepared();
  const b = [{ site: "B", reason: "a driver is missing", days: 10 }, { site: "B", reason: "weight 0 (QC 0)", days: 1 }];
  for (const flux of FLUXES) assert.deepEqual(leftOut(sites, flux), b);
  assert.deepEqual(leftOut(prepared((day) => day < 4).sites, "gpp"), []);
});

test("each feature has one name", () => {
  const names = featureNames(CHANNELS);
  assert.equal(names.length, CHANNELS.length + STATIC_WIDTH);
  assert.equal(new Set(names).size, names.length);
});
