import { WorkbookError } from "../../core/errors";
import { readTimes } from "../grid/cf";
import { textAttribute, type GridFile, type GridVariable } from "../grid/grid";
import { readGridCatalogue } from "../grid/grid-catalogue";
import type { DriverContext } from "./driver-context";
import { requireSteps, type Era5Series, type Era5Variable } from "./era5";
import { sitesInCells, type CellCentre } from "./era5-cells";
import { era5Names } from "./era5-names";

/**
 * Reads ERA5-Land from NetCDF as the Climate Data Store gives it: one point (`valid_time` alone) or a box of cells (`valid_time`, `latitude`,
 * `longitude`), hourly or daily, of which the cells with known sites are read. Units are those of the file.
 * @throws WorkbookError MissingColumn (time, position, a known variable), BadDate, BadSite, BadFile (two experiment versions in one file)
 * @source Climate Data Store, ERA5-Land hourly data; CF conventions 1.10
 * @example await readEra5Netcdf(await openGrid("era5_DE-Hai.nc"), "era5_DE-Hai.nc", context)
 */
export async function readEra5Netcdf(grid: GridFile, name: string, context: DriverContext): Promise<Era5Series[]> {
  const catalogue = readGridCatalogue();
  const { coordinates } = catalogue;
  const meaningOf = era5Names(catalogue);
  const named = (role: "lat" | "lon" | "time"): string | undefined => coordinates[role].find((n) => grid.names.includes(n));
  const [time, lat, lon] = [named("time"), named("lat"), named("lon")];
  if (time === undefined) throw new WorkbookError("MissingColumn", `ingest: ${grid.path}: coordinate ${coordinates.time.join(" or ")} required, found ${grid.names.slice(0, 8).join(", ")}; give the product as published`, { file: grid.path, column: "time" });
  const hours = Int32Array.from(await readTimes(grid, time), (days) => Math.round(days * 24));
  const hourly = hours.some((h) => h % 24 !== 0);
  const axis = async (n: string | undefined): Promise<Float64Array> => (n === undefined ? Float64Array.of(NaN) : readAll(await grid.variable(n)));
  const [lats, lons] = [await axis(lat), await axis(lon)];
  const cells: CellCentre[] = [...lats].flatMap((a) => [...lons].map((o) => ({ lat: a, lon: o })));
  const sites = sitesInCells(cells, grid.path, name, context.sites);
  const order = Array.from(hours, (_, i) => i).sort((a, b) => hours[a]! - hours[b]!);
  const hour = Int32Array.from(order, (i) => hours[i]!);
  const out = new Map(sites.flatMap((of, cell) => (of.length === 0 ? [] : [[cell, [] as Era5Variable[]] as const])));
  for (const variableName of grid.names) {
    const means = meaningOf(variableName, hourly);
    if (means === null) continue;
    const variable = await grid.variable(variableName);
    const unit = textAttribute(variable.attributes, "units");
    for (const [cell, variables] of out) {
      const values = await readCell(grid.path, variable, { time, lat, lon }, hours.length, [Math.floor(cell / lons.length), cell % lons.length]);
      variables.push({ name: variableName, means, unit, values: Float64Array.from(order, (i) => values[i]!) });
    }
  }
  if ([...out.values()].every((v) => v.length === 0)) throw new WorkbookError("MissingColumn", `ingest: ${grid.path}: a variable of ERA5-Land (t2m, tp, ssr, e, lai_hv, …) required, found ${grid.names.join(", ")}; give the product as published`, { file: grid.path });
  return [...out].flatMap(([cell, variables]) => sites[cell]!.map((site): Era5Series => {
    requireSteps(hour, grid.path, site);
    return { file: grid.path, site, hour, variables };
  }));
}

function readAll(variable: GridVariable): Promise<Float64Array> {
  return variable.read(variable.shape.map((n) => [0, n] as const));
}

/** All times of one cell `[time]`. */
async function readCell(file: string, variable: GridVariable, names: { time: string; lat: string | undefined; lon: string | undefined }, steps: number, [row, column]: readonly [number, number]): Promise<Float64Array> {
  const ranges = variable.dims.map((dim, k): readonly [number, number] => {
    const n = variable.shape[k]!;
    if (dim === names.time) return [0, n];
    if (dim === names.lat) return [row, row + 1];
    if (dim === names.lon) return [column, column + 1];
    if (n === 1) return [0, 1];
    throw new WorkbookError("BadFile", `ingest: ${file}: ${variable.name}: axes of time and place required, found ${dim || `one of ${n}`} too; give each of its parts as a file of its own (expver 0001 and 0005 are two products)`, { file, column: variable.name });
  });
  const values = await variable.read(ranges);
  if (values.length === steps) return values;
  throw new WorkbookError("BadFile", `ingest: ${file}: ${variable.name}: ${steps} times as ${names.time} has required, found ${values.length}; download it again`, { file, column: variable.name });
}
