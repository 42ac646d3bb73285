import { channelsOf, columnSpec } from "../../core/columns";
import { IGBP } from "../../core/quantities";
import { coordinateArrays, type GridFrame } from "../grid/coordinates";
import { landArrays } from "../grid/land-arrays";
import { plainExponents } from "../grid/physical-unit";
import { PREPARATION_ATTRIBUTE } from "../preparation";
import type { ZarrArray } from "../grid/zarr-output";
import type { GridSettings } from "./grid-options";
import { TRAIT_SPECS, TRAITS, type Trait } from "./traits";

/** Cells along each side of a tile, and days of a chunk: a chunk holds a third of a megabyte. */
export const TILE_CELLS = 15;
const CHUNK_DAYS = 365;

/** Channels of a simulated grid: those of the feature sets `minimal`, `tower` and `tower-vi`. */
export const GRID_CHANNELS: readonly string[] = [...channelsOf("minimal"), ...channelsOf("tower-vi")].filter((name) => name !== "lat" && name !== "lon");

/** Name of a trait's array in the truth. @example traitName("lightUse") // "trait_lightUse" */
export const traitName = (trait: Trait): string => `trait_${trait}`;

/** Fluxes of the truth under their names in gridded products. */
export const TRUE_FLUXES = { GPP: "gpp", RECO: "reco", NEE: "nee" } as const;

const ascii = (unit: string): string => (unit === "code" ? "1" : plainExponents(unit).replace("°C", "degC").replace("°", "degree"));

/** Arrays of the grid that a model may see. */
export function driverArrays(frame: GridFrame): ZarrArray[] {
  const daily = dailyOf(frame);
  return [...coordinateArrays(frame), ...GRID_CHANNELS.map((name) => daily(name, { units: ascii(columnSpec(name)!.unit), long_name: columnSpec(name)!.label })), ...landArrays(shapeOf(frame), tileOf(frame))];
}

/** Arrays of the truth beside it, which no model may see. */
export function truthArrays(frame: GridFrame): ZarrArray[] {
  const daily = dailyOf(frame);
  const traits = TRAITS.map((trait): ZarrArray => ({
    name: traitName(trait), dims: ["igbp", "lat", "lon"], shape: [IGBP.length, ...shapeOf(frame)], chunks: [IGBP.length, ...tileOf(frame)], type: "float32", fill: NaN,
    attributes: { unit_of_trait: ascii(TRAIT_SPECS[trait].unit), long_name: `${TRAIT_SPECS[trait].meaning}, of each class of the cell` },
  }));
  const fluxes = Object.keys(TRUE_FLUXES).map((name) => daily(name, { units: "gC m-2 d-1", long_name: `true ${name}, free of error`, comment: "of the cell's land: multiply by land_fraction for the whole cell" }));
  return [...coordinateArrays(frame), ...fluxes, ...traits, ...landArrays(shapeOf(frame), tileOf(frame))];
}

/** What both stores say of themselves; without a date, so that the same options give the same bytes. */
export function gridAttributes(title: string, { deg, years, seed, world, dial, calibration, box }: GridSettings): Record<string, unknown> {
  return {
    Conventions: "CF-1.10", title, simulated: "true", source: "simulated: the physics of the virtual flux network over a virtual globe with the Earth's coasts",
    comment: "cells of less than 5 % land, and all land south of 60 degrees south, count as sea", cell_degrees: deg, years, seed, world, dial, calibration, [PREPARATION_ATTRIBUTE]: "paper", ...(box ? { box } : {}),
  };
}

const shapeOf = ({ lat, lon }: GridFrame): [number, number] => [lat.centres.length, lon.centres.length];
const tileOf = (frame: GridFrame): [number, number] => shapeOf(frame).map((n) => Math.min(n, TILE_CELLS)) as [number, number];

function dailyOf(frame: GridFrame): (name: string, attributes: Record<string, unknown>) => ZarrArray {
  const { length } = frame.days;
  return (name, attributes) => ({ name, dims: ["time", "lat", "lon"], shape: [length, ...shapeOf(frame)], chunks: [Math.min(length, CHUNK_DAYS), ...tileOf(frame)], type: "float32", fill: NaN, attributes });
}
