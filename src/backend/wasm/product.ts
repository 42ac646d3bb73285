// A product of two matrices on a slice of its rows.
import { SPARE, padded } from "./layout";
import { packRows } from "./lstm-forward";
import { COLUMNS, ROWS, tile } from "./tile";
import { clear, copy } from "./vector";

/** Depth of one pass: a panel of b and the rows of a tile stay in the nearest cache. */
const DEPTH: i32 = 256;

/** Packs panels [from task·panels] of b [depth, columns], or [columns, depth] when turned, as depth × 8, filled up with 0. */
export function productPack(task: i32, panels: i32, depth: i32, columns: i32, turned: i32, b: usize, packed: usize): void {
  const first = task * panels * COLUMNS;
  let to = packed + <usize>(first * depth) * 4;
  for (let column = first; column < min(columns, first + panels * COLUMNS); column += COLUMNS) {
    const n = min(COLUMNS, columns - column);
    if (turned) {
      if (n < COLUMNS) clear(to, depth * COLUMNS);
      packRows(to, b + <usize>(column * depth) * 4, n, depth);
      to += <usize>(depth * COLUMNS) * 4;
      continue;
    }
    if (n < COLUMNS) clear(to, depth * COLUMNS);
    for (let k = 0; k < depth; k++, to += COLUMNS * 4) copy(to, b + <usize>(k * columns + column) * 4, n);
  }
}

/**
 * Rows [task·slice, …) of c [rows, columns] = a·b + start: a [rows, depth], or [depth, rows] when turned; panels of b begin `panelStep`
 * bytes apart and their rows `bStep`; `start` is a row of numbers, or 0.
 */
export function productRows(task: i32, slice: i32, rows: i32, columns: i32, depth: i32, turned: i32, a: usize, b: usize, bStep: usize, panelStep: usize, start: usize, c: usize, scratch: usize): void {
  const begin = task * slice;
  const end = min(rows, begin + slice);
  const spare = scratch + <usize>(task * SPARE) * 4;
  const zeros = spare + <usize>(ROWS * COLUMNS) * 4;
  const step = <usize>columns * 4;
  clear(zeros, COLUMNS);
  for (let k = 0; k < depth; k += DEPTH) {
    const n = min(DEPTH, depth - k);
    for (let column = 0; column < columns; column += COLUMNS) {
      const panel = b + <usize>(column / COLUMNS) * panelStep + <usize>k * bStep;
      const width = min(COLUMNS, columns - column);
      for (let m = begin; m < end; m += ROWS) {
        const to = c + <usize>m * step + <usize>column * 4;
        const from = k > 0 ? to : start != 0 ? start + <usize>column * 4 : zeros;
        const fromStep = k > 0 ? step : 0;
        if (turned) tile(false, min(ROWS, end - m), width, to, step, from, fromStep, a + <usize>(k * rows + m) * 4, <usize>rows * 4, panel, bStep, n, spare);
        else tile(true, min(ROWS, end - m), width, to, step, from, fromStep, a + <usize>(m * depth + k) * 4, <usize>depth * 4, panel, bStep, n, spare);
      }
    }
  }
}
