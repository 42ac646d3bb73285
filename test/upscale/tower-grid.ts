import * as path from "node:path";
import { channelsOf, columnSpec } from "../../src/core/columns";
import { parseDay } from "../../src/core/days";
import { IGBP, KOPPEN_DETAIL, type Igbp } from "../../src/core/quantities";
import { random } from "../../src/core/random";
import { aSite, towerTable } from "../helpers/tables";
import { coordinateArrays, writeCoordinates } from "../../src/data/grid/coordinates";
import { landArrays } from "../../src/data/grid/land-arrays";
import { createZarr } from "../../src/data/grid/write-zarr";
import type { ZarrArray } from "../../src/data/grid/zarr-output";
import { train } from "../../src/run/train";
import { scratch } from "../helpers/cli";

/** The tower channels that lie in a grid's files. */
export const CHANNELS = channelsOf("tower").filter((c) => c !== "lat" && c !== "lon");

/** A small grid of tower drivers: what a test wants different is said by name. */
export interface TowerGrid {
  readonly rows?: number;
  readonly columns?: number;
  readonly days?: number;
  readonly chunk?: number;
  /** the same places from south to north */
  readonly ascending?: boolean;
  /** false: leave the channel out */
  readonly has?: (channel: string) => boolean;
  /** NaN where a driver is missing; `value` is what stands there otherwise */
  readonly value?: (channel: string, cell: number, day: number, value: number) => number;
  readonly land?: (cell: number) => number;
  readonly igbp?: (cell: number) => Partial<Record<Igbp, number>>;
  readonly units?: Readonly<Record<string, string>>;
}

/** Classes of a cell that the test does not choose: half forest, a third crop, little grass. */
const MIXED: Partial<Record<Igbp, number>> = { ENF: 0.6, CRO: 0.37, GRA: 0.03 };

/** Writes a grid from 2001-01-01, the same for the same options, and returns its path. */
export async function towerGrid({ rows = 4, columns = 6, days = 120, chunk = 2, ascending = false, ...own }: TowerGrid = {}, file = path.join(scratch("grid"), "G.zarr")): Promise<string> {
  const frame = { lat: { centres: Float64Array.from({ length: rows }, (_, i) => 52 - 2 * (ascending ? rows - 1 - i : i)) }, lon: { centres: Float64Array.from({ length: columns }, (_, i) => 2 + 2 * i) }, days: { first: parseDay("2001-01-01"), length: days } };
  const cells = rows * columns;
  const channels = CHANNELS.filter((c) => own.has?.(c) ?? true);
  const arrays = channels.map((name): ZarrArray => ({
    name, dims: ["time", "lat", "lon"], shape: [days, rows, columns], chunks: [60, chunk, chunk], type: "float32", fill: NaN,
    attributes: { units: own.units?.[name] ?? columnSpec(name)!.unit, long_name: name },
  }));
  const out = await createZarr(file, { Conventions: "CF-1.10", simulated: "true" }, [...coordinateArrays(frame), ...arrays, ...landArrays([rows, columns], [chunk, chunk])]);
  await writeCoordinates(out, frame);
  // cells are counted from the north-west, whatever way they are stored
  const cellAt = (i: number): number => (ascending ? (rows - 1 - Math.floor(i / columns)) * columns + (i % columns) : i);
  const truth = towerTable(Array.from({ length: cells }, (_, i) => aSite(`C${String(i).padStart(3, "0")}`)), days, 7);
  for (const name of channels) {
    const values = truth.rows.column(name) as unknown as Float32Array;
    const data = new Float32Array(days * cells);
    for (let i = 0; i < cells; i++) {
      const cell = cellAt(i);
      for (let d = 0; d < days; d++) data[d * cells + i] = own.value ? own.value(name, cell, d, values[cell * days + d]!) : values[cell * days + d]!;
    }
    await out.write(name, [[0, days], [0, rows], [0, columns]], data);
  }
  const all: readonly [number, number][] = [[0, rows], [0, columns]];
  await out.write("land_fraction", all, Float32Array.from({ length: cells }, (_, i) => own.land?.(cellAt(i)) ?? 1));
  await out.write("igbp_fraction", [[0, IGBP.length], ...all], Float32Array.from({ length: IGBP.length * cells }, (_, k) => (own.igbp?.(cellAt(k % cells)) ?? MIXED)[IGBP[Math.floor(k / cells)]!] ?? 0));
  await out.write("koppen", all, Int16Array.from({ length: cells }, (_, i) => (cellAt(i) % 2 === 0 ? KOPPEN_DETAIL.indexOf("Dfb") : KOPPEN_DETAIL.indexOf("Cfb"))));
  return file;
}

/** What a small run of towers of the same kind is trained by, in seconds. */
export function towerTraining(config: object = {}): Parameters<typeof train>[0] {
  const r = random(3, "places");
  const sites = Array.from({ length: 10 }, (_, i) => aSite(`S${i}`, { lat: 42 + i + 0.2 * r.uniform(), lon: 3 + i, igbp: i % 2 ? "CRO" : "ENF", koppen: i % 3 ? "D" : "C", koppenDetail: i % 3 ? "Dfb" : "Cfb" }));
  const split = { train: sites.slice(0, 8).map((s) => s.site), test: ["S8", "S9"] };
  return { table: towerTable(sites, 240), out: path.join(scratch("run"), "run"), config: { model: "tamrl", split, epochs: 2, hidden: 8, latent: 4, batch: 64, window: 30, stride: 15, ...config } };
}

/** Trains it. */
export async function towerRun(config: object = {}): Promise<string> {
  const options = towerTraining(config);
  await train(options);
  return options.out;
}
