// The LSTM forward on a slice of the batch. Each day: one product of [x | state] with all weights, then the gates.
// Rows of the batch never meet, so that slices need no barrier.
import { SPARE, cellWidth, gatesWidth, inputsWidth, padded } from "./layout";
import { COLUMNS, rowsTimes } from "./tile";
import { clear, copy, hyperbolic, multiplyAdd, sigmoid, storePart } from "./vector";

/** Packs wIh [4·hidden, input], wHh [4·hidden, hidden] and the bias: the bias as a row of gates, then panels (input + hidden) × 8. */
export function lstmPackForward(task: i32, input: i32, hidden: i32, wIh: usize, wHh: usize, bias: usize, packed: usize): void {
  const units = padded(hidden);
  const width = gatesWidth(hidden);
  clear(packed, width);
  for (let gate = 0; gate < 4; gate++) copy(packed + <usize>(gate * units) * 4, bias + <usize>(gate * hidden) * 4, hidden);
  let panel = packed + <usize>width * 4;
  for (let column = 0; column < width; column += COLUMNS) {
    const unit = column % units;
    const row = (column / units) * hidden + unit;
    const n = min(COLUMNS, hidden - unit);
    panel = packRows(panel, wIh + <usize>(row * input) * 4, n, input);
    panel = packRows(panel, wHh + <usize>(row * hidden) * 4, n, hidden);
  }
}

/** n ≤ 8 rows of `depth` numbers → depth × 8, rows that are not there as 0. Returns the place behind it. */
export function packRows(to: usize, from: usize, n: i32, depth: i32): usize {
  if (n < COLUMNS) clear(to, depth * COLUMNS);
  const step = <usize>depth * 4;
  for (let r = 0; r < n; r++, from += step) {
    for (let k = 0; k < depth; k++) store<f32>(to + <usize>(k * COLUMNS + r) * 4, load<f32>(from + <usize>k * 4));
  }
  return to + step * COLUMNS;
}

/**
 * Rows [task·slice, …) of all days: x [batch, time, input] → h [batch, last, hidden], the states of the days walked last. For the way
 * back it keeps, first axis the steps taken: gates after their activation, cells (one more: c0), inputs; with `keep` 0 it keeps none
 * and each array has room for one step.
 */
export function lstmForward(task: i32, slice: i32, batch: i32, time: i32, input: i32, hidden: i32, reverse: i32, last: i32, keep: i32, x: usize, packed: usize, h0: usize, c0: usize, h: usize, gates: usize, cells: usize, inputs: usize, scratch: usize): void {
  const begin = task * slice;
  const rows = min(slice, batch - begin);
  const units = padded(hidden);
  const width = gatesWidth(hidden);
  const gateStep = <usize>width * 4;
  const cellStep = <usize>cellWidth(hidden) * 4;
  const inputStep = <usize>inputsWidth(input, hidden) * 4;
  const depth = input + hidden;
  const panels = packed + gateStep;
  const spare = scratch + <usize>(task * SPARE) * 4;
  let gate = gates + <usize>begin * gateStep;
  let cell = cells + <usize>begin * cellStep;
  let row = inputs + <usize>begin * inputStep;
  clear(cell, rows * units);
  for (let m = 0; m < rows; m++) {
    copy(row + <usize>m * inputStep + <usize>input * 4, h0 + <usize>((begin + m) * hidden) * 4, hidden);
    copy(cell + <usize>m * cellStep, c0 + <usize>((begin + m) * hidden) * 4, hidden);
  }
  for (let step = 0; step < time; step++) {
    const t = reverse ? time - 1 - step : step;
    for (let m = 0; m < rows; m++) copy(row + <usize>m * inputStep, x + <usize>(((begin + m) * time + t) * input) * 4, input);
    rowsTimes(rows, width, gate, gateStep, packed, 0, 4, row, inputStep, panels, depth, spare);
    const after = cell + <usize>(keep * batch) * cellStep;
    const next = row + <usize>(keep * batch) * inputStep;
    const out = step >= time - last ? h + <usize>((begin * last + (reverse ? t : t - time + last)) * hidden) * 4 : 0;
    const onward = step + 1 < time ? next + <usize>input * 4 : 0;
    for (let m = 0; m < rows; m++) {
      activate(hidden, units, gate + <usize>m * gateStep, cell + <usize>m * cellStep, after + <usize>m * cellStep, out == 0 ? 0 : out + <usize>(m * last * hidden) * 4, onward == 0 ? 0 : onward + <usize>m * inputStep);
    }
    gate += <usize>(keep * batch) * gateStep;
    cell = after;
    row = next;
  }
}

/** One row of one day: the gates in place of their sums, the cell after, the state to the output and to the next day's input where there is one. */
function activate(hidden: i32, units: i32, gates: usize, before: usize, after: usize, h: usize, next: usize): void {
  const step = <usize>units * 4;
  for (let j = 0; j < hidden; j += 4) {
    const at = <usize>j * 4;
    const g = gates + at;
    const i = sigmoid(v128.load(g)), f = sigmoid(v128.load(g + step)), z = hyperbolic(v128.load(g + 2 * step)), o = sigmoid(v128.load(g + 3 * step));
    const c = multiplyAdd(f, v128.load(before + at), f32x4.mul(i, z));
    const state = f32x4.mul(o, hyperbolic(c));
    v128.store(g, i), v128.store(g + step, f), v128.store(g + 2 * step, z), v128.store(g + 3 * step, o);
    v128.store(after + at, c);
    if (h != 0) storePart(h + at, state, hidden - j);
    if (next != 0) storePart(next + at, state, hidden - j);
  }
}
