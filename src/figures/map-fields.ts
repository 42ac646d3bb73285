import { FLUX_LABEL, type Flux } from "../core/quantities";
import type { MapFields } from "../upscale/monthly-fields";
import type { Figure, FigureContext } from "./figure";
import { cellMap } from "./map";
import { divergingScale, sequentialScale } from "./map-scale";
import { FLUX_STYLE } from "./style";

const UNIT = "g C m⁻² d⁻¹";
export const MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const NO_FLUX = "land without a flux";

/** What the context of a figure of fields is: whether they are simulated is known. */
export type FieldContext = Omit<FigureContext, "simulated">;

/**
 * Map of a flux's mean year; NEE on a scale centred on 0, sources hatched.
 * @throws WorkbookError EmptyTable where no cell has a flux
 * @example fluxMap(await mapFields("O.zarr"), "gpp")
 */
export function fluxMap(fields: MapFields, flux: Flux, context: FieldContext = {}): Figure {
  const values = fields.mean[flux] ?? new Float64Array();
  const name = FLUX_STYLE[flux].label;
  return cellMap({
    name: `map-${flux}`, title: `Mean ${FLUX_LABEL[flux]}`, column: flux, unit: UNIT, frame: fields.frame, values, land: fields.land, period: fields.period, missing: NO_FLUX, ...(fields.partial[flux] ? { partial: fields.partial[flux] } : {}),
    caption: `${name} of the land of each cell, mean over ${meanOf(fields)}.${flux === "nee" ? " Negative NEE is uptake; cells that release carbon are hatched." : ""}`,
    scale: flux === "nee" ? divergingScale(FLUX_LABEL.nee, values, "source to the atmosphere") : sequentialScale(FLUX_LABEL[flux], values),
    hatched: (value) => value >= 0,
    notes: monthNotes(fields),
  }, { ...context, simulated: fields.simulated });
}

/**
 * Map of the doubt in a flux: standard deviation of the members' means, or, of a store without members, the mean of the daily one.
 * @throws WorkbookError EmptyTable where the store has none
 * @example spreadMap(fields, "nee")
 */
export function spreadMap(fields: MapFields, flux: Flux, context: FieldContext = {}): Figure {
  const values = fields.spread?.values[flux] ?? new Float64Array(fields.land.length).fill(NaN);
  const name = FLUX_STYLE[flux].label;
  const what = fields.spread?.of === "day" ? `mean over days of the standard deviation of ${name} over members` : `standard deviation over members of mean ${name}`;
  return cellMap({
    name: `map-${flux}-spread`, title: `Uncertainty of ${FLUX_LABEL[flux]}: ${fields.spread?.label ?? "none"}`, column: `${flux}_sd`, unit: UNIT, frame: fields.frame, values, land: fields.land,
    period: fields.period, missing: NO_FLUX, caption: `${what[0]!.toUpperCase()}${what.slice(1)} (${fields.spread?.label ?? "none"}).`,
    scale: sequentialScale(`sd of ${FLUX_LABEL[flux]}`, values), hatched: () => false,
    notes: [`${what[0]!.toUpperCase()}${what.slice(1)}; of single cells, not to be summed.`],
  }, { ...context, simulated: fields.simulated });
}

/**
 * Map of the dissimilarity to the training sites; land outside the area of applicability is hatched.
 * @throws WorkbookError EmptyTable where the store has no such layer
 * @source Meyer & Pebesma 2021, doi:10.1111/2041-210X.13650
 * @example applicabilityMap(fields)
 */
export function applicabilityMap(fields: MapFields, context: FieldContext = {}): Figure {
  const { values, inside, threshold } = fields.applicability ?? { values: new Float64Array(fields.land.length).fill(NaN), inside: null, threshold: null };
  const share = inside === null ? NaN : inside.reduce((sum, v, i) => sum + (Number.isNaN(v) ? 0 : v * fields.land[i]!), 0) / inside.reduce((sum, v, i) => sum + (Number.isNaN(v) ? 0 : fields.land[i]!), 0);
  return cellMap({
    name: "map-applicability", title: "Dissimilarity to the training sites", column: "dissimilarity", unit: "1", frame: fields.frame, values, land: fields.land, period: fields.period, missing: "land without drivers",
    caption: `Dissimilarity of each cell's drivers and embedding to the nearest training site${threshold === null ? "" : `; outside the area of applicability (above ${threshold.toFixed(2)}) hatched`}.`,
    scale: sequentialScale("dissimilarity index", values, threshold === null ? null : "outside the area of applicability"),
    hatched: (_, cell) => (inside?.[cell] ?? 1) < 0.5,
    notes: threshold === null ? ["The store has no threshold, so it does not say what lies outside."] : [`${(100 * share).toFixed(1)} % of the land lies inside: index at most ${threshold.toFixed(2)}.`],
  }, { ...context, simulated: fields.simulated });
}

function meanOf({ months }: MapFields): string {
  return months.length === 12 ? "the calendar months, each first over its years" : monthsNamed(months);
}

function monthNotes({ months }: MapFields): string[] {
  return months.length === 12 ? [] : [`Mean over ${monthsNamed(months)} alone: no cell has the other months.`];
}

function monthsNamed(months: readonly number[]): string {
  return months.map((m) => MONTH_NAMES[m - 1]).join(", ");
}
