import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { numbers, texts } from "../../../src/data/daily-table";
import { readFluxnet } from "../../../src/data/half-hourly/read-fluxnet";
import { listInputs, type InputFile } from "../../../src/data/files/input";
import { hasHesseflux } from "../../../src/data/partition/hesseflux";
import type { PartitionedHalfHourly } from "../../../src/data/partition/partition";
import { partitionFileName, partitionFiles } from "../../../src/data/partition/partition-files";
import { writeHalfHours } from "../../../src/data/partition/write-half-hours";
import { readTable } from "../../../src/data/store";
import { tamrl } from "../../helpers/cli";
import { makeHalfHours } from "./half-hours";

const NO_HESSEFLUX = hasHesseflux() ? false : "needs hesseflux; run npm run setup -- --partition";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "partition-files-"));
  try {
    await use(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

test("a site's file lies in the given folder, whatever the site is called", () => {
  const named = (site: string): string => partitionFileName({ site, start: Float64Array.of(0, 60), stepMinutes: 60 } as Parameters<typeof partitionFileName>[0]);
  assert.equal(named("US-CRT"), "US-CRT_HR_1970-1970.csv.gz");
  assert.equal(path.basename(named("../../../x")), named("../../../x"));
});

/** June to August of the made year as an AmeriFlux BASE file. */
function writeBase(folder: string): string {
  const { table } = makeHalfHours();
  const stamp = (minutes: number): string => new Date(minutes * 60_000).toISOString().slice(0, 16).replace(/\D/g, "");
  const names: readonly (readonly [string, string])[] = [["FC", "NEE"], ["TA_1_1_1", "TA"], ["SW_IN", "SW_IN"], ["VPD", "VPD"], ["USTAR", "USTAR"]];
  const lines = ["# Site: XX-Mad", "# Version: 1-5", ["TIMESTAMP_START", "TIMESTAMP_END", ...names.map(([name]) => name)].join(",")];
  for (let i = 24 * 151; i < 24 * 243; i++) {
    const minutes = table.start[i]!;
    lines.push([stamp(minutes), stamp(minutes + 60), ...names.map(([, base]) => { const v = table.columns.get(base)![i]!; return Number.isFinite(v) ? v.toFixed(4) : "-9999"; })].join(","));
  }
  const file = path.join(folder, "AMF_XX-Mad_BASE_HR_1-5.csv");
  fs.writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

test("partitioned half-hours are written as ONEFlux writes them and read back the same, with flags and what is missing", () => inFolder(async (folder) => {
  const n = 48;
  const { table: made } = makeHalfHours();
  const column = (f: (i: number) => number): Float32Array => Float32Array.from({ length: n }, (_, i) => f(i));
  const drivers = ["TA", "SW_IN", "VPD"].map((name): [string, Float32Array] => [name, made.columns.get(name)!.slice(0, n)]);
  const table: PartitionedHalfHourly = {
    ...made, start: made.start.subarray(0, n), variant: "NT_VUT_USTAR50",
    columns: new Map([...drivers, ["NEE", column((i) => (i === 5 ? NaN : i / 7))], ["GPP_NT", column((i) => (i === 5 ? NaN : 1))], ["RECO_NT", column((i) => (i === 5 ? NaN : 1 + i / 7))], ["USTAR", column(() => 0.25)],
      ...["PA", "P", "WS"].map((name): [string, Float32Array] => [name, column(() => (name === "PA" ? 99 : 1))])]),
    quality: new Map([["NEE", Uint8Array.from({ length: n }, (_, i) => (i === 5 ? 255 : i % 4))]]), partition: {} as PartitionedHalfHourly["partition"],
  };
  const file = path.join(folder, "XX-Mad_HR_2011-2011.csv.gz");
  writeHalfHours(table, file);
  const [input] = (await listInputs([file])) as InputFile[];
  const read = await readFluxnet(input!);
  assert.equal(read.variant, "NT_VUT_USTAR50");
  assert.deepEqual([...read.start], [...table.start]);
  for (const name of ["NEE", "GPP_NT", "RECO_NT", "TA", "USTAR", "PA"]) read.columns.get(name)!.forEach((v, i) => assert.ok(Object.is(v, NaN) ? Number.isNaN(table.columns.get(name)![i]) : Math.abs(v - table.columns.get(name)![i]!) < 1e-5, `${name} ${i}`));
  assert.deepEqual([...read.quality.get("NEE")!].slice(0, 8), [0, 1, 2, 3, 0, NaN, 2, 3]);
}));

test("without hesseflux the cure is named before a file is read", async (t) => {
  const exists = fs.existsSync;
  t.mock.method(require("node:fs") as typeof fs, "existsSync", (file: fs.PathLike) => !String(file).endsWith("hesseflux") && exists(file));
  assert.equal(hasHesseflux(), false);
  await assert.rejects(partitionFiles(["nowhere.csv"]), (e) => isWorkbookError(e, "MissingPart") && /npm run setup -- --partition/.test(e.message));
});

test("half-hours that are not there to partition are named", { skip: NO_HESSEFLUX }, () => inFolder(async (folder) => {
  const file = path.join(folder, "FLX_XX-Mad_FLUXNET2015_SUBSET_DD_2011-2011_1-4.csv");
  fs.writeFileSync(file, "TIMESTAMP,TA_F,SW_IN_F,VPD_F,PA_F,P_F,WS_F,NEE_VUT_REF,NEE_VUT_REF_QC,RECO_NT_VUT_REF,GPP_NT_VUT_REF\n20110101,5,80,2,99,1,2,1,1,3,2\n20110102,6,90,2,99.1,1,2,1,1,3,2\n");
  await assert.rejects(partitionFiles([file]), (e) => isWorkbookError(e, "EmptyTable") && /half-hours with raw NEE required, found none among 1 files/.test(e.message));
}));

test("the verb goes from a file of raw half-hours to a daily table, half-hours and a report; a wrong value is one line", { skip: NO_HESSEFLUX }, () => inFolder(async (folder) => {
  const [file, out] = [writeBase(folder), path.join(folder, "out")];
  const wrong = tamrl("partition", file, "--out", out, "--ustar", "low");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /partition: --ustar: a number from 0 to 2 is required/);
  assert.ok(!fs.existsSync(out));
  const done = tamrl("partition", file, "--out", out, "--bootstraps", "1", "--json");
  assert.equal(done.code, 0, done.stderr);
  const told = JSON.parse(done.stdout) as { partitions: { site: string; years: object[]; filled: number[] }[]; daily: { n_site_days: number }; written: string[] };
  assert.equal(told.daily.n_site_days, 92);
  assert.equal(told.partitions[0]!.site, "XX-Mad");
  for (const name of ["XX-Mad_HR_2011-2011.csv.gz", "daily.parquet", "partition.json"]) assert.ok(fs.existsSync(path.join(out, name)), name);
  const { provenance, partitions } = JSON.parse(fs.readFileSync(path.join(out, "partition.json"), "utf8")) as { provenance: { workbook: string; node: string }; partitions: { options: object; version: string }[] };
  assert.deepEqual([provenance.node, partitions[0]!.options], [process.version, { ustar: null, bootstraps: 1, seed: 1, despike: true, longest: 60 }]);
  assert.match(`${provenance.workbook} ${partitions[0]!.version}`, /^\d+\.\d+\.\d+ \d/);
  const table = await readTable(path.join(out, "daily.parquet"));
  assert.ok(texts(table, "target_variant").every((v) => v === "NT_VUT_USTAR50"));
  const [gpp, reco, nee, qc] = ["gpp", "reco", "nee", "nee_qc"].map((name) => numbers(table, name));
  nee!.forEach((v, i) => assert.ok(Math.abs(v - (reco![i]! - gpp![i]!)) < 1e-3 && qc![i]! > 0 && qc![i]! <= 1));
}));
