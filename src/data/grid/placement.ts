import type { Axis } from "./axis";
import type { Range } from "./grid";

/** Where the cells of a grid lie in a file whose axes run another way: the file's index of each row and column. */
export interface Placement {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/** Cells that follow each other in the grid and in the file. */
export interface Run {
  /** in the file, ascending */
  readonly range: Range;
  /** where the file's first of them lies in the grid's range, and the way to the next */
  readonly at: number;
  readonly step: 1 | -1;
}

/**
 * Lays a file on a grid: the same cells, whichever way latitude runs and wherever longitude begins. Null where the cells differ.
 * @example placeOn(grid, { lat: ascending, lon: from0to360 })
 */
export function placeOn(grid: { readonly lat: Axis; readonly lon: Axis }, file: { readonly lat: Axis; readonly lon: Axis }): Placement | null {
  const rows = matchAxis(grid.lat, file.lat, (degrees) => degrees);
  // degrees east modulo a turn, so that −90 and 270 are one
  const columns = matchAxis(grid.lon, file.lon, (degrees) => ((degrees % 360) + 360) % 360);
  return rows === null || columns === null ? null : { rows, columns };
}

function matchAxis(grid: Axis, file: Axis, normal: (degrees: number) => number): Int32Array | null {
  if (grid.centres.length !== file.centres.length) return null;
  const sorted = (axis: Axis): { at: number; index: number }[] => {
    // what lies a rounding below a whole turn belongs to 0
    const wrapped = Array.from(axis.centres, (c, index) => ({ at: normal(c + tolerance), index }));
    return wrapped.sort((a, b) => a.at - b.at);
  };
  const tolerance = Math.max(1e-4, Math.abs(grid.step) * 0.01);
  const [mine, theirs] = [sorted(grid), sorted(file)];
  const out = new Int32Array(mine.length);
  for (let i = 0; i < mine.length; i++) {
    if (Math.abs(mine[i]!.at - theirs[i]!.at) > tolerance) return null;
    out[mine[i]!.index] = theirs[i]!.index;
  }
  return out;
}

/** Splits a range of the grid into runs of the file. @example runsOf(Int32Array.of(2, 3, 0, 1), [0, 4]).length // 2 */
export function runsOf(map: Int32Array, [from, to]: Range): Run[] {
  const runs: Run[] = [];
  for (let i = from; i < to; ) {
    const step = i + 1 < to && map[i + 1] === map[i]! - 1 ? -1 : 1;
    let end = i + 1;
    while (end < to && map[end] === map[end - 1]! + step) end++;
    runs.push(step === 1 ? { range: [map[i]!, map[end - 1]! + 1], at: i - from, step } : { range: [map[end - 1]!, map[i]! + 1], at: end - 1 - from, step });
    i = end;
  }
  return runs;
}
