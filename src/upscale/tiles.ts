import type { PredictorGrid, Tile } from "../data/grid/predictors";

/** How a grid is cut into tiles, and with them its output into chunks: each tile owns whole chunks. */
export interface TileLayout {
  /** cells of a tile, and of a chunk of the output */
  readonly rows: number;
  readonly columns: number;
  /** days of a chunk of the output */
  readonly days: number;
  /** row by row */
  readonly tiles: readonly Tile[];
}

/** Bytes of drivers that a tile may hold: with the outputs and the network's own, a worker stays under 1 GB whatever the grid and the years. */
const DRIVER_BYTES = 96 * 2 ** 20;
/** More cells than these make no batch larger and lose more work when a worker dies. */
const MOST_CELLS = 1024;
/** Chunks of about this size are quick to read and few in number. */
const CHUNK_BYTES = 2 ** 21;

/**
 * Lays out tiles of at most `cells` cells whose drivers of all years fit in 96 MB, in step with the pieces of the input so that no piece
 * is read more often than it must. Only the grid and the number of channels decide, never the machine: a rerun finds the same tiles.
 * @example layTiles(grid, channels.length).tiles.length
 */
export function layTiles(grid: Pick<PredictorGrid, "lat" | "lon" | "days" | "chunk">, channels: number, cells: number = MOST_CELLS): TileLayout {
  const [height, width] = [grid.lat.centres.length, grid.lon.centres.length];
  const most = Math.max(1, Math.min(cells, Math.floor(DRIVER_BYTES / (4 * channels * grid.days.length))));
  const rows = inStep(grid.chunk.rows, Math.max(1, Math.floor(Math.sqrt(most))), height);
  const columns = inStep(grid.chunk.columns, Math.max(1, Math.floor(most / rows)), width);
  const tiles: Tile[] = [];
  for (let r = 0; r < height; r += rows) {
    for (let c = 0; c < width; c += columns) tiles.push({ rows: [r, Math.min(height, r + rows)], columns: [c, Math.min(width, c + columns)] });
  }
  return { rows, columns, days: Math.min(grid.days.length, Math.max(365, Math.floor(CHUNK_BYTES / (4 * rows * columns)))), tiles };
}

/** At most `most` cells along an axis: whole pieces of the input where they fit, else an even share of one unless that is less than half. */
function inStep(piece: number, most: number, size: number): number {
  if (most >= size) return size;
  if (piece <= most) return most - (most % piece);
  for (let n = most; n > most / 2; n--) if (piece % n === 0) return n;
  return most;
}

/** What a tile is called in logs, files and messages: its first row and column. @example tileName({ rows: [0, 30], columns: [30, 60] }) // "r0c30" */
export function tileName({ rows, columns }: Tile): string {
  return `r${rows[0]}c${columns[0]}`;
}
