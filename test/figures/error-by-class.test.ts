import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { FLUX_LABEL, FLUXES } from "../../src/core/quantities";
import { errorByClass, type SiteError } from "../../src/figures/error-by-class";
import { renderFigure } from "../../src/figures/render";
import { assertSnapshot } from "../helpers/snapshot";
import { PERIOD, SNAPSHOTS } from "./cases";

const rows = (metric: "rmse" | "r2"): SiteError[] => {
  const stream = random(5, metric);
  return Array.from({ length: 24 }, (_, i) => ({ site: `S${i}`, group: ["ENF", "DBF", "GRA", null][i % 4 === 3 ? (i > 16 ? 3 : 0) : i % 4]! }))
    .flatMap(({ site, group }) => FLUXES.flatMap((flux) => ["tamrl", "ctlstm"].map((model): SiteError => ({ site, group, flux, model, value: metric === "rmse" ? 1 + stream.uniform() : 0.8 - Math.exp(0.8 * stream.normal()) }))));
};

test("box plots of RMSE and of R² look as they did", () => {
  assertSnapshot(SNAPSHOTS, "error-by-igbp-rmse", renderFigure(errorByClass(rows("rmse"), { metric: "rmse", period: PERIOD, simulated: true })));
  assertSnapshot(SNAPSHOTS, "error-by-igbp-r2", renderFigure(errorByClass(rows("r2"), { metric: "r2", period: PERIOD, simulated: false })));
});

test("RMSE carries the flux's unit, R² says that it has none", () => {
  const rmse = renderFigure(errorByClass(rows("rmse"), { metric: "rmse", period: PERIOD, simulated: false }));
  for (const flux of FLUXES) assert.ok(rmse.includes(`RMSE of ${FLUX_LABEL[flux]}`));
  assert.ok(renderFigure(errorByClass(rows("r2"), { metric: "r2", period: PERIOD, simulated: false })).includes("R² of GPP (no unit)"));
});

test("what is off the axis, not defined or without a class is said under the figure", () => {
  const one = (site: string, value: number | null, group: string | null = "B"): SiteError => ({ site, group, flux: "nee", model: "lstm", value });
  const figure = errorByClass([one("A1", 0.5), one("A2", -7.25), one("A3", null), one("A4", NaN), one("A5", 0.1, "Q")], { metric: "r2", by: "koppen", period: null, simulated: false });
  assert.equal(figure.n, 3);
  assert.match(figure.notes.join(" "), /1 value below −1, where the axis ends: .* the least is −7.3 at A2/);
  assert.match(figure.notes.join(" "), /not defined for a flux or model at 2 sites \(A3, A4\)/);
  assert.match(figure.notes.join(" "), /\?: class unknown/);
  assert.equal(figure.data.length, 5);
  assert.match(renderFigure(figure), /period unknown/);
});

test("fewer than five sites are drawn one by one, without a box", () => {
  const values = [1, 2, 3, 4].map((value, i): SiteError => ({ site: `S${i}`, group: "WET", flux: "gpp", model: "tamrl", value }));
  const options = { metric: "rmse", period: PERIOD, simulated: false } as const;
  const dots = (svg: string): number => [...svg.matchAll(/<circle/g)].length;
  assert.equal(dots(renderFigure(errorByClass(values, options))), 4);
  assert.equal(dots(renderFigure(errorByClass([...values, { ...values[0]!, site: "S5", value: 2.5 }], options))), 0);
});

test("no site with the metric is an error that says what is needed", () => {
  for (const data of [[], rows("r2").map((r) => ({ ...r, value: null }))]) assert.throws(() => errorByClass(data, { metric: "r2", period: null, simulated: false }), (e) => isWorkbookError(e, "EmptyTable") && /site with R²/.test(e.message));
});
