import { WorkbookError } from "../../core/errors";
import { readAxis, type Axis } from "./axis";
import { readDays } from "./cf";
import type { GridFile, GridVariable } from "./grid";
import type { GridCatalogue } from "./grid-catalogue";

/** What a variable is, without the means to read it. */
export interface HeldVariable extends Pick<GridVariable, "name" | "dims" | "shape" | "chunks" | "contiguous" | "attributes"> {
  /** positions of its axes among `dims`; `class` is one besides time and place */
  readonly axes: { readonly time: number | null; readonly lat: number; readonly lon: number; readonly class: number | null };
}

/** What one file holds of a grid: its axes, its days, its variables. */
export interface Held {
  readonly file: string;
  readonly format: GridFile["format"];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly lat: Axis;
  readonly lon: Axis;
  /** null where it has no time */
  readonly days: Int32Array | null;
  readonly variables: readonly HeldVariable[];
  /** variables whose description could not be read, and why */
  readonly unreadable: ReadonlyMap<string, WorkbookError>;
}

/**
 * Describes a file: axes and calendar are checked, values are not read. Variables that do not lie on its latitudes and longitudes are left out.
 * @throws WorkbookError MissingColumn without latitude or longitude, BadDate for another calendar, BadFile for uneven axes
 * @example (await describeGrid(grid, readGridCatalogue())).variables.map((v) => v.name)
 */
export async function describeGrid(grid: GridFile, catalogue: GridCatalogue): Promise<Held> {
  const coordinate = (role: "lat" | "lon" | "time"): string | undefined => catalogue.coordinates[role].find((name) => grid.names.includes(name));
  const [latName, lonName, timeName] = [coordinate("lat"), coordinate("lon"), coordinate("time")];
  if (latName === undefined || lonName === undefined) {
    const role = latName === undefined ? "lat" : "lon";
    throw new WorkbookError("MissingColumn", `grid: ${grid.path}: coordinate ${catalogue.coordinates[role].join(" or ")} required, found ${grid.names.slice(0, 8).join(", ") || "no variable"}; give a grid of latitude and longitude`, { file: grid.path, column: role });
  }
  const [lat, lon] = [await readAxis(grid, latName, 90), await readAxis(grid, lonName, 180)];
  const days = timeName === undefined || (await grid.variable(timeName)).shape.length === 0 ? null : await readDays(grid, timeName);
  const variables: HeldVariable[] = [];
  const unreadable = new Map<string, WorkbookError>();
  for (const name of grid.names) {
    if ([latName, lonName, timeName].includes(name)) continue;
    try {
      const held = describeVariable(await grid.variable(name), { lat: latName, lon: lonName, time: timeName });
      if (held === null) continue;
      const expected: readonly (readonly [number | null, number])[] = [[held.axes.lat, lat.centres.length], [held.axes.lon, lon.centres.length], [held.axes.time, days?.length ?? 1]];
      for (const [axis, length] of expected) {
        if (axis !== null && held.shape[axis] !== length) throw new WorkbookError("BadFile", `grid: ${grid.path}: ${name}: ${length} along ${held.dims[axis]} as its axis says required, found ${held.shape[axis]}; copy the file again`, { file: grid.path, column: name });
      }
      variables.push(held);
    } catch (error) {
      if (!(error instanceof WorkbookError)) throw error;
      unreadable.set(name, error);
    }
  }
  return { file: grid.path, format: grid.format, attributes: grid.attributes, lat, lon, days, variables, unreadable };
}

function describeVariable(variable: GridVariable, coordinates: { lat: string; lon: string; time: string | undefined }): HeldVariable | null {
  const at = (name: string | undefined): number | null => {
    const i = name === undefined ? -1 : variable.dims.indexOf(name);
    return i < 0 ? null : i;
  };
  const [lat, lon, time] = [at(coordinates.lat), at(coordinates.lon), at(coordinates.time)];
  if (lat === null || lon === null) return null;
  const others = variable.dims.map((_, i) => i).filter((i) => ![lat, lon, time].includes(i) && variable.shape[i]! > 1);
  if (others.length > 1) return null;
  const { name, dims, shape, chunks, contiguous, attributes } = variable;
  return { name, dims, shape, chunks, attributes, ...(contiguous === undefined ? {} : { contiguous }), axes: { time, lat, lon, class: others[0] ?? null } };
}
