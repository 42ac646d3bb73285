import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { FLUX_LABEL, FLUXES } from "../../src/core/quantities";
import { modelBars, type ModelScore } from "../../src/figures/model-bars";
import { renderFigure } from "../../src/figures/render";
import { assertSnapshot } from "../helpers/snapshot";
import { PERIOD, SNAPSHOTS } from "./cases";

const scores: ModelScore[] = ["tamrl", "ctlstm", "climatology", "xbase"].flatMap((model, m) => FLUXES.map((flux, f): ModelScore => {
  const median = model === "xbase" && flux === "reco" ? null : 0.7 - 0.15 * m - 0.1 * f;
  return { model, flux, q25: median === null ? null : median - (model === "climatology" && flux === "nee" ? 3 : 0.2), median, q75: median === null ? null : median + 0.15, sites: 30 - f, published: model === "xbase" };
}));

test("bars of the models look as they did", () => {
  assertSnapshot(SNAPSHOTS, "model-bars-r2", renderFigure(modelBars(scores, { metric: "r2", period: PERIOD, simulated: true })));
  assertSnapshot(SNAPSHOTS, "model-bars-rmse", renderFigure(modelBars(scores.map((s) => ({ ...s, sites: 30, q25: s.median })), { metric: "rmse", period: PERIOD, simulated: false })));
});

test("a model without the metric keeps its place, a cut whisker is said, published numbers are set apart", () => {
  const figure = modelBars(scores, { metric: "r2", period: PERIOD, simulated: false });
  const svg = renderFigure(figure);
  assert.match(svg, />none</);
  assert.match(figure.notes.join(), /Cut at −1: NEE climatology \(q25 −2\.\d\)/);
  assert.match(svg, /published, other sites/);
  assert.equal(figure.n, 30, "published sites are not ours");
  assert.match(figure.caption, /compare their order only/);
});

test("RMSE carries the unit, in the panel and in the data", () => {
  const figure = modelBars(scores, { metric: "rmse", period: PERIOD, simulated: false });
  assert.ok(renderFigure(figure).includes(`RMSE of ${FLUX_LABEL.gpp}`));
  assert.equal(figure.units["median"], "g C m⁻² d⁻¹");
});

test("no model with the metric is an error that says what is needed", () => {
  for (const data of [[], scores.map((s) => ({ ...s, median: null }))]) assert.throws(() => modelBars(data, { metric: "r2", period: null, simulated: false }), (e) => isWorkbookError(e, "EmptyTable") && /median R²/.test(e.message));
});
