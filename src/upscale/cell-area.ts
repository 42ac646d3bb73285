import type { Axis } from "../data/grid/axis";

/** Radius of the sphere that has the area of WGS 84's ellipsoid, m. @source Moritz 2000, Geodetic Reference System 1980, doi:10.1007/s001900050278 */
export const EARTH_RADIUS = 6_371_007.1809;

/** Area of the whole sphere, m². */
export const EARTH_AREA = 4 * Math.PI * EARTH_RADIUS ** 2;

/** m² in a million km². */
export const MKM2 = 1e12;

/** What of an axis areas need. */
export type Centres = Pick<Axis, "centres" | "step">;

const RAD = Math.PI / 180;

/**
 * Lower and upper edge of each cell of an axis, degrees; latitudes end at the poles, so a grid with centres on them has half cells there.
 * @param limit 90 for latitude, Infinity for longitude
 * @example cellEdges({ centres: Float64Array.of(-45, 45), step: 90 }, 90) // [[-90, 0], [0, 90]]
 */
export function cellEdges({ centres, step }: Centres, limit: number): [low: number, high: number][] {
  const half = Math.abs(step) / 2;
  return Array.from(centres, (c) => [Math.max(-limit, c - half), Math.min(limit, c + half)]);
}

/**
 * Area between two latitudes and two longitudes of the sphere, m²: R² Δλ (sin φ₂ − sin φ₁).
 * @source Archimedes' hat-box theorem; Snyder 1987, Map Projections: A Working Manual, USGS PP 1395
 * @example sphereArea([-90, 90], 360) === EARTH_AREA
 */
export function sphereArea([south, north]: readonly [number, number], degrees: number): number {
  return EARTH_RADIUS ** 2 * degrees * RAD * (Math.sin(north * RAD) - Math.sin(south * RAD));
}

/**
 * Area of one cell of each row of a grid, m² `[row]`; all cells of a row are alike.
 * @example cellAreas(grid.lat, grid.lon)[0]
 */
export function cellAreas(lat: Centres, lon: Centres): Float64Array {
  return Float64Array.from(cellEdges(lat, 90), (edges) => sphereArea(edges, Math.abs(lon.step)));
}

/** Part of one interval that lies in another, with its size: difference of sines for latitudes, degrees for longitudes. */
export interface Overlap {
  readonly index: number;
  readonly size: number;
}

/**
 * For each interval of latitude, the others it overlaps, weighed by area: sin φ₂ − sin φ₁ of the common part.
 * @example latitudeOverlaps([[0, 60]], [[0, 30], [30, 90]])[0]!.map((o) => o.size) // [0.5, 0.366]
 */
export function latitudeOverlaps(of: readonly (readonly [number, number])[], others: readonly (readonly [number, number])[]): Overlap[][] {
  return of.map(([south, north]) => others.flatMap(([low, high], index) => {
    const size = Math.sin(Math.min(north, high) * RAD) - Math.sin(Math.max(south, low) * RAD);
    return Math.min(north, high) - Math.max(south, low) > TINY ? [{ index, size }] : [];
  }));
}

/**
 * For each interval of longitude, the others it overlaps, degrees; 350…370 and −10…10 are the same.
 * @example longitudeOverlaps([[-10, 10]], [[340, 360]]) // [[{ index: 0, size: 10 }]]
 */
export function longitudeOverlaps(of: readonly (readonly [number, number])[], others: readonly (readonly [number, number])[]): Overlap[][] {
  return of.map(([west, east]) => others.flatMap(([low, high], index) => {
    const size = [-360, 0, 360].reduce((sum, turn) => sum + Math.max(0, Math.min(east, high + turn) - Math.max(west, low + turn)), 0);
    return size > TINY ? [{ index, size }] : [];
  }));
}

/** Degrees below which an overlap is rounding: coordinates in single precision are off by 1e-5. */
const TINY = 1e-4;
