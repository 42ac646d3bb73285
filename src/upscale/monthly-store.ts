import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { temporaryName } from "../core/files";
import { removeLeftoversOf } from "../core/leftovers";
import { counter, silent, type Progress } from "../core/progress";
import { daysInMonth } from "../data/grid/cf";
import { coordinateArrays } from "../data/grid/coordinates";
import type { GridVariable } from "../data/grid/grid";
import type { Tile } from "../data/grid/predictors";
import { createZarr } from "../data/grid/write-zarr";
import type { ZarrArray, ZarrData, ZarrOutput } from "../data/grid/zarr-output";
import { eachMonth, GRID_NAME, MONTHLY, monthlySummary, openMonthly, viewTiles, type MonthlyView } from "./monthly-view";

/** Layers that go along with fluxes, where a store has them, and their types. */
const LAYERS: readonly (readonly [name: string, type: ZarrArray["type"], fill: number])[] = [
  ["land_fraction", "float32", NaN], ["igbp_fraction", "float32", NaN], ["koppen", "int16", -1], ["applicability", "float32", NaN], ["reason", "uint8", 255],
];

/** What a monthly mean is, in CF's words. @source CF conventions 1.10, §7.3 */
export const MONTHLY_ATTRIBUTES = { units: "gC m-2 d-1", cell_methods: "time: mean area: mean where land" } as const;

/**
 * Writes the monthly means of an upscaled store as a Zarr store: GPP, RECO and NEE (time, lat, lon), the days behind each mean, and the
 * layers. It stands beside the daily store and can be given wherever that one is read, a hundredth of its size; members of an ensemble
 * are not in it. The store appears whole or not at all.
 * @throws WorkbookError BadFile where something lies at `out`; what `openMonthly` throws
 * @example await writeMonthly("O.zarr", "O-monthly.zarr")
 */
export async function writeMonthly(store: string, out: string, options: { readonly progress?: Progress } = {}): Promise<string> {
  // a link that leads nowhere is there too
  if (fs.lstatSync(out, { throwIfNoEntry: false }) !== undefined) throw new WorkbookError("BadFile", `monthly: ${out}: a new folder is required, something lies there; remove it or name another`, { file: out });
  const view = await openMonthly(store);
  removeLeftoversOf(out);
  const temporary = temporaryName(path.resolve(out));
  try {
    fs.rmSync(temporary, { recursive: true, force: true });
    await fill(view, temporary, options.progress ?? silent);
    fs.renameSync(temporary, out);
    return out;
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
    view.close();
  }
}

async function fill(view: MonthlyView, out: string, progress: Progress): Promise<void> {
  const tiles = await viewTiles(view);
  const size = (range: readonly [number, number]): number => range[1] - range[0];
  const tile = [size(tiles[0]!.rows), size(tiles[0]!.columns)] as const;
  const [nt, ny, nx] = [view.months.length, view.lat.centres.length, view.lon.centres.length];
  const cube = (name: string, type: ZarrArray["type"], fill: number, attributes: object): ZarrArray => ({ name, dims: ["time", "lat", "lon"], shape: [nt, ny, nx], chunks: [nt, ...tile], type, fill, attributes: { ...attributes } });
  const layers: { name: string; type: ZarrArray["type"]; fill: number; variable: GridVariable }[] = [];
  for (const [name, type, fill] of LAYERS) if (view.grid.names.includes(name)) layers.push({ name, type, fill, variable: await view.grid.variable(name) });
  const zarr = await createZarr(out, { ...view.grid.attributes, ...monthlySummary(view.grid), Conventions: "CF-1.10", frequency: MONTHLY, simulated: String(view.simulated) }, [
    ...coordinateArrays({ lat: view.lat, lon: view.lon, days: { first: view.period.first, length: nt } }),
    ...view.fluxes.flatMap((flux) => [
      cube(GRID_NAME[flux], "float32", NaN, { ...MONTHLY_ATTRIBUTES, long_name: `monthly mean ${GRID_NAME[flux]}`, ancillary_variables: `${GRID_NAME[flux]}_days` }),
      cube(`${GRID_NAME[flux]}_days`, "uint8", 0, { units: "1", long_name: `days with ${GRID_NAME[flux]}` }),
    ]),
    ...layers.map(({ name, type, fill, variable }): ZarrArray => ({ name, type, fill, dims: variable.dims, shape: variable.shape, chunks: [...variable.shape.slice(0, -2), ...tile], attributes: variable.attributes })),
  ]);
  await zarr.write("time", [[0, nt]], view.months);
  await zarr.write("lat", [[0, ny]], view.lat.centres);
  await zarr.write("lon", [[0, nx]], view.lon.centres);
  const step = counter("monthly means", tiles.length, progress);
  for (const [i, one] of tiles.entries()) {
    for (const { name, type, fill, variable } of layers) await copyLayer(zarr, name, type, fill, variable, one);
    for (const flux of view.fluxes) await tileMonths(view, zarr, GRID_NAME[flux], one);
    step(i + 1);
  }
}

async function copyLayer(zarr: ZarrOutput, name: string, type: ZarrArray["type"], fill: number, variable: GridVariable, tile: Tile): Promise<void> {
  const ranges = [...variable.shape.slice(0, -2).map((n) => [0, n] as const), tile.rows, tile.columns];
  const values = (await variable.read(ranges)).map((v) => (Number.isNaN(v) ? fill : v));
  await zarr.write(name, ranges, typed(type, values));
}

function typed(type: ZarrArray["type"], values: Float64Array): ZarrData {
  if (type === "int16") return Int16Array.from(values);
  return type === "uint8" ? Uint8Array.from(values) : Float32Array.from(values);
}

async function tileMonths(view: MonthlyView, zarr: ZarrOutput, name: string, tile: Tile): Promise<void> {
  const [nt, cells] = [view.months.length, (tile.rows[1] - tile.rows[0]) * (tile.columns[1] - tile.columns[0])];
  const [means, counts] = [new Float32Array(nt * cells), new Uint8Array(nt * cells)];
  await eachMonth(view, name, tile, ({ month, mean, days }) => {
    means.set(mean, month * cells);
    counts.set(days, month * cells);
  });
  await zarr.write(name, [[0, nt], tile.rows, tile.columns], means);
  await zarr.write(`${name}_days`, [[0, nt], tile.rows, tile.columns], counts);
}

/** Last day after each month: its upper bound. @example monthEnds(view.months)[0] */
export function monthEnds(months: Int32Array): Int32Array {
  return months.map((m) => m + daysInMonth(m));
}
