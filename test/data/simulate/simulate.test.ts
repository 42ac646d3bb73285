import { test } from "node:test";
import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { COLUMNS, channelsOf, columnSpec } from "../../../src/core/columns";
import { IGBP, KOPPEN } from "../../../src/core/quantities";
import { distanceKm } from "../../../src/core/sites";
import { isWorkbookError } from "../../../src/core/errors";
import { daysOf, hasColumn, numbers, siteRows, texts } from "../../../src/data/daily-table";
import { random } from "../../../src/core/random";
import { formatDay } from "../../../src/core/days";
import { classifyKoppen } from "../../../src/data/simulate/koppen-rules";
import { hotMonth } from "../../../src/data/simulate/normals";
import { recordLengths } from "../../../src/data/simulate/records";
import { placeSites } from "../../../src/data/simulate/sites";
import { LEAD_DAYS, simulate, type SimulatedNetwork } from "../../../src/data/simulate/simulate";

const network = simulate({ sites: 160, years: 2, seed: 5 });
const known = (values: Float32Array): number[] => Array.from(values).filter((x) => !Number.isNaN(x));

/** One hash over the bytes of every column of table and truth. */
function hashOf({ table, truth, meta }: SimulatedNetwork): string {
  const hash = crypto.createHash("sha256");
  for (const name of table.rows.columnNames()) {
    const column = table.rows.column(name) as unknown;
    if (ArrayBuffer.isView(column)) hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    else hash.update(JSON.stringify(Array.from(column as ArrayLike<string>)));
  }
  const { noiseFree, variants } = truth;
  for (const set of [noiseFree, variants.closed, variants.unclosed]) for (const f of ["gpp", "reco", "nee"] as const) hash.update(new Uint8Array(set[f].buffer));
  return hash.update(JSON.stringify([truth.sites, table.sites, meta])).digest("hex");
}

test("the same options give the same bytes, another seed gives others", () => {
  const options = { sites: 12, years: 1.5, seed: 3 };
  assert.equal(hashOf(simulate(options)), hashOf(simulate(options)));
  assert.notEqual(hashOf(simulate(options)), hashOf(simulate({ ...options, seed: 4 })));
});

test("the table has every channel of the minimal and the tower feature sets", () => {
  for (const set of ["minimal", "tower", "tower-vi"] as const) {
    for (const channel of channelsOf(set)) assert.ok(channel === "lat" || channel === "lon" || hasColumn(network.table, channel), channel);
  }
});

test("every value lies in its column's physical range", () => {
  for (const { name, range } of COLUMNS) {
    if (!hasColumn(network.table, name)) continue;
    const outside = known(numbers(network.table, name)).filter((x) => x < range[0] || x > range[1]);
    assert.deepEqual(outside.slice(0, 3), [], `${name} outside ${range.join("…")} ${columnSpec(name)!.unit}`);
  }
});

test("reanalysis channels carry their published units and signs", () => {
  const median = (name: string): number => known(numbers(network.table, name)).sort((a, b) => a - b).at(-1 + Math.floor(network.meta.nRows / 2))!;
  assert.ok(median("temperature_2m") > 250 && median("temperature_2m") < 310, "K");
  assert.ok(median("surface_net_solar_radiation_sum") > 2e6, "J m⁻² d⁻¹");
  assert.ok(median("total_evaporation_sum") < 0 && median("total_evaporation_sum") > -0.01, "m d⁻¹, negative = evaporation");
  assert.ok(numbers(network.table, "total_precipitation_sum").every((x) => x >= 0 && x < 0.5), "m d⁻¹");
});

test("all classes are there, in the benchmark's order of frequency", () => {
  for (const seed of [1, 2, 3]) {
    const sites = placeSites(160, random(seed)).map((p) => p.site);
    const count = (pick: (s: (typeof sites)[number]) => boolean): number => sites.filter(pick).length;
    for (const igbp of IGBP) assert.ok(count((s) => s.igbp === igbp) >= 2, igbp);
    for (const igbp of ["SNO", "WAT", "URB"]) assert.equal(count((s) => s.igbp === igbp), 2, igbp);
    const byMain = KOPPEN.map((k) => count((s) => s.koppen === k));
    const [a, b, c, d, e] = byMain as [number, number, number, number, number];
    assert.ok(d > c && c > b && b > a && a > e && e >= 2, `A–E ${byMain.join(" ")}`);
    assert.ok(IGBP.every((igbp) => igbp === "ENF" || count((s) => s.igbp === igbp) < count((s) => s.igbp === "ENF")), "most are ENF");
    assert.ok(sites.every((s) => s.koppenDetail![0] === s.koppen), "detailed class within the main class");
  }
});

test("the monthly means of every place belong, by Peel's rules, to the class it declares", () => {
  for (const [seed, count] of [[1, 160], [2, 400]] as const) {
    for (const { site, normals } of placeSites(count, random(seed))) {
      const t = Array.from({ length: 12 }, (_, m) => normals.mean + normals.swing * Math.cos((2 * Math.PI * (m - hotMonth(normals.north))) / 12));
      assert.equal(classifyKoppen(t, normals.rain, site.lat >= 0), site.koppenDetail, `${site.site} at ${site.lat}`);
    }
  }
});

test("a quarter of the towers has a neighbour within 10 km, of the same climate and under the same weather", () => {
  const { sites } = network.table;
  const position = (s: (typeof sites)[number]): { lat: number; lon: number } => ({ lat: s.lat!, lon: s.lon! });
  const pairs = sites.flatMap((a, i) => sites.slice(i + 1).filter((b) => distanceKm(position(a), position(b)) < 10).map((b) => [a, b] as const));
  const near = new Set(pairs.flatMap(([a, b]) => [a.site, b.site]));
  assert.equal(near.size, 40);
  const between = sites.flatMap((a, i) => sites.slice(i + 1).map((b) => distanceKm(position(a), position(b)))).filter((km) => km >= 10);
  assert.ok(Math.min(...between) > 15, "no cluster by accident");
  const rows = new Map(siteRows(network.table).map((r) => [r.site.site, r]));
  const ta = numbers(network.table, "ta_degC");
  const days = daysOf(network.table);
  const cluster = new Map(network.truth.sites.map((s) => [s.site, s.cluster]));
  for (const [a, b] of pairs) {
    assert.equal(a.koppenDetail, b.koppenDetail);
    assert.equal(cluster.get(a.site), cluster.get(b.site));
    const [ra, rb] = [rows.get(a.site)!, rows.get(b.site)!];
    const shift = days[rb.from]! - days[ra.from]!;
    for (let i = Math.max(ra.from, ra.from + shift); i < Math.min(ra.to, ra.from + shift + rb.to - rb.from); i += 30) {
      assert.ok(Math.abs(ta[i]! - ta[rb.from + i - ra.from - shift]!) < 3, `${a.site} ${b.site}`);
    }
  }
});

test("records run from 1 to 15 whole years, are mostly short, and 4 on average", () => {
  const years = recordLengths(160, 4, random(2));
  const mean = years.reduce((a, b) => a + b, 0) / years.length;
  const sorted = [...years].sort((a, b) => a - b);
  assert.ok(Math.abs(mean - 4) < 0.1, `mean ${mean}`);
  assert.ok(sorted[0] === 1 && sorted.at(-1) === 15, "from 1 to 15");
  assert.ok(sorted[80]! < mean, "skewed to the right");
  for (const { firstDay, lastDay } of network.truth.sites) assert.equal(formatDay(firstDay).slice(4) + formatDay(lastDay).slice(4), "-01-01-12-31");
});

test("drivers begin 60 days before the fluxes, and nothing after that is cut", () => {
  const nee = numbers(network.table, "nee");
  const temperature = numbers(network.table, "temperature_2m");
  for (const { from, to, site } of siteRows(network.table)) {
    const truth = network.truth.sites.find((s) => s.site === site.site)!;
    assert.equal(to - from, truth.lastDay - truth.firstDay + 1 + LEAD_DAYS);
    assert.ok(nee.subarray(from, from + LEAD_DAYS).every(Number.isNaN), "no flux in the lead");
    assert.ok(temperature.subarray(from, to).every(Number.isFinite), "reanalysis without gaps");
  }
});

test("rows say that they are simulated", () => {
  assert.deepEqual([...new Set(texts(network.table, "source"))], ["simulated"]);
  assert.equal(network.meta.simulated, true);
});

test("reflectance is missing in the polar night and only there or in swath gaps", () => {
  const b1 = numbers(network.table, "sur_refl_b01");
  for (const { from, to, site } of siteRows(network.table)) {
    const missing = b1.subarray(from, to).filter(Number.isNaN).length / (to - from);
    const lat = Math.abs(site.lat!);
    if (lat > 67) assert.ok(missing > 0.1, `${site.site} at ${site.lat}: polar night`);
    if (lat > 30 && lat < 58) assert.equal(missing, 0, `${site.site} at ${site.lat}`);
  }
});

test("options that cannot be are refused by name", () => {
  const refused = (options: object, text: RegExp): void => assert.throws(() => simulate(options), (e) => isWorkbookError(e) && text.test(e.message));
  refused({ sites: 0 }, /sites/);
  refused({ years: 99 }, /years/);
  refused({ world: "hiden=0" }, /hidden=0/);
  refused({ world: { told: 0.5, identifiable: 0.1, unidentifiable: 0.1 } }, /sum to 1/);
  refused({ site: 3 }, /sites/);
});
