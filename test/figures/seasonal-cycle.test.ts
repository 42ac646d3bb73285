import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { FLUX_LABEL, FLUXES, type Flux } from "../../src/core/quantities";
import { meanCycle } from "../../src/figures/mean-cycle";
import { renderFigure } from "../../src/figures/render";
import { seasonalCycle, type CycleDays } from "../../src/figures/seasonal-cycle";
import { assertSnapshot } from "../helpers/snapshot";
import { day2001, fluxDays, SITES, SNAPSHOTS } from "./cases";

const days = (flux: Flux, models: readonly string[]): CycleDays => {
  const { site, day, observed, predicted } = fluxDays(flux);
  return { flux, site, day, observed, models: models.map((name, k) => ({ name, values: predicted.map((v) => v * (1 - 0.2 * k)) })) };
};

test("the cycle by land cover and the one over all sites look as they did", () => {
  assertSnapshot(SNAPSHOTS, "seasonal-cycle-igbp", renderFigure(seasonalCycle([days("gpp", ["tamrl", "climatology"])], SITES, { by: "igbp", simulated: true })));
  assertSnapshot(SNAPSHOTS, "seasonal-cycle-all", renderFigure(seasonalCycle(FLUXES.map((flux) => days(flux, ["tamrl"])), SITES, { by: "all", simulated: false })));
});

test("each site counts once in the mean, whatever the length of its record", () => {
  const steps = meanCycle(["A", "A", "A", "B"], [day2001(1), day2001(2), day2001(366), day2001(3)], [1, 1, 1, 5], new Set());
  assert.deepEqual(steps, [{ dayOfYear: 4.5, mean: 3, q25: 2, q75: 4, sites: 2 }]);
});

test("a southern site moves by half a year, and missing days make no step", () => {
  const steps = meanCycle(["A", "A"], [day2001(1), day2001(100)], [7, NaN], new Set(["A"]));
  assert.equal(steps.length, 1);
  assert.ok(Math.abs(steps[0]!.dayOfYear - 183) <= 4);
});

test("day 366 stays in the last step, and every step is within the year", () => {
  const steps = meanCycle(Array<string>(366).fill("A"), Array.from({ length: 366 }, (_, i) => Date.UTC(2004, 0, 1) / 86_400_000 + i), Array<number>(366).fill(1), new Set());
  assert.equal(steps.length, 46);
  assert.ok(steps.every((s) => s.dayOfYear >= 1 && s.dayOfYear <= 365.5 && s.mean === 1));
});

test("observation and models are compared on the same days; the others are counted", () => {
  const data: CycleDays = { flux: "gpp", site: ["DE-Hai", "DE-Hai", "DE-Hai"], day: [day2001(1), day2001(20), day2001(40)], observed: [1, 2, 3], models: [{ name: "tamrl", values: [1, NaN, 3] }, { name: "lstm", values: [1, 2, 3] }] };
  const figure = seasonalCycle([data], SITES, { simulated: false });
  assert.equal(figure.n, 2);
  assert.match(figure.notes.join(), /Left out: 1 observation without a prediction of every model/);
});

test("classes without a common day are named, panels carry unit and number of sites", () => {
  const figure = seasonalCycle([days("gpp", [])], SITES, { simulated: false });
  assert.match(figure.notes.join(), /No day with all values: GRA, CRO, unknown/);
  const svg = renderFigure(figure);
  assert.ok(svg.includes(FLUX_LABEL.gpp) && svg.includes(">1 site<"));
  assert.match(figure.notes.join(), /1 southern site moved/);
});

test("several fluxes by class, or no common day, are errors that say what to do", () => {
  assert.throws(() => seasonalCycle([days("gpp", []), days("nee", [])], SITES, { simulated: false }), (e) => isWorkbookError(e, "BadArgument") && /one flux required/.test(e.message));
  for (const data of [[], [{ ...days("gpp", []), observed: days("gpp", []).day, site: [] }]]) assert.throws(() => seasonalCycle(data, SITES, { simulated: false }), (e) => isWorkbookError(e, "EmptyTable"));
});
