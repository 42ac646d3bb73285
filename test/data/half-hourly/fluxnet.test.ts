import assert from "node:assert/strict";
import * as zlib from "node:zlib";
import { test } from "node:test";
import { numbers, texts } from "../../../src/data/daily-table";
import { readFluxnet } from "../../../src/data/half-hourly/read-fluxnet";
import { readIcos } from "../../../src/data/half-hourly/read-icos";
import { readQcInput } from "../../../src/data/half-hourly/read-qc-input";
import { GRAM_PER_DAY } from "../../../src/data/half-hourly/to-daily";
import { ingest } from "../../../src/data/ingest/ingest";
import { towerFile, zipOf } from "../towers/tower-file";
import { fluxnetColumns, light, put, stepFile, written } from "./files";

const NAME = "FLX_AA-One_FLUXNET2015_FULLSET_HH_2012-2012_1-4.csv";

test("FLUXNET half-hours become the canonical days: one variant, QC in ONEFlux's meaning, plain and gzip alike", async () => {
  const text = stepFile({ columns: fluxnetColumns(["VUT_REF", "VUT_USTAR50"]) });
  const { table, report } = await ingest([put(NAME, text)]);
  assert.deepEqual([report.files[0]!.kind, table.rows.numRows()], ["fluxnet-half-hourly", 2]);
  assert.deepEqual([...texts(table, "target_variant")], ["NT_VUT_USTAR50", "NT_VUT_USTAR50"]);
  assert.deepEqual([...texts(table, "source")], ["FLUXNET2015_FULLSET_HH", "FLUXNET2015_FULLSET_HH"]);
  const [gpp, reco, nee] = ["gpp", "reco", "nee"].map((name) => numbers(table, name)[0]!);
  assert.ok(Math.abs(nee! - (reco! - gpp!)) < 1e-4 && Math.abs(reco! - 4 * GRAM_PER_DAY) < 1e-4);
  assert.deepEqual([numbers(table, "nee_qc")[0], numbers(table, "nee_measured")[0], numbers(table, "p_mm_d")[0]], [0.75, 0.5, 2]);
  const zipped = await ingest([put(`${NAME}.gz`, zlib.gzipSync(text))]);
  assert.deepEqual(zipped.table.rows.objects(), table.rows.objects());
  const ref = await ingest([put(NAME, text)], { variant: "REF" });
  assert.deepEqual([...texts(ref.table, "target_variant")], ["NT_VUT_REF", "NT_VUT_REF"]);
});

test("half-hours stay as they are for a partition: u*, flags, hours too", async () => {
  const table = await readFluxnet(await written(NAME.replace("_HH_", "_HR_"), stepFile({ columns: fluxnetColumns(), step: 60 })));
  assert.deepEqual([table.stepMinutes, table.variant, table.columns.get("USTAR")![3]], [60, "NT_VUT_REF", Math.fround(0.3)]);
  assert.deepEqual([...table.quality.get("NEE")!].slice(0, 4), [0, 0, 1, 3]);
  assert.deepEqual([...table.quality.keys()].sort(), ["NEE", "TA"]);
});

test("beside the daily file of the same product the half-hours are left alone", async () => {
  const daily = NAME.replace("_HH_", "_DD_");
  const { report, table } = await ingest([put("AA-One.zip", zipOf({ [NAME]: stepFile({ columns: fluxnetColumns() }), [daily]: towerFile() }))]);
  assert.deepEqual(report.files.map((f) => [f.kind, f.status]), [["oneflux-daily", "read"], ["other-resolution", "ignored"]]);
  assert.match(report.files[1]!.reason!, /half-hourly or hourly: the daily file FLX_AA-One_.*_DD_.* is read/);
  assert.equal(table.rows.numRows(), 3);
});

test("ICOS half-hours: date and time, a row of units in Latin-1, stamps that end their step, units converted", async () => {
  const from = Date.parse("2012-06-01T00:30Z");
  const lines = Array.from({ length: 96 }, (_, i) => {
    const iso = new Date(from + i * 1_800_000).toISOString();
    const hour = (i / 2) % 24;
    return [`${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(0, 4)}`, iso.slice(11, 16), 283.15, light(i, hour), 1, 3, 2, i % 2 ? -9999 : 1].join(",");
  });
  const head = "date,time,TA_1_1_1,SW_IN_1_1_1,FC_PI_f_1_1_1,RECO_PI_1_1_1,GPP_PI_1_1_1,FC_PI_1_1_1\ndd/mm/yyyy,hh:mm,K,Wm-2,\u00b5molm-2s-1,umolm-2s-1\u00a0,umolm-2s-1,umolm-2s-1\n";
  const input = await written("SE-One_2012.csv", Buffer.from(head + lines.join("\r\n"), "latin1"));
  const table = await readIcos(input);
  assert.deepEqual([new Date(table.start[0]! * 60_000).toISOString(), table.start.length], ["2012-06-01T00:00:00.000Z", 96]);
  assert.ok(Math.abs(table.columns.get("TA")![0]! - 10) < 1e-4);
  assert.ok(table.warnings.some((w) => /not UTF-8/.test(w)) && table.warnings.some((w) => /TA_1_1_1 is converted from K to °C/.test(w)));
  const { table: daily, report } = await ingest([input.path]);
  assert.deepEqual([report.files[0]!.kind, daily.rows.numRows()], ["icos-half-hourly", 2]);
  assert.deepEqual([...texts(daily, "target_variant")], ["PI", "PI"]);
  assert.deepEqual([numbers(daily, "nee_measured")[0], numbers(daily, "nee_qc")[0]], [0.5, 0.5]);
});

test("input of the ONEFlux codes: site, place and time zone from the lines above the header", async () => {
  const above = ["site,US-One", "year,2012", "lat,42.5", "lon,-72.2", "timezone,201201010030,-5", "timeres,halfhourly", "notes,log::a=b"];
  const input = await written("US-One_qca_ustar_2012.csv", stepFile({ columns: { NEE: () => 1, TA: () => 5 }, above }));
  const table = await readQcInput(input);
  assert.deepEqual([table.site, table.lat, table.lon, table.utcOffset], ["US-One", 42.5, -72.2, -5]);
  const { table: daily, report } = await ingest([input.path]);
  assert.deepEqual([report.files[0]!.kind, daily.sites[0]!.lat, texts(daily, "day_convention")[0]], ["oneflux-qc-input", 42.5, "local standard time (UTC−05:00)"]);
});

test("progress tells rows, rows a second and the time left", async () => {
  const seen: string[] = [];
  await ingest([put(NAME, stepFile({ columns: fluxnetColumns() }))], { progress: ({ what, note }) => seen.push(`${what}: ${note}`) });
  assert.match(seen[0]!, /half-hours of FLX_AA-One_.*: 96 rows, [\d,]+ a second/);
});
