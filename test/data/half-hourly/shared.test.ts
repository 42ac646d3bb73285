import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { daysOf, numbers, siteRows, texts } from "../../../src/data/daily-table";
import { readHalfHours } from "../../../src/data/half-hourly/read-half-hours";
import { ingest } from "../../../src/data/ingest/ingest";
import { listInputs, type InputFile } from "../../../src/data/files/input";
import { readVariables } from "../../../src/data/columns";
import { needsShared, sharedPath } from "../../helpers/shared";

test("every half-hourly file of ../shared/data is read by one ingest, with BADM beside BASE", needsShared("data/ameriflux"), async () => {
  const { table, report } = await ingest(["ameriflux", "icos-half-hourly", "oneflux-half-hourly"].map((f) => sharedPath(`data/${f}`)!));
  assert.deepEqual(report.files.map((f) => [path.basename(f.path).split("_")[0], f.kind, f.rows, f.status]), [
    ["AMF", "ameriflux-base", 365, "read"], ["amf", "badm", 0, "read"], ["SE-Htm", "icos-half-hourly", 366, "read"],
    ["US-Ha1", "oneflux-qc-input", 366, "read"], ["US-MMS", "oneflux-qc-input", 365, "read"], ["US-NR1", "oneflux-qc-input", 365, "read"], ["US-Var", "oneflux-qc-input", 365, "read"],
  ]);
  const crt = table.sites.find((s) => s.site === "US-CRT")!;
  assert.deepEqual([crt.lat, crt.lon, crt.igbp, crt.koppenDetail], [41.628495, -83.347086, "CRO", "Dfa"]);
  const { from } = siteRows(table).find((r) => r.site.site === "US-CRT")!;
  assert.equal(texts(table, "day_convention")[from], "local standard time (UTC−05:00)");
});

test("US-CRT: daily means of BASE half-hours are those of its FLUXNET2015 days where both are measured", needsShared("data/ameriflux"), async () => {
  const [base, flx] = await Promise.all(["ameriflux/AMF_US-CRT_BASE_HH_2-5.csv.gz", "fluxnet2015/FLX_US-CRT_FLUXNET2015_SUBSET_DD_2011-2013_1-4.csv.gz"].map(async (f) => (await ingest([sharedPath(`data/${f}`)!])).table));
  const row = new Map([...daysOf(flx!)].map((d, i) => [d, i]));
  const difference = (name: string): { n: number; median: number; p95: number } => {
    const [a, b] = [numbers(base!, name), numbers(flx!, name)];
    const all = [...daysOf(base!)].map((d, i) => Math.abs(a[i]! - b[row.get(d)!]!)).filter((v) => v === v).sort((x, y) => x - y);
    return { n: all.length, median: all[all.length >> 1]!, p95: all[Math.floor(0.95 * all.length)]! };
  };
  const [ta, sw, vpd] = ["ta_degC", "sw_in_W_m2", "vpd_hPa"].map(difference);
  assert.ok(ta!.n > 360 && ta!.median < 0.01, JSON.stringify(ta));
  assert.ok(sw!.n > 360 && sw!.median < 0.1, JSON.stringify(sw));
  assert.ok(vpd!.n > 340 && vpd!.median < 0.1, JSON.stringify(vpd));
});

test("SE-Htm: the team's partition closes its balance half-hour by half-hour", needsShared("data/icos-half-hourly"), async () => {
  const [input] = await listInputs([sharedPath("data/icos-half-hourly/SE-Htm_2016.csv.gz")!]);
  const table = (await readHalfHours(input as InputFile, readVariables()))!;
  const [nee, gpp, reco] = ["NEE", "GPP_PI", "RECO_PI"].map((base) => table.columns.get(base)!);
  const residual = Array.from(nee!, (v, i) => Math.abs(v - (reco![i]! - gpp![i]!))).filter((v) => v === v).sort((a, b) => a - b);
  assert.ok(residual[Math.floor(0.99 * residual.length)]! < 0.01, String(residual[Math.floor(0.99 * residual.length)]));
});
