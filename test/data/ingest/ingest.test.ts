import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { after, test } from "node:test";
import { parseDay } from "../../../src/core/days";
import { isWorkbookError } from "../../../src/core/errors";
import { daysOf, numbers, texts } from "../../../src/data/daily-table";
import { ingest } from "../../../src/data/ingest/ingest";
import { readTable } from "../../../src/data/store";
import { towerFile, zipOf } from "../towers/tower-file";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "ingest-"));
after(() => fs.rmSync(root, { recursive: true }));

/** A folder of its own holding `files`. */
function folder(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const dir = path.join(root, name);
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    fs.writeFileSync(path.join(dir, file), content);
  }
  return dir;
}

const DD = "FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv";
const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-4, `${actual} is not ${expected}`);

test("plain, gzip and zip give the same table", async () => {
  const text = towerFile();
  const plain = await ingest([folder("plain", { [DD]: text })]);
  assert.equal(plain.report.n_site_days, 3);
  assert.deepEqual(texts(plain.table, "target_variant"), ["NT_VUT_REF", "NT_VUT_REF", "NT_VUT_REF"]);
  assert.deepEqual(texts(plain.table, "source"), ["FLUXNET2015_SUBSET_DD", "FLUXNET2015_SUBSET_DD", "FLUXNET2015_SUBSET_DD"]);
  const others = { gzip: { [`${DD}.gz`]: zlib.gzipSync(text) }, zip: { "AA-One.zip": zipOf({ [DD]: text, "README.txt": "read me" }) }, nested: { "AA-One.zip": zipOf({ [`deep/${DD}.gz`]: zlib.gzipSync(text) }) } };
  for (const [name, files] of Object.entries(others)) {
    const { table, report } = await ingest([folder(name, files)]);
    assert.deepEqual(table.rows.objects(), plain.table.rows.objects(), name);
    assert.equal(report.files.filter((f) => f.status === "read").length, 1, name);
  }
});

test("all four target columns come from USTAR50 where it is complete, else from REF", async () => {
  const both = { variants: ["VUT_REF", "VUT_USTAR50"], days: 4 };
  const empty = (row: Record<string, string | number>): Record<string, string | number> => ({ ...row, GPP_NT_VUT_USTAR50: -9999 });
  const { table } = await ingest([folder("variants", {
    "FLX_AA-Ust_FLUXNET2015_FULLSET_DD_2012-2012_1-4.csv": towerFile(both),
    "FLX_BB-Ref_FLUXNET2015_FULLSET_DD_2012-2012_1-4.csv": towerFile({ ...both, change: empty }),
  })]);
  const [gpp, reco, nee] = ["gpp", "reco", "nee"].map((name) => numbers(table, name));
  assert.deepEqual(texts(table, "target_variant"), [...new Array(4).fill("NT_VUT_USTAR50"), ...new Array(4).fill("NT_VUT_REF")]);
  for (let i = 0; i < 4; i++) near(nee![i]! - (reco![i]! - gpp![i]!), 0);
  for (let i = 4; i < 8; i++) near(nee![i]! - (reco![i]! - gpp![i]!), 0.1);
});

test("a variant asked for is the only one read; a site without it keeps its drivers, and the days it loses are counted", async () => {
  const files = {
    "FLX_AA-Ust_FLUXNET2015_FULLSET_DD_2012-2012_1-4.csv": towerFile({ variants: ["VUT_REF", "VUT_USTAR50"], days: 4 }),
    "FLX_BB-Ref_FLUXNET2015_FULLSET_DD_2012-2012_1-4.csv": towerFile({ variants: ["VUT_REF"], days: 3 }),
  };
  const of = async (variant: string): Promise<Awaited<ReturnType<typeof ingest>>> => ingest([folder("variant", files)], { variant });
  const ref = await of("ref");
  assert.deepEqual([...new Set(texts(ref.table, "target_variant"))], ["NT_VUT_REF"]);
  near(numbers(ref.table, "nee")[0]! - (numbers(ref.table, "reco")[0]! - numbers(ref.table, "gpp")[0]!), 0.1);
  const ustar = await of("VUT_USTAR50");
  assert.deepEqual(texts(ustar.table, "target_variant"), [...new Array(4).fill("NT_VUT_USTAR50"), null, null, null]);
  assert.deepEqual([...numbers(ustar.table, "gpp").slice(4)], [NaN, NaN, NaN]);
  assert.ok(numbers(ustar.table, "ta_degC").every((v) => !Number.isNaN(v)));
  assert.deepEqual(ustar.report.excluded, [{ site: "BB-Ref", reason: "no fluxes of the variant asked for (NT_VUT_USTAR50)", days: 3 }]);
  await assert.rejects(of("USTAR5"), (e) => isWorkbookError(e, "BadArgument") && /nearest USTAR50/.test(e.message));
});

test("flux rows and driver rows are joined by site and day; the first named file wins and the overlap is told", async () => {
  const flux = "site,date,NEE_VUT_REF,GPP_NT_VUT_REF,RECO_NT_VUT_REF,TA_F\nA,2012-01-02,-1,3,2,10\nA,2012-01-03,-2,4,2,\nB,2012-01-02,-1,3,2,5\n";
  const drivers = "site,date,TA_F,P_F\nA,2012-01-01,8,1\nA,2012-01-02,9,2\nA,2012-01-03,7,0\n";
  const dir = folder("join", { "flux.csv": flux, "drivers.csv": drivers });
  const { table, report } = await ingest([path.join(dir, "flux.csv"), path.join(dir, "drivers.csv")]);
  assert.deepEqual([...numbers(table, "ta_degC")], [8, 10, 7, 5]);
  assert.deepEqual([...numbers(table, "p_mm_d")], [1, 2, 0, NaN]);
  assert.deepEqual(texts(table, "target_variant"), [null, "NT_VUT_REF", "NT_VUT_REF", "NT_VUT_REF"]);
  assert.deepEqual([report.n_sites, report.n_site_days, report.n_driver_days], [2, 3, 4]);
  assert.deepEqual(report.overlaps, [{ site: "A", kept: path.join(dir, "flux.csv"), dropped: path.join(dir, "drivers.csv"), variables: ["ta_degC"], days: 1, differing: 1 }]);
  const turned = await ingest([path.join(dir, "drivers.csv"), path.join(dir, "flux.csv")]);
  assert.deepEqual([...numbers(turned.table, "ta_degC")], [8, 9, 7, 5]);
  assert.deepEqual(texts(turned.table, "source"), ["drivers.csv", "flux.csv", "flux.csv", "flux.csv"], "source follows the flux");
});

test("two variants of one site are never mixed: the later file lends its drivers only, counted", async () => {
  const { table, report } = await ingest([folder("mixed", {
    "a/FLX_AA-One_FLUXNET2015_FULLSET_DD_2012-2012_1-4.csv": towerFile({ variants: ["VUT_USTAR50"], days: 2 }),
    "b/FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv": towerFile({ variants: ["VUT_REF"], days: 4 }),
  })]);
  assert.deepEqual(texts(table, "target_variant"), ["NT_VUT_USTAR50", "NT_VUT_USTAR50", null, null]);
  assert.deepEqual([...numbers(table, "nee")].map(Number.isNaN), [false, false, true, true]);
  assert.deepEqual([...numbers(table, "ta_degC")].map(Number.isNaN), [false, false, false, false]);
  assert.equal(report.n_site_days, 4);
  assert.deepEqual(report.excluded, [{ site: "AA-One", reason: "fluxes of another variant (NT_VUT_REF, the site's is NT_VUT_USTAR50)", days: 4 }]);
});

test("the QC of a day is that of the file whose NEE is kept", async () => {
  const head = "site,date,NEE_VUT_REF,GPP_NT_VUT_REF,RECO_NT_VUT_REF,NEE_VUT_REF_QC\n";
  const dir = folder("qc", { "1.csv": `${head}A,2012-01-01,-1,3,2,\nA,2012-01-02,,,,\nA,2012-01-03,,3,2,1\nA,2012-01-04,,3,2,1\n`, "2.csv": `${head}A,2012-01-01,-9,12,3,1\nA,2012-01-02,-2,4,2,0.5\nA,2012-01-03,-3,,,\nA,2012-01-04,,,,0.25\n` });
  const { table } = await ingest([dir]);
  assert.deepEqual([...numbers(table, "nee")], [-1, -2, -3, NaN]);
  assert.deepEqual([...numbers(table, "nee_qc")], [NaN, 0.5, NaN, 1], "a QC whose own NEE is missing is not that of another file's");
});

test("missing values, whole years included, are counted and are no error", async () => {
  const blank = (row: Record<string, string | number>, i: number): Record<string, string | number> => (i < 366 ? { ...row, NEE_VUT_REF: "-9999.0", GPP_NT_VUT_REF: -9999, RECO_NT_VUT_REF: "NaN", NEE_VUT_REF_QC: "", P_F: "NA" } : row);
  const { report, table } = await ingest([folder("gaps", { [DD]: towerFile({ days: 731, change: blank }) })]);
  assert.deepEqual(report.missing, [{ site: "AA-One", days: { p_mm_d: 366, nee: 366, gpp: 366, reco: 366, nee_qc: 366 } }]);
  assert.deepEqual([report.n_site_days, report.n_driver_days], [365, 731]);
  assert.equal(texts(table, "target_variant")[0], null);
});

test("rows out of order are sorted and counted", async () => {
  const [head, ...rows] = towerFile({ days: 4 }).trimEnd().split("\n");
  const { report, table } = await ingest([folder("unsorted", { [DD]: [head, rows[2], rows[0], rows[3], rows[1]].join("\n") })]);
  assert.deepEqual([...daysOf(table)], [0, 1, 2, 3].map((i) => parseDay("20120101") + i));
  assert.match(report.files[0]!.reason!, /2 of 4 rows/);
  assert.ok(numbers(table, "ta_degC")[0]! < numbers(table, "ta_degC")[1]!, "values move with their days");
});

test("files of another resolution, companions and lists are ignored with their reason", async () => {
  const dir = folder("ignored", {
    [DD]: towerFile(),
    "FLX_AA-One_FLUXNET2015_SUBSET_MM_2012-2012_1-4.csv": "TIMESTAMP,TA_F\n201201,3\n",
    "FLX_AA-One_FLUXNET2015_SUBSET_HH_2012-2012_1-4.csv": "truncated",
    "FLX_AA-One_FLUXNET2015_ERAI_DD_1989-2014_1-4.csv": "TIMESTAMP,TA_ERA\n20120101,3\n",
    "FLX_AA-One_FLUXNET2015_AUXMETEO_2012-2012_1-4.csv": "x",
    "no-name.csv": "TIMESTAMP_START,TIMESTAMP_END,TA\n20120101,20120107,3\n",
    "sites.csv": "site,lat,lon\nA,1,2\n",
    "notes.md": "notes",
  });
  const { report } = await ingest([dir]);
  const told = Object.fromEntries(report.files.map((f) => [path.basename(f.path), `${f.status}: ${f.reason ?? ""}`]));
  assert.equal(told[DD], "read: ");
  assert.match(told["FLX_AA-One_FLUXNET2015_SUBSET_MM_2012-2012_1-4.csv"]!, /^ignored: monthly/);
  assert.match(told["FLX_AA-One_FLUXNET2015_SUBSET_HH_2012-2012_1-4.csv"]!, /^ignored: half-hourly/);
  assert.match(told["FLX_AA-One_FLUXNET2015_ERAI_DD_1989-2014_1-4.csv"]!, /^ignored: downscaled ERA-Interim/);
  assert.match(told["FLX_AA-One_FLUXNET2015_AUXMETEO_2012-2012_1-4.csv"]!, /^ignored: auxiliary/);
  assert.match(told["no-name.csv"]!, /^ignored: weekly/);
  assert.match(told["sites.csv"]!, /^ignored: .*--sites/);
  assert.match(told["notes.md"]!, /^ignored: not a table/);
});

test("a site list gives position and classes; what is still unknown is a warning", async () => {
  const dir = folder("sited", { [DD]: towerFile(), [DD.replace("AA-One", "BB-Two")]: towerFile() });
  const list = path.join(folder("lists", { "sites.csv": "Site,LAT,lon,IGBP,koeppen\nAA-One,51.3,4.5,enf,bsh\nCC-Not,1,1,GRA,Af\n" }), "sites.csv");
  const { table, report } = await ingest([dir], { sites: list });
  assert.deepEqual(table.sites[0], { site: "AA-One", lat: 51.3, lon: 4.5, igbp: "ENF", koppen: "B", koppenDetail: "BSh" });
  assert.deepEqual(table.sites[1], { site: "BB-Two", lat: null, lon: null, igbp: null, koppen: null, koppenDetail: null });
  assert.equal(report.warnings.filter((w) => /unknown at 1 of 2 sites \(BB-Two\)/.test(w)).length, 3);
});

test("a written table read by ingest again is the same table", async () => {
  const dir = folder("again", { [DD]: towerFile({ days: 10 }) });
  const list = path.join(folder("again-list", { "sites.csv": "site,lat,lon,igbp,climate\nAA-One,51.3,4.5,ENF,Cfb\n" }), "sites.csv");
  const out = path.join(dir, "T.parquet");
  const first = await ingest([dir], { sites: list, out });
  const second = await ingest([out]);
  assert.deepEqual(second.table.rows.objects(), first.table.rows.objects());
  assert.deepEqual(second.table.sites, first.table.sites);
  assert.deepEqual((await readTable(out)).rows.objects(), first.table.rows.objects());
  const rerun = await ingest([dir], { sites: list, out });
  assert.equal(rerun.report.files.find((f) => f.path === out)!.reason, "the file to be written");
});

test("position and classes told in the table itself are used, codes for missing are not", async () => {
  const dir = folder("told", { "t.csv": "site,date,ta_degC,lat,lon,igbp,koppen\nA,2012-01-01,3,,4.5,CRO,\nA,2012-01-02,3,51,4.5,CRO,Dfb\nB,2012-01-01,3,-9999,-9999,NA,NA\n" });
  const { table } = await ingest([dir]);
  assert.deepEqual(table.sites[0], { site: "A", lat: 51, lon: 4.5, igbp: "CRO", koppen: "D", koppenDetail: "Dfb" });
  assert.deepEqual(table.sites[1], { site: "B", lat: null, lon: null, igbp: null, koppen: null, koppenDetail: null });
});

test("a link that leads nowhere is a bad file, not a crash", async () => {
  const dir = folder("link", { [DD]: towerFile() });
  fs.symlinkSync(path.join(dir, "gone.csv"), path.join(dir, "link.csv"));
  const { report } = await ingest([dir], { skipBad: true });
  assert.deepEqual(report.files.map((f) => f.status), ["read", "bad"]);
});
