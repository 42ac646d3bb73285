import { parseDay } from "../core/days";
import { FLUXES, type Flux } from "../core/quantities";
import type { BudgetError } from "../evaluate/budget-error";
import type { EnergyClosure } from "../evaluate/energy-balance";
import type { DistanceError } from "../evaluate/error-distance";
import { PHENOLOGY_DATES, type PhenologyRow } from "../evaluate/phenology";
import type { WaterUse } from "../evaluate/water-use";
import { errorAgainst } from "./error-against";
import type { Figure, FigureContext, Period } from "./figure";
import { FLUX_STYLE } from "./style";
import { towerModel, type TowerModelPanel } from "./tower-model";

const DATE_LABEL: Readonly<Record<(typeof PHENOLOGY_DATES)[number], string>> = {
  start: "start of season", peak: "peak", end: "end of season", length: "length of season", source_to_sink: "source to sink", uptake_days: "days of net uptake",
};

/** Dates of the tower against each model's. @example phenologyFigure(phenology(table, { contenders }), { simulated: true }) */
export function phenologyFigure(rows: readonly PhenologyRow[], options: FigureContext): Figure {
  const panels = PHENOLOGY_DATES.map((date): TowerModelPanel => ({ label: DATE_LABEL[date], unit: date === "length" || date === "uptake_days" ? "days" : "day of year", errorUnit: "days", points: beside(rows, (r) => r[date]) }));
  return towerModel(panels, {
    ...options, name: "phenology", title: "Phenology of tower and model", period: yearsOf(rows),
    caption: "Start, peak and end of the season of smoothed GPP, its length, the day from which uptake lasts, and the days of net uptake, one dot a site-year. In the south the year begins on 1 July. Numbers: mean error.",
  });
}

/** Water-use efficiency of the tower against each model's. @example waterUseFigure(waterUse(table, contenders), { simulated: true }) */
export function waterUseFigure(rows: readonly WaterUse[], options: FigureContext): Figure {
  const panels: TowerModelPanel[] = [
    { label: "water-use efficiency", unit: "g C kg⁻¹", points: beside(rows, (r) => r.wue) },
    { label: "inherent water-use efficiency", unit: "g C hPa kg⁻¹", points: beside(rows, (r) => r.inherent) },
  ];
  return towerModel(panels, {
    ...options, name: "water-use", title: "Water-use efficiency of tower and model", period: yearsOf(rows),
    caption: "GPP per evaporated water over dry growing days of a year, and the same times mean VPD, one dot a site-year; the model's GPP stands over the tower's evaporation. Numbers: mean error.",
  });
}

/** Annual sums of the tower against each model's, with the tower's doubt as bars. @example budgetFigure(budgetErrors(table, contenders), { simulated: true }) */
export function budgetFigure(errors: readonly BudgetError[], options: FigureContext): Figure {
  const panels = FLUXES.map((flux): TowerModelPanel => ({ label: `annual ${FLUX_STYLE[flux].label}`, unit: "g C m⁻² yr⁻¹", points: errors.filter((e) => e.flux === flux) }));
  return towerModel(panels, {
    ...options, name: "annual-sums", title: "Annual sums of tower and model", period: yearsOf(errors),
    caption: "Annual sums over the days that tower and models have, one dot a site-year. Bars: what is known of the tower's error (random 95 %, u* range, partition). Numbers: mean error.",
  });
}

/** Size of the annual error against the energy-balance closure of the same site-year. @example closureErrorFigure(energyClosure(table), errors, { simulated: true }) */
export function closureErrorFigure(closures: readonly EnergyClosure[], errors: readonly BudgetError[], options: FigureContext): Figure {
  const of = new Map(closures.map((c) => [`${c.site} ${c.year}`, c.closure]));
  const withClosure = errors.filter((e) => typeof of.get(`${e.site} ${e.year}`) === "number");
  const noSoil = closures.filter((c) => c.closure !== null && !c.with_g).length;
  const panels = FLUXES.map((flux) => ({ label: FLUX_STYLE[flux].label, points: withClosure.filter((e) => e.flux === flux).map((e) => ({ key: `${e.site} ${e.year}`, model: e.model, x: of.get(`${e.site} ${e.year}`)!, error: e.error })) }));
  return errorAgainst(panels, {
    ...options, name: "error-closure", title: "Annual error and energy-balance closure", x: "(LE + H) / (Rn − G)", y: "model − tower (g C m⁻² yr⁻¹)", dot: "site-year", period: yearsOf(withClosure),
    caption: "Error of annual sums against the energy-balance ratio of the same site-year. A trend would say that towers which miss energy are also judged differently; the ratio is never used to correct CO₂.",
    notes: noSoil > 0 ? [`${noSoil} site-years without soil heat flux: their ratio is (LE + H) / Rn.`] : [],
  });
}

/** RMSE of unseen sites against their distance to the nearest training site. @example distanceFigure(errorDistances(table, metrics, learned), "climate", { period, simulated: true }) */
export function distanceFigure(rows: readonly DistanceError[], by: "km" | "climate", options: FigureContext & { readonly period: Period | null }): Figure {
  const panels = FLUXES.map((flux: Flux) => ({ label: FLUX_STYLE[flux].label, points: rows.filter((r) => r.flux === flux && r[by] !== null).map((r) => ({ key: r.site, model: r.model, x: r[by]!, error: r.rmse })) }));
  return errorAgainst(panels, {
    ...options, name: `error-distance-${by}`, title: `Error and distance to the training sites ${by === "km" ? "on the ground" : "in climate"}`, x: by === "km" ? "nearest training site (km)" : "nearest training climate (sd)", y: "RMSE (g C m⁻² d⁻¹)", dot: "site",
    caption: `RMSE of unseen sites against the distance to the nearest site that trained, ${by === "km" ? "km" : "in standard deviations of mean and seasonal spread of temperature, light, VPD and rain"}.`,
  });
}

/** Each model's row beside the tower's of the same site-year, where both have the value. */
function beside<R extends { readonly site: string; readonly year: number; readonly name: string }>(rows: readonly R[], value: (row: R) => number | null): TowerModelPanel["points"] {
  const tower = new Map(rows.filter((r) => r.name === "observed").map((r) => [`${r.site} ${r.year}`, r]));
  return rows.filter((r) => r.name !== "observed").flatMap((r) => {
    const own = tower.get(`${r.site} ${r.year}`);
    const [observed, predicted] = [own === undefined ? null : value(own), value(r)];
    return observed === null || predicted === null ? [] : [{ site: r.site, year: r.year, model: r.name, observed, predicted }];
  });
}

function yearsOf(rows: readonly { readonly year: number }[]): Period | null {
  if (rows.length === 0) return null;
  const years = rows.map((r) => r.year);
  return { first: parseDay(`${Math.min(...years)}-01-01`), last: parseDay(`${Math.max(...years)}-12-31`) };
}
