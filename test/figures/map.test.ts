import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { anomalies } from "../../src/figures/anomalies";
import { hovmoller } from "../../src/figures/hovmoller";
import { extentOf } from "../../src/figures/map-cells";
import { differenceMap } from "../../src/figures/map-difference";
import { applicabilityMap, fluxMap, spreadMap } from "../../src/figures/map-fields";
import { classOf, beyond, DIVERGING, divergingScale, sequentialScale } from "../../src/figures/map-scale";
import { writeMaps } from "../../src/figures/map-write";
import { renderFigure } from "../../src/figures/render";
import { mapFields } from "../../src/upscale/monthly-fields";
import { gridTotals } from "../../src/upscale/totals";
import { exportMonthly } from "../../src/upscale/export-netcdf";
import { assertSnapshot } from "../helpers/snapshot";
import { writeStore } from "../upscale/store";
import { SNAPSHOTS } from "./cases";
import { BESIDE, FIELDS } from "./map-cases";

test("the maps look as they did", () => {
  assertSnapshot(SNAPSHOTS, "map-gpp", renderFigure(fluxMap(FIELDS, "gpp")));
  assertSnapshot(SNAPSHOTS, "map-nee", renderFigure(fluxMap(FIELDS, "nee")));
  assertSnapshot(SNAPSHOTS, "map-nee-spread", renderFigure(spreadMap(FIELDS, "nee")));
  assertSnapshot(SNAPSHOTS, "map-applicability", renderFigure(applicabilityMap(FIELDS)));
  assertSnapshot(SNAPSHOTS, "map-gpp-xbase", renderFigure(differenceMap(BESIDE, "gpp")));
});

test("the seasonal cycle by latitude looks as it did", () => {
  assertSnapshot(SNAPSHOTS, "hovmoller", renderFigure(hovmoller(FIELDS)));
});

test("interannual anomalies look as they did, with the doubt of members, and need two years", async () => {
  const year = (t: number): number => Math.floor(t / 365);
  const store = { cell: 90, chunk: 2, simulated: true, members: 3, value: (f: string, t: number) => (f === "nee" ? -0.2 : 2) + year(t) / 5, member: (f: string, k: number, m: number) => (f === "nee" ? -0.2 : 2) + (Math.floor(m / 12) / 5) * (1 + (k - 1) / 4) };
  assertSnapshot(SNAPSHOTS, "anomalies", renderFigure(anomalies(await gridTotals(await writeStore({ ...store, days: 3 * 365 })))));
  const one = await gridTotals(await writeStore({ ...store, days: 365 }));
  assert.throws(() => anomalies(one), (e) => isWorkbookError(e, "EmptyTable") && /two years/.test(e.message));
});

test("a scale for signed values is centred on 0, and its classes split there", () => {
  for (const values of [[-3, 1], [0.001, 0.002], [-1000], [0]]) {
    const { edges, colors } = divergingScale("NEE", values, "source");
    assert.equal(edges[colors.length / 2], 0);
    edges.forEach((edge, i) => assert.ok(Math.abs(edge + edges[edges.length - 1 - i]!) < 1e-9));
  }
  const scale = divergingScale("NEE", [-5, 5], "source");
  assert.deepEqual([classOf(scale, -1e-9), classOf(scale, 0), classOf(scale, -99), classOf(scale, 99), classOf(scale, NaN)], [4, 5, 0, 9, -1]);
  assert.equal(beyond(scale, [-6, 0, 5, 7]), 2);
});

test("a scale from 0 has 5 to 10 classes of a round width that hold 98 % of the values", () => {
  for (const top of [0.013, 0.5, 0.99, 3.3, 7.9, 12, 4321]) {
    const { edges, colors } = sequentialScale("GPP", [0, top]);
    assert.ok(colors.length >= 4 && colors.length <= 10, `${top}: ${colors.length}`);
    assert.ok(edges[edges.length - 1]! >= 0.98 * top && edges[0] === 0);
    assert.equal(new Set(colors).size, colors.length);
  }
});

test("the diverging colours lie apart from their middle in grey, and the hatch tells their sides", () => {
  const grey = DIVERGING.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i]!, 0));
  for (let i = 1; i < 5; i++) assert.ok(grey[i]! > grey[i - 1]! && grey[9 - i]! > grey[10 - i]!, `class ${i}`);
  assert.match(renderFigure(fluxMap(FIELDS, "nee")), /<pattern id="hatch-map-nee"[\s\S]*fill="url\(#hatch-map-nee\)"/);
});

test("n, period, unit and simulated are printed, and land without a flux is counted", () => {
  const figure = fluxMap(FIELDS, "gpp");
  const lacking = [...FIELDS.land.keys()].filter((i) => FIELDS.land[i]! > 0 && Number.isNaN(FIELDS.mean.gpp![i]!) && FIELDS.partial.gpp![i] === 0).length;
  const svg = renderFigure(figure);
  for (const words of [`n = ${figure.n} land cells of 30° × 30° with a flux in every month`, "2001-01-01 to 2002-12-31", "GPP (g C m⁻² d⁻¹)", "simulated data", "land without a flux", `${lacking} land cells drawn as land without a flux`, "1 land cell without a mean", "not in every month"]) assert.ok(svg.includes(words), words);
  assert.equal(figure.data.length, figure.n + lacking + 1);
  assert.equal(spreadMap(FIELDS, "gpp").nOf, "land cells of 30° × 30°", "where no cell lacks a month the size says all");
  assert.match(renderFigure(differenceMap(BESIDE, "gpp")), /not a net biome balance/);
});

test("a mean over part of the year says so, and a map without a value what it needs", () => {
  assert.match(fluxMap({ ...FIELDS, months: [3, 4] }, "gpp").notes.join(), /Mean over Mar, Apr alone/);
  assert.throws(() => spreadMap({ ...FIELDS, spread: null }, "gpp"), (e) => isWorkbookError(e, "EmptyTable"));
  assert.throws(() => applicabilityMap({ ...FIELDS, applicability: null }), (e) => isWorkbookError(e, "EmptyTable"));
});

test("a cell lies where it is: the same map from 0…360 and from −180…180, from the south and from the north", async () => {
  const value = (_: string, __: number, lat: number, lon: number): number => (lat > 0 ? 2 : 1) + (((lon + 360) % 360) < 180 ? 3 : 0);
  const paths = async (more: object): Promise<string[]> => {
    const svg = renderFigure(fluxMap(await mapFields(await writeStore({ fluxes: ["gpp"], value, ...more })), "gpp"));
    return [...svg.matchAll(/<path d="([^"]*)" fill="(#[0-9a-f]{6})" stroke="\2"/g)].map((m) => `${m[2]} ${m[1]!.split("M").filter((d) => d !== "").sort().join("M")}`).sort();
  };
  const [plain, turned] = [await paths({}), await paths({ from0: true, ascending: true })];
  assert.equal(plain.length, 4, "one path a class");
  assert.deepEqual(turned, plain);
});

test("a cell that lacks a calendar month that others have gets no mean of a year", async () => {
  const fields = await mapFields(await writeStore({ fluxes: ["gpp"], value: (_, t, lat) => (lat > 60 ? (t < 59 ? NaN : 3) : lat < -60 ? NaN : 2) }));
  const of = (row: number): [number, number] => [fields.mean.gpp![12 * row]!, fields.partial.gpp![12 * row]!];
  assert.deepEqual([of(0), of(2), of(5)], [[NaN, 1], [2, 0], [NaN, 0]]);
  assert.equal(fields.months.length, 12);
});

test("a part of the globe is drawn as such", () => {
  assert.equal(extentOf(FIELDS.frame), undefined);
  assert.deepEqual(extentOf({ rows: [[40, 50], [50, 60]], columns: [[0, 10], [10, 20]] }), [0, 40, 20, 60]);
});

test("fine grids are averaged over their land into blocks", async () => {
  const store = await writeStore({ cell: 90, chunk: 2, fluxes: ["gpp"], land: (_, lon) => (lon < -90 ? 0 : 0.5), value: (_, __, lat, lon) => lat / 45 + lon / 45 });
  const fields = await mapFields(store);
  assert.deepEqual([...fields.mean.gpp!].map((v) => (Number.isNaN(v) ? null : Math.round(v))), [null, 0, 2, 4, null, -2, 0, 2]);
  assert.deepEqual([Math.round(fields.cycle.gpp![0]!), Math.round(fields.cycle.gpp![12]!)], [2, 0]);
});

test("all maps are written with their data and meta, and what has no data is told", async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "maps-"));
  const store = await writeStore({ cell: 9, chunk: 40, fluxes: ["gpp", "nee"], simulated: true, dissimilarity: () => 0.2 });
  const xbase = path.join(dir, "xbase");
  await exportMonthly(store, xbase);
  const out = path.join(dir, "maps");
  const { figures, skipped, files } = await writeMaps(store, out, { xbase });
  assert.deepEqual(figures, ["map-gpp", "map-nee", "map-applicability", "hovmoller", "map-gpp-xbase", "map-nee-xbase"]);
  assert.deepEqual(skipped.map((s) => s.figure), ["map-gpp-spread", "map-nee-spread", "anomalies"]);
  assert.equal(files.length, 4 * figures.length + 3);
  for (const file of files) assert.ok(fs.statSync(file).size > 0, file);
  const meta = JSON.parse(fs.readFileSync(path.join(out, "map-nee-xbase.meta.json"), "utf8"));
  assert.deepEqual([meta.simulated, meta.provenance.store, meta.provenance.Conventions], [true, "O.zarr", "CF-1.10"]);
});
