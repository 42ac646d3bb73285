import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { FLUX_LABEL, FLUXES } from "../../src/core/quantities";
import { observedPredicted } from "../../src/figures/observed-predicted";
import { renderFigure } from "../../src/figures/render";
import { pairScores } from "../../src/figures/scores";
import { assertSnapshot } from "../helpers/snapshot";
import { fluxDays, SNAPSHOTS } from "./cases";

test("the density of predicted against observed fluxes looks as it did", () => {
  assertSnapshot(SNAPSHOTS, "observed-predicted", renderFigure(observedPredicted(FLUXES.map((flux) => fluxDays(flux)), { simulated: true, suffix: ", TAM-RL" })));
});

test("scores are those of the pairs with both values, and the rest is counted", () => {
  const scores = pairScores([1, 2, 3, NaN, 5], [1, 2, 4, 7, NaN]);
  assert.deepEqual([scores.n, scores.unpredicted], [3, 1]);
  assert.ok(Math.abs(scores.rmse - Math.sqrt(1 / 3)) < 1e-12);
  assert.ok(Math.abs(scores.r2 - 0.5) < 1e-12, "1 - 1/2");
  assert.ok(Number.isNaN(pairScores([2, 2], [1, 3]).r2), "no variance, no R²");
});

test("both axes carry the flux and its unit, the panel n, RMSE and R²", () => {
  const data = fluxDays("nee");
  const svg = renderFigure(observedPredicted([data], { simulated: false }));
  assert.ok(svg.includes(`observed ${FLUX_LABEL.nee}`) && svg.includes(`predicted ${FLUX_LABEL.nee}`));
  const { n, rmse, r2 } = pairScores(data.observed, data.predicted);
  for (const text of [`n ${n}`, `RMSE ${rmse.toFixed(2)}`, `R² ${r2.toFixed(2)}`]) assert.ok(svg.includes(text), text);
});

test("no pair vanishes: hexagons and the days beyond the axes sum to n", () => {
  const data = { flux: "gpp" as const, site: Array<string>(2001).fill("A"), day: Array.from({ length: 2001 }, (_, i) => i), observed: Array.from({ length: 2001 }, (_, i) => (i === 2000 ? 500 : i % 10)), predicted: Array.from({ length: 2001 }, (_, i) => i % 9) };
  const figure = observedPredicted([data], { simulated: false });
  const inside = figure.data.reduce((sum, row) => sum + Number(row["site_days"]), 0);
  assert.equal(inside, 2000);
  assert.match(figure.notes.join(), /Beyond the axes, but in the scores: 1 day\./);
});

test("a flux without pairs is named under the others; none at all is an error that says what is needed", () => {
  const gpp = fluxDays("gpp");
  const empty = { ...fluxDays("reco"), predicted: gpp.predicted.map(() => NaN) };
  assert.match(observedPredicted([gpp, empty], { simulated: false }).notes.join(), /No day with both values: RECO/);
  for (const data of [[], [empty]]) assert.throws(() => observedPredicted(data, { simulated: false }), (e) => isWorkbookError(e, "EmptyTable") && /observed and a predicted/.test(e.message));
});
