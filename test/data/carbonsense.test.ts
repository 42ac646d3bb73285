import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { Database } from "node-sqlite3-wasm";
import { isWorkbookError } from "../../src/core/errors";
import { carbonSenseSites, detectCarbonSenseDatabase, readCarbonSenseDatabase } from "../../src/data/carbonsense/database";
import { detectCarbonSenseFolder, readCarbonSenseFolder } from "../../src/data/carbonsense/folder";
import { readVariables } from "../../src/data/columns";
import { listInputs, type InputFile } from "../../src/data/files/input";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "carbonsense-"));
after(() => fs.rmSync(root, { recursive: true }));
const inputs = async (place: string): Promise<InputFile[]> => (await listInputs([place])) as InputFile[];
const near = (actual: number, expected: number, by = 1e-3): void => assert.ok(Math.abs(actual - expected) < by, `${actual} is not ${expected}`);

const HOURS = 48;
const stamp = (hour: number): string => `2012-01-0${1 + Math.floor(hour / 24)} ${String(hour % 24).padStart(2, "0")}:00:00`;

/** A folder of version 1 as the pipeline writes it: predictors normalised to their ranges. */
function folderV1(name: string, change: { readonly predictors?: (lines: string[]) => string[]; readonly targets?: (lines: string[]) => string[]; readonly meta?: string } = {}): string {
  const dir = path.join(root, name, "AA-One", "2012-01-01_2012-12-31");
  fs.mkdirSync(dir, { recursive: true });
  // TA 20 °C of −80…80, SW_IN 500 of 0…2000, PA 98 kPa of 20…150
  const predictors = ["timestamp,DOY,TOD,TA_F,SW_IN_F,PA_F,CO2_F_MDS"];
  const targets = ["timestamp,NEE_VUT_REF,GPP_DT_VUT_REF,GPP_NT_VUT_REF,RECO_DT_VUT_REF,RECO_NT_VUT_REF"];
  for (let h = 0; h < HOURS; h++) {
    predictors.push(`${stamp(h)},-1.0,${(h % 24) / 12 - 1},${20 / 160},${500 / 2000 - 0.5},${(98 - 85) / 130},`);
    targets.push(`${stamp(h)},${h === 30 ? "" : -5},8,9,3,4`);
  }
  fs.writeFileSync(path.join(dir, "predictors.csv"), (change.predictors?.(predictors) ?? predictors).join("\n"));
  fs.writeFileSync(path.join(dir, "targets.csv"), (change.targets?.(targets) ?? targets).join("\n"));
  fs.writeFileSync(path.join(dir, "meta.json"), change.meta ?? JSON.stringify({ SITE_ID: "AA-One", LOCATION_LAT: 45.5, LOCATION_LON: null, LOCATION_ELEV: 300, IGBP: "ENF", SOURCES: "icos-ww" }));
  fs.writeFileSync(path.join(dir, "modis.pkl"), Buffer.from([0x80, 4]));
  return dir;
}

/** A database of version 2 as stage_4.py writes it. */
function databaseV2(name: string, rows: readonly (readonly [site: string, timestamp: number, ta: number | string | null, nee: number | null])[], normalised = true): string {
  const file = path.join(root, name);
  const db = new Database(file);
  db.exec("CREATE TABLE ec_data (id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, timestamp INTEGER NOT NULL, DOY REAL, TOD REAL, TA, P REAL, NEE REAL, GPP_NT REAL, RECO_NT REAL, FCH4 REAL)");
  db.exec("CREATE TABLE site_data (site TEXT PRIMARY KEY, lat REAL, lon REAL, elev REAL, igbp TEXT)");
  db.exec("INSERT INTO site_data VALUES ('AA-One', 45.5, -91.25, 300, 'ENF')");
  for (const [site, timestamp, ta, nee] of rows) db.run("INSERT INTO ec_data (site, timestamp, DOY, TOD, TA, P, NEE, GPP_NT, RECO_NT) VALUES (?, ?, 0, ?, ?, ?, ?, 8, 3)", [site, timestamp, normalised ? -1 : 0, ta, normalised ? 0.5 / 100 - 0.5 : 0.5, nee]);
  db.close();
  return file;
}

/** Half-hours of one day. */
const day = (site: string, ta: number | string | null = 0.125, nee: number | null = -5): [string, number, number | string | null, number | null][] =>
  Array.from({ length: 48 }, (_, i) => [site, 201201010000 + Math.floor(i / 2) * 100 + (i % 2) * 30, ta, nee]);

test("a v1 folder is one hourly site in physical units, with its neighbours named", async () => {
  const dir = folderV1("plain");
  const found = new Map((await inputs(dir)).map((i) => [i.name, detectCarbonSenseFolder([], i)]));
  assert.deepEqual([...found].map(([name, d]) => [name, d?.status ?? null]), [["meta.json", "ignored"], ["modis.pkl", "ignored"], ["predictors.csv", "ignored"], ["targets.csv", "read"]]);
  assert.equal(found.get("targets.csv")!.site, "AA-One");
  const table = await readCarbonSenseFolder((await inputs(path.join(dir, "targets.csv")))[0]!);
  assert.deepEqual([table.site, table.lat, table.lon, table.igbp, table.stepMinutes, table.start.length, table.variant], ["AA-One", 45.5, null, "ENF", 60, HOURS, "NT_VUT_REF"]);
  near(table.columns.get("TA")![0]!, 20);
  near(table.columns.get("SW_IN")![0]!, 500);
  near(table.columns.get("PA")![5]!, 98);
  assert.deepEqual([table.columns.get("NEE")![0], table.columns.get("GPP_NT")![0], table.columns.get("RECO_DT")![0]], [-5, 9, 3]);
  assert.ok(Number.isNaN(table.columns.get("NEE")![30]!));
  assert.deepEqual([table.quality.get("NEE")![0], table.quality.get("NEE")![30]], [0, 255]);
  assert.match(table.warnings.join(), /measured hours only/);
});

test("predictors that were never normalised are taken as they are; a gap in the hours is laid open", async () => {
  const asIs = folderV1("as-is", { predictors: (lines) => lines.map((l, i) => (i === 0 ? l : l.replace(/,-1\.0,[^,]*,0\.125,/, ",200.0,12,20,"))) });
  near((await readCarbonSenseFolder((await inputs(path.join(asIs, "targets.csv")))[0]!)).columns.get("TA")![0]!, 20);
  const drop = (lines: string[]): string[] => lines.filter((_, i) => i !== 7);
  const holed = await readCarbonSenseFolder((await inputs(path.join(folderV1("holed", { predictors: drop, targets: drop }), "targets.csv")))[0]!);
  assert.equal(holed.start.length, HOURS);
  assert.ok(Number.isNaN(holed.columns.get("TA")![6]!) && Number.isNaN(holed.columns.get("NEE")![6]!));
});

test("a v1 folder that is not whole is refused by file", async () => {
  const rejects = async (name: string, change: Parameters<typeof folderV1>[1], tag: string, pattern: RegExp): Promise<void> => {
    const [input] = await inputs(path.join(folderV1(name, change), "targets.csv"));
    await assert.rejects(readCarbonSenseFolder(input!), (e) => isWorkbookError(e) && e.tag === tag && pattern.test(e.message), name);
  };
  await rejects("meta", { meta: "{" }, "BadSite", /meta\.json: SITE_ID/);
  await rejects("column", { targets: (l) => [l[0]!.replace("timestamp", "time"), ...l.slice(1)] }, "MissingColumn", /targets\.csv: column timestamp of CarbonSense v1 required, .* nearest time/);
  await rejects("time", { targets: (l) => l.map((x, i) => (i === 3 ? x.replace("2012-01-01", "2012-13-01") : x)) }, "BadDate", /targets\.csv line 4/);
  await rejects("short", { targets: (l) => l.slice(0, 20) }, "BadFile", /the same hours in targets\.csv and predictors\.csv required, found 19 and 48/);
  assert.equal(detectCarbonSenseFolder([], (await inputs(path.join(fs.mkdtempSync(path.join(root, "x-")), "..", "plain")))[0]!)?.kind, "carbonsense-v1");
});

test("a v2 database gives its sites one by one, daily where asked, with QC unknown", async () => {
  const file = databaseV2("carbonsense_v2.sql", [...day("AA-One"), ...day("BB-Two", null, 2)]);
  const [input] = await inputs(file);
  assert.equal(detectCarbonSenseDatabase([], input!)!.kind, "carbonsense-v2");
  const [one, two] = [...carbonSenseSites(input!)];
  assert.deepEqual([one!.site, one!.lat, one!.lon, one!.igbp, one!.stepMinutes, one!.start.length], ["AA-One", 45.5, -91.25, "ENF", 30, 48]);
  near(one!.columns.get("TA")![0]!, 20);
  near(one!.columns.get("P")![0]!, 0.5);
  assert.deepEqual([one!.columns.get("NEE")![0], two!.site, two!.columns.get("NEE")![0], two!.lat], [-5, "BB-Two", 2, null]);
  assert.ok(Number.isNaN(two!.columns.get("TA")![0]!));
  const { blocks } = await readCarbonSenseDatabase(input!, { variables: readVariables() });
  assert.deepEqual(blocks.map((b) => [b.site, b.day.length]), [["AA-One", 1], ["BB-Two", 1]]);
  near(blocks[0]!.numbers.get("nee")![0]!, -5 * 1.0377, 0.01);
  near(blocks[0]!.numbers.get("p_mm_d")![0]!, 24, 0.01);
  assert.ok(!blocks[0]!.numbers.has("nee_qc"), "unknown QC is not a QC of 1");
});

test("a v2 database that was never normalised is taken as it is", async () => {
  const [table] = [...carbonSenseSites((await inputs(databaseV2("carbonsense_plain.sql", day("AA-One", 20), false)))[0]!)];
  near(table!.columns.get("TA")![0]!, 20);
  near(table!.columns.get("P")![0]!, 0.5);
});

test("another database, daily rows, text for numbers and a file cut off are refused by name", async () => {
  const rejects = async (file: string, tag: string, pattern: RegExp): Promise<void> => {
    const [input] = await inputs(file);
    assert.throws(() => [...carbonSenseSites(input!)], (e) => isWorkbookError(e) && e.tag === tag && pattern.test(e.message) && e.message.includes(path.basename(file)), file);
  };
  const other = path.join(root, "other.db");
  const db = new Database(other);
  db.exec("CREATE TABLE birds (name TEXT)");
  db.close();
  await rejects(other, "BadFile", /table ec_data of CarbonSense v2 required, found birds/);
  await rejects(databaseV2("daily.db", [["AA-One", 201201010000, 0.1, 1], ["AA-One", 201201020000, 0.1, 1]]), "BadDate", /steps of 30 or 60 minutes required, found 1440/);
  await rejects(databaseV2("text.db", day("AA-One", "warm")), "BadFile", /AA-One: numbers required in TA, found "warm"/);
  const whole = fs.readFileSync(databaseV2("whole.db", day("AA-One")));
  const cut = path.join(root, "cut.db");
  fs.writeFileSync(cut, whole.subarray(0, 5000));
  await rejects(cut, "BadFile", /a whole SQLite database required/);
  const rubbish = path.join(root, "rubbish.db");
  fs.writeFileSync(rubbish, "no database");
  await rejects(rubbish, "BadFile", /a whole SQLite database required/);
});
