import { FLUXES, type Flux } from "../core/quantities";
import { coordinateArrays } from "../data/grid/coordinates";
import { landArrays } from "../data/grid/land-arrays";
import type { PredictorGrid } from "../data/grid/predictors";
import type { ZarrArray } from "../data/grid/zarr-output";
import { LEVELS, type Level } from "../evaluate/conformal";
import { MONTH_SHARE } from "../evaluate/months";
import { applicabilityThreshold } from "./applicability";
import { monthAxis } from "./month-axis";
import { GRID_NAME } from "./monthly-view";
import type { TileLayout } from "./tiles";
import type { TrainedRun } from "./trained-run";

/** Why a cell has no value, or not on all days; the layer `reason`. 255 until its tile is done. */
export const REASONS = ["predicted", "no_land", "a_driver_is_missing_on_every_day", "no_window_of_days_with_all_drivers", "some_days_lack_a_driver_in_their_window"] as const;
/** One of them. */
export type Reason = (typeof REASONS)[number];

const UNITS = "gC m-2 d-1";
const LONG_NAME: Readonly<Record<Flux, string>> = { gpp: "gross primary production", reco: "ecosystem respiration", nee: "net ecosystem exchange, negative = uptake" };
const STANDARD_NAME: Readonly<Partial<Record<Flux, string>>> = { gpp: "gross_primary_productivity_of_biomass_expressed_as_carbon" };
/** Members and months that lie in one chunk together. */
const MEMBER_MONTHS = 12;

/** Name of an interval's end. @example intervalName("gpp", "low", 0.8) // "GPP_low_80" */
export function intervalName(flux: Flux, end: "low" | "high", level: Level): string {
  return `${GRID_NAME[flux]}_${end}_${Math.round(100 * level)}`;
}

/**
 * Every array of an upscaled store, chunked by tile: coordinates, the fluxes, of an ensemble their spread, intervals where it is calibrated
 * and monthly means of its members, and the layers of the cells.
 * @source CF conventions 1.10
 * @example await createZarr("O.zarr", attributes, outputArrays(run, grid, layout))
 */
export function outputArrays(run: TrainedRun, grid: PredictorGrid, layout: TileLayout): ZarrArray[] {
  const [ny, nx] = [grid.lat.centres.length, grid.lon.centres.length];
  const tile = [layout.rows, layout.columns] as const;
  const layer = (name: string, type: ZarrArray["type"], fill: number, attributes: object): ZarrArray => ({ name, dims: ["lat", "lon"], shape: [ny, nx], chunks: tile, type, fill, attributes: { ...attributes } });
  const daily = (name: string, attributes: object): ZarrArray => ({ name, dims: ["time", "lat", "lon"], shape: [grid.days.length, ny, nx], chunks: [layout.days, ...tile], type: "float32", fill: NaN, attributes: { units: UNITS, ...attributes } });
  const threshold = applicabilityThreshold(run);
  return [
    ...coordinateArrays(grid),
    ...FLUXES.map((flux) => daily(GRID_NAME[flux], {
      ...(STANDARD_NAME[flux] ? { standard_name: STANDARD_NAME[flux] } : {}), long_name: LONG_NAME[flux], cell_methods: "time: mean area: mean where land",
      ancillary_variables: ["reason", "applicability", "inside", ...(run.spread ? [`${GRID_NAME[flux]}_spread`] : [])].join(" "),
      comment: `per area of the cell's land: multiply by land_fraction for the whole cell${flux === "nee" ? "" : "; clipped at 0 after inference"}`,
    })),
    ...(run.spread ? ofMembers(run, grid, layout, daily) : []),
    ...(run.calibration ? FLUXES.flatMap((flux) => LEVELS.flatMap((level) => (["low", "high"] as const).map((end) => daily(intervalName(flux, end, level), {
      long_name: `${end === "low" ? "lower" : "upper"} end of the ${100 * level} % conformal interval of one cell's daily ${GRID_NAME[flux]}`, comment: "of a cell and a day: ends must never be summed or averaged over cells or days",
    })))) : []),
    layer("applicability", "float32", NaN, { units: "1", long_name: "dissimilarity index to the training sites", ...(threshold === null ? {} : { threshold }), comment: "distance of the cell's driver climatology and task embedding to the nearest training site, over the mean distance between training sites", references: "Meyer & Pebesma 2021, doi:10.1111/2041-210X.13650" }),
    layer("inside", "uint8", 255, { long_name: "inside the area of applicability: dissimilarity at most the threshold", flag_values: [0, 1], flag_meanings: "outside inside" }),
    layer("reason", "uint8", 255, { long_name: "why a cell has no value, or not on all days; the days before the first whole window never have one", flag_values: REASONS.map((_, k) => k), flag_meanings: REASONS.join(" ") }),
    ...landArrays([ny, nx], tile),
  ];
}

function ofMembers(run: TrainedRun, grid: PredictorGrid, layout: TileLayout, daily: (name: string, attributes: object) => ZarrArray): ZarrArray[] {
  const kind = run.spread!;
  const months = monthAxis(grid.days).starts.length;
  const members = run.members.length;
  return [
    { name: "month", dims: ["month"], shape: [months], chunks: [months], type: "int32", fill: -1, attributes: { standard_name: "time", long_name: "first day of the month", units: "days since 1970-01-01", calendar: "standard" } },
    { name: "member", dims: ["member"], shape: [members], chunks: [members], type: "int32", fill: -1, attributes: { long_name: "seed of the member" } },
    ...FLUXES.flatMap((flux): ZarrArray[] => [
      daily(`${GRID_NAME[flux]}_spread`, { kind, long_name: `standard deviation of ${members} members, before clipping (${kind})` }),
      {
        name: `${GRID_NAME[flux]}_member`, dims: ["member", "month", "lat", "lon"], shape: [members, months, grid.lat.centres.length, grid.lon.centres.length], chunks: [members, MEMBER_MONTHS, layout.rows, layout.columns], type: "float32", fill: NaN,
        attributes: { kind, units: UNITS, long_name: `monthly mean ${GRID_NAME[flux]} of each member, of months with ${100 * MONTH_SHARE} % of their days`, cell_methods: "month: mean area: mean where land" },
      },
    ]),
  ];
}
