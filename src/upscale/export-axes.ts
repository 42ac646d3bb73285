import { WorkbookError } from "../core/errors";
import type { Axis } from "../data/grid/axis";
import type { Range } from "../data/grid/grid";
import type { MonthlyView } from "./monthly-view";

/** An axis as X-BASE lays it, and where each stored cell goes. */
export interface LaidAxis {
  /** degrees, as written */
  readonly centres: Float64Array;
  /** place of each stored cell `[index]` */
  readonly place: Int32Array;
}

/**
 * Latitudes from north to south and longitudes from −180°, as X-BASE has them. A part of the globe across the date line stays as it is.
 * @source Nelson, Walther et al. 2024, doi:10.5194/bg-21-5079-2024
 * @example layAxes(view).lat.centres[0] // 89.5
 */
export function layAxes({ lat, lon }: Pick<MonthlyView, "lat" | "lon">): { lat: LaidAxis; lon: LaidAxis } {
  const whole = Math.abs(lon.centres.length * Math.abs(lon.step) - 360) < 1e-3;
  const wrap = whole || lon.centres.every((x) => x > 180);
  return { lat: sorted(lat.centres, -1), lon: sorted(lon.centres.map((x) => (wrap && x > 180 - 1e-6 ? x - 360 : x)), 1) };
}

function sorted(centres: Float64Array, sign: 1 | -1): LaidAxis {
  const order = [...centres.keys()].sort((a, b) => sign * (centres[a]! - centres[b]!));
  const place = new Int32Array(centres.length);
  order.forEach((index, at) => (place[index] = at));
  return { centres: Float64Array.from(order, (i) => centres[i]!), place };
}

/** A block of cells with its rows and columns as they are written. */
export interface Block {
  readonly rows: Range;
  readonly columns: Range;
  readonly values: Float32Array;
}

/**
 * Turns the values of one tile `[row, column]` into blocks of the laid grid: one, or two where the tile crosses the date line.
 * @example layTile(axes, tile, mean)[0].rows
 */
export function layTile(axes: { readonly lat: LaidAxis; readonly lon: LaidAxis }, tile: { readonly rows: Range; readonly columns: Range }, values: ArrayLike<number>): Block[] {
  const width = tile.columns[1] - tile.columns[0];
  const rows = axes.lat.place.subarray(...tile.rows);
  const top = rows.reduce((a, b) => Math.min(a, b));
  return runs(axes.lon.place.subarray(...tile.columns)).map(([from, to]): Block => {
    const left = Math.min(axes.lon.place[tile.columns[0] + from]!, axes.lon.place[tile.columns[0] + to - 1]!);
    const block = new Float32Array(rows.length * (to - from));
    for (let r = 0; r < rows.length; r++) {
      for (let c = from; c < to; c++) block[(rows[r]! - top) * (to - from) + axes.lon.place[tile.columns[0] + c]! - left] = values[r * width + c]!;
    }
    return { rows: [top, top + rows.length], columns: [left, left + to - from], values: block };
  });
}

/** Stretches in which places follow each other, up or down. */
function runs(places: Int32Array): Range[] {
  const cuts = [...places.keys()].filter((i) => i > 0 && Math.abs(places[i]! - places[i - 1]!) !== 1);
  return [0, ...cuts].map((from, k): Range => [from, cuts[k] ?? places.length]);
}

/**
 * The resolution as X-BASE's file names have it: hundredths of a degree, three digits.
 * @throws WorkbookError BadFile for cells that are not square, or no whole hundredths of a degree below 10°
 * @example resolutionName(view) // "050" for half a degree
 */
export function resolutionName({ path, lat, lon }: Pick<MonthlyView, "path"> & { readonly lat: Pick<Axis, "step">; readonly lon: Pick<Axis, "step"> }): string {
  const [y, x] = [100 * Math.abs(lat.step), 100 * Math.abs(lon.step)];
  if (Math.abs(y - x) > 0.01 || Math.abs(y - Math.round(y)) > 0.01 || Math.round(y) < 1 || Math.round(y) > 999) {
    throw new WorkbookError("BadFile", `export: ${path}: square cells of whole hundredths of a degree below 10° are required by X-BASE's file names, found ${(y / 100).toFixed(4)}° × ${(x / 100).toFixed(4)}°; write a Zarr store of the months instead: monthly O.zarr --zarr M.zarr`, { file: path });
  }
  return String(Math.round(y)).padStart(3, "0");
}
