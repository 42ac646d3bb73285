import { nearest } from "../../core/nearest";
import { WorkbookError } from "../../core/errors";
import type { Packing } from "../columns";
import type { Axis } from "./axis";
import type { Channel } from "./channels";
import type { FilePool } from "./file-pool";
import type { Range } from "./grid";
import { readLayers, type GridLayers } from "./layers";
import type { PredictorGrid, Tile, TileDrivers } from "./predictors";
import { cellIn, readSeries, type Block } from "./series";

/** A channel whose numbers were looked at. */
export interface ReadyChannel extends Channel {
  /** how its stored integers become values; null where they are values */
  readonly packed: Packing | null;
}

/** All that a tile is read from. */
export interface TileSource {
  /** the grid, for messages */
  readonly where: string;
  readonly pool: FilePool;
  readonly channels: ReadonlyMap<string, ReadyChannel>;
  readonly refused: ReadonlyMap<string, WorkbookError>;
  readonly layers: GridLayers;
  readonly lat: Axis;
  readonly lon: Axis;
  readonly days: PredictorGrid["days"];
}

/**
 * The reader of a grid's tiles. Besides the drivers it holds one piece of a variable at a time.
 * @example await tileReader(source)({ rows: [0, 30], columns: [0, 30] }, ["ta_degC", "lat"])
 */
export function tileReader(source: TileSource): PredictorGrid["readTile"] {
  return async (tile, channels) => {
    checkTile(source, tile);
    const [first, length] = [source.days.first, source.days.length];
    const width = tile.columns[1] - tile.columns[0];
    const cells = (tile.rows[1] - tile.rows[0]) * width;
    const drivers = new Float32Array(cells * length * channels.length).fill(NaN);
    const changed: { reason: string; cellDays: number }[] = [];
    for (const [k, name] of channels.entries()) {
      if (name === "lat" || name === "lon") {
        fillPosition(drivers, name === "lat" ? (cell) => source.lat.centres[tile.rows[0] + Math.floor(cell / width)]! : (cell) => east(source.lon.centres[tile.columns[0] + (cell % width)]!), length, k, channels.length);
        continue;
      }
      const channel = source.channels.get(name);
      if (channel === undefined) throw source.refused.get(name) ?? new WorkbookError("MissingColumn", `grid: ${source.where}: a channel of the grid required, found ${name}; nearest ${nearest(name, [...source.channels.keys()]).join(", ") || "none"}; open the grid with the channels of the run`, { file: source.where, column: name });
      const convert = converter(channel);
      await readSeries(source.pool, channel.parts, tile, [first, first + length], (block) => place(block, convert.value, drivers, { width, first, length, at: k, channels: channels.length }));
      changed.push(...convert.changed());
    }
    return { drivers, ...(await readLayers(source.pool, source.layers, tile)), ...(changed.length > 0 ? { changed } : {}) };
  };
}

function checkTile({ where, lat, lon }: TileSource, tile: Tile): void {
  const within = ([from, to]: Range, n: number): boolean => Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= n;
  if (within(tile.rows, lat.centres.length) && within(tile.columns, lon.centres.length)) return;
  throw new WorkbookError("BadArgument", `grid: ${where}: a tile within ${lat.centres.length} rows and ${lon.centres.length} columns required, found rows ${tile.rows.join("–")}, columns ${tile.columns.join("–")}; mend the tile`, { file: where });
}

/** Degrees east from −180 to 180, as the sites have them that a model is trained on. */
const east = (lon: number): number => (lon > 180 ? lon - 360 : lon);

function fillPosition(drivers: Float32Array, of: (cell: number) => number, days: number, at: number, channels: number): void {
  for (let cell = 0; cell * days * channels < drivers.length; cell++) {
    const value = of(cell);
    for (let t = 0; t < days; t++) drivers[(cell * days + t) * channels + at] = value;
  }
}

interface Target {
  readonly width: number;
  readonly first: number;
  readonly length: number;
  /** the channel's place */
  readonly at: number;
  readonly channels: number;
}

function place(block: Block, value: (stored: number) => number, drivers: Float32Array, target: Target): void {
  const { values, stride, rows, columns, time } = block;
  for (let r = 0; r < rows.range[1] - rows.range[0]; r++) {
    for (let c = 0; c < columns.range[1] - columns.range[0]; c++) {
      const cell = cellIn(block, r, c, target.width);
      const from = r * stride.row + c * stride.column;
      let to = (cell * target.length + time[0] - target.first) * target.channels + target.at;
      for (let t = 0; t < time[1] - time[0]; t++, to += target.channels) drivers[to] = value(values[from + t * stride.time]!);
    }
  }
}

/** From stored numbers to the channel's unit; what is taken out or changed is counted. */
function converter({ spec, variable, packed, mask, conversion: { scale, offset } }: ReadyChannel): { value(stored: number): number; changed(): NonNullable<TileDrivers["changed"]> } {
  const [low, high] = spec.range;
  let [invalid, zeroed, outside] = [0, 0, 0];
  return {
    value(stored) {
      if (Number.isNaN(stored)) return NaN;
      let value = (mask === null ? stored : stored & mask) * scale + offset;
      if (packed !== null) {
        if (!(value >= packed.valid[0] && value <= packed.valid[1])) {
          invalid++;
          return NaN;
        }
        value *= packed.scale;
      }
      if (value < 0 && value >= variable.zeroFrom) {
        zeroed++;
        value = 0;
      }
      if (value >= low && value <= high) return value;
      outside++;
      return NaN;
    },
    changed: () => [
      { reason: `${spec.name}: fill or outside ${packed?.valid[0]}…${packed?.valid[1]} of the packed product`, cellDays: invalid },
      { reason: `${spec.name}: rounding noise below zero set to 0`, cellDays: zeroed },
      { reason: `${spec.name}: outside ${low}…${high} ${spec.unit}`, cellDays: outside },
    ].filter(({ cellDays }) => cellDays > 0),
  };
}
