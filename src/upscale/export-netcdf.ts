import * as fs from "node:fs";
import type * as H5wasm from "h5wasm";
import * as path from "node:path";
import { asDay, formatDay, yearOf } from "../core/days";
import { makeFolder, temporaryName } from "../core/files";
import { removeLeftovers } from "../core/leftovers";
import { counter, silent, type Progress } from "../core/progress";
import type { Tile } from "../data/grid/predictors";
import { loadH5wasm } from "../data/grid/modules";
import { layAxes, layTile, resolutionName, type LaidAxis } from "./export-axes";
import { monthEnds, MONTHLY_ATTRIBUTES } from "./monthly-store";
import { storeOrigin } from "./store-origin";
import { eachMonth, GRID_NAME, MONTHLY, monthlySummary, openMonthly, viewTiles, type MonthlyView } from "./monthly-view";

/** What `exportMonthly` may be told. */
export interface ExportOptions {
  readonly progress?: Progress;
}

interface Axes {
  readonly lat: LaidAxis;
  readonly lon: LaidAxis;
}

interface YearFile {
  readonly file: string;
  readonly temporary: string;
  readonly nc: H5wasm.File;
  readonly months: readonly number[];
}

/**
 * Writes the monthly means of an upscaled store as NetCDF-4 in X-BASE's naming and layout: `{GPP|RECO|NEE}_{year}_{res}_monthly.nc`,
 * time × lat × lon with latitudes from the north, g C m⁻² d⁻¹, the month's first day as time. Land fraction and the days behind each mean
 * go along. All files appear together once all are written.
 * @throws WorkbookError BadFile where the grid's cells cannot be named in hundredths of a degree; what `openMonthly` throws
 * @source Nelson, Walther et al. 2024, doi:10.5194/bg-21-5079-2024; CF conventions 1.10, §4.4 and §7.1
 * @example await exportMonthly("O.zarr", "O-monthly") // ["O-monthly/GPP_2001_100_monthly.nc", …]
 */
export async function exportMonthly(store: string, dir: string, options: ExportOptions = {}): Promise<string[]> {
  const view = await openMonthly(store);
  const written: YearFile[] = [];
  try {
    const [resolution, axes, h5, tiles] = [resolutionName(view), layAxes(view), await loadH5wasm(), await viewTiles(view)];
    makeFolder(dir);
    removeLeftovers(dir);
    const step = counter("export", view.fluxes.length * tiles.length, options.progress ?? silent);
    for (const [k, flux] of view.fluxes.entries()) {
      const years = [...new Set(Array.from(view.months, (m) => yearOf(asDay(m))))];
      const open = years.map((year) => createYear(h5, view, axes, GRID_NAME[flux], year, path.join(dir, `${GRID_NAME[flux]}_${year}_${resolution}_monthly.nc`), tiles[0]!));
      written.push(...open);
      try {
        for (const [i, tile] of tiles.entries()) {
          await writeTile(view, axes, GRID_NAME[flux], open, tile);
          step(k * tiles.length + i + 1);
        }
      } finally {
        for (const { nc } of open) nc.close();
      }
    }
    for (const { temporary, file } of written) fs.renameSync(temporary, file);
    return written.map(({ file }) => file);
  } finally {
    for (const { temporary } of written) fs.rmSync(temporary, { force: true });
    view.close();
  }
}

function createYear(h5: typeof H5wasm, view: MonthlyView, axes: Axes, name: string, year: number, file: string, tile: Tile): YearFile {
  const months = [...view.months.keys()].filter((m) => yearOf(asDay(view.months[m]!)) === year);
  const temporary = temporaryName(file);
  const nc = new h5.File(temporary, "w");
  const days = Int32Array.from(months, (m) => view.months[m]!);
  const scale = (of: string, data: Float64Array | Int32Array, attributes: Record<string, string>): void => {
    const variable = nc.create_dataset({ name: of, data, shape: [data.length] });
    for (const [key, text] of Object.entries(attributes)) variable.create_attribute(key, text);
    variable.make_scale(of);
  };
  // netCDF knows a dimension without coordinates by this name of its scale
  nc.create_dataset({ name: "nv", data: new Float32Array(2), shape: [2] }).make_scale("This is a netCDF dimension but not a netCDF variable.         2");
  scale("time", days, { standard_name: "time", units: "days since 1970-01-01", calendar: "standard", axis: "T", bounds: "time_bnds" });
  scale("lat", axes.lat.centres, { standard_name: "latitude", units: "degrees_north", axis: "Y" });
  scale("lon", axes.lon.centres, { standard_name: "longitude", units: "degrees_east", axis: "X" });
  const bounds = nc.create_dataset({ name: "time_bnds", data: Int32Array.from([...days].flatMap((d, i) => [d, monthEnds(days)[i]!])), shape: [days.length, 2] });
  ["time", "nv"].forEach((of, axis) => bounds.attach_scale(axis, `/${of}`));
  const shape = [axes.lat.centres.length, axes.lon.centres.length];
  const piece = [Math.min(shape[0]!, tile.rows[1]), Math.min(shape[1]!, tile.columns[1])];
  grown(nc, name, [days.length, ...shape], [1, ...piece], { ...MONTHLY_ATTRIBUTES, long_name: `monthly mean ${name}`, ancillary_variables: `${name}_days` });
  grown(nc, `${name}_days`, [days.length, ...shape], [1, ...piece], { units: "1", long_name: `days with ${name}` });
  grown(nc, "land_fraction", shape, piece, { units: "1", long_name: "share of the cell that is land; fluxes are those of the land" });
  const about = { ...storeOrigin(view.grid), ...monthlySummary(view.grid), Conventions: "CF-1.10", frequency: MONTHLY, title: `${name}, monthly means of daily upscaled fluxes${view.simulated ? ", simulated data" : ""}`, simulated: String(view.simulated), source: path.basename(view.path), period: `${formatDay(view.period.first)} to ${formatDay(view.period.last)}` };
  for (const [key, text] of Object.entries(about)) nc.create_attribute(key, String(text));
  return { file, temporary, nc, months };
}

/** A variable that is made small and grown, so that no more of it than a piece is ever in memory. */
function grown(nc: H5wasm.File, name: string, shape: readonly number[], chunks: readonly number[], attributes: Readonly<Record<string, string>>): void {
  const variable = nc.create_dataset({ name, data: Float32Array.of(NaN), shape: shape.map(() => 1), maxshape: [...shape], chunks: [...chunks], compression: 4 });
  variable.resize([...shape]);
  for (const [key, text] of Object.entries(attributes)) variable.create_attribute(key, text);
  variable.create_attribute("_FillValue", Float32Array.of(NaN), [1], "<f");
  const dims = ["time", "lat", "lon"].slice(-shape.length);
  dims.forEach((dim, axis) => variable.attach_scale(axis, `/${dim}`));
}

async function writeTile(view: MonthlyView, axes: Axes, name: string, files: readonly YearFile[], tile: Tile): Promise<void> {
  const put = (nc: H5wasm.File, variable: string, values: ArrayLike<number>, step: readonly number[]): void => {
    for (const block of layTile(axes, tile, values)) {
      const ranges = [...step.map((t) => [t, t + 1]), [...block.rows], [...block.columns]] as [number, number][];
      (nc.get(variable) as H5wasm.Dataset).write_slice(ranges, block.values);
    }
  };
  await eachMonth(view, name, tile, ({ month, mean, days }) => {
    const { nc, months } = files.find((f) => f.months.includes(month))!;
    put(nc, name, mean, [months.indexOf(month)]);
    put(nc, `${name}_days`, days, [months.indexOf(month)]);
  });
  const land = await (await view.grid.variable("land_fraction")).read([tile.rows, tile.columns]);
  for (const { nc } of files) put(nc, "land_fraction", land, []);
}
