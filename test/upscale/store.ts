import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseDay } from "../../src/core/days";
import { FLUXES, IGBP, type Flux } from "../../src/core/quantities";
import { coordinateArrays, writeCoordinates } from "../../src/data/grid/coordinates";
import { monthStart } from "../../src/data/grid/cf";
import { createZarr } from "../../src/data/grid/write-zarr";
import type { ZarrArray } from "../../src/data/grid/zarr-output";

/** A small upscaled store in the layout of `upscale`: what a test wants different is said by name. */
export interface SmallStore {
  /** degrees of a cell; the whole globe */
  readonly cell?: number;
  /** latitudes from the south */
  readonly ascending?: boolean;
  /** longitudes from 0 to 360 */
  readonly from0?: boolean;
  readonly first?: string;
  readonly days?: number;
  readonly chunk?: number;
  readonly simulated?: boolean;
  readonly fluxes?: readonly Flux[];
  /** g C m⁻² d⁻¹ at the centre of a cell, NaN = none; `t` is days since the first */
  readonly value?: (flux: Flux, t: number, lat: number, lon: number) => number;
  readonly land?: (lat: number, lon: number) => number;
  readonly igbp?: (lat: number, lon: number) => Partial<Record<(typeof IGBP)[number], number>>;
  /** index into Af, BWh, Dfc */
  readonly koppen?: (lat: number, lon: number) => number;
  readonly dissimilarity?: (lat: number, lon: number) => number;
  readonly reason?: (lat: number, lon: number) => 0 | 1;
  /** standard deviation of members on day `t` */
  readonly spread?: (t: number) => number;
  readonly members?: number;
  readonly kind?: string;
  /** half the width of the 80 % interval; its 90 % interval is missing */
  readonly half?: number;
  readonly member?: (flux: Flux, member: number, month: number, lat: number, lon: number) => number;
}

/** Codes of the stores' Köppen layer. */
export const KOPPEN_CODES = ["Af", "BWh", "Dfc"];

/** Writes a store into a new folder and returns its path. */
export async function writeStore(more: SmallStore = {}): Promise<string> {
  const cell = more.cell ?? 30;
  const [rows, columns, chunk] = [180 / cell, 360 / cell, more.chunk ?? 3];
  const along = (n: number, from: number, step: number): Float64Array => Float64Array.from({ length: n }, (_, i) => from + (i + 0.5) * step);
  const lat = { centres: more.ascending ? along(rows, -90, cell) : along(rows, 90, -cell) };
  const lon = { centres: along(columns, more.from0 ? 0 : -180, cell) };
  const days = { first: parseDay(more.first ?? "2001-01-01"), length: more.days ?? 365 };
  const frame = { lat, lon, days };
  const months = [...new Set(Array.from({ length: days.length }, (_, i) => monthStart(days.first + i)))];
  const fluxes = more.fluxes ?? FLUXES;
  const kind = { kind: more.kind ?? "seed spread" };
  const flux = (name: string, dims: string[], shape: number[], chunks: number[], attributes = {}): ZarrArray => ({ name, dims, shape, chunks, type: "float32", fill: NaN, attributes: { units: "g C m-2 d-1", ...attributes } });
  const layer = (name: string, type: ZarrArray["type"], fill: number, attributes = {}): ZarrArray => ({ name, dims: ["lat", "lon"], shape: [rows, columns], chunks: [chunk, chunk], type, fill, attributes });
  const members = more.members ?? 0;
  const out = await createZarr(path.join(fs.mkdtempSync(path.join(os.tmpdir(), "store-")), "O.zarr"), { Conventions: "CF-1.10", frequency: "day", summary: "daily fluxes", ...(more.simulated ? { simulated: "true" } : {}) }, [
    ...coordinateArrays(frame),
    ...fluxes.map((f) => flux(f.toUpperCase(), ["time", "lat", "lon"], [days.length, rows, columns], [100, chunk, chunk])),
    ...(more.half === undefined ? [] : fluxes.flatMap((f) => [80, 90].flatMap((level) => ["low", "high"].map((end) => flux(`${f.toUpperCase()}_${end}_${level}`, ["time", "lat", "lon"], [days.length, rows, columns], [100, chunk, chunk]))))),
    ...(more.spread ? fluxes.map((f) => flux(`${f.toUpperCase()}_spread`, ["time", "lat", "lon"], [days.length, rows, columns], [100, chunk, chunk], kind)) : []),
    ...(members > 0 ? fluxes.map((f) => flux(`${f.toUpperCase()}_member`, ["member", "month", "lat", "lon"], [members, months.length, rows, columns], [2, 7, chunk, chunk], kind)) : []),
    ...(members > 0 ? [{ name: "month", dims: ["month"], shape: [months.length], chunks: [months.length], type: "int32" as const, fill: -1, attributes: { units: "days since 1970-01-01" } }] : []),
    layer("land_fraction", "float32", NaN),
    ...(more.igbp ? [{ name: "igbp_fraction", dims: ["igbp", "lat", "lon"], shape: [IGBP.length, rows, columns], chunks: [IGBP.length, chunk, chunk], type: "float32" as const, fill: NaN, attributes: { flag_meanings: IGBP.join(" ") } }] : []),
    ...(more.koppen ? [layer("koppen", "int16", -1, { flag_values: [10, 20, 30], flag_meanings: KOPPEN_CODES.join(" ") })] : []),
    ...(more.dissimilarity ? [layer("applicability", "float32", NaN, { threshold: 0.5 })] : []),
    ...(more.reason ? [layer("reason", "uint8", 255, { flag_values: [0, 1], flag_meanings: "predicted no_drivers" })] : []),
  ]);
  await writeCoordinates(out, frame);
  const cells = Array.from(lat.centres).flatMap((y) => Array.from(lon.centres, (x) => [y, x] as const));
  const fill = (of: (lat: number, lon: number) => number): number[] => cells.map(([y, x]) => of(y, x));
  const whole = [[0, rows], [0, columns]] as const;
  const value = more.value ?? (() => 1);
  for (const f of fluxes) {
    await out.write(f.toUpperCase(), [[0, days.length], ...whole], Float32Array.from(Array.from({ length: days.length }, (_, t) => fill((y, x) => value(f, t, y, x))).flat()));
    if (more.spread) await out.write(`${f.toUpperCase()}_spread`, [[0, days.length], ...whole], Float32Array.from(Array.from({ length: days.length }, (_, t) => fill(() => more.spread!(t))).flat()));
    for (const [end, sign] of more.half === undefined ? [] : [["low", -1], ["high", 1]] as const) {
      await out.write(`${f.toUpperCase()}_${end}_80`, [[0, days.length], ...whole], Float32Array.from(Array.from({ length: days.length }, (_, t) => fill((y, x) => value(f, t, y, x) + sign * more.half!)).flat()));
    }
    if (members > 0) await out.write(`${f.toUpperCase()}_member`, [[0, members], [0, months.length], ...whole], Float32Array.from(Array.from({ length: members * months.length }, (_, k) => fill((y, x) => more.member!(f, Math.floor(k / months.length), k % months.length, y, x))).flat()));
  }
  if (members > 0) await out.write("month", [[0, months.length]], Int32Array.from(months));
  await out.write("land_fraction", whole, Float32Array.from(fill(more.land ?? (() => 1))));
  if (more.igbp) await out.write("igbp_fraction", [[0, IGBP.length], ...whole], Float32Array.from(IGBP.flatMap((c) => fill((y, x) => more.igbp!(y, x)[c] ?? 0))));
  if (more.koppen) await out.write("koppen", whole, Int16Array.from(fill((y, x) => (more.koppen!(y, x) + 1) * 10)));
  if (more.dissimilarity) await out.write("applicability", whole, Float32Array.from(fill(more.dissimilarity)));
  if (more.reason) await out.write("reason", whole, Uint8Array.from(fill(more.reason)));
  return out.path;
}
