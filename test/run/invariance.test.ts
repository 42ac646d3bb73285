import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { FLUXES } from "../../src/core/quantities";
import { random } from "../../src/core/random";
import { dailyTable, daysOf, numbers, texts, type DailyTable } from "../../src/data/daily-table";
import { ingest } from "../../src/data/ingest/ingest";
import { predictRun } from "../../src/evaluate/predict";
import type { Predictions } from "../../src/evaluate/predictions";
import { runPaths } from "../../src/run/run-directory";
import { train } from "../../src/run/train";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const SITES = Array.from({ length: 6 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 200);
const CONFIG = { model: "tamrl", epochs: 2, hidden: 8, latent: 4, batch: 32, validate_every: 1, split: { train: ["S0", "S1", "S2", "S3"], test: ["S4", "S5"] } };
const COLUMNS = TABLE.rows.columnNames().filter((name) => TABLE.rows.column(name) instanceof Float32Array);

let run = "";
before(async () => {
  run = path.join(scratch("invariance"), "run");
  await train({ table: TABLE, out: run, config: CONFIG });
});

/** The same rows in another order, sites in that of the list. */
function reordered(table: DailyTable, order: readonly number[], sites = table.sites): DailyTable {
  const [site, day] = [texts(table, "site"), daysOf(table)];
  return dailyTable({ site: order.map((i) => site[i]!), day: Int32Array.from(order, (i) => day[i]!), numbers: Object.fromEntries(COLUMNS.map((name) => [name, Float32Array.from(order, (i) => numbers(table, name)[i]!)])) }, sites);
}

const shuffled = (n: number): number[] => random(1, "rows").shuffle(Array.from({ length: n }, (_, i) => i));
const bySite = (p: Predictions): Map<string, number[]> => {
  const out = new Map<string, number[]>();
  p.site.forEach((site, i) => out.set(site, [...(out.get(site) ?? []), ...FLUXES.map((flux) => p[flux][i]!)]));
  return out;
};

test("rows and sites in another order train the same weights to the bit", async () => {
  const other = path.join(scratch("order"), "run");
  await train({ table: reordered(TABLE, shuffled(daysOf(TABLE).length), [...TABLE.sites].reverse()), out: other, config: { ...CONFIG, split: { train: ["S3", "S1", "S0", "S2"], test: ["S5", "S4"] } } });
  const weights = (dir: string): Buffer => fs.readFileSync(path.join(runPaths(dir).weights, "model.safetensors"));
  assert.ok(weights(run).equals(weights(other)));
});

test("a site is predicted the same to the bit whatever sites and rows stand around it", async () => {
  const whole = bySite((await predictRun(run, TABLE)).predictions);
  const turned = bySite((await predictRun(run, reordered(TABLE, shuffled(daysOf(TABLE).length)))).predictions);
  assert.deepEqual(turned, whole);
  for (const site of ["S2", "S5"] as const) assert.deepEqual(bySite((await predictRun(run, TABLE, { sites: [site as never] })).predictions).get(site), whole.get(site));
});

test("lines, files and folders in another order give the same table", async () => {
  const dir = scratch("lines");
  const [site, day] = [texts(TABLE, "site"), daysOf(TABLE)];
  const names = ["gpp", "reco", "nee", "nee_qc", "ta_degC", "sw_in_W_m2", "vpd_hPa"];
  const line = (i: number): string => [site[i], new Date(day[i]! * 86_400_000).toISOString().slice(0, 10), ...names.map((name) => numbers(TABLE, name)[i])].join(",");
  const write = (name: string, rows: readonly number[]): string => {
    const file = path.join(dir, name);
    fs.writeFileSync(file, `site,date,${names.join(",")}\n${rows.map(line).join("\n")}\n`);
    return file;
  };
  const all = Array.from({ length: site.length }, (_, i) => i);
  const of = (...ids: readonly string[]): number[] => all.filter((i) => ids.includes(site[i]!));
  const a = (await ingest([write("a.csv", all)])).table;
  for (const files of [[write("b.csv", shuffled(all.length))], [write("d.csv", of("S5", "S0")), write("c.csv", of("S1", "S3", "S2", "S4").reverse())]]) {
    const b = (await ingest(files)).table;
    assert.deepEqual(texts(b, "site"), texts(a, "site"));
    assert.deepEqual(daysOf(b), daysOf(a));
    for (const name of names) assert.deepEqual(numbers(b, name), numbers(a, name), name);
  }
});

test("a file in K, Pa, mm s⁻¹ and µmol m⁻² s⁻¹ gives the table of the same file in °C, hPa, mm d⁻¹ and g C m⁻² d⁻¹", async () => {
  const dir = scratch("units");
  const daily = { gpp: 5.25, reco: 4.5, nee: -0.75, ta: 12.34, vpd: 6.7, pa: 98.7, p: 3.2, sw: 155 };
  const units: readonly (readonly [string, Record<keyof typeof daily, readonly [unit: string, value: (v: number) => number]>])[] = [
    ["usual", { gpp: ["g C m⁻² d⁻¹", (v) => v], reco: ["g C m⁻² d⁻¹", (v) => v], nee: ["g C m⁻² d⁻¹", (v) => v], ta: ["°C", (v) => v], vpd: ["hPa", (v) => v], pa: ["kPa", (v) => v], p: ["mm d⁻¹", (v) => v], sw: ["W m⁻²", (v) => v] }],
    ["other", {
      gpp: ["µmol m⁻² s⁻¹", (v) => v / 1.03772448], reco: ["umol m-2 s-1", (v) => v / 1.03772448], nee: ["µmol m⁻² s⁻¹", (v) => v / 1.03772448],
      ta: ["K", (v) => v + 273.15], vpd: ["Pa", (v) => 100 * v], pa: ["Pa", (v) => 1000 * v], p: ["mm s-1", (v) => v / 86_400], sw: ["MJ m⁻² d⁻¹", (v) => v * 0.0864],
    }],
  ];
  const names = { gpp: "gpp", reco: "reco", nee: "nee", ta: "ta_degC", vpd: "vpd_hPa", pa: "pa_kPa", p: "p_mm_d", sw: "sw_in_W_m2" } as const;
  const tables = await Promise.all(units.map(async ([name, of]) => {
    const keys = Object.keys(names) as (keyof typeof daily)[];
    const rows = Array.from({ length: 10 }, (_, d) => [`2012-06-${String(d + 1).padStart(2, "0")}`, ...keys.map((key) => of[key][1](daily[key] * (1 + d / 200)))].join(","));
    const [file, map] = [path.join(dir, `${name}.csv`), path.join(dir, `${name}.json`)];
    fs.writeFileSync(file, `day,${keys.join(",")}\n${rows.join("\n")}\n`);
    fs.writeFileSync(map, JSON.stringify({ site: "AA-One", columns: { day: { name: "date" }, ...Object.fromEntries(keys.map((key) => [key, { name: names[key], unit: of[key][0] }])) } }));
    return (await ingest([file], { map })).table;
  }));
  for (const name of Object.values(names)) {
    const [usual, other] = tables.map((table) => numbers(table, name));
    // K lose 273 / 12 of a single number's digits before they are °C
    usual!.forEach((v, i) => assert.ok(Math.abs(v - other![i]!) <= 2e-6 * Math.max(20, Math.abs(v)), `${name}: ${v} and ${other![i]}`));
  }
});
