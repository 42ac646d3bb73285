import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { annualBudgets } from "../../src/evaluate/site-year";
import { budgetErrors } from "../../src/evaluate/budget-error";
import { cumulativeYears } from "../../src/evaluate/budget-cumulative";
import { seasonAnomalies } from "../../src/evaluate/drought";
import { energyClosure } from "../../src/evaluate/energy-balance";
import { phenology } from "../../src/evaluate/phenology";
import { response, type ResponseKind } from "../../src/evaluate/response";
import { waterUse } from "../../src/evaluate/water-use";
import { annualBudget } from "../../src/figures/annual-budget";
import { cumulative } from "../../src/figures/cumulative";
import { droughtAnomalies } from "../../src/figures/drought-anomalies";
import { budgetFigure, closureErrorFigure, distanceFigure, phenologyFigure, waterUseFigure } from "../../src/figures/from-sites";
import type { Figure } from "../../src/figures/figure";
import { renderFigure } from "../../src/figures/render";
import { responseFigure } from "../../src/figures/response-curve";
import { predictionsOf, seasonalTable } from "../evaluate/site-analyses";
import { assertSnapshot } from "../helpers/snapshot";
import { SNAPSHOTS } from "./cases";

/** Six years of two towers, uneven from year to year, with u* percentiles, random error and energy balance. */
const TABLE = seasonalTable(["A", "B"], 2013, 2018, ({ year, month, site }, v) => {
  const dry = year === 2018 && month > 4 && month < 10;
  const gpp = v["gpp"]! * (dry ? 0.6 : 1 + 0.05 * ((year * (site === "A" ? 3 : 5)) % 4));
  const nee = v["reco"]! - gpp;
  return {
    ...v, gpp, nee, p_mm_d: dry ? 0.3 * v["p_mm_d"]! : v["p_mm_d"]!, nee_randunc: 0.5, nee_ustar05: nee - 0.15, nee_ustar95: nee + 0.1, gpp_dt: 1.05 * gpp, reco_dt: 1.05 * gpp + nee,
    netrad_W_m2: 0.7 * v["sw_in_W_m2"]!, g_W_m2: 5, le_W_m2: 0.3 * v["sw_in_W_m2"]!, h_W_m2: (site === "A" ? 0.2 : 0.3) * v["sw_in_W_m2"]! + (year - 2015),
  };
});
const model = (name: string, scale: number, seed: number) => {
  const r = random(seed, name);
  return { model: name, predictions: predictionsOf(TABLE, (_, v) => scale * v + 0.3 * r.normal()) };
};
const CONTENDERS = [model("lstm", 0.8, 1), model("tamrl", 0.95, 2)];
const ERRORS = budgetErrors(TABLE, CONTENDERS);
const context = { simulated: true };
const cases: readonly (readonly [string, () => Figure])[] = [
  ["annual-budget", () => annualBudget(annualBudgets(TABLE), ERRORS, "A", context)],
  ["cumulative", () => cumulative(cumulativeYears(TABLE, "A", "nee", CONTENDERS), context)],
  ...(["gpp-light-temperature", "gpp-light-vpd", "reco-temperature", "gpp-dryness"] as const).map((kind: ResponseKind) => [`response-${kind}`, () => responseFigure(response(TABLE, kind, { contenders: CONTENDERS }), context)] as const),
  ["phenology", () => phenologyFigure(phenology(TABLE, { contenders: CONTENDERS }), context)],
  ["water-use", () => waterUseFigure(waterUse(TABLE, CONTENDERS), context)],
  ["annual-sums", () => budgetFigure(ERRORS, context)],
  ["error-closure", () => closureErrorFigure(energyClosure(TABLE), ERRORS, context)],
  ["drought-anomalies", () => droughtAnomalies(seasonAnomalies(TABLE, { contenders: CONTENDERS }), { years: [2018], ...context })],
];

for (const [name, make] of cases) {
  test(`the figure ${name} looks as it did, says that it is simulated, and names its units`, () => {
    const figure = make();
    const svg = renderFigure(figure);
    assertSnapshot(SNAPSHOTS, name, svg);
    assert.ok(svg.includes("simulated data") && figure.alt.length > 20 && figure.data.length > 0);
    const numeric = Object.entries(figure.data[0]!).filter(([column, v]) => typeof v === "number" && column !== "year" && column !== "day_of_year").map(([column]) => column);
    if (figure.data[0]!["unit"] === undefined) assert.deepEqual(numeric.filter((column) => figure.units[column] === undefined), [], `${name}: units`);
  });
}

test("error and distance: a dot a site, with the rank correlation in words", () => {
  const rows = [1, 2, 3, 4, 5].map((k) => ({ model: "tamrl", site: `S${k}`, flux: "gpp" as const, km: 100 * k, climate: k, rmse: 0.5 * k }));
  const figure = distanceFigure(rows, "km", { ...context, period: null });
  assert.equal(figure.n, 5);
  assert.match(figure.alt, /GPP: TAM-RL: rank correlation 1\.00, n = 5/);
  assert.match(figure.notes.join(), /No site has both: RECO, NEE/);
});

test("a year without a sum is named with its reason, and a site without any is an error", () => {
  const holed = seasonalTable(["A"], 2011, 2012, ({ year, month }, v) => (year === 2012 && month < 6 ? { ...v, gpp: NaN, reco: NaN, nee: NaN } : v));
  assert.match(annualBudget(annualBudgets(holed), [], "A", context).notes.join(" "), /Nothing is known of the error.*No sum in 1 year: 2012 \(214 of at least 330 days\)/);
  assert.throws(() => annualBudget(annualBudgets(holed), [], "Z", context), (e) => isWorkbookError(e, "EmptyTable"));
});
