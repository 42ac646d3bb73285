import { asDay } from "../../core/days";
import { writeJson, type Json } from "../../core/json";
import { IGBP, KOPPEN_DETAIL } from "../../core/quantities";
import type { TaskContext } from "../../engine/task";
import type { GridFrame } from "../grid/coordinates";
import type { Tile } from "../grid/predictors";
import type { Range } from "../grid/grid";
import { appendToZarr } from "../grid/write-zarr";
import type { ZarrData, ZarrOutput } from "../grid/zarr-output";
import { calendarOf } from "./calendar";
import { GRID_CHANNELS, TILE_CELLS, traitName, TRUE_FLUXES } from "./grid-arrays";
import { liveCell, type CellDays, type CellTime } from "./grid-cell";
import { landShares } from "./grid-land";
import { gridFrameOf, type GridSettings } from "./grid-options";
import { gridWorld, type GridPart, type GridWorld } from "./grid-world";
import { SPIN_UP_DAYS } from "./life";
import { TRAITS } from "./traits";

/** One tile to simulate, over all its days. */
export interface TileTask {
  readonly settings: GridSettings;
  readonly drivers: string;
  readonly truth: string;
  readonly tile: Tile;
}

/** Share of land of every cell that is to be simulated `[row, column]`; cells outside the box are sea. */
export function landOf({ deg, box }: GridSettings, { lat, lon }: GridFrame): Float32Array {
  const shares = landShares(deg, "50m");
  const inside = (x: number, low: number, high: number): boolean => x >= low && x <= high;
  return box === null ? shares : shares.map((share, i) => (inside(lon.centres[i % lon.centres.length]!, box[0], box[2]) && inside(lat.centres[Math.floor(i / lon.centres.length)]!, box[1], box[3]) ? share : 0));
}

/** Tiles that hold land, from the south-west on. @example landTiles(frame, landOf(settings, frame)).length */
export function landTiles({ lat, lon }: GridFrame, land: Float32Array): Tile[] {
  const [ny, nx] = [lat.centres.length, lon.centres.length];
  const along = (n: number): Range[] => Array.from({ length: Math.ceil(n / TILE_CELLS) }, (_, k) => [k * TILE_CELLS, Math.min(n, (k + 1) * TILE_CELLS)]);
  const tiles = along(ny).flatMap((rows) => along(nx).map((columns): Tile => ({ rows, columns })));
  return tiles.filter((tile) => cellsOf(tile).some(({ row, column }) => land[row * nx + column]! > 0));
}

/** Rows and columns of a tile's cells, row by row. */
function cellsOf({ rows, columns }: Tile): { row: number; column: number }[] {
  const out: { row: number; column: number }[] = [];
  for (let row = rows[0]; row < rows[1]; row++) for (let column = columns[0]; column < columns[1]; column++) out.push({ row, column });
  return out;
}

interface Shared {
  readonly frame: GridFrame;
  readonly land: Float32Array;
  readonly world: GridWorld;
  readonly time: CellTime;
}

/**
 * Simulates a tile and writes it to both stores; a task of the engine. What it writes depends on the settings and the tile alone.
 * @returns how many cells hold land
 */
export async function simulateTile({ settings, drivers, truth, tile }: TileTask, { output, keep }: TaskContext): Promise<Json> {
  const { frame, land, world, time } = await keep(`virtual globe ${JSON.stringify(settings)}`, () => share(settings));
  const [seen, known] = await Promise.all([drivers, truth].map((store) => keep(store, () => appendToZarr(store)))) as [ZarrOutput, ZarrOutput];
  const nx = frame.lon.centres.length;
  const cells = cellsOf(tile);
  const days = frame.days.length;
  const layers = new TileLayers(cells.length, days);
  let count = 0;
  cells.forEach(({ row, column }, c) => {
    const fraction = land[row * nx + column]!;
    layers.land[c] = fraction;
    if (fraction === 0) return;
    count++;
    const [lat, lon] = [frame.lat.centres[row]!, frame.lon.centres[column]!];
    const parts = world.partsAt(lat, lon);
    layers.add(c, parts, liveCell(world, lat, lon, parts, time, settings.calibration));
  });
  const place: Range[] = [tile.rows, tile.columns];
  const write = (out: ZarrOutput, all: ReadonlyMap<string, ZarrData>, ahead: readonly Range[]): Promise<void[]> => Promise.all([...all].map(([name, data]) => out.write(name, [...ahead, ...place], data)));
  await write(seen, layers.drivers, [[0, days]]);
  await write(known, layers.fluxes, [[0, days]]);
  await write(known, layers.traits, [[0, IGBP.length]]);
  for (const out of [seen, known]) {
    await out.write("land_fraction", place, layers.land);
    await out.write("koppen", place, layers.koppen);
    await out.write("igbp_fraction", [[0, IGBP.length], ...place], layers.igbp);
  }
  writeJson(output, { cells: count });
  return { cells: count };
}

function share(settings: GridSettings): Shared {
  const frame = gridFrameOf(settings);
  const { first, length } = frame.days;
  const time = { calendar: calendarOf(asDay(first - SPIN_UP_DAYS), asDay(first + length - 1)), spinUp: SPIN_UP_DAYS };
  return { frame, land: landOf(settings, frame), world: gridWorld(settings), time };
}

/** What a tile writes, NaN over the sea: `[time, cell]`, `[igbp, cell]`, `[cell]`. */
class TileLayers {
  readonly drivers: ReadonlyMap<string, Float32Array>;
  readonly fluxes: ReadonlyMap<string, Float32Array>;
  readonly traits: ReadonlyMap<string, Float32Array>;
  readonly land: Float32Array;
  readonly koppen: Int16Array;
  readonly igbp: Float32Array;

  constructor(private readonly cells: number, days: number) {
    const blank = (n: number): Float32Array => new Float32Array(n * cells).fill(NaN);
    this.drivers = new Map(GRID_CHANNELS.map((name) => [name, blank(days)]));
    this.fluxes = new Map(Object.keys(TRUE_FLUXES).map((name) => [name, blank(days)]));
    this.traits = new Map(TRAITS.map((trait) => [traitName(trait), blank(IGBP.length)]));
    this.land = blank(1);
    this.koppen = new Int16Array(cells).fill(-1);
    this.igbp = blank(IGBP.length);
  }

  add(c: number, parts: readonly GridPart[], days: CellDays): void {
    this.koppen[c] = KOPPEN_DETAIL.indexOf(parts[0]!.place.site.koppenDetail);
    for (let k = 0; k < IGBP.length; k++) this.igbp[k * this.cells + c] = 0;
    for (const { igbp, share: fraction, truth } of parts) {
      const at = IGBP.indexOf(igbp) * this.cells + c;
      this.igbp[at] = fraction;
      for (const trait of TRAITS) this.traits.get(traitName(trait))![at] = truth.traits[trait].value;
    }
    for (const [name, layer] of this.drivers) this.lay(layer, c, days.drivers[name]!);
    for (const [name, flux] of Object.entries(TRUE_FLUXES)) this.lay(this.fluxes.get(name)!, c, days[flux]);
  }

  private lay(layer: Float32Array, c: number, values: Float32Array): void {
    for (let i = 0; i < values.length; i++) layer[i * this.cells + c] = values[i]!;
  }
}
