import type { Day } from "../../core/days";
import type { WorkbookError } from "../../core/errors";
import type { KoppenDetail, Physical } from "../../core/quantities";
import type { Preparation } from "../preparation";
import type { Axis } from "./axis";
import type { Range } from "./grid";

/** A rectangle of cells of a grid; the unit of upscaling, over all its days. */
export interface Tile {
  readonly rows: Range;
  readonly columns: Range;
}

/** What a model needs to know of the cells of one tile. Cells run row by row, as the grid stores them. */
export interface TileDrivers {
  /** `[cell, time, channel]`, in the canonical unit of each channel, NaN = missing */
  readonly drivers: Physical<Float32Array>;
  /** `[cell]`, share of the cell that is land, 0…1 */
  readonly landFraction: Float32Array;
  /** `[cell, igbp]`, share of each class in the cell's land, in the order of IGBP; sums to at most 1, the rest is unknown */
  readonly igbp: Float32Array;
  /** `[cell]` */
  readonly koppen: readonly (KoppenDetail | null)[];
  /** values that were taken out or changed, by reason; absent where there are none */
  readonly changed?: readonly { readonly reason: string; readonly cellDays: number }[];
}

/** Drivers of every cell of a region, every day, whatever files they come from. Whoever opens it closes it. */
export interface PredictorGrid {
  readonly path: string;
  /** as stored: ascending or descending latitude, −180…180 or 0…360 longitude */
  readonly lat: Axis;
  readonly lon: Axis;
  /** gapless daily axis */
  readonly days: { readonly first: Day; readonly length: number };
  /** canonical channels that the grid can serve, lat and lon among them */
  readonly channels: readonly string[];
  /** cells of one stored piece: a tile of a multiple of it reads nothing twice */
  readonly chunk: { readonly rows: number; readonly columns: number };
  /** made from a virtual world, so that everything made of it says so */
  readonly simulated: boolean;
  /** what identifies the data, for provenance and for telling whether an unfinished output belongs to it */
  readonly identity: string;
  /**
   * Reads one tile.
   * @throws WorkbookError BadFile for a piece that cannot be read, naming it, MissingColumn for a channel it does not serve
   */
  readTile(tile: Tile, channels: readonly string[]): Promise<TileDrivers>;
  close(): void;
}

/** Which variable of which files a channel is read from. */
export interface ChannelSource {
  readonly channel: string;
  readonly variable: string;
  /** as the files say it */
  readonly unit: string;
  /** their names, the earliest first */
  readonly files: readonly string[];
}

/** A grid as `openPredictors` found it, with what it cannot serve and why. */
export interface OpenedPredictors extends PredictorGrid {
  readonly sources: readonly ChannelSource[];
  /** how the satellite channels were prepared, as the files' attribute `satellite_preparation` or the grid description says; null where neither does */
  readonly preparation: Preparation | null;
  /** channels that have a variable which cannot be used */
  readonly refused: ReadonlyMap<string, WorkbookError>;
  /** every variable that lies on the grid */
  readonly variables: readonly string[];
  /** layers without time besides land */
  readonly layers: { readonly igbp: boolean; readonly koppen: boolean };
  /** what a user should know, a sentence each: a shorter common period, numbers taken as packed */
  readonly notes: readonly string[];
}
