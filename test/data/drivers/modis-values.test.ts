import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDay } from "../../../src/core/days";
import { isWorkbookError } from "../../../src/core/errors";
import { readVariables } from "../../../src/data/columns";
import { dailySeries } from "../../../src/data/drivers/composites";
import { modisBlocks } from "../../../src/data/drivers/modis";
import { readWideCsv } from "../../../src/data/drivers/modis-csv";
import { readLongCsv, readOrnlJson } from "../../../src/data/drivers/modis-ornl";
import { bandKey, modisProductOf, readModisProducts } from "../../../src/data/drivers/modis-products";
import { codeOf, decodeQuality, judge } from "../../../src/data/drivers/modis-quality";
import { satelliteDay } from "../../../src/data/drivers/point-rows";
import type { DriverContext } from "../../../src/data/drivers/driver-context";
import type { FileBlocks } from "../../../src/data/ingest/site-block";

const variables = readVariables();
const products = readModisProducts();
const product = (id: string) => products.find((p) => p.id === id)!;
const context = (preparation: "paper" | "clean", more: Partial<DriverContext> = {}): DriverContext => ({ variables, sites: [], preparation, ...more });
const wide = (text: string, name: string, preparation: "paper" | "clean" = "paper", more: Partial<DriverContext> = {}): FileBlocks => modisBlocks(readWideCsv(Buffer.from(text), name, products, variables), name, context(preparation, more));
const valueOn = ({ blocks: [block] }: FileBlocks, column: string, date: string): number => {
  const at = block!.day.indexOf(parseDay(date));
  return at < 0 ? NaN : Number(block!.numbers.get(column)?.[at]?.toFixed(5) ?? NaN);
};

test("quality bits mean what the user guides say", () => {
  // real values of AT-Neu: 2000-02-18 cloudy, 2000-03-05 snow
  assert.equal(codeOf(0b1101001, [3, 4]), 1);
  const detailed = decodeQuality(product("MOD13"), "MOD13A1_061__500m_16_days_VI_Quality", 2062);
  assert.deepEqual([detailed["overall"], detailed["usefulness"], detailed["land or water"]], ["most probably cloudy", "lower", "land"]);
  const [summary, bits] = product("MOD13").quality;
  assert.deepEqual([0, 1, 2, 3].map((v) => judge(summary!, v)), [{ reason: null, snow: 0 }, { reason: null, snow: 0 }, { reason: null, snow: 1 }, { reason: "cloud", snow: 0 }]);
  assert.deepEqual(judge(bits!, 18449), { reason: null, snow: 1 });
  assert.deepEqual(judge(bits!, 35102).reason, "cloud");
  // LAI: 73 is cloudy and of the back-up algorithm, 65 of the back-up alone, 34 saturated but good
  const lai = product("MCD15A3H").quality[0]!;
  assert.deepEqual([0, 2, 32, 34, 8, 16, 65, 97, 73, 128].map((v) => judge(lai, v).reason), [null, null, null, null, "cloud", "cloud", "back-up algorithm", "back-up algorithm", "cloud", "not produced"]);
  const state = product("MOD09GA").quality[0]!;
  assert.deepEqual([0b1000, 0b0001, 0b0100, 1 << 10, 1 << 12, 1 << 15].map((v) => judge(state, v)), [
    { reason: null, snow: 0 }, { reason: "cloud", snow: 0 }, { reason: "cloud shadow", snow: 0 }, { reason: "cloud", snow: 0 }, { reason: null, snow: 1 }, { reason: null, snow: 1 }]);
  assert.equal(judge(product("MOD11A1").quality[0]!, 0b11000001).reason, "error above 3 K");
});

test("a quality value that is a mean of several, fill or missing is unknown, never good", () => {
  const summary = product("MOD13").quality[0]!;
  assert.equal(judge(summary, 0.5).reason, "quality unknown");
  assert.equal(judge(summary, NaN).reason, "quality unknown");
  assert.equal(judge(summary, -1).reason, "not produced");
  assert.ok(Number.isNaN(judge(summary, 0.5).snow));
  assert.throws(() => decodeQuality(product("MOD13"), "SummaryQA", 0.5), (e) => isWorkbookError(e, "BadArgument"));
});

test("dates of every layout are the same day", () => {
  const day = parseDay("2000-02-18");
  for (const text of ["2000-02-18", "20000218", "2000-02-18T00:00:00", "2000_02_18_AT-Neu", "A2000049", "2000049", String(day * 86_400_000)]) assert.equal(satelliteDay(text), day, text);
  for (const text of ["", "2000-02-30", "A2000400", "site 1", "7"]) assert.equal(satelliteDay(text), null, text);
});

test("band names and products are found in every layout", () => {
  assert.deepEqual(["EVI", "MOD13A1_061__500m_16_days_EVI", "250m_16_days_EVI", "_1_km_16_days_EVI"].map(bandKey), ["evi", "evi", "evi", "evi"]);
  assert.equal(bandKey("MOD09GA_061_sur_refl_b01_1"), "sur_refl_b01_1");
  assert.equal(modisProductOf(products, ["CH-Lae_MCD15A3H_gee.csv"], [])?.period, 4);
  assert.equal(modisProductOf(products, ["x.csv"], ["state_1km", "sur_refl_b01"])?.id, "MOD09GA");
  assert.equal(modisProductOf(products, ["x.csv"], ["FparLai_QC", "Lai"]), null, "4 or 8 days: the name must say");
});

const GEE = "system:index,DayOfYear,EVI,SummaryQA,date,site\n2000_02_18_AA-One,49,2000,0,2000-02-18,AA-One\n2000_03_05_AA-One,65,4000,3,2000-03-05,AA-One\n2000_03_21_AA-One,81,6000,0,2000-03-21,AA-One\n";

test("Earth Engine, AppEEARS and both ORNL layouts of the same values give the same days", () => {
  const appeears = "ID,Category,Latitude,Longitude,Date,MODIS_Tile,MOD13A1_061__500m_16_days_EVI,MOD13A1_061__500m_16_days_composite_day_of_the_year,MOD13A1_061__500m_16_days_pixel_reliability,MOD13A1_061__500m_16_days_pixel_reliability_bitmask\n"
    + "AA-One,t,50,10,2000-02-18,h18v04,0.2,49,0,0b0\nAA-One,t,50,10,2000-03-05,h18v04,0.4,65,3,0b11\nAA-One,t,50,10,2000-03-21,h18v04,0.6,81,0,0b0\n";
  const dates = ["2000-02-18", "2000-03-05", "2000-03-21"];
  const bands: [string, number[]][] = [["500m_16_days_EVI", [2000, 4000, 6000]], ["500m_16_days_composite_day_of_the_year", [49, 65, 81]], ["500m_16_days_pixel_reliability", [0, 3, 0]]];
  const json = JSON.stringify({ latitude: 50, longitude: 10, header: "https://example.org/rst/api/v1/MOD13A1/subset", subset: bands.flatMap(([band, values]) => values.map((v, k) => ({ band, calendar_date: dates[k], modis_date: "A2000049", data: [v] }))) });
  const long = `latitude,longitude,site,product,calendar_date,band,pixel,value\n${bands.flatMap(([band, values]) => values.map((v, k) => `50,10,AA-One,MOD13A1,${dates[k]},${band},1,${v}`)).join("\n")}\n`;
  for (const preparation of ["paper", "clean"] as const) {
    const wanted = wide(GEE, "MOD13A1.csv", preparation);
    assert.equal(valueOn(wanted, "evi", "2000-03-05"), preparation === "paper" ? 0.4 : 0.4, "clean joins the views around a cloud, which lie on one line here");
    for (const other of [
      wide(appeears, "results.csv", preparation),
      modisBlocks(readOrnlJson(Buffer.from(json), "AA-One.json"), "AA-One.json", context(preparation)),
      modisBlocks(readLongCsv(Buffer.from(long), "subset.csv", variables), "subset.csv", context(preparation)),
    ]) {
      assert.equal(other.blocks[0]!.site, "AA-One");
      assert.deepEqual(other.blocks[0]!.day, wanted.blocks[0]!.day);
      assert.deepEqual([...other.blocks[0]!.numbers.get("evi")!].map((v) => v.toFixed(5)), [...wanted.blocks[0]!.numbers.get("evi")!].map((v) => v.toFixed(5)));
    }
  }
});

test("composites become days: linear between the days they were seen, their own value at the ends", () => {
  const made = wide(GEE, "MOD13A1.csv");
  assert.deepEqual([made.blocks[0]!.day.length, valueOn(made, "evi", "2000-02-18"), valueOn(made, "evi", "2000-02-26"), valueOn(made, "evi", "2000-04-05")], [48, 0.2, 0.3, 0.6]);
  // seen on 5 March though it begins on 18 February: the value belongs to that day
  const late = wide(GEE.replace("AA-One,49,", "AA-One,64,"), "MOD13A1.csv");
  assert.equal(valueOn(late, "evi", "2000-03-04"), 0.2);
  assert.equal(valueOn(late, "evi", "2000-02-20"), 0.2);
});

test("a composite of December seen in January is laid on January", () => {
  const rows = "date,site,DayOfYear,EVI,SummaryQA\n2000-12-18,AA-One,2,1000,0\n2001-01-01,AA-One,12,2000,0\n";
  const made = wide(rows, "MOD13A1.csv");
  assert.deepEqual([valueOn(made, "evi", "2001-01-01"), valueOn(made, "evi", "2001-01-02")], [0.1, 0.1]);
  assert.equal(valueOn(made, "evi", "2001-01-07"), 0.15);
});

test("clean mode takes out clouds and says so, leaves long gaps open, and tells of snow; paper mode closes every gap", () => {
  const dates = ["2000-02-18", "2000-03-05", "2000-03-21", "2000-04-06", "2000-04-22"];
  const qa = [2, 3, 3, 3, 0];
  const text = `date,site,EVI,SummaryQA\n${dates.map((d, k) => `${d},AA-One,${1000 * (k + 1)},${qa[k]}`).join("\n")}\n`;
  const clean = wide(text, "MOD13A1.csv", "clean");
  assert.deepEqual(clean.excluded.map((e) => [e.reason, e.days]), [["evi of MOD13: cloud, composites left out", 3], ["evi of MOD13: left open between views more than 3 periods apart", 48], ["snow of MOD13: left open between views more than 3 periods apart", 48]]);
  assert.ok(Number.isNaN(valueOn(clean, "evi", "2000-03-25")));
  assert.deepEqual([valueOn(clean, "snow", "2000-02-20"), valueOn(clean, "snow", "2000-04-30")], [1, 0]);
  const paper = wide(text, "MOD13A1.csv", "paper");
  assert.ok(paper.blocks[0]!.numbers.get("evi")!.every((v) => !Number.isNaN(v)));
  assert.equal(paper.blocks[0]!.numbers.has("snow"), false);
  assert.deepEqual(paper.excluded, []);
});

test("fill goes whether the numbers are stored or scaled, in whatever layout, and it is counted", () => {
  const stored = wide("date,site,EVI,SummaryQA\n2000-02-18,AA-One,-3000,-1\n2000-03-05,AA-One,5000,0\n", "MOD13A1.csv");
  assert.deepEqual(stored.excluded.map((e) => e.reason), ["evi of MOD13: fill, composites left out"]);
  const scaled = wide("date,site,EVI,SummaryQA\n2000-02-18,AA-One,-0.3,-1\n2000-03-05,AA-One,0.5,0\n", "MOD13A1.csv");
  assert.equal(valueOn(scaled, "evi", "2000-03-06"), 0.5);
  const lst = wide("date,site,LST_Day_1km,QC_Day\n2000-03-05,AA-One,0,2\n2000-03-06,AA-One,14000,0\n", "MOD11A1.csv");
  assert.equal(valueOn(lst, "lst_day_K", "2000-03-06"), 280);
  assert.ok(Number.isNaN(valueOn(lst, "lst_day_K", "2000-03-05")), "a daily product keeps its gaps");
  const appeears = wide("ID,Date,MOD11A1_061_LST_Day_1km,MOD11A1_061_QC_Day\nAA-One,2000-03-05,0,2\nAA-One,2000-03-06,280,0\n", "results.csv");
  assert.equal(valueOn(appeears, "lst_day_K", "2000-03-06"), 280);
});

test("MOD09GA: pixels are averaged, clouds are bits 0 to 2 of the state, azimuths have no mean", () => {
  const text = "date,site,sur_refl_b01,SolarAzimuth,state_1km\n2005-06-01,AA-One,1000,17900,8\n2005-06-01,AA-One,3000,-17900,8\n2005-06-01,AA-One,-28672,100,9\n2005-06-02,AA-One,16001,0,13\n";
  const made = wide(text, "AA-One_MOD09GA.csv");
  assert.deepEqual([valueOn(made, "sur_refl_b01", "2005-06-01"), valueOn(made, "clouds", "2005-06-01"), valueOn(made, "clouds", "2005-06-02")], [0.2, 0, 5]);
  assert.equal(valueOn(made, "SolarAzimuth", "2005-06-01"), 179);
  assert.ok(Number.isNaN(valueOn(made, "sur_refl_b01", "2005-06-02")));
  const clean = wide(text, "AA-One_MOD09GA.csv", "clean");
  assert.equal(valueOn(clean, "sur_refl_b01", "2005-06-01"), 0.2, "the cloudy pixel was fill anyway");
});

test("a site is told by its column, by a position within 2 km, or by the file's name, and never guessed", () => {
  const known = [{ site: "BB-Two", lat: 50.01, lon: 10, igbp: null, koppen: null, koppenDetail: null }];
  const text = "ID,Latitude,Longitude,Date,MOD13A1_061__500m_16_days_EVI\n1,50,10,2000-02-18,0.5\n";
  assert.equal(wide(text, "results.csv", "paper", { sites: known }).blocks[0]!.site, "BB-Two");
  const long = "latitude,longitude,product,calendar_date,band,value\n50,10,MOD13A1,2000-02-18,500m_16_days_EVI,5000\n";
  const unplaced = { ...known[0]!, site: "AA-None", lat: null, lon: null };
  assert.equal(modisBlocks(readLongCsv(Buffer.from(long), "subset.csv", variables), "subset.csv", context("paper", { sites: [unplaced, ...known] })).blocks[0]!.site, "BB-Two");
  assert.equal(wide(text, "CC-Thr_MOD13A1.csv").blocks[0]!.site, "CC-Thr");
  assert.throws(() => wide(text, "results.csv"), (e) => isWorkbookError(e, "BadSite") && /within 2 km of a known site.*50 10.*--sites/.test(e.message));
});

test("what is not told is refused: the product, and in clean mode the quality", () => {
  assert.throws(() => wide("date,site,Lai,FparLai_QC\n2000-02-18,AA-One,30,0\n", "x.csv"), (e) => isWorkbookError(e, "BadFile") && /product's name.*MCD15A3H/.test(e.message));
  assert.throws(() => wide("date,site,EVI\n2000-02-18,AA-One,3000\n", "MOD13A1.csv", "clean"), (e) => isWorkbookError(e, "MissingColumn") && /SummaryQA or DetailedQA required in clean mode/.test(e.message));
  assert.throws(() => wide("date,site,EVI\n2000-02-31,AA-One,3000\n", "MOD13A1.csv"), (e) => isWorkbookError(e, "BadDate") && /line 2.*2000-02-31/.test(e.message));
  assert.throws(() => readOrnlJson(Buffer.from("{"), "a.json"), (e) => isWorkbookError(e, "BadFile"));
});

test("two composites seen on one day become their mean", () => {
  const made = dailySeries({ site: "A", date: Int32Array.of(0, 16), seen: Float64Array.of(16, 16), columns: new Map([["evi", Float32Array.of(0.2, 0.4)]]) }, 16, "MOD13", "paper");
  assert.equal(made.columns.get("evi")![16]!.toFixed(3), "0.300");
});

test("after the last view stands its own value, and snow is that of the nearest view, of the earlier one where both are as near", () => {
  const views = { site: "A", date: Int32Array.of(0, 16), seen: Float64Array.of(2, 20.5) };
  const made = dailySeries({ ...views, columns: new Map([["evi", Float32Array.of(0.2, 0.6)], ["snow", Float32Array.of(1, 0)]]) }, 16, "MOD13", "clean");
  const [evi, snow] = ["evi", "snow"].map((name) => made.columns.get(name)!);
  assert.deepEqual([...evi!.subarray(21)], new Array<number>(11).fill(Math.fround(0.6)));
  assert.equal(evi![20]!.toFixed(4), (0.2 + (0.4 * 18) / 18.5).toFixed(4));
  assert.deepEqual([10, 11, 12, 20].map((day) => snow![day]), [1, 1, 0, 0]);
  const even = dailySeries({ ...views, seen: Float64Array.of(2, 22), columns: new Map([["snow", Float32Array.of(1, 0)]]) }, 16, "MOD13", "clean");
  assert.deepEqual([11, 12, 13].map((day) => even.columns.get("snow")![day]), [1, 1, 0]);
});

test("a composite is seen on the mean day of its pixels, on day 366 of a leap year too; in the middle of its period where nothing tells", () => {
  const of = (days: readonly string[]): FileBlocks => wide(`date,site,DayOfYear,EVI,SummaryQA\n${days.map((day) => `2000-12-18,AA-One,${day},1000,0\n`).join("")}2001-01-17,AA-One,22,3000,0\n`, "MOD13A1.csv");
  const seenOn = (made: FileBlocks): number => { const [a, b] = ["2001-01-10", "2001-01-20"].map((date) => valueOn(made, "evi", date)); return 20 - (10 * (b! - 0.1)) / (b! - a!) + parseDay("2001-01-01") - 1; };
  assert.ok(Math.abs(seenOn(of(["366"])) - parseDay("2000-12-31")) < 0.01);
  assert.ok(Math.abs(seenOn(of(["354", "360"])) - parseDay("2000-12-22")) < 0.01);
  assert.ok(Math.abs(seenOn(of([""])) - parseDay("2000-12-18") - 7.5) < 0.01);
});
