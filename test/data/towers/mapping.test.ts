import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { projectRoot } from "../../../src/core/files";
import { readVariables } from "../../../src/data/columns";
import { numbers } from "../../../src/data/daily-table";
import { withDuckDb, sqlText } from "../../../src/data/files/duckdb";
import { ingest } from "../../../src/data/ingest/ingest";
import { listInputs, type InputFile } from "../../../src/data/files/input";
import { readMapping } from "../../../src/data/towers/mapping";
import { readTidyParquet } from "../../../src/data/towers/read-parquet";
import { readTidyCsv } from "../../../src/data/towers/read-tidy";
import { toBlocks } from "../../../src/data/ingest/site-block";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "mapping-"));
after(() => fs.rmSync(root, { recursive: true }));
const variables = readVariables();

function write(name: string, content: string | Buffer): string {
  const file = path.join(root, name);
  fs.writeFileSync(file, content);
  return file;
}

const mapOf = (value: unknown, name = "map.json"): string => write(name, typeof value === "string" ? value : JSON.stringify(value));
const input = async (file: string): Promise<InputFile> => (await listInputs([file]))[0] as InputFile;

const CSV = "Tag,Temp,Regen,NEP,note\n2012-01-01,283.15,1.5,1,dry\n2012-01-02,284.15,0,-2,wet\n2012-01-03,-9999,,NA,\n";
const MAP = {
  about: "our logger", site: "DE-Own",
  columns: { Tag: { name: "date" }, Temp: { name: "TA_F", unit: "K" }, Regen: { name: "p_mm_d", unit: "cm", factor: 2 }, NEP: { name: "nee", unit: "umol CO2 m-2 s-1", factor: -1 } },
};
const fluxless = { ...MAP, columns: { ...MAP.columns, NEP: { name: "h_W_m2", unit: "W/m2" } } };

function refuses(value: unknown, tag: ErrorTag, ...patterns: RegExp[]): void {
  assert.throws(() => readMapping(mapOf(value), variables), (e) => {
    assert.ok(isWorkbookError(e, tag), String(e));
    for (const pattern of [/map\.json/, ...patterns]) assert.match(e.message, pattern);
    return true;
  });
}

test("columns of one's own are read under the names and units of the mapping", async () => {
  const mapping = readMapping(mapOf(fluxless), variables);
  const { blocks, warnings } = toBlocks(await readTidyCsv(await input(write("own.csv", CSV)), variables, mapping));
  assert.equal(blocks[0]!.site, "DE-Own");
  assert.deepEqual([...blocks[0]!.numbers.get("ta_degC")!].map((v) => Math.round(v * 100) / 100), [10, 11, NaN]);
  assert.deepEqual([...blocks[0]!.numbers.get("p_mm_d")!], [30, 0, NaN], "1.5 × 2 cm a day");
  assert.deepEqual([...blocks[0]!.numbers.get("h_W_m2")!], [1, -2, NaN]);
  assert.match(warnings.join(), /columns not used: note/);
});

test("carbon in molar units and a changed sign are converted, and all three fluxes are wanted as of any table", async () => {
  const mapping = readMapping(mapOf(MAP), variables);
  const nee = mapping.columns.get("NEP")!.toCanonical!;
  assert.ok(Math.abs(nee.scale + 1.0377) < 1e-3, `${nee.scale}`);
  await assert.rejects(readTidyCsv(await input(write("own.csv", CSV)), variables, mapping), (e) => isWorkbookError(e, "MissingColumn") && /gpp/.test(e.message));
});

test("Parquet is read by the same mapping", async () => {
  const file = path.join(root, "own.parquet");
  await withDuckDb((db) => db.run(`COPY (SELECT DATE '2012-01-01' + i::INTEGER AS Tag, 283.15 + i AS Temp, 0.5::FLOAT AS Regen, i AS NEP FROM range(3) t(i)) TO ${sqlText(file)} (FORMAT parquet)`));
  const { blocks } = await readTidyParquet(await input(file), variables, { mapping: readMapping(mapOf(fluxless), variables) });
  assert.deepEqual([blocks[0]!.site, blocks[0]!.day.length], ["DE-Own", 3]);
  assert.deepEqual([...blocks[0]!.numbers.get("p_mm_d")!], [10, 10, 10]);
});

test("ingest takes the mapping for every table it is given, whatever the file's name says", async () => {
  const file = write("FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv", CSV);
  const { table, report } = await ingest([file], { map: mapOf(fluxless) });
  assert.deepEqual(report.files.map((f) => [f.kind, f.site, f.rows]), [["tidy-csv", "DE-Own", 3]]);
  assert.deepEqual(table.sites.map((s) => s.site), ["DE-Own"]);
  await assert.rejects(ingest([file], { map: path.join(root, "nowhere.json") }), (e) => isWorkbookError(e, "BadFile") && /nowhere\.json/.test(e.message));
});

test("the example of data/README.md reads a table of those columns; without two of its fluxes nothing far off is called near", async () => {
  const example = /```json\n([\s\S]*?)```/.exec(fs.readFileSync(path.join(projectRoot(), "data", "README.md"), "utf8"))![1]!;
  const names = Object.keys((JSON.parse(example) as { columns: object }).columns);
  assert.deepEqual(names, ["Day", "NEE_f", "NEE_qc", "Reco", "GPP", "T_mast", "Rain"]);
  const own = write("own.csv", `${names.join(",")}\n2012-06-01,-3,0.9,2,5,283.15,10\n2012-06-02,-2,1,2,4,284.15,0\n`);
  const { table } = await ingest([own], { map: mapOf(example, "example.json") });
  const first = (column: string): number => Math.round(1000 * numbers(table, column)[0]!) / 1000;
  assert.deepEqual(table.sites.map((s) => s.site), ["DE-Own"]);
  assert.deepEqual(["nee", "reco", "gpp", "nee_qc", "ta_degC", "p_mm_d"].map(first), [-3.113, 2.075, 5.189, 0.9, 10, 2]);
  const { GPP: _, Reco: __, ...fewer } = (JSON.parse(example) as { columns: Record<string, unknown> }).columns;
  const part = write("part.csv", "Day,NEE_f,NEE_qc,T_mast,Rain\n2012-06-01,-3,0.9,283.15,10\n");
  await assert.rejects(ingest([part], { map: mapOf({ site: "DE-Own", columns: fewer }) }), (e) => isWorkbookError(e, "MissingColumn") && /found none among 5 columns; (?!nearest)/.test(e.message));
});

test("an unknown key, name or unit is an error that names the nearest or what is allowed", () => {
  refuses({ ...MAP, colums: {} }, "BadConfig", /"colums"; nearest columns/);
  refuses({ columns: { T: { name: "TA_F", units: "K" } } }, "BadConfig", /"units"; nearest unit/);
  refuses({ columns: { T: { name: "TA_FF", unit: "K" } } }, "BadConfig", /columns: T/, /nearest ta_f/);
  refuses({ columns: { T: { name: "TA_F", unit: "hPa" } } }, "BadUnit", /unit of ta_degC required \(°C, K/, /"hPa"/);
  refuses({ columns: { T: { name: "TA_F" } } }, "BadUnit", /found none/);
  refuses({ columns: { S: { name: "site", unit: "K" } } }, "BadConfig", /no unit or factor allowed for site/);
  refuses({ columns: { T: { name: "TA_F", unit: "K", factor: 0 } } }, "BadConfig", /factor other than 0/);
  refuses({ columns: { A: { name: "TA_F", unit: "K" }, B: { name: "ta_f", unit: "K" } } }, "BadConfig", /found A and B/);
  refuses({ site: "X", columns: { S: { name: "station" } } }, "BadConfig", /found both/);
  refuses([], "BadConfig", /"columns" required/);
  refuses("{", "BadFile", /JSON/);
});

test("spellings of a unit are one unit", () => {
  const scale = (unit: string, name = "nee"): number => readMapping(mapOf({ columns: { A: { name, unit } } }), variables).columns.get("A")!.toCanonical!.scale;
  for (const unit of ["µmol m⁻² s⁻¹", "umol/m2/s", "umol m-2 s-1", "µmol CO2 m-2 s-1", "umol m^-2 s^-1"]) assert.ok(Math.abs(scale(unit) - 1.0377) < 1e-3, unit);
  for (const unit of ["g C m⁻² d⁻¹", "gC/m2/d", "g C m-2 day-1"]) assert.equal(scale(unit), 1, unit);
  for (const unit of ["mm", "mm/d", "mm d-1", "kg m-2 d-1"]) assert.equal(scale(unit, "P_F"), 1, unit);
  assert.equal(scale("degC", "TA_F"), 1);
  assert.equal(scale("mbar", "VPD_F"), 1);
});

test("a mapped column that the table lacks, or has beside another of that meaning, is named", async () => {
  const mapping = readMapping(mapOf(fluxless), variables);
  await assert.rejects(readTidyCsv(await input(write("a.csv", CSV.replace("Temp", "Tmp"))), variables, mapping), (e) => isWorkbookError(e, "MissingColumn") && /column Temp required by .*map\.json/.test(e.message) && /nearest Tmp/.test(e.message));
  await assert.rejects(readTidyCsv(await input(write("b.csv", CSV.replace("note", "ta_degC"))), variables, mapping), (e) => isWorkbookError(e, "BadConfig") && /one column for TA_F required, found another beside Temp/.test(e.message));
});

test("text in a column of numbers and text that is not UTF-8 are named with line or row and cure", async () => {
  const csv = async (text: string | Buffer): Promise<unknown> => readTidyCsv(await input(write("t.csv", text)), variables);
  await assert.rejects(csv("site,date,TA_F\nA,2012-01-01,3\nA,2012-01-02,warm\n"), (e) => isWorkbookError(e, "BadFile") && /line 3: a number required in TA_F, found "warm"/.test(e.message));
  await assert.rejects(csv(Buffer.from("site,date,TA_F\nA,2012-01-01,3\nKöln,2012-01-02,4\n", "latin1")), (e) => isWorkbookError(e, "BadFile") && /line 3: text in UTF-8 required/.test(e.message) && /iconv/.test(e.message));
  await assert.rejects(csv(Buffer.from("site,date,Temp_°C,TA_F\nA,2012-01-01,3,3\n", "latin1")), (e) => isWorkbookError(e, "BadFile") && /the header: text in UTF-8 required, found other bytes in column 3/.test(e.message));
  const file = path.join(root, "text.parquet");
  await withDuckDb((db) => db.run(`COPY (SELECT 'A' AS site, DATE '2012-01-01' AS date, '3,5' AS TA_F) TO ${sqlText(file)} (FORMAT parquet)`));
  await assert.rejects(readTidyParquet(await input(file), variables), (e) => isWorkbookError(e, "BadFile") && /numbers required in TA_F, found VARCHAR; convert/.test(e.message));
});
