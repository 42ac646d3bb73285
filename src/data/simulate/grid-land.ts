import type * as TopojsonModule from "topojson-client";

type Position = readonly number[];
type Shape = { readonly type: "Polygon"; readonly coordinates: Position[][] } | { readonly type: "MultiPolygon"; readonly coordinates: Position[][][] };

/** Lines of sampling a degree of latitude; along longitude the shares are exact. */
const LINES_A_DEGREE = 4;
/** Least share of land that makes a cell land: slivers of coast are left to the sea. */
const LEAST = 0.05;
/** South of this there is ice and no tower: Antarctica is left out, as in the flux products. */
const SOUTH_END = -60;

/**
 * Share of land of each cell `[row, column]`, 0…1, of a global grid of `deg` degrees, from 90° S and 180° W on. Each of at least four lines in a
 * cell (four in a degree) is cut by the coast lines; the lengths over land are exact and weighted by the cosine of latitude.
 * @param detail 110m for coarse work, 50m for the grid itself
 * @source Natural Earth land polygons, by world-atlas 2
 * @example landShares(1, "50m")[(90 + 51) * 360 + 180 + 10] // 1, near 51.5° N 10.5° E
 */
export function landShares(deg: number, detail: "50m" | "110m"): Float32Array {
  const [rows, columns] = [Math.round(180 / deg), Math.round(360 / deg)];
  const perCell = Math.max(4, Math.ceil(deg * LINES_A_DEGREE));
  const lines = rows * perCell;
  const sums = new Float64Array(rows * columns);
  for (const { ring, sign } of coasts(detail)) {
    for (const [line, at] of cuts(ring, lines)) {
      const weight = sign * Math.cos((latitudeOf(line, lines) * Math.PI) / 180);
      const row = sums.subarray(Math.floor(line / perCell) * columns, (Math.floor(line / perCell) + 1) * columns);
      for (let i = 0; i + 1 < at.length; i += 2) addSpan(row, (at[i]! + 180) / deg, (at[i + 1]! + 180) / deg, weight);
    }
  }
  const shares = new Float32Array(rows * columns);
  for (let row = Math.round((90 + SOUTH_END) / deg); row < rows; row++) {
    let whole = 0;
    for (let k = 0; k < perCell; k++) whole += Math.cos((latitudeOf(row * perCell + k, lines) * Math.PI) / 180);
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const share = Math.min(1, sums[i]! / whole);
      shares[i] = share < LEAST ? 0 : share;
    }
  }
  return shares;
}

/** Adds to each cell the part of it between `from` and `to`, counted in cells; beyond the last cell comes the first. */
function addSpan(row: Float64Array, from: number, to: number, weight: number): void {
  const n = row.length;
  for (let c = Math.floor(from); c < to; c++) row[((c % n) + n) % n]! += weight * (Math.min(to, c + 1) - Math.max(from, c));
}

const latitudeOf = (line: number, lines: number): number => -90 + ((line + 0.5) * 180) / lines;

/** Longitudes, ascending, at which a ring crosses each line of latitude; beyond ±180 where it goes over the date line. */
function cuts(ring: readonly Position[], lines: number): Map<number, number[]> {
  const crossings = new Map<number, number[]>();
  const step = 180 / lines;
  let shift = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [x0, y0, y1] = [ring[i]![0]! + shift, ring[i]![1]!, ring[i + 1]![1]!];
    const over = ring[i + 1]![0]! - ring[i]![0]!;
    if (Math.abs(over) > 180) shift -= 360 * Math.sign(over);
    const x1 = ring[i + 1]![0]! + shift;
    const [low, high] = [Math.min(y0, y1), Math.max(y0, y1)];
    for (let line = Math.max(0, Math.ceil((low + 90) / step - 0.5)); line < lines && latitudeOf(line, lines) < high; line++) {
      const x = x0 + ((latitudeOf(line, lines) - y0) / (y1 - y0)) * (x1 - x0);
      crossings.set(line, [...(crossings.get(line) ?? []), x]);
    }
  }
  for (const at of crossings.values()) at.sort((a, b) => a - b);
  return crossings;
}

/** Coast lines; the shores of lakes inside a piece of land count against it. */
function coasts(detail: "50m" | "110m"): { ring: Position[]; sign: 1 | -1 }[] {
  const { feature } = require("topojson-client") as typeof TopojsonModule;
  const atlas = require(`world-atlas/land-${detail}.json`) as Parameters<typeof feature>[0];
  const land = feature(atlas, atlas.objects["land"]!) as unknown as { features: { geometry: Shape }[] };
  const shapes = land.features.map((f) => f.geometry);
  return shapes
    .flatMap((shape) => (shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates))
    .flatMap((polygon) => polygon.map((ring, k) => ({ ring, sign: k === 0 ? (1 as const) : (-1 as const) })))
    .filter(({ ring }) => ring.some(([, lat]) => lat! > SOUTH_END));
}
