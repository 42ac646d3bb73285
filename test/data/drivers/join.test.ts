import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { asDay, formatDay, parseDay } from "../../../src/core/days";
import { isWorkbookError } from "../../../src/core/errors";
import { daysOf, numbers, siteRows, texts } from "../../../src/data/daily-table";
import { ingest } from "../../../src/data/ingest/ingest";
import { scratch, tamrl } from "../../helpers/cli";
import { needsShared, sharedPath } from "../../helpers/shared";
import { towerFile, zipOf } from "../towers/tower-file";

const TOWER = "FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv";
const COMPANION = "FLX_AA-One_FLUXNET2015_ERAI_DD_2011-2012_1-4.csv";

/** A folder with the tower of ten days in which three lack rain, and drivers beside it. */
function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const dir = scratch("drivers");
  const tower = towerFile({ days: 10, change: (row, i) => ({ ...row, P_F: i >= 4 && i < 7 ? -9999 : row["P_F"]! }) });
  for (const [name, content] of Object.entries({ [`towers/${TOWER}`]: tower, ...files })) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), content);
  }
  return dir;
}

/** A daily companion from 30 December to 12 January: rain 9 mm, 7 °C. */
const companion = `TIMESTAMP,TA_ERA,P_ERA,SW_IN_ERA\n${Array.from({ length: 14 }, (_, k) => `${formatDay(asDay(parseDay("2011-12-30") + k)).replace(/-/g, "")},7,9,${k === 13 ? -9999 : 100}`).join("\n")}\n`;

test("drivers fill the tower's gaps and the days around its record, the tower's own values stay, and all of it is counted", async () => {
  const dir = folder({ [`era/${COMPANION}`]: companion });
  const { table, report } = await ingest([path.join(dir, "towers")], { drivers: [path.join(dir, "era")] });
  assert.deepEqual([...daysOf(table)], Array.from({ length: 14 }, (_, k) => parseDay("2011-12-30") + k), "windows have no gaps");
  assert.deepEqual([...numbers(table, "p_mm_d")], [9, 9, 4, 0, 0, 4, 9, 9, 9, 0, 0, 4, 9, 9]);
  assert.notEqual(numbers(table, "ta_degC")[2], 7);
  assert.deepEqual([...numbers(table, "gpp")].map(Number.isNaN).slice(0, 3), [true, true, false]);
  assert.equal(texts(table, "source")[0], "FLUXNET2015_ERAI_DD");
  const { drivers } = report;
  assert.deepEqual(drivers!.rows_added, [{ site: "AA-One", days: 4 }]);
  const rain = drivers!.columns.find((c) => c.column === "p_mm_d")!;
  assert.deepEqual([rain.filled, rain.same, rain.conflict, rain.missing, rain.sources], [7, 0, 7, 0, ["FLUXNET2015_ERAI_DD"]]);
  assert.equal(rain.mean_difference!.toFixed(3), (9 - 12 / 7).toFixed(3));
  assert.equal(drivers!.columns.find((c) => c.column === "sw_in_W_m2")!.missing, 1);
  assert.equal(report.files.find((f) => f.kind === "fluxnet-era")!.rows, 14);
});

test("a companion among the towers' files is ignored as before, and without driver files the report has no such part", async () => {
  const dir = folder({ [`towers/${COMPANION}`]: companion });
  const { report } = await ingest([path.join(dir, "towers")]);
  assert.equal(report.drivers, undefined);
  assert.match(report.files.find((f) => f.path.endsWith(COMPANION))!.reason!, /companion.*--drivers/);
});

test("MODIS and ERA5-Land among the towers' files are read as drivers, from an archive too, and a tidy table of drivers is one", async () => {
  const modis = "date,site,EVI,SummaryQA\n2011-12-19,AA-One,3000,0\n2012-01-01,AA-One,4000,0\n";
  const dir = folder({ "towers/m.zip": zipOf({ "AA-One_MOD13A1.csv": modis }), "tidy.csv": "site,date,lai,gpp,reco,nee\nAA-One,2012-01-03,2,70,1,-69\n" });
  const { table, report } = await ingest([path.join(dir, "towers")], { drivers: [path.join(dir, "tidy.csv")], preparation: "clean" });
  assert.deepEqual(report.files.map((f) => f.kind).sort(), ["modis-points", "oneflux-daily", "tidy drivers"]);
  assert.equal(numbers(table, "lai")[daysOf(table).indexOf(parseDay("2012-01-03"))], 2);
  assert.notEqual(numbers(table, "gpp")[daysOf(table).indexOf(parseDay("2012-01-03"))], 70, "fluxes of a driver file are not read");
  assert.ok(report.warnings.some((w) => /fluxes of a driver file are not read: gpp, nee, reco/.test(w)));
  assert.equal(report.drivers!.preparation, "clean");
  assert.equal(table.preparation, "clean");
});

test("what is no driver file is refused with what would do", async () => {
  const dir = folder({ "sites.csv": "site,date,gpp,reco,nee\nAA-One,2012-01-01,1,2,1\n" });
  await assert.rejects(ingest([path.join(dir, "towers")], { drivers: [path.join(dir, "sites.csv")] }), (e) => isWorkbookError(e, "MissingColumn") && /a column of drivers required, found gpp, nee, reco/.test(e.message));
  await assert.rejects(ingest([path.join(dir, "towers")], { drivers: [path.join(dir, "no.csv")] }), (e) => isWorkbookError(e, "BadFile"));
  await assert.rejects(ingest([path.join(dir, "towers")], { drivers: [], preparation: "cleaner" as never }), (e) => isWorkbookError(e, "BadConfig") && /nearest clean/.test(e.message));
});

test("on the command line drivers, their mode and maps are options, and citations lie beside the table", () => {
  const dir = folder({ [`era/${COMPANION}`]: companion });
  const out = path.join(dir, "out", "T.parquet");
  const { code, stdout, stderr } = tamrl("ingest", path.join(dir, "towers"), "--drivers", path.join(dir, "era"), "--out", out, "--json");
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout) as { drivers: { rows_added: unknown }; citations: string };
  assert.deepEqual(report.drivers.rows_added, [{ site: "AA-One", days: 4 }]);
  assert.match(fs.readFileSync(report.citations, "utf8"), /## T\.parquet[\s\S]*FLUXNET2015[\s\S]*CC BY 4\.0[\s\S]*AA-One/);
});

test("the shared MODIS samples are read as they are, in both modes", needsShared("data/modis"), async () => {
  const files = ["AT-Neu_MCD15A2H_median.csv", "CH-Lae_MCD15A3H_gee_subset.csv", "phenofit_MOD13A1_dt.csv.gz"].map((f) => sharedPath(`data/modis/${f}`)!);
  const { table, report } = await ingest([sharedPath("data/fluxnet2015/FLX_IT-Col_FLUXNET2015_SUBSET_DD_1996-2014_1-4.csv.gz")!, ...files], { preparation: "clean" });
  assert.deepEqual(table.sites.map((s) => s.site), ["AT-Neu", "AU-How", "CA-NS6", "CH-Lae", "CH-Oe2", "CN-Cha", "CZ-wet", "DE-Obe", "IT-Col", "US-KS2", "ZA-Kru"]);
  const { from, to } = siteRows(table).find((r) => r.site.site === "IT-Col")!;
  const summer = Array.from(numbers(table, "evi").subarray(from, to)).filter((v, i) => v === v && /-07-/.test(formatDay(asDay(daysOf(table)[from + i]!))));
  const mean = summer.reduce((a, b) => a + b, 0) / summer.length;
  assert.ok(mean > 0.45 && mean < 0.75, `EVI of a beech wood in July: ${mean}`);
  assert.ok(report.excluded.some((e) => e.site === "CH-Lae" && /fapar of MCD15A3H: cloud/.test(e.reason)));
  assert.ok(report.drivers!.columns.some((c) => c.site === "IT-Col" && c.column === "evi" && c.filled > 4000));
});

test("the ERA companion of Hyytiälä is gapless from 1989 to 2019; its empty 2020 is counted as missing", needsShared("data/icos-warm-winter-2020"), async () => {
  const dir = sharedPath("data/icos-warm-winter-2020")!;
  const era = path.join(dir, "FLX_FI-Hyy_FLUXNET2015_ERAI_DD_1989-2020_beta-3.csv.gz");
  const { table, report } = await ingest([path.join(dir, "FLX_FI-Ken_FLUXNET2015_FULLSET_DD_2018-2020_beta-3.csv.gz")], { drivers: [era] });
  const { from, to } = siteRows(table).find((r) => r.site.site === "FI-Hyy")!;
  assert.equal(to - from, 11_688);
  for (const column of ["ta_degC", "sw_in_W_m2", "vpd_hPa", "p_mm_d", "pa_kPa", "ws_m_s"]) {
    assert.ok(!numbers(table, column).subarray(from, to - 366).some(Number.isNaN), column);
    assert.equal(report.drivers!.columns.find((c) => c.column === column)!.missing, 366);
  }
  assert.deepEqual(report.drivers!.rows_added, [{ site: "FI-Hyy", days: 11_688 }]);
});
