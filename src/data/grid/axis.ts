import { WorkbookError } from "../../core/errors";
import { distanceKm } from "../../core/sites";
import { LONGEST_AXIS, type GridFile } from "./grid";

/** Cell centres along latitude or longitude, ascending or descending, evenly spaced. */
export interface Axis {
  readonly name: string;
  /** degrees */
  readonly centres: Float64Array;
  /** degrees from one centre to the next, negative when descending */
  readonly step: number;
}

/** The cell of a grid that a place lies in. */
export interface Cell {
  readonly row: number;
  readonly column: number;
  /** its centre, degrees */
  readonly lat: number;
  readonly lon: number;
  /** from the place to the centre */
  readonly km: number;
}

/**
 * Reads a coordinate and holds it to an even grid within the globe.
 * @param limit 90 for latitude, 180 for longitude (0…360 is read as well)
 * @throws WorkbookError MissingColumn without the coordinate, BadFile for one that is not even, BadUnit for values that are no degrees
 * @example await readAxis(grid, "lat", 90)
 */
export async function readAxis(grid: GridFile, name: string, limit: 90 | 180): Promise<Axis> {
  const variable = await grid.variable(name);
  const fail = (required: string, found: string): never => {
    throw new WorkbookError("BadFile", `grid: ${grid.path}: ${name}: ${required} required, found ${found}; give the product as published`, { file: grid.path, column: name });
  };
  const [length] = variable.shape;
  if (variable.shape.length !== 1 || !(length! >= 2 && length! <= LONGEST_AXIS)) fail(`an axis of 2 to ${LONGEST_AXIS} cells`, `shape [${variable.shape.join(", ")}]`);
  const centres = await variable.read([[0, length!]]);
  const step = (centres[centres.length - 1]! - centres[0]!) / (centres.length - 1);
  for (let i = 0; i < centres.length; i++) {
    // single precision coordinates are off by 1e-5 degrees
    if (!(Math.abs(centres[i]! - (centres[0]! + i * step)) < Math.max(1e-4, Math.abs(step) * 0.01))) fail("evenly spaced degrees", `${centres[i]} at ${i}`);
  }
  const top = limit === 180 ? 360 : 90;
  if (!(step !== 0 && Math.min(centres[0]!, centres[centres.length - 1]!) >= -limit - 1e-3 && Math.max(centres[0]!, centres[centres.length - 1]!) <= top + 1e-3)) {
    throw new WorkbookError("BadUnit", `grid: ${grid.path}: ${name} in degrees within ±${limit} required, found ${centres[0]} to ${centres[centres.length - 1]}; give a grid of latitude and longitude`, { file: grid.path, column: name });
  }
  return { name, centres, step };
}

/**
 * The cell that holds a place, or null outside the grid (more than half a cell beyond the outermost centres). Longitudes wrap.
 * @example cellOf(lat, lon, { lat: 51.08, lon: 10.45 })?.km
 */
export function cellOf(lat: Axis, lon: Axis, place: { readonly lat: number; readonly lon: number }): Cell | null {
  const row = indexOn(lat, place.lat);
  const column = [place.lon, place.lon + 360, place.lon - 360].map((x) => indexOn(lon, x)).find((i) => i !== null) ?? null;
  if (row === null || column === null) return null;
  const centre = { lat: lat.centres[row]!, lon: lon.centres[column]! };
  return { row, column, ...centre, km: distanceKm(place, centre) };
}

function indexOn({ centres, step }: Axis, value: number): number | null {
  const at = (value - centres[0]!) / step;
  if (!(at >= -0.5 - 1e-6 && at <= centres.length - 0.5 + 1e-6)) return null;
  return Math.min(centres.length - 1, Math.max(0, Math.round(at)));
}
