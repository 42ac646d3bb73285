import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { formatDay, asDay } from "../../src/core/days";
import { isWorkbookError } from "../../src/core/errors";
import type { Site } from "../../src/core/sites";
import { numbers, siteRows, type DailyTable } from "../../src/data/daily-table";
import { commonTargets, targetView } from "../../src/data/target-view";
import { predictRun } from "../../src/evaluate/predict";
import { resolveConfig } from "../../src/run/config";
import { prepareDataset, settleConfig } from "../../src/run/dataset";
import { modelChannels } from "../../src/run/model-view";
import { readHeader, runPaths } from "../../src/run/run-directory";
import { EMBARGO, timeRoles } from "../../src/run/time-split";
import { train } from "../../src/run/train";
import { supportCandidates, drawSupport, predictSupport } from "../../src/windows/support";
import { random } from "../../src/core/random";
import { quarterOf } from "../../src/core/days";
import { layRecord, hasFlux } from "../../src/windows/record";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const SITES = Array.from({ length: 6 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 400);
const SMALL = { split: { train: ["S0", "S1", "S2", "S3"], test: ["S4", "S5"] }, epochs: 1, hidden: 8, latent: 4, batch: 64, stages: 1 };
const CHANNELS = ["ta_degC", "sw_in_W_m2", "vpd_hPa", "p_mm_d", "pa_kPa", "ws_m_s", "lat", "lon"];
const dataset = (more: object, table: DailyTable = TABLE): ReturnType<typeof prepareDataset> => prepareDataset(table, settleConfig(table, resolveConfig({ ...SMALL, ...more })));
/** The table with one site's entry changed, its record the same. */
const altered = (more: Partial<Site>): DailyTable => ({ ...TABLE, sites: TABLE.sites.map((s) => (s.site === "S4" ? { ...s, ...more } : s)) });

async function predictionsOf(config: object, tables: readonly DailyTable[]): Promise<Float32Array[]> {
  const dir = path.join(scratch("view"), "run");
  await train({ table: TABLE, out: dir, config: { ...SMALL, ...config } });
  const out: Float32Array[] = [];
  for (const table of tables) out.push((await predictRun(dir, table, { sites: ["S4"] })).predictions.nee);
  return out;
}
const known = (values: Float32Array): number[] => [...values].filter((v) => !Number.isNaN(v));

test("each switch takes its channels and no other", () => {
  assert.deepEqual(modelChannels({ features: "tower", position: true, satellite: true }), CHANNELS);
  assert.deepEqual(modelChannels({ features: "tower", position: false, satellite: true }), CHANNELS.slice(0, 6));
  const minimal = modelChannels({ features: "minimal", position: true, satellite: false });
  assert.equal(minimal.length, 8);
  assert.ok(minimal.includes("leaf_area_index_low_vegetation") && !minimal.some((c) => /refl|Zenith|Azimuth|clouds/.test(c)));
  assert.deepEqual(modelChannels({ features: "tower-vi", position: true, satellite: false }), CHANNELS);
  assert.throws(() => modelChannels({ features: "tower", position: true, satellite: false }), (e) => isWorkbookError(e, "BadConfig") && /satellite: true is required with features tower/.test(e.message));
});

test("with position off a run neither has the channels nor feels a tower being moved; with it on it does", async () => {
  const moved = altered({ lat: -80, lon: 170 });
  const [off, offMoved] = await predictionsOf({ position: false }, [TABLE, moved]);
  assert.deepEqual(known(off!), known(offMoved!));
  assert.ok(known(off!).length > 300);
  const [on, onMoved] = await predictionsOf({ position: true }, [TABLE, moved]);
  assert.notDeepEqual(known(on!), known(onMoved!));
});

test("position left to the table is off for few sites and on from 200", () => {
  assert.deepEqual(dataset({}).channels, CHANNELS.slice(0, 6));
  const many = { ...TABLE, sites: Array.from({ length: 200 }, (_, i) => TABLE.sites[i % 6]!) };
  assert.equal(settleConfig(many, resolveConfig({})).position, true);
  assert.equal(settleConfig(many, resolveConfig({ position: false })).position, false);
  assert.equal(resolveConfig({ protocol: "carbonfluxbench" }).position, true, "as published");
});

test("shared support sets are what training learns from: a run without them learns something else", async () => {
  const [shared] = await predictionsOf({}, [TABLE]);
  const [again] = await predictionsOf({ support_shared: true }, [TABLE]);
  const [own] = await predictionsOf({ support_shared: false }, [TABLE]);
  assert.deepEqual(known(shared!), known(again!));
  assert.notDeepEqual(known(shared!), known(own!));
});

test("with static_inputs off sites that differ only in class are predicted alike; with it on they are not", async () => {
  const other = altered({ igbp: "WET", koppen: "A", koppenDetail: "Af" });
  const [off, offOther] = await predictionsOf({ static_inputs: false }, [TABLE, other]);
  assert.deepEqual(known(off!), known(offOther!));
  const [on, onOther] = await predictionsOf({ static_inputs: true }, [TABLE, other]);
  assert.notDeepEqual(known(on!), known(onOther!));
});

test("with static_inputs off training sees no class either, though split and class weights still do", () => {
  const off = dataset({ static_inputs: false, class_weights: "product" });
  assert.ok(off.train.sites.every((s) => s.statics.every((v) => v === 0)));
  assert.ok(dataset({}).train.sites.every((s) => s.statics.some((v) => v === 1)));
  assert.deepEqual(off.weighting, dataset({ class_weights: "product" }).weighting);
});

test("a model driven by the classes refuses to have none", () => {
  for (const model of ["tamlstm", "ctlstm"]) assert.throws(() => resolveConfig({ model, static_inputs: false }), (e) => isWorkbookError(e, "BadConfig") && e.message.includes(model));
  assert.throws(() => resolveConfig({ embedding: "static", static_inputs: false }), (e) => isWorkbookError(e, "BadConfig") && /embedding static/.test(e.message));
});

test("a switch that is no switch, and a key or word misspelt, are errors naming the nearest", () => {
  assert.throws(() => resolveConfig({ position: "off" }), /position: "auto", true or false required, got "off"/);
  assert.throws(() => resolveConfig({ satelite: false }), /nearest satellite/);
  assert.throws(() => resolveConfig({ support_season: "growin" }), /nearest growing/);
  assert.throws(() => resolveConfig({ partition: "dt" }), /one of night, day required/);
});

test("support windows of a season lie in it, north and south, and are as many as without one", () => {
  for (const [lat, season, quarters] of [[50, "growing", [1, 2]], [50, "winter", [0, 3]], [-30, "growing", [0, 3]], [-30, "winter", [1, 2]]] as const) {
    const table = towerTable([aSite("X", { lat })], 800);
    const record = layRecord(table, siteRows(table)[0]!, CHANNELS, 7);
    const candidates = supportCandidates(record, 45, season);
    const quarterOfStart = (s: number): number => quarterOf(asDay(record.first + s + 22));
    for (let k = 0; k < 40; k++) {
      const { starts } = drawSupport(candidates, 300, 4, random(k));
      assert.equal(starts.length, 4);
      assert.ok(starts.every((s) => (quarters as readonly number[]).includes(quarterOfStart(s)) && (s + 45 <= 300 || s >= 345)));
    }
    const atPrediction = predictSupport(candidates, 12);
    assert.equal(new Set(atPrediction).size, 12);
    assert.ok(atPrediction.every((s) => (quarters as readonly number[]).includes(quarterOfStart(s))));
  }
});

test("a record without a window in the season uses the whole year, which the run warns of; an unknown latitude is an error", () => {
  const short = towerTable([...SITES.slice(0, 5), aSite("S5", { lat: 45.5 })], 80);
  assert.match(dataset({ support_season: "growing" }, short).report.warnings.join(), /support_season growing: no whole window in the season at S0/);
  assert.ok(!/support_season/.test(dataset({}, short).report.warnings.join()));
  const nowhere = towerTable([aSite("X", { lat: null })], 400);
  const record = layRecord(nowhere, siteRows(nowhere)[0]!, CHANNELS.slice(0, 6), 7);
  assert.throws(() => supportCandidates(record, 45, "winter"), (e) => isWorkbookError(e, "BadSite") && /X: a latitude/.test(e.message));
});

test("partition day trains on the day-time columns, and a table without them says so", () => {
  const doubled: DailyTable = { ...TABLE, rows: TABLE.rows.assign({ gpp_dt: numbers(TABLE, "gpp").map((v) => 2 * v), reco_dt: numbers(TABLE, "reco").map((v, i) => (i === 0 ? NaN : v + 1)) }) };
  const [night, day] = [dataset({}, doubled).standardiser, dataset({ partition: "day" }, doubled).standardiser];
  assert.ok(Math.abs(day.targetMean[0] - 2 * night.targetMean[0]) < 1e-4);
  assert.equal(day.targetMean[2], night.targetMean[2]);
  assert.throws(() => dataset({ partition: "day" }), (e) => isWorkbookError(e, "MissingColumn") && /gpp_dt \(day-time partition\)/.test(e.message));
  assert.equal(targetView(TABLE, "night"), TABLE);
  for (const table of commonTargets(doubled, targetView(doubled, "day"))) assert.deepEqual([...numbers(table, "nee").slice(0, 2)], [NaN, numbers(TABLE, "nee")[1]]);
});

test("validation in time leaves an embargo before the last fifth of the fluxes", () => {
  const record = layRecord(TABLE, siteRows(TABLE)[0]!, CHANNELS.slice(0, 6), 7);
  const { trainEnd, validFrom, validEnd } = timeRoles(record, { split: "koppen", validation: "time" });
  assert.deepEqual([validFrom, validFrom - trainEnd, validEnd], [Math.floor(0.8 * record.length), EMBARGO, record.length]);
});

test("a tower whose record ends before the embargo and a window leaves it nothing to teach with is named", () => {
  const short = Object.fromEntries((["gpp", "reco", "nee"] as const).map((flux) => [flux, numbers(TABLE, flux).map((v, row) => (row > 80 && row < siteRows(TABLE)[0]!.to ? NaN : v))]));
  const told = (table: DailyTable, validation: string): readonly string[] => dataset({ validation }, table).report.warnings.filter((w) => /no training window/.test(w));
  assert.deepEqual(told({ ...TABLE, rows: TABLE.rows.assign(short) }, "time"), ["validation time: no training window before the days held back at S0, which teaches nothing"]);
  assert.deepEqual([...told(TABLE, "time"), ...told({ ...TABLE, rows: TABLE.rows.assign(short) }, "site")], []);
});

test("the temporal split trains on the first years of every site, validates after an embargo and holds out the last fifth after another", () => {
  const set = dataset({ split: "temporal", validation: "time" });
  assert.deepEqual([set.split.train.length, set.split.test.length], [6, 0]);
  const record = set.train.sites[0]!.record;
  const roles = timeRoles(record, { split: "temporal", validation: "time" });
  assert.deepEqual(roles, { trainEnd: 175, validFrom: 220, validEnd: 275, testFrom: 320 });
  assert.equal(roles.validFrom - roles.trainEnd, EMBARGO);
  assert.equal(set.split.heldFrom!["S0"], formatDay(asDay(320)));
  const learnt = (days: Float32Array): number[] => [...days.keys()].filter((d) => !Number.isNaN(days[d]!) && hasFlux(record, d));
  assert.equal(Math.max(...learnt(set.train.sites[0]!.weight)), 174);
  assert.deepEqual([Math.min(...learnt(set.validation.sites[0]!.weight)), Math.max(...learnt(set.validation.sites[0]!.weight))], [220, 274]);
  assert.throws(() => resolveConfig({ split: "temporal" }), (e) => isWorkbookError(e, "BadConfig") && /validation: "time" with split temporal/.test(e.message));
});

test("the fluxes of the held-out years change nothing of what is learned", () => {
  const gpp = numbers(TABLE, "gpp").slice();
  for (const rows of siteRows(TABLE)) for (let i = rows.from + 320 - EMBARGO; i < rows.to; i++) gpp[i] = 77;
  const poisoned = { ...TABLE, rows: TABLE.rows.assign({ gpp }) };
  const [a, b] = [dataset({ split: "temporal", validation: "time" }), dataset({ split: "temporal", validation: "time" }, poisoned)];
  assert.deepEqual(a.standardiser, b.standardiser);
  assert.deepEqual(a.train.queries, b.train.queries);
  assert.deepEqual(a.weighting, b.weighting);
});

test("a run kept from before support sets were shared is read as one that did not share them", async () => {
  const dir = path.join(scratch("view"), "run");
  await train({ table: TABLE, out: dir, config: { ...SMALL, model: "ridge" } });
  assert.equal(readHeader(dir).config.support_shared, true);
  const kept = JSON.parse(fs.readFileSync(runPaths(dir).header, "utf8")) as { config: Record<string, unknown> };
  delete kept.config.support_shared;
  fs.writeFileSync(runPaths(dir).header, JSON.stringify(kept));
  assert.equal(readHeader(dir).config.support_shared, false);
});
