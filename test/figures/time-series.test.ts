import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { FLUX_LABEL, FLUXES } from "../../src/core/quantities";
import { renderFigure } from "../../src/figures/render";
import { timeSeries, type SiteSeries } from "../../src/figures/time-series";
import { MISSING } from "../../src/figures/style";
import { assertSnapshot } from "../helpers/snapshot";
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
