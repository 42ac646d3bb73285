import assert from "node:assert/strict";
import { test } from "node:test";
import { asDay, formatDay } from "../../../src/core/days";
import { daysOf, numbers, texts } from "../../../src/data/daily-table";
import { readBase } from "../../../src/data/half-hourly/read-base";
import { ingest } from "../../../src/data/ingest/ingest";
import { towerFile } from "../towers/tower-file";
import { baseColumns, light, put, stepFile, written } from "./files";

const NAME = "AMF_AA-One_BASE_HH_1-5.csv";
const ABOVE = ["# Site: AA-One", "# Version: 1-5"];

test("BASE is read past its comments: NEE from FC, VPD from RH, local days", async () => {
  const input = await written(NAME, stepFile({ columns: baseColumns, above: ABOVE }));
  const table = await readBase(input);
  assert.deepEqual([table.site, table.kind, table.source, table.stepMinutes, table.start.length], ["AA-One", "ameriflux-base", "AMERIFLUX_BASE_HH", 30, 96]);
  assert.deepEqual(table.columns.get("NEE"), table.columns.get("FC"));
  assert.ok(Math.abs(table.columns.get("VPD")![0]! - 0.4 * 6.108 * Math.exp((17.27 * 10) / (10 + 237.3))) < 1e-4);
  assert.ok(table.warnings.some((w) => /NEE is FC, without storage.*no SC/.test(w)) && table.warnings.some((w) => /VPD is made from TA and RH/.test(w)));
  const { table: daily, report } = await ingest([input.path]);
  assert.deepEqual([...daysOf(daily)].map((d) => formatDay(asDay(d))), ["2012-06-01", "2012-06-02"]);
  assert.deepEqual([...texts(daily, "target_variant")], [null, null]);
  assert.match(report.files[0]!.reason!, /96 half-hours to days/);
  assert.ok(!Number.isNaN(numbers(daily, "nee")[0]!));
});

test("an hourly BASE file without a site in its name is known by its comment", async () => {
  const table = await readBase(await written("base.csv", stepFile({ columns: baseColumns, above: ABOVE, step: 60 })));
  assert.deepEqual([table.site, table.stepMinutes, table.start.length], ["AA-One", 60, 48]);
});

test("NEE is FC plus storage where the file has it; NEE of its own goes before", async () => {
  const withStorage = await readBase(await written(NAME, stepFile({ columns: { ...baseColumns, SC: (i) => (i === 0 ? -9999 : 1) } })));
  const [fc, nee] = [withStorage.columns.get("FC")!, withStorage.columns.get("NEE")!];
  assert.ok(Number.isNaN(nee[0]!), "no storage, no NEE");
  assert.equal(nee[1], fc[1]! + 1);
  assert.ok(withStorage.warnings.some((w) => /NEE is FC \+ SC; 1 half-hours of FC without SC/.test(w)));
  const own = await readBase(await written(NAME, stepFile({ columns: { ...baseColumns, NEE_PI: () => -7 } })));
  assert.equal(own.columns.get("NEE")![5], -7);
});

test("of several sensors the mean goes first, then the highest one; the report says which and by what rule", async () => {
  const columns = { ...baseColumns, WS_1_2_1: () => 3, WS_1_1_2: () => 2, WS_1_1_1: () => 1, TA_1_1_1: () => 30 };
  const table = await readBase(await written(NAME, stepFile({ columns })));
  assert.equal(table.columns.get("WS")![0], 1);
  assert.equal(table.columns.get("TA")![0], 10, "TA without a position");
  assert.ok(table.warnings.some((w) => /WS is WS_1_1_1, of WS_1_2_1, WS_1_1_2, WS_1_1_1/.test(w)));
  assert.ok(table.warnings.some((w) => /highest above ground first/.test(w)));
  const mean = await readBase(await written(NAME, stepFile({ columns: { WS_1_1_1: () => 1, WS_1_1_A: () => 2, WS_1: () => 3 } })));
  assert.equal(mean.columns.get("WS")![0], 3);
});

test("filled values of the team are flagged, measured where they repeat the measured ones", async () => {
  const columns = { ...baseColumns, NEE_PI: (i: number) => (i % 2 ? -9999 : 1), NEE_PI_F: (i: number) => (i % 4 === 2 ? 5 : 1) };
  const table = await readBase(await written(NAME, stepFile({ columns })));
  assert.deepEqual([...table.quality.get("NEE")!].slice(0, 4), [0, 2, 2, 2], "a half-hour that a filter replaced is filled too");
  assert.deepEqual([...table.columns.get("NEE")!].slice(0, 4), [1, 1, 5, 1]);
  const lower = await readBase(await written(NAME, stepFile({ columns: { ...columns, NEE_PI: () => 1, NEE_PI_F: (i) => [-5, 1, 1.0005, 1.002][i % 4]! } })));
  assert.deepEqual([...lower.quality.get("NEE")!].slice(0, 4), [2, 0, 0, 2], "by up or by down, by more than a thousandth");
  const { table: daily } = await ingest([put(NAME, stepFile({ columns }))]);
  assert.deepEqual([numbers(daily, "nee_qc")[0], numbers(daily, "nee_measured")[0]], [0.25, 0.25]);
});

test("half-hours that failed the quality test are left out and counted", async () => {
  const table = await readBase(await written(NAME, stepFile({ columns: { FC_1_1_1: () => 1, FC_SSITC_TEST_1_1_1: (i) => i % 3, SW_IN: light } })));
  assert.deepEqual([...table.columns.get("FC")!].slice(0, 6).map(Number.isNaN), [false, false, true, false, false, true]);
  assert.ok(table.warnings.some((w) => /FC_1_1_1: 32 half-hours of quality test 2/.test(w)));
});

test("a sensor that is renamed mid-file goes on under its new name, with line and date; without one the end is told", async () => {
  const half = 48 * 40;
  const columns = { TA_1_1_1: (i: number) => (i < half ? 5 : -9999), TA_1_2_1: (i: number) => (i < half ? -9999 : 7), WS: (i: number) => (i < half ? 2 : -9999) };
  const table = await readBase(await written(NAME, stepFile({ columns, days: 80 })));
  const ta = table.columns.get("TA")!;
  assert.deepEqual([ta[half - 1], ta[half]], [5, 7]);
  assert.ok(table.warnings.some((w) => /TA_1_1_1 has no value from line 1922 \(2012-07-11 00:00\) to line 3841 .*TA_1_2_1 is taken there/.test(w)), table.warnings.join("\n"));
  assert.ok(table.warnings.some((w) => /WS has no value from line 1922 .*to the end.*renamed/.test(w)));
});

test("a BADM file beside it gives position, class and offset from UTC", async () => {
  const bif = "SITE_ID,GROUP_ID,VARIABLE_GROUP,VARIABLE,DATAVALUE\nAA-One,1,GRP_LOCATION,LOCATION_LAT,41.6\nAA-One,1,GRP_LOCATION,LOCATION_LONG,-83.3\nAA-One,2,GRP_IGBP,IGBP,CRO\nAA-One,3,GRP_CLIM_AVG,CLIMATE_KOEPPEN,Dfa\nAA-One,4,GRP_UTC_OFFSET,UTC_OFFSET,-5\nAA-One,5,GRP_SITE_DESC,SITE_DESC,\"wheat, and\nsoy\"\n";
  const [base, badm] = [await written(NAME, stepFile({ columns: baseColumns })), await written("zz_bif.csv", bif)];
  const { table, report } = await ingest([base.path, badm.path]);
  assert.deepEqual(table.sites, [{ site: "AA-One", lat: 41.6, lon: -83.3, igbp: "CRO", koppen: "D", koppenDetail: "Dfa" }]);
  assert.equal(texts(table, "day_convention")[0], "local standard time (UTC−05:00)");
  assert.deepEqual(report.files.map((f) => [f.kind, f.status, f.reason]), [["ameriflux-base", "read", "96 half-hours to days"], ["badm", "read", "metadata of 1 site"]]);
});

test("raw NEE that is named first does not keep the site's partitioned record out; what is left out is counted", async () => {
  const raw = put(NAME, stepFile({ columns: baseColumns }));
  const daily = put("FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv", towerFile());
  for (const order of [[raw, daily], [daily, raw]]) {
    const { table, report } = await ingest(order);
    assert.deepEqual([...texts(table, "target_variant")], ["NT_VUT_REF", "NT_VUT_REF", "NT_VUT_REF", null, null]);
    assert.deepEqual([...numbers(table, "nee")].map(Number.isNaN), [false, false, false, true, true]);
    assert.ok(!Number.isNaN(numbers(table, "ta_degC")[4]!), "its drivers are taken");
    assert.ok(report.excluded.some((e) => /fluxes of another variant \(unnamed/.test(e.reason) && e.days === 2), JSON.stringify(report.excluded));
  }
});
