import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { channelsOf, COLUMNS, columnSpec } from "../../src/core/columns";
import { asDay, dayOfYear, dayOrNull, formatDay, monthOf, parseDay, quarterOf, yearOf } from "../../src/core/days";
import { isWorkbookError } from "../../src/core/errors";
import { replaceAtomic, sha256, writeAtomic } from "../../src/core/files";
import { checkKeys, readJson, writeJson } from "../../src/core/json";
import { nearest } from "../../src/core/nearest";
import { counter, type ProgressEvent } from "../../src/core/progress";
import { STATIC_WIDTH } from "../../src/core/quantities";
import { fromState, random } from "../../src/core/random";
import { distanceKm, oneHots, parseIgbp, parseKoppen } from "../../src/core/sites";
import { aSite } from "../helpers/tables";

const scratch = (): string => fs.mkdtempSync(path.join(os.tmpdir(), "core-"));

test("dates are read in both spellings, and impossible ones are refused with their text", () => {
  assert.equal(formatDay(parseDay("20120229")), "2012-02-29");
  assert.equal(parseDay("1970-01-02"), 1);
  for (const bad of ["20130229", "2012-13-01", "2012-1-01", "201202", "2012-0229", "", "NaN"]) {
    assert.equal(dayOrNull(bad), null, bad);
    assert.throws(() => parseDay(bad), (e) => isWorkbookError(e, "BadDate") && e.message.includes(`"${bad}"`));
  }
});

test("calendar parts agree with the calendar over sixty years", () => {
  const r = random(1, "days");
  for (let i = 0; i < 500; i++) {
    const day = asDay(r.int(22_000));
    const date = new Date(day * 86_400_000);
    assert.equal(yearOf(day), date.getUTCFullYear());
    assert.equal(monthOf(day), date.getUTCMonth() + 1);
    assert.equal(quarterOf(day), Math.floor(date.getUTCMonth() / 3));
    assert.ok(dayOfYear(day) >= 1 && dayOfYear(day) <= 366);
    assert.equal(parseDay(formatDay(day)), day);
  }
  assert.equal(dayOfYear(parseDay("20121231")), 366);
});

test("a random stream depends on seed and name alone, and continues from its state", () => {
  const a = random(1, "x");
  const b = random(1, "x");
  const first = Array.from({ length: 10 }, () => [a.uniform(), a.normal(), a.int(7)]);
  assert.deepEqual(first, Array.from({ length: 10 }, () => [b.uniform(), b.normal(), b.int(7)]));
  a.normal();
  const c = fromState(a.state());
  assert.equal(c.normal(), a.normal());
  assert.notEqual(random(2, "x").uniform(), random(1, "x").uniform());
  assert.equal(a.split("y").uniform(), random(1, "x").split("y").uniform(), "split does not depend on the parent's position");
  assert.equal(fromState(a.split("y").state()).split("z").uniform(), random(1, "x").split("y").split("z").uniform());
});

test("the random stream has the moments it claims", () => {
  const r = random(5, "moments");
  let [u, n, n2] = [0, 0, 0];
  for (let i = 0; i < 40_000; i++) {
    u += r.uniform();
    const z = r.normal();
    n += z;
    n2 += z * z;
  }
  assert.ok(Math.abs(u / 40_000 - 0.5) < 0.01 && Math.abs(n / 40_000) < 0.02 && Math.abs(n2 / 40_000 - 1) < 0.03);
  assert.deepEqual([...r.shuffle([1, 2, 3, 4])].sort(), [1, 2, 3, 4]);
});

test("rain that ERA5-Land lacks is 0, all else is drawn across gaps; a sum is a day's, an extreme an hour's", () => {
  const of = (name: string): unknown[] => { const { unit, fill, range } = columnSpec(name)!; return [unit, fill, ...range]; };
  assert.deepEqual(["snowfall_sum", "snowfall_max", "runoff_sum"].map(of), [["m d⁻¹", "zero", -1, 1], ["m", "zero", -1, 1], ["m d⁻¹", "linear", -1, 1]]);
  assert.deepEqual(["skin_temperature", "surface_net_thermal_radiation_sum", "volumetric_soil_water_layer_3"].map(of), [["K", "linear", 150, 350], ["J m⁻² d⁻¹", "linear", -1e8, 1e8], ["m³ m⁻³", "linear", -0.1, 1.1]]);
});

test("what towers and satellites ordinarily see lies within the range of its column", () => {
  const ordinary: Readonly<Record<string, readonly [number, number]>> = {
    gpp: [-5, 40], reco: [-2, 35], nee: [-30, 30], le_W_m2: [-100, 600], h_W_m2: [-200, 600], ta_degC: [-60, 50], vpd_hPa: [0, 90], sw_in_W_m2: [0, 450], lw_in_W_m2: [60, 550], pa_kPa: [55, 106], p_mm_d: [0, 300], ws_m_s: [0, 30],
    evi: [-0.2, 1], ndvi: [-0.3, 1], lai: [0, 7], fapar: [0, 1], sur_refl_b01: [0, 0.9], SensorZenith: [0, 70], SolarZenith: [0, 90], temperature_2m: [210, 325], total_precipitation_sum: [0, 0.3],
  };
  for (const [name, [low, high]] of Object.entries(ordinary)) {
    const { range } = columnSpec(name)!;
    assert.ok(range[0] <= low && range[1] >= high, `${name}: ${range.join("…")}`);
  }
  for (const { name, range } of COLUMNS) assert.ok(range[0] < range[1], name);
});

test("a seed's numbers are these for ever, and a shuffle gives every order alike", () => {
  // as a second implementation in Python gives them
  const r = random(1, "support");
  assert.deepEqual([0, 1, 2, 3].map(() => r.uniform() * 2 ** 32), [328548160, 2786755667, 2101371156, 2537807645]);
  const [then, twin] = [fromState(r.state()), fromState(r.state())];
  then.shuffle([1, 2, 3, 4, 5]);
  for (let i = 0; i < 4; i++) twin.uniform();
  assert.deepEqual([then.state(), fromState(then.state()).state()], [twin.state(), twin.state()], "four draws for five, and none to go on");
  const orders = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = r.shuffle(["a", "b", "c"]).join("");
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  assert.deepEqual([...orders.keys()].sort(), ["abc", "acb", "bac", "bca", "cab", "cba"]);
  for (const [order, n] of orders) assert.ok(n > 900 && n < 1100, `${order} ${n} times of 6000`);
});

test("classes are read in any case, As counts as Aw, and what is not in the list is null", () => {
  assert.equal(parseIgbp(" enf "), "ENF");
  assert.equal(parseIgbp("BSV"), null);
  assert.deepEqual(parseKoppen("Bsh"), { koppen: "B", koppenDetail: "BSh" });
  assert.deepEqual(parseKoppen("As"), { koppen: "A", koppenDetail: "Aw" });
  assert.deepEqual(parseKoppen("D"), { koppen: "D", koppenDetail: null });
  assert.deepEqual(parseKoppen("Xyz"), { koppen: null, koppenDetail: null });
  assert.deepEqual(parseKoppen(null), { koppen: null, koppenDetail: null });
});

test("one-hots have 51 places, three ones for a known site and none for an unknown one", () => {
  assert.equal(STATIC_WIDTH, 51);
  assert.equal(oneHots(aSite("A")).reduce((a, b) => a + b, 0), 3);
  assert.equal(oneHots(aSite("A", { igbp: null, koppen: null, koppenDetail: null })).reduce((a, b) => a + b, 0), 0);
});

test("a degree on the equator is 111.19 km", () => {
  assert.ok(Math.abs(distanceKm({ lat: 0, lon: 0 }, { lat: 0, lon: 1 }) - 111.195) < 0.01);
  assert.equal(distanceKm({ lat: 50, lon: 9 }, { lat: 50, lon: 9 }), 0);
});

test("the minimal feature set has the benchmark's twenty channels, the tower set eight", () => {
  assert.equal(channelsOf("minimal").length, 20);
  assert.deepEqual(channelsOf("minimal").slice(-2), ["lat", "lon"]);
  assert.equal(channelsOf("tower").length, 8);
  assert.throws(() => channelsOf("full"), (e) => isWorkbookError(e, "BadConfig") && /full/.test(e.message));
  assert.equal(channelsOf("standard", ["a", "b"]).length, 16);
  assert.equal(new Set(COLUMNS.map((c) => c.name)).size, COLUMNS.length);
});

test("a file is written whole or not at all", async () => {
  const dir = scratch();
  const file = path.join(dir, "deep", "a.txt");
  writeAtomic(file, "one");
  assert.throws(() => replaceAtomic(file, (t: string): void => { fs.writeFileSync(t, "half"); throw new Error("cut"); }), /cut/);
  await assert.rejects(replaceAtomic(file, async (t) => { fs.writeFileSync(t, "half"); throw new Error("cut"); }), /cut/);
  assert.equal(fs.readFileSync(file, "utf8"), "one");
  assert.deepEqual(fs.readdirSync(path.dirname(file)), ["a.txt"]);
  assert.equal(sha256(file), "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
});

test("unreadable JSON and unknown keys say file, key and nearest key", () => {
  const dir = scratch();
  const file = path.join(dir, "c.json");
  assert.throws(() => readJson(file), (e) => isWorkbookError(e, "BadFile") && e.message.includes(file));
  fs.writeFileSync(file, "{ not json");
  assert.throws(() => readJson(file), (e) => isWorkbookError(e, "BadFile"));
  writeJson(file, { a: 1 });
  assert.deepEqual(readJson(file), { a: 1 });
  assert.throws(() => checkKeys("config", { epocs: 1 }, ["batch", "epochs"]), /nearest epochs/);
  assert.deepEqual(nearest("FR-Tuo", ["DE-Hai", "FR-Tou"]), ["FR-Tou"]);
});

test("progress tells how long still, from the pace so far", () => {
  const seen: ProgressEvent[] = [];
  let now = 0;
  const step = counter("epoch", 4, (e) => seen.push(e), () => now);
  step(0);
  now = 1000;
  step(1, "loss 2");
  assert.equal(seen[0]!.secondsLeft, null);
  assert.deepEqual(seen[1], { what: "epoch", done: 1, total: 4, secondsLeft: 3, note: "loss 2" });
});
