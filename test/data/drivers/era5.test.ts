import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDay } from "../../../src/core/days";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import { readVariables } from "../../../src/data/columns";
import { era5Blocks } from "../../../src/data/drivers/era5";
import { readEra5Csv } from "../../../src/data/drivers/era5-csv";
import { era5Names } from "../../../src/data/drivers/era5-names";
import { readEra5Netcdf } from "../../../src/data/drivers/era5-netcdf";
import { isAccumulated, meanOfDay, sumOfDay } from "../../../src/data/drivers/hourly-to-daily";
import type { FileBlocks } from "../../../src/data/ingest/site-block";
import type { GridFile } from "../../../src/data/grid/grid";
import { aSite } from "../../helpers/tables";

const variables = readVariables();
const known = [aSite("AA-One", { lat: 50.02, lon: 10.03 }), aSite("BB-Two", { lat: 49.98, lon: 9.96 })];
const context = { variables, sites: known, preparation: "paper" } as const;
const says = (tag: ErrorTag, pattern: RegExp) => (e: unknown): boolean => isWorkbookError(e, tag) && pattern.test(e.message);
const read = (text: string, name = "AA-One_era5.csv"): FileBlocks => era5Blocks(readEra5Csv(Buffer.from(text), name, name, context), context);

/** `days` days and one hour of a point: sun from 6 to 18 UTC, rain of 1 mm in hour 5 of each day, evaporation under the sun. */
function hours(days: number, accumulated: boolean): { time: string; t2m: number; tp: number; ssr: number; e: number }[] {
  const out: { time: string; t2m: number; tp: number; ssr: number; e: number }[] = [];
  let sums = { tp: 0, ssr: 0, e: 0 };
  for (let h = 0; h <= 24 * days; h++) {
    const of = (h + 23) % 24;
    const sun = of >= 6 && of < 18 ? Math.sin(((of - 5.5) * Math.PI) / 12) : 0;
    const amount = { tp: of === 4 ? 0.001 : 0, ssr: 1e6 * sun, e: -1e-4 * sun };
    sums = of === 0 ? amount : { tp: sums.tp + amount.tp, ssr: sums.ssr + amount.ssr, e: sums.e + amount.e };
    const shown = accumulated ? sums : amount;
    const day = new Date(Date.UTC(2019, 0, 1, h)).toISOString().slice(0, 19);
    out.push({ time: day, t2m: 280 + (h % 24), ...shown });
  }
  return out;
}

const csv = (rows: readonly object[], names: readonly string[]): string => `${names.join(",")}\n${rows.map((r) => Object.values(r).join(",")).join("\n")}\n`;

test("amounts count from 00 UTC or by the hour, the day's sum is the same, and the 24 values of a day are never added", () => {
  const names = ["valid_time", "t2m", "tp", "ssr", "e"];
  const [since, single] = [true, false].map((accumulated) => read(csv(hours(3, accumulated), names)));
  for (const made of [since!, single!]) {
    const block = made.blocks[0]!;
    assert.deepEqual([...block.day], [0, 1, 2].map((k) => parseDay("2019-01-01") + k));
    for (const day of [0, 1, 2]) {
      assert.equal(block.numbers.get("total_precipitation_sum")![day]!.toFixed(6), "0.001000");
      assert.equal((block.numbers.get("surface_net_solar_radiation_sum")![day]! / 1e6).toFixed(2), "7.66");
      assert.equal((block.numbers.get("total_evaporation_sum")![day]! * 1e4).toFixed(2), "-7.66", "negative = evaporation");
      assert.equal(block.numbers.get("temperature_2m")![day], 291.5, "mean of 00 to 23 UTC");
    }
    assert.deepEqual(made.excluded, []);
    assert.deepEqual(block.text.day_convention, ["UTC", "UTC", "UTC"]);
  }
});

test("a day that lacks an hour it needs has no value, and is counted", () => {
  const rows = hours(2, true).filter((r) => r.time !== "2019-01-02T00:00:00" && r.time !== "2019-01-02T07:00:00");
  const made = read(csv(rows, ["valid_time", "t2m", "tp", "ssr", "e"]));
  const block = made.blocks[0]!;
  assert.deepEqual([...block.numbers.get("temperature_2m")!].map(Number.isNaN), [false, true]);
  assert.deepEqual([...block.numbers.get("total_precipitation_sum")!].map(Number.isNaN), [true, false], "hour 7 is not asked where amounts count from 00 UTC");
  assert.deepEqual(made.excluded.map((e) => [e.reason.split(":")[0], e.days]), [["temperature_2m", 1], ["total_precipitation_sum", 1], ["surface_net_solar_radiation_sum", 1], ["total_evaporation_sum", 1]]);
});

test("a record that begins in the middle of a day keeps its days: the first is open, and none is moved", () => {
  const from = 24 * parseDay("2019-01-01");
  const series = { hour: Int32Array.from({ length: 44 }, (_, i) => from + 5 + i), values: Float64Array.from({ length: 44 }, (_, i) => (i < 19 ? 1 : 2)) };
  assert.deepEqual(meanOfDay(series), { first: parseDay("2019-01-01"), values: Float32Array.of(NaN, 2) });
  const rows = hours(2, false).slice(5);
  const made = read(csv(rows, ["valid_time", "t2m", "tp", "ssr", "e"])).blocks[0]!;
  assert.deepEqual([...made.day], [parseDay("2019-01-01"), parseDay("2019-01-02")]);
  assert.deepEqual([...made.numbers.get("temperature_2m")!], [NaN, 291.5]);
});

test("amounts that count one way on some days and the other way on others are refused", () => {
  const [a, b] = [hours(4, true), hours(8, false).slice(96)];
  assert.throws(() => read(csv([...a.slice(0, -1), ...b], ["valid_time", "t2m", "tp", "ssr", "e"])), says("BadUnit", /ssr: amounts since 00 UTC, or amounts of the hour, on all days required, found both/));
});

test("a dry dark month tells nothing and needs to tell nothing; sun at 180° E is not taken for an accumulation", () => {
  const hour = Int32Array.from({ length: 73 }, (_, h) => h);
  const none = { hour, values: new Float64Array(73) };
  assert.equal(isAccumulated(none, "f", "tp"), null);
  assert.deepEqual([...sumOfDay(none, true).values], [0, 0, 0]);
  const noonAtMidnight = { hour, values: Float64Array.from(hour, (h) => Math.max(0, Math.cos(((h - 0.5) * 2 * Math.PI) / 24))) };
  assert.equal(isAccumulated(noonAtMidnight, "f", "ssr"), false);
});

test("whatever the weather, accumulated and single amounts have the same sums, and each is taken for what it is", () => {
  for (let seed = 1; seed <= 25; seed++) {
    const r = random(seed, "weather");
    const hour = Int32Array.from({ length: 24 * 20 + 1 }, (_, h) => h);
    const single = Float64Array.from(hour, () => (r.uniform() < 0.3 ? r.uniform() : 0));
    const since = single.slice();
    for (let h = 1; h < since.length; h++) if (h % 24 !== 1) since[h] = since[h - 1]! + single[h]!;
    assert.equal(isAccumulated({ hour, values: since }, "f", "tp"), true, `seed ${seed}`);
    assert.equal(isAccumulated({ hour, values: single }, "f", "tp"), false, `seed ${seed}`);
    const [a, b] = [sumOfDay({ hour, values: since }, true).values, sumOfDay({ hour, values: single }, false).values];
    assert.ok(a.every((v, k) => Math.abs(v - b[k]!) < 1e-6), `seed ${seed}`);
  }
});

test("Earth Engine's hourly amounts go before its accumulations, and its daily aggregates are taken as they are", () => {
  const rows = hours(1, true).map((r) => ({ index: r.time.replace(/-/g, "").slice(0, 11), t: r.t2m, tp: r.tp, hourly: hours(1, false).find((h) => h.time === r.time)!.tp }));
  const made = read(csv(rows, ["system:index", "temperature_2m", "total_precipitation", "total_precipitation_hourly"]));
  assert.equal(made.blocks[0]!.numbers.get("total_precipitation_sum")![0]!.toFixed(6), "0.001000");
  const daily = read("system:index,site,temperature_2m,total_precipitation_sum,total_evaporation_sum,leaf_area_index_high_vegetation\n20190101,AA-One,280,0.002,-0.001,2\n20190102,AA-One,281,-0.0000001,-0.001,2\n", "aggr.csv");
  const block = daily.blocks[0]!;
  assert.deepEqual([...block.numbers.get("total_precipitation_sum")!].map((v) => v.toFixed(3)), ["0.002", "0.000"]);
  assert.deepEqual(daily.excluded.map((e) => e.reason), ["total_precipitation_sum: rounding noise below zero set to 0"]);
  assert.equal(era5Names()("tp", false), null, "a day's number under a short name may be a mean or a sum");
});

test("wrong units and signs are refused, not mended", () => {
  const many = (name: string, value: number): string => `system:index,site,${name}\n${Array.from({ length: 320 }, (_, k) => `${new Date(Date.UTC(2019, 0, 1 + k)).toISOString().slice(0, 10).replace(/-/g, "")},AA-One,${value}`).join("\n")}\n`;
  assert.throws(() => read(many("temperature_2m", 12)), says("BadUnit", /AA-One: temperature_2m in K required, found median 12, which looks like °C/));
  assert.throws(() => read(many("surface_net_solar_radiation_sum", 150)), says("BadUnit", /looks like W m⁻²/));
  assert.throws(() => read(many("total_evaporation_sum", 0.002)), says("BadUnit", /evaporation counted as positive; change the sign/));
  assert.throws(() => read("valid_time,t2m\n2019-01-01T00:00:00+02:00,280\n"), says("BadDate", /line 2: a full hour in UTC/));
  assert.throws(() => read("valid_time,t2m\n2019-01-01T00:30,280\n"), says("BadDate", /full hour/));
  assert.throws(() => read("valid_time,t2m\n2019-01-01T01:00,280\n2019-01-01T01:00,281\n"), says("BadDate", /2019-01-01 01:00 UTC twice/));
});

test("a cell without a site's name is laid on every known site in it", () => {
  const rows = hours(1, true).map((r) => ({ time: r.time, t2m: r.t2m, lat: 50, lon: 10 }));
  assert.deepEqual(read(csv(rows, ["valid_time", "t2m", "latitude", "longitude"]), "reanalysis.csv").blocks.map((b) => b.site), ["AA-One", "BB-Two"]);
  const far = rows.map((r) => ({ ...r, lat: 51 }));
  assert.throws(() => read(csv(far, ["valid_time", "t2m", "latitude", "longitude"]), "reanalysis.csv"), says("BadSite", /a cell of 0\.1° with a known site.*51 10 and 2 known sites/));
});

/** A NetCDF file as the reader sees it. */
function netcdf(dims: readonly string[], shape: readonly number[], values: Record<string, { units: string; of: (step: number, row: number, column: number) => number }>, coordinates: Record<string, number[]>, timeUnits = "hours since 2019-01-01"): GridFile {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    path: "box.nc", format: "NetCDF", attributes: {}, names: [...Object.keys(coordinates), ...Object.keys(values)].sort(), close: () => undefined,
    async variable(name) {
      const axis = coordinates[name];
      if (axis) return { name, dims: [name], shape: [axis.length], chunks: [axis.length], attributes: name === "valid_time" ? { units: timeUnits } : {}, read: async () => Float64Array.from(axis) };
      const flat = Float64Array.from({ length: size }, (_, i) => {
        const at = shape.map((n, k) => Math.floor(i / shape.slice(k + 1).reduce((a, b) => a * b, 1)) % n);
        return values[name]!.of(at[0]!, at[1] ?? 0, at[2] ?? 0);
      });
      const read = async (ranges: readonly (readonly [number, number])[]): Promise<Float64Array> => flat.filter((_, i) => shape.every((n, k) => {
        const at = Math.floor(i / shape.slice(k + 1).reduce((a, b) => a * b, 1)) % n;
        return at >= ranges[k]![0] && at < ranges[k]![1];
      }));
      return { name, dims, shape, chunks: shape, attributes: { units: values[name]!.units }, read };
    },
  };
}

test("NetCDF: the sites' cells of a box are read in the file's units; an axis of versions is refused", async () => {
  const time = Array.from({ length: 25 }, (_, h) => h);
  const box = (extra: string[] = []): GridFile => netcdf(["valid_time", "latitude", "longitude", ...extra], [25, 2, 2, ...extra.map(() => 2)], {
    t2m: { units: "degC", of: (_, row, column) => 10 * row + column }, tp: { units: "mm", of: (step) => (step === 0 ? 0 : step) },
  }, { valid_time: time, latitude: [50, 49.9], longitude: [9.9, 10] });
  const made = era5Blocks(await readEra5Netcdf(box(), "box.nc", context), context);
  assert.deepEqual(made.blocks.map((b) => b.site), ["AA-One", "BB-Two"], "49.98 9.96 lies in the cell of 50 10 too");
  assert.equal(made.blocks[0]!.numbers.get("temperature_2m")![0]!.toFixed(2), "274.15");
  assert.equal(made.blocks[0]!.numbers.get("total_precipitation_sum")![0]!.toFixed(4), "0.0240");
  await assert.rejects(readEra5Netcdf(box(["expver"]), "box.nc", context), says("BadFile", /t2m: axes of time and place required, found expver too/));
});

test("NetCDF of days is taken as days, hours of 1900 are full hours, and rows of any order come in order", async () => {
  const one = async (units: string, time: number[], of: (step: number) => number): Promise<FileBlocks["blocks"][number]> => {
    const box = netcdf(["valid_time"], [time.length], { t2m: { units: "K", of } }, { valid_time: time }, units);
    return era5Blocks(await readEra5Netcdf(box, "AA-One.nc", context), context).blocks[0]!;
  };
  const first = parseDay("2019-01-01");
  const daily = await one("days since 2019-01-01", [1, 0, 2], (step) => 270 + step);
  assert.deepEqual([[...daily.day], [...daily.numbers.get("temperature_2m")!]], [[first, first + 1, first + 2], [271, 270, 272]]);
  const since1900 = (first - parseDay("1900-01-01")) * 24;
  const hourly = await one("hours since 1900-01-01", Array.from({ length: 48 }, (_, h) => since1900 + h), (step) => (step < 24 ? 280 : 290));
  assert.deepEqual([[...hourly.day], [...hourly.numbers.get("temperature_2m")!]], [[first, first + 1], [280, 290]]);
});

test("days in the index of an export, as 2019_01_05_AA-One, are those days", () => {
  const { day, numbers } = read("system:index,temperature_2m\n2019_01_05_AA-One,280\n2019_01_06_AA-One,281\n", "export.csv").blocks[0]!;
  assert.deepEqual([[...day], [...numbers.get("temperature_2m")!]], [[parseDay("2019-01-05"), parseDay("2019-01-06")], [280, 281]]);
});

test("milliseconds since 1970 are hours, and of two variables of one column the first is read", () => {
  const at = Date.UTC(2019, 0, 1);
  const rows = Array.from({ length: 24 }, (_, h) => `${at + h * 3_600_000},280,290`);
  const { day, numbers } = read(`valid_time,t2m,temperature_2m\n${rows.join("\n")}\n`).blocks[0]!;
  assert.deepEqual([[...day], [...numbers.get("temperature_2m")!]], [[parseDay("2019-01-01")], [280]]);
});
