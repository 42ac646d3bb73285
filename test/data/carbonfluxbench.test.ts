import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { channelsOf, columnsOf } from "../../src/core/columns";
import { parseDay } from "../../src/core/days";
import { isWorkbookError, type ErrorTag } from "../../src/core/errors";
import { daysOf, hasColumn, numbers, siteRows, texts } from "../../src/data/daily-table";
import { ingest } from "../../src/data/ingest/ingest";
import { readTable } from "../../src/data/store";
import { era5, FULL, modis, STANDARD, target, writeBenchmark, type FileRow } from "../helpers/carbonfluxbench";
import { scratch } from "../helpers/cli";

const START = parseDay("2005-06-01");
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => START + i);
const says = (tag: ErrorTag, pattern: RegExp) => (e: unknown): boolean => isWorkbookError(e, tag) && pattern.test(e.message);

/** Two sites of ten days, prefixes in the features as published, drivers from five days before the first flux. */
function plain(): { targets: FileRow[]; modis: FileRow[]; era5: FileRow[] } {
  const before = [-5, -4, -3, -2, -1].map((d) => START + d);
  return {
    targets: [...range(10).map((d) => target("DE-Hai", d)), ...range(10).map((d) => target("US-Ivo", d, { IGBP: "WET", lat: 68.4865, lon: -155.7503 }))],
    modis: [...before, ...range(10)].flatMap((d) => [modis("FLX_DE-Hai", d), modis("FLX_US-Ivo", d)]),
    era5: [...before, ...range(10)].flatMap((d) => [era5("FLX_DE-Hai", d), era5("AMF_US-Ivo", d)]),
  };
}

test("the folder becomes a daily table: prefixes off, units as kept, classes and position of each site, history before the first flux", async () => {
  const dir = await writeBenchmark(scratch("cfb"), plain());
  const { table, report } = await ingest([dir]);
  assert.deepEqual(table.sites, [
    { site: "DE-Hai", lat: 51.079, lon: 10.452, igbp: "DBF", koppen: "C", koppenDetail: "Cfb" },
    { site: "US-Ivo", lat: 68.487, lon: -155.75, igbp: "WET", koppen: "E", koppenDetail: "ET" },
  ]);
  const [hai] = siteRows(table);
  assert.equal(hai!.to - hai!.from, 15);
  assert.equal(daysOf(table)[0], START - 5);
  const at = (column: string, row: number): number => numbers(table, column)[row]!;
  assert.ok(Number.isNaN(at("gpp", 0)), "a day of history has no flux");
  assert.deepEqual([at("gpp", 5), at("reco", 5), at("nee", 5), at("nee_qc", 5)], [5, 3, -2, 1]);
  assert.ok(Math.abs(at("sur_refl_b03", 0) - 0.15) < 1e-6, "packed reflectance is scaled");
  assert.deepEqual([at("SensorAzimuth", 0), at("clouds", 0)].map(Math.round), [-90, 1]);
  assert.deepEqual([at("temperature_2m", 0), Math.fround(0.002)], [285, at("total_precipitation_sum", 0)]);
  assert.equal(texts(table, "target_variant")[5], "NT_VUT_USTAR50");
  assert.equal(texts(table, "target_variant")[0], null);
  assert.equal(texts(table, "source")[0], "CarbonFluxBench");
  assert.match(texts(table, "day_convention")[0]!, /reanalysis: UTC/);
  assert.equal(hasColumn(table, "snowfall_sum"), false, "only the columns of the set are read");
  assert.deepEqual([report.n_sites, report.n_site_days, report.n_driver_days], [2, 20, 30]);
  assert.deepEqual(report.excluded, []);
  assert.equal(report.files.find((f) => f.path.endsWith("ERA5.parquet"))!.rows, 30);
});

test("feature sets come from the folder, are kept in the Parquet file, and give the channels of standard and full", async () => {
  const dir = await writeBenchmark(scratch("cfb"), plain());
  const out = path.join(dir, "T.parquet");
  await ingest([dir], { out, features: "full" });
  const table = await readTable(out);
  assert.deepEqual(table.featureSets, { minimal: columnsOf("reanalysis"), standard: STANDARD, full: FULL });
  for (const set of ["standard", "full"] as const) for (const channel of channelsOf(set, table.featureSets![set])) assert.ok(channel === "lat" || channel === "lon" || hasColumn(table, channel), channel);
  assert.equal(numbers(table, "surface_pressure")[0], 97_000);
  assert.equal(hasColumn(table, "unnamed_band"), false);
  const minimal = await ingest([dir]);
  assert.deepEqual(Object.keys(minimal.table.featureSets!), ["minimal"], "a set whose columns were not read is not offered");
  assert.ok(minimal.report.warnings.some((w) => /for standard or full ingest again with --features full/.test(w)));
});

test("a (date, site) given twice keeps the first row of either prefix, and is counted by file and site", async () => {
  const files = plain();
  files.targets.push(target("DE-Hai", START, { GPP_NT_VUT_USTAR50: 99, NEE_VUT_USTAR50: -96 }));
  files.modis.push(modis("AMF_DE-Hai", START, { sur_refl_b01: 9000 }));
  files.era5.push(era5("DE-Hai", START + 1, { temperature_2m: 300 }), era5("FLX_DE-Hai", START + 1, { temperature_2m: 301 }));
  const { table, report } = await ingest([await writeBenchmark(scratch("cfb"), files)]);
  assert.equal(numbers(table, "gpp")[5], 5);
  assert.ok(numbers(table, "sur_refl_b01")[5]! < 0.1);
  assert.equal(numbers(table, "temperature_2m")[6], 285);
  const twice = report.excluded.filter((e) => /given twice/.test(e.reason)).map((e) => [e.site, e.reason.split(":")[0], e.days]).sort();
  assert.deepEqual(twice, [["DE-Hai", "ERA5", 2], ["DE-Hai", "MOD09GA", 1], ["DE-Hai", "NEE_VUT_USTAR50", 1]]);
});

test("−9999, days lacking one of the four and days before 2000-02-24 leave the fluxes, each counted", async () => {
  const files = plain();
  files.targets[2] = target("DE-Hai", START + 2, { RECO_NT_VUT_USTAR50: -9999 });
  files.targets[3] = target("DE-Hai", START + 3, { NEE_VUT_USTAR50_QC: null });
  files.targets[4] = target("DE-Hai", START + 4, { GPP_NT_VUT_USTAR50: -9999, RECO_NT_VUT_USTAR50: -9999, NEE_VUT_USTAR50: -9999, NEE_VUT_USTAR50_QC: -9999 });
  for (const d of [20_000_222, 20_000_223]) files.targets.push(target("DE-Hai", 0, { TIMESTAMP: Math.trunc(d) }));
  files.targets.push(target("DE-Hai", parseDay("2000-02-24")));
  files.era5[10] = era5("FLX_DE-Hai", START, { leaf_area_index_high_vegetation: -9999 });
  const { table, report } = await ingest([await writeBenchmark(scratch("cfb"), files)]);
  const days = daysOf(table);
  const gpp = numbers(table, "gpp");
  const on = (day: number): number => gpp[days.indexOf(day)]!;
  assert.deepEqual([2, 3, 4].map((d) => Number.isNaN(on(START + d))), [true, true, true]);
  assert.equal(on(parseDay("2000-02-24")), 5);
  assert.ok(Number.isNaN(numbers(table, "leaf_area_index_high_vegetation")[days.indexOf(START)]!));
  const counted = report.excluded.filter((e) => e.site === "DE-Hai").map((e) => [e.reason.slice(0, 18), e.days]);
  assert.deepEqual(counted.sort(), [["before 2000-02-24,", 2], ["one of GPP, RECO, ", 2]]);
});

test("a unit that is not the published one is refused, never converted", async () => {
  const wrong = async (more: FileRow, days = 10): Promise<void> => {
    const files = plain();
    files.targets = range(days).map((d) => target("DE-Hai", d));
    files.modis = range(days).map((d) => modis("DE-Hai", d));
    files.era5 = range(days).map((d) => era5("FLX_DE-Hai", d, more));
    await ingest([await writeBenchmark(scratch("cfb"), files)]);
  };
  await assert.rejects(wrong({ temperature_2m: 12 }), says("BadUnit", /DE-Hai: temperature_2m in K required, found median 12, which looks like °C/));
  await assert.rejects(wrong({ surface_net_solar_radiation_sum: 150 }, 400), says("BadUnit", /surface_net_solar_radiation_sum.*W m⁻²/));
  await assert.rejects(wrong({ total_evaporation_sum: 0.002 }, 400), says("BadUnit", /total_evaporation_sum.*evaporation counted as positive/));
  await wrong({ total_precipitation_sum: -1e-6 });
});

test("a missing file, column, set or class is one message or counted, naming the file", async () => {
  const dir = await writeBenchmark(scratch("cfb"), plain());
  fs.rmSync(path.join(dir, "ERA5.parquet"));
  await assert.rejects(ingest([dir]), says("BadFile", /ERA5\.parquet required beside target_fluxes_v2\.parquet, not there.*fetch carbonfluxbench/));
  const files = plain();
  const renamed = files.era5.map(({ temperature_2m, ...rest }) => ({ t2m: temperature_2m!, ...rest }));
  await assert.rejects(ingest([await writeBenchmark(scratch("cfb"), { ...files, era5: renamed })]), says("MissingColumn", /ERA5\.parquet: column temperature_2m required.*nearest temperature_2m_max/));
  await assert.rejects(ingest([await writeBenchmark(scratch("cfb"), { ...files, sets: { minimal: ["temperature_2m"], standard: [] , full: [] } })]), says("BadFile", /feature_sets\.json.*"standard"/));
  await assert.rejects(ingest([await writeBenchmark(scratch("cfb"), { ...files, sets: { minimal: columnsOf("reanalysis"), standard: STANDARD, full: [...FULL, "unnamed_band"] } })], { features: "full" }), says("MissingColumn", /found unnamed_band/));
  const odd = [...files.targets.slice(1), { ...files.targets[0]!, TIMESTAMP: 20_051_301 }];
  await assert.rejects(ingest([await writeBenchmark(scratch("cfb"), { ...files, targets: odd })]), says("BadDate", /target_fluxes_v2\.parquet row 20 \(DE-Hai\)/));
  const { report } = await ingest([await writeBenchmark(scratch("cfb"), { ...files, koppen: { "FLX_DE-Hai": "C" }, koppenShort: {}, modis: files.modis.filter((r) => r["site"] === "FLX_DE-Hai") })]);
  assert.ok(report.warnings.some((w) => /MOD09GA: no row of 1 site \(US-Ivo\)/.test(w)));
  assert.ok(report.warnings.some((w) => /Köppen class unknown at 1 of 2 sites \(US-Ivo\)/.test(w)));
});
