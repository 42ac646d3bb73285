import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import * as zlib from "node:zlib";
import { isWorkbookError } from "../../src/core/errors";
import { FLUX_LABEL, FLUXES } from "../../src/core/quantities";
import { dailyTable } from "../../src/data/daily-table";
import { ingest } from "../../src/data/ingest/ingest";
import { siteSeries } from "../../src/figures/from-table";
import { renderFigure } from "../../src/figures/render";
import { timeSeries, type SiteSeries } from "../../src/figures/time-series";
import { MISSING } from "../../src/figures/style";
import { needsShared, sharedPath } from "../helpers/shared";
import { assertSnapshot } from "../helpers/snapshot";
import { aSite } from "../helpers/tables";
import { fluxDays, PERIOD, SNAPSHOTS } from "./cases";

/** Daily days made of the ten-day case, so that the snapshot stays small. */
function series(): SiteSeries {
  const fluxes = FLUXES.map((flux) => fluxDays(flux, ["DE-Hai"]));
  return {
    site: "DE-Hai",
    day: fluxes[0]!.day.map((_, i) => PERIOD.first + i + (i > 40 ? 12 : 0)),
    fluxes: fluxes.map(({ flux, observed, predicted }) => ({ flux, observed, models: [{ name: "tamrl", values: predicted }] })),
    drivers: [
      { name: "ta_degC", label: "air temperature", unit: "°C", values: fluxes[0]!.predicted.map((v, i) => (i < 20 ? NaN : 3 * v)) },
      { name: "vpd_hPa", label: "vapour pressure deficit", unit: "hPa", values: fluxes[0]!.day.map(() => NaN) },
    ],
  };
}

test("a site's fluxes and drivers look as they did", () => {
  assertSnapshot(SNAPSHOTS, "time-series", renderFigure(timeSeries(series(), { simulated: true })));
});

test("rows that the table lacks are gaps in figure and data, like missing values", () => {
  const day = [PERIOD.first, PERIOD.first + 1, PERIOD.first + 5, PERIOD.first + 6];
  const figure = timeSeries({ site: "A", day, fluxes: [{ flux: "gpp", observed: [1, NaN, 3, 4], models: [] }] }, { simulated: false });
  assert.deepEqual(figure.data.map((row) => row["gpp"]), [1, NaN, NaN, NaN, NaN, 3, 4]);
  assert.equal(figure.data[5]!["date"], "2001-01-06");
  assert.deepEqual([figure.n, figure.nOf], [3, "days with flux of 7"]);
  const svg = renderFigure(figure);
  const shaded = svg.slice(svg.indexOf("aria-label=\"rect\"", svg.indexOf("missing")));
  assert.equal([...shaded.slice(0, shaded.indexOf("</g>")).matchAll(/<rect/g)].length, 1, "one gap of four days is one shade");
  assert.match(svg, /M[\d.]+,[\d.]+Z?M|M[\d.]+,[\d.]+ZM/, "the line breaks at the gap");
  assert.ok(svg.includes(MISSING));
});

test("every panel carries its unit, and a driver without any value says so", () => {
  const svg = renderFigure(timeSeries(series(), { simulated: false }));
  for (const label of [...FLUXES.map((f) => FLUX_LABEL[f]), "air temperature (°C)", "vapour pressure deficit (hPa)", "no value in this period"]) assert.ok(svg.includes(label), label);
});

test("a site without any value is an error that names it", () => {
  const empty: SiteSeries = { site: "FR-Tou", day: [1], fluxes: [{ flux: "gpp", observed: [NaN], models: [] }] };
  assert.throws(() => timeSeries(empty, { simulated: false }), (e) => isWorkbookError(e, "EmptyTable") && /FR-Tou/.test(e.message));
  assert.throws(() => timeSeries({ site: "FR-Tou", day: [], fluxes: [] }, { simulated: false }), (e) => isWorkbookError(e, "EmptyTable"));
});

/** Five days of which one has no row; the fourth has no observation, the last lacks an end of the band. */
const DAY = [0, 1, 3, 4, 5].map((d) => PERIOD.first + d);
const OBSERVED = [1, 2, 3, NaN, 5];
const RANGE = { low: Float32Array.of(0.5, 1.5, 2.5, 3.5, 4.5), high: Float32Array.of(1.25, 2.5, 4.25, 4.5, NaN), percentiles: ["05", "95"] } as const;

test("the range over u* thresholds stands behind the observed line, and looks as it did", () => {
  const plain = series();
  // four days lack it, of which one leaves a day alone beside the hole of the record
  const half = (k: number, i: number): number => (i % 19 === 4 ? NaN : (0.15 + 0.1 * k) * (1 + (i % 7)));
  const widened = plain.fluxes.map((f, k) => ({ ...f, band: { low: Float32Array.from(f.observed, (v, i) => v - half(k, i)), high: Float32Array.from(f.observed, (v, i) => v + 1.5 * half(k, i)), percentiles: ["05", "95"] as const } }));
  assertSnapshot(SNAPSHOTS, "time-series-ustar", renderFigure(timeSeries({ ...plain, fluxes: widened }, { simulated: true })));
});

test("a band is drawn and told on the days that have an observation and both ends, and only there", () => {
  const figure = timeSeries({ site: "A", day: DAY, fluxes: [{ flux: "nee", observed: OBSERVED, band: RANGE, models: [] }] }, { simulated: false });
  assert.deepEqual(figure.data.map((row) => [row["nee"], row["nee_ustar05"], row["nee_ustar95"]]), [[1, 0.5, 1.25], [2, 1.5, 2.5], [NaN, NaN, NaN], [3, 2.5, 4.25], [NaN, NaN, NaN], [5, NaN, NaN]]);
  assert.deepEqual(figure.units, { nee: "g C m⁻² d⁻¹", nee_ustar05: "g C m⁻² d⁻¹", nee_ustar95: "g C m⁻² d⁻¹" });
  assert.equal(figure.alt, "NEE observed on 4 of 6 days, u* range (percentiles 05–95) 1.00 g C m⁻² d⁻¹ wide in the median of 3 days");
  assert.match(figure.caption, / Band: percentiles 05–95 of the observed flux over u\* thresholds\.$/);
  assert.deepEqual(figure.legend.map((e) => [e.label, e.kind]), [["observed", "line"], ["u* 05–95", "band"], ["missing", "box"]]);
  const svg = renderFigure(figure);
  const drawn = (label: string, path: string): number => [...(new RegExp(`aria-label="${label}" [^>]*fill-opacity="0.3"[^>]*>(.*?)</g>|aria-label="${label}"[^>]*stroke-opacity="0.3"[^>]*>(.*?)</g>`).exec(svg)?.slice(1).join("") ?? "").matchAll(new RegExp(path, "g"))].length;
  assert.deepEqual([drawn("area", "M"), drawn("rule", "<line")], [2, 1], "two runs of days, and a stroke for the one that stands alone");
});

test("the axis holds the whole band", () => {
  const tick = (band: typeof RANGE | undefined): number => {
    const svg = renderFigure(timeSeries({ site: "A", day: DAY, fluxes: [{ flux: "nee", observed: OBSERVED, ...(band ? { band } : {}), models: [] }] }, { simulated: false }));
    return Math.max(...[...(/y-axis tick label.*?<\/g>/.exec(svg)?.[0] ?? "").matchAll(/>(\d+)</g)].map((m) => Number(m[1])));
  };
  assert.equal(tick(undefined), 5);
  assert.equal(tick({ ...RANGE, high: Float32Array.of(1, 20, 3, 4, 5) }), 20);
});

test("each pair of percentiles is named once, with its fluxes where not all have it", () => {
  const legend = (bands: readonly (readonly [string, string] | null)[]): string[] => {
    const fluxes = FLUXES.map((flux, k) => ({ flux, observed: OBSERVED, models: [], ...(bands[k] ? { band: { ...RANGE, percentiles: bands[k]! } } : {}) }));
    return timeSeries({ site: "A", day: DAY, fluxes }, { simulated: false }).legend.map((e) => e.label).slice(1, -1);
  };
  assert.deepEqual(legend([["05", "95"], ["05", "95"], ["05", "95"]]), ["u* 05–95"]);
  assert.deepEqual(legend([null, null, ["05", "95"]]), ["u* 05–95 (NEE)"], "as partition makes them");
  assert.deepEqual(legend([["25", "75"], ["25", "75"], ["05", "95"]]), ["u* 25–75 (GPP, RECO)", "u* 05–95 (NEE)"]);
});

test("without a band, or with one on no observed day, the figure is as it was", () => {
  const make = (band?: typeof RANGE): ReturnType<typeof timeSeries> => timeSeries({ site: "A", day: DAY, fluxes: [{ flux: "gpp", observed: OBSERVED, models: [], ...(band ? { band } : {}) }] }, { simulated: false });
  const nowhere = make({ ...RANGE, low: Float32Array.of(NaN, NaN, NaN, 1, NaN) });
  assert.deepEqual({ ...nowhere, draw: null }, { ...make(), draw: null });
  assert.equal(renderFigure(nowhere), renderFigure(make()));
  assert.deepEqual(Object.keys(make().data[0]!), ["site", "date", "gpp"]);
  assert.doesNotMatch(make().caption, /Band/);
});

test("a site's series carries its own days of the range, a flux without one none", () => {
  const columns = { gpp: [5, 6, 7, 8], nee: [1, 2, 3, 4], nee_ustar05: [0, 1, 2, 3], nee_ustar95: [2, 3, 4, 5] };
  const numbers = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Float32Array.from(values)]));
  const made = siteSeries(dailyTable({ site: ["A", "A", "B", "B"], day: Int32Array.of(0, 1, 0, 1), numbers }, [aSite("A"), aSite("B")]), "B");
  assert.deepEqual(made.fluxes.map((f) => [f.flux, f.band === undefined ? null : [[...f.band.low], [...f.band.high], f.band.percentiles]]), [["gpp", null], ["nee", [[2, 3], [4, 5], ["05", "95"]]]]);
  assert.ok(!("band" in made.fluxes[0]!));
});

const FULLSET = "data/icos-warm-winter-2020/FLX_FR-Tou_FLUXNET2015_FULLSET_DD_2018-2020_beta-3.csv.gz";

test("of an original FULLSET file the band is the file's own 5th and 95th percentiles, day by day", needsShared(FULLSET), async () => {
  const [head, ...lines] = zlib.gunzipSync(fs.readFileSync(sharedPath(FULLSET)!)).toString("utf8").trim().split(/\r?\n/).map((line) => line.split(","));
  const { table } = await ingest([sharedPath(FULLSET)!]);
  const figure = timeSeries(siteSeries(table, "FR-Tou"), { simulated: false });
  assert.equal(figure.data.length, lines.length);
  for (const [column, name] of [["gpp_ustar05", "GPP_NT_VUT_05"], ["gpp_ustar95", "GPP_NT_VUT_95"], ["reco_ustar05", "RECO_NT_VUT_05"], ["reco_ustar95", "RECO_NT_VUT_95"], ["nee_ustar05", "NEE_VUT_05"], ["nee_ustar95", "NEE_VUT_95"]] as const) {
    const at = head!.indexOf(name);
    lines.forEach((line, i) => assert.ok(Math.abs(Number(figure.data[i]![column]) - Number(line[at])) < 1e-5, `${column} on ${line[0]}: ${figure.data[i]![column]}, the file ${line[at]}`));
  }
  assert.equal(lines.find((line) => line[0] === "20180720")![head!.indexOf("NEE_VUT_95")], "5.42282");
  assert.match(figure.alt, /NEE observed on 1096 of 1096 days, u\* range \(percentiles 05–95\) 0\.35 g C/);
});
