import { asDay, formatDay } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import type { FilePool } from "./file-pool";
import type { Range } from "./grid";
import type { Held, HeldVariable } from "./held";
import { runsOf, type Placement, type Run } from "./placement";
import type { Tile } from "./predictors";

/** One variable of one file, laid on the grid. */
export interface Part {
  readonly file: string;
  readonly variable: HeldVariable;
  readonly placement: Placement;
  /** first day and number of days; null for a layer without time */
  readonly days: { readonly first: number; readonly length: number } | null;
}

/** A file laid on the grid. */
export interface Placed extends Held {
  readonly placement: Placement;
}

/** Most values that are unpacked at once, unless one stored piece is larger. */
const MOST = 4_000_000;

/**
 * The parts of a variable in order of time, one after the other without a gap.
 * @throws WorkbookError BadDate naming files and days where they overlap or leave a gap, BadFile where some of them have no time
 * @example joinParts("t2m", files).length // a file a year
 */
export function joinParts(name: string, files: readonly Placed[]): Part[] {
  const parts = files.flatMap((held) => held.variables.filter((v) => v.name === name).map((variable): Part => {
    const timed = variable.axes.time !== null && held.days !== null && held.days.length > 0;
    if (timed) checkDaily(held.file, name, held.days!);
    return { file: held.file, variable, placement: held.placement, days: timed ? { first: held.days![0]!, length: held.days!.length } : null };
  })).sort((a, b) => (a.days?.first ?? 0) - (b.days?.first ?? 0));
  for (let i = 1; i < parts.length; i++) {
    const [before, after] = [parts[i - 1]!, parts[i]!];
    const fields = { file: after.file, column: name };
    if (before.days === null || after.days === null) throw new WorkbookError("BadFile", `grid: ${after.file}: ${name}: one file of a layer without time required, found it in ${before.file} too; keep one`, fields);
    const next = before.days.first + before.days.length;
    if (after.days.first < next) throw new WorkbookError("BadDate", `grid: ${after.file}: ${name}: each day once required, found ${date(after.days.first)} in ${before.file} too; keep one of them`, { ...fields, date: date(after.days.first) });
    if (after.days.first > next) throw gap(after.file, name, next, after.days.first);
  }
  return parts;
}

/** Steps must be days without a gap. */
function checkDaily(file: string, name: string, days: Int32Array): void {
  for (let i = 1; i < days.length; i++) if (days[i] !== days[i - 1]! + 1) throw gap(file, name, days[i - 1]! + 1, days[i]!);
}

function gap(file: string, name: string, from: number, to: number): WorkbookError {
  return new WorkbookError("BadDate", `grid: ${file}: ${name}: every day required, found none from ${date(from)} to ${date(to - 1)}; add the days (missing values are NaN, days are not left out)`, { file, column: name, date: date(from) });
}

const date = (day: number): string => formatDay(asDay(day));

/** Values of one variable as a file stores them, and where they belong in a tile. */
export interface Block {
  readonly values: Float64Array;
  /** steps from one to the next in `values` */
  readonly stride: { readonly time: number; readonly row: number; readonly column: number; readonly class: number };
  readonly rows: Run;
  readonly columns: Run;
  /** days since 1970-01-01; of a layer one step, 0 */
  readonly time: Range;
}

/** The cell of a block's row and column in its tile of `width` columns. */
export function cellIn(block: Block, row: number, column: number, width: number): number {
  return (block.rows.at + row * block.rows.step) * width + block.columns.at + column * block.columns.step;
}

/**
 * Reads a variable of a tile piece by piece, a bounded number of values at a time, and hands each to `visit`.
 * @param days first and one past the last day, since 1970-01-01; not regarded for layers
 * @throws WorkbookError BadFile for a piece that cannot be read
 */
export async function readSeries(pool: FilePool, parts: readonly Part[], tile: Tile, days: Range, visit: (block: Block) => void): Promise<void> {
  for (const part of parts) {
    const first = part.days?.first ?? 0;
    const [from, to] = part.days === null ? [0, 1] : [Math.max(days[0], first) - first, Math.min(days[1], first + part.days.length) - first];
    if (from >= to) continue;
    await pool.use(part.file, async (grid) => {
      const variable = await grid.variable(part.variable.name);
      for (const rows of runsOf(part.placement.rows, tile.rows)) {
        for (const columns of runsOf(part.placement.columns, tile.columns)) {
          for (const time of timePieces(part.variable, rows.range, columns.range, [from, to])) {
            const ranges = rangesOf(part.variable, rows.range, columns.range, time);
            const sizes = ranges.map(([a, b]) => b - a);
            const step = (axis: number | null): number => (axis === null ? 0 : sizes.slice(axis + 1).reduce((x, y) => x * y, 1));
            const { axes } = part.variable;
            visit({ values: await variable.read(ranges), stride: { time: step(axes.time), row: step(axes.lat), column: step(axes.lon), class: step(axes.class) }, rows, columns, time: [time[0] + first, time[1] + first] });
          }
        }
      }
    });
  }
}

function rangesOf({ dims, shape, axes }: HeldVariable, rows: Range, columns: Range, time: Range): Range[] {
  return dims.map((_, i) => (i === axes.lat ? rows : i === axes.lon ? columns : i === axes.time ? time : i === axes.class ? [0, shape[i]!] : [0, 1]));
}

/** Whole stored pieces along time, as many at once as stay below the bound; at least one. */
export function timePieces(variable: HeldVariable, rows: Range, columns: Range, [from, to]: Range): Range[] {
  const { axes, chunks, contiguous } = variable;
  if (axes.time === null) return [[from, to]];
  const spanned = ([a, b]: Range, size: number): number => (contiguous ? b - a : Math.ceil(b / size) * size - Math.floor(a / size) * size);
  const piece = contiguous ? 1 : chunks[axes.time]!;
  const values = piece * spanned(rows, chunks[axes.lat]!) * spanned(columns, chunks[axes.lon]!);
  const length = Math.max(1, Math.floor(MOST / values)) * piece;
  const out: Range[] = [];
  for (let at = Math.floor(from / piece) * piece; at < to; at += length) out.push([Math.max(from, at), Math.min(to, at + length)]);
  return out;
}
