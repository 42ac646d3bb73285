import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { after, test } from "node:test";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { ingest } from "../../../src/data/ingest/ingest";
import { towerFile, zipOf } from "../towers/tower-file";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "ingest-bad-"));
after(() => fs.rmSync(root, { recursive: true }));

const NAME = "FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv";
type Row = Record<string, string | number>;

/** The file must be refused: by tag, by every pattern, naming the file in one line, and with nothing written. */
async function refuses(content: string | Buffer, tag: ErrorTag, ...patterns: RegExp[]): Promise<void> {
  await refusesAs(NAME, content, tag, ...patterns);
}

async function refusesAs(name: string, content: string | Buffer, tag: ErrorTag, ...patterns: RegExp[]): Promise<void> {
  const dir = fs.mkdtempSync(path.join(root, "case-"));
  fs.writeFileSync(path.join(dir, name), content);
  const out = path.join(dir, "out", "T.parquet");
  await assert.rejects(ingest([path.join(dir, name)], { out }), (e) => {
    assert.ok(isWorkbookError(e), String(e));
    assert.equal(e.tag, tag, e.message);
    for (const pattern of [new RegExp(name.replace(/[.]/g, "\\.")), /; /, ...patterns]) assert.match(e.message, pattern);
    assert.ok(!e.message.includes("\n"), "one line");
    return true;
  });
  assert.ok(!fs.existsSync(path.join(dir, "out")), "nothing half-written");
}

test("a missing column is named with its site and the nearest names", async () => {
  await refuses(towerFile({ rename: { TA_F: "TAF" } }), "MissingColumn", /AA-One/, /TA_F/, /nearest .*TAF/);
  await refuses(towerFile({ drop: ["GPP_NT_VUT_REF"] }), "MissingColumn", /GPP_NT_VUT_REF \(gpp\)/);
  await refuses(towerFile({ drop: ["NEE_VUT_REF_QC"] }), "MissingColumn", /NEE_VUT_REF_QC/);
  await refuses(towerFile({ rename: { TIMESTAMP: "TIMESTAMPS" } }), "MissingColumn", /date/, /nearest TIMESTAMPS/);
  await refuses(towerFile({ variants: ["CUT_REF"] }), "MissingColumn", /GPP_NT_VUT_REF/, /nearest GPP_NT_CUT_REF/);
  await refusesAs("tidy.csv", "sit,date,TA_F\nA,2012-01-01,3\n", "MissingColumn", /column site required/, /nearest sit/);
  await refusesAs("tidy.csv", "site,dat,TA_F\nA,2012-01-01,3\n", "MissingColumn", /column date required/, /nearest dat/);
  await refusesAs("tidy.csv", "site,date,temperature\nA,2012-01-01,3\n", "MissingColumn", /at least one column/);
  await refusesAs("tidy.csv", "site,date,NEE_VUT_REF,RECO_NT_VUT_REF\nA,2012-01-01,3,4\n", "MissingColumn", /GPP_NT_VUT_REF \(gpp\)/);
});

test("a wrong unit is refused by site and column, with the unit it looks like", async () => {
  const scaled = (column: string, scale: number, offset = 0): string => towerFile({ days: 365, change: (row: Row) => ({ ...row, [column]: Number(row[column]) * scale + offset }) });
  await refuses(scaled("TA_F", 1, 273.15), "BadUnit", /AA-One: TA_F \(ta_degC\) in °C required/, /looks like K; subtract 273.15/);
  await refuses(scaled("TA_F", 1.8, 32), "BadUnit", /looks like °F/);
  await refuses(scaled("SW_IN_F", 86_400), "BadUnit", /SW_IN_F.*J m⁻² d⁻¹/);
  await refuses(scaled("SW_IN_F", 0.0864), "BadUnit", /SW_IN_F.*MJ/);
  await refuses(scaled("VPD_F", 0.1), "BadUnit", /VPD_F.*kPa; multiply by 10/);
  await refuses(scaled("VPD_F", 100), "BadUnit", /VPD_F.*Pa; divide by 100/);
  await refuses(scaled("PA_F", 10), "BadUnit", /PA_F.*hPa; divide by 10/);
  await refuses(scaled("PA_F", 1000), "BadUnit", /PA_F.*Pa; divide/);
  await refuses(scaled("P_F", 0.001), "BadUnit", /P_F.*m d⁻¹/);
  await refuses(scaled("NEE_VUT_REF_QC", 100), "BadUnit", /NEE_VUT_REF_QC.*percentage/);
  await refuses(scaled("NEE_VUT_REF", -1), "BadUnit", /AA-One: NEE = RECO − GPP.*change the sign/);
  await refuses(scaled("NEE_VUT_REF", 1e-3), "BadUnit", /nee.*kg C/);
  await refuses(scaled("NEE_VUT_REF", 0.083), "BadUnit", /same unit.*12\.05 times/);
  await refuses(scaled("WS_F", 1, 200), "BadUnit", /WS_F.*365 of 365 values outside 0…60/);
});

test("an impossible date is named with its line", async () => {
  await refuses(towerFile({ change: (row: Row, i) => (i === 1 ? { ...row, TIMESTAMP: "20121301" } : row) }), "BadDate", /line 3/, /20121301/);
  await refuses(towerFile({ first: "2013-02-28", change: (row: Row, i) => (i === 1 ? { ...row, TIMESTAMP: "20130229" } : row) }), "BadDate", /line 3.*TIMESTAMP.*20130229/);
});

test("a day that stands twice is named with both lines", async () => {
  const lines = towerFile({ days: 4 }).trimEnd().split("\n");
  await refuses([...lines, lines[2]].join("\n"), "DuplicateDay", /AA-One/, /2012-01-02 \(line 3 and line 6\)/);
  await refusesAs("tidy.csv", "site,date,TA_F\nA,2012-01-01,3\nB,2012-01-01,3\nA,2012-01-01,4\n", "DuplicateDay", /A: .*line 2 and line 4/);
});

test("files without rows, cut off, or of rubbish are refused as what they are", async () => {
  const text = towerFile({ days: 300 });
  const packed = zlib.gzipSync(text);
  await refuses(towerFile().split("\n")[0]!, "EmptyTable", /data rows required/);
  await refuses("", "EmptyTable", /empty file/);
  await refusesAs(`${NAME}.gz`, packed.subarray(0, packed.length - 200), "BadFile", /truncated/);
  await refusesAs(`${NAME}.gz`, packed.subarray(0, 40), "BadFile", /truncated/);
  await refusesAs(`${NAME}.gz`, text, "BadFile", /gzip required/);
  await refuses(crypto.createHash("sha512").update("rubbish").digest(), "BadFile", /binary/);
  await refuses(Buffer.concat([Buffer.from("TIMESTAMP,TA_F\n"), Buffer.alloc(200)]), "BadFile", /binary/);
  await refuses(text.slice(0, text.length - 20), "BadFile", /line 301: 11 fields required/);
  await refuses(text.replace(/,/g, ";"), "BadFile", /commas.*";"/);
  await refuses(towerFile({ change: (row: Row, i) => (i === 2 ? { ...row, TA_F: "cold" } : row) }), "BadFile", /line 4.*TA_F.*"cold"/);
  const zip = zipOf({ [NAME]: text });
  await refusesAs("a.zip", zip.subarray(0, zip.length - 40), "BadFile", /zip/);
  await refusesAs("T.parquet", Buffer.concat([Buffer.from("PAR1"), Buffer.alloc(100, 7)]), "BadFile", /Parquet/);
});

test("a site in two places of a canonical table's variants is refused", async () => {
  await refusesAs("tidy.csv", "site,date,gpp,reco,nee,target_variant\nA,2012-01-01,3,2,-1,x\nA,2012-01-02,3,2,-1,y\n", "BadFile", /A: one target_variant a site required, found x, y/);
});

test("a bad file among good ones stops the work, or is left out and named with skipBad", async () => {
  const dir = fs.mkdtempSync(path.join(root, "folder-"));
  const bad = path.join(dir, NAME.replace("AA-One", "BB-Bad"));
  fs.writeFileSync(path.join(dir, NAME), towerFile());
  fs.writeFileSync(bad, towerFile({ drop: ["TA_F"] }));
  fs.writeFileSync(path.join(dir, NAME.replace("AA-One", "CC-Two")), towerFile());
  const out = path.join(dir, "T.parquet");
  await assert.rejects(ingest([dir], { out }), (e) => isWorkbookError(e, "MissingColumn") && e.message.includes(bad));
  assert.ok(!fs.existsSync(out));
  const { report } = await ingest([dir], { out, skipBad: true });
  assert.deepEqual(report.files.map((f) => f.status), ["read", "bad", "read"]);
  assert.match(report.files[1]!.reason!, /TA_F/);
  assert.equal(report.n_sites, 2);
  assert.ok(fs.existsSync(out));
});

test("nothing to read is an error that says what was there", async () => {
  const dir = fs.mkdtempSync(path.join(root, "none-"));
  await assert.rejects(ingest([dir]), (e) => isWorkbookError(e, "EmptyTable") && /empty/.test(e.message));
  await assert.rejects(ingest([path.join(dir, "nowhere")]), (e) => isWorkbookError(e, "BadFile") && /nowhere/.test(e.message));
  fs.writeFileSync(path.join(dir, NAME.replace("_DD_", "_MM_")), "TIMESTAMP,TA_F\n201201,3\n");
  await assert.rejects(ingest([dir]), (e) => isWorkbookError(e, "EmptyTable") && /monthly/.test(e.message));
  fs.writeFileSync(path.join(dir, NAME), towerFile({ drop: ["TA_F"] }));
  await assert.rejects(ingest([dir], { skipBad: true }), (e) => isWorkbookError(e, "EmptyTable") && /TA_F/.test(e.message));
  await assert.rejects(ingest([dir], { out: dir }), (e) => isWorkbookError(e, "BadArgument"));
});

test("a site list that cannot be used is refused by line", async () => {
  const dir = fs.mkdtempSync(path.join(root, "sites-"));
  fs.writeFileSync(path.join(dir, NAME), towerFile());
  const list = path.join(dir, "list.txt");
  for (const [text, tag, pattern] of [
    ["site,latitud,lon\nA,1,2\n", "MissingColumn", /column lat or|lat/],
    ["site,lat,lon\nA,95,2\n", "BadSite", /line 2: A: lat.*95/],
    ["site,lat,lon\nA,north,2\n", "BadSite", /north/],
    ["site,lat,lon\nA,1,2\nA,1,2\n", "BadSite", /line 3.*line 2/],
    ["site,lat,lon\n", "EmptyTable", /data rows/],
  ] as const) {
    fs.writeFileSync(list, text);
    await assert.rejects(ingest([path.join(dir, NAME)], { sites: list }), (e) => isWorkbookError(e, tag) && pattern.test(e.message), text);
  }
  fs.writeFileSync(list, "site,lat,lon,igbp,koppen\nAA-One,1,2,BSV,As\n");
  const { table, report } = await ingest([path.join(dir, NAME)], { sites: list });
  assert.deepEqual([table.sites[0]!.igbp, table.sites[0]!.koppenDetail], [null, "Aw"]);
  assert.ok(report.warnings.some((w) => /BSV/.test(w)));
});
