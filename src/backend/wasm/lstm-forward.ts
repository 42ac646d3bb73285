// The LSTM forward on a slice of the batch. Each day: one product of [x | state] with all weights, then the gates.
// Rows of the batch never meet, so that slices need no barrier.
import { SPARE, cellWidth, gatePlace, gatesWidth, inputsWidth } from "./layout";
import { COLUMNS, rowsTimes } from "./tile";
import { clear, copy, hyperbolic, multiplyAdd, sigmoid, storePart } from "./vector";

/** Packs wIh [4·hidden, input], wHh [4·hidden, hidden] and the bias: the bias as a row of gates, then panels (input + hidden) × 8. */
export function lstmPackForward(task: i32, input: i32, hidden: i32, wIh: usize, wHh: usize, bias: usize, packed: usize): void {
  const width = gatesWidth(hidden);
  const depth = input + hidden;
  const panels = packed + <usize>width * 4;
  clear(packed, width * (1 + depth));
  packGates(packed, 1, hidden, bias, 1);
  packGates(panels, depth, hidden, wIh, input);
  packGates(panels + <usize>(input * COLUMNS) * 4, depth, hidden, wHh, hidden);
}

/** Packs the same for `lstmSlide`: the bias as a row of gates, panels input × 8, then panels hidden × 8. */
export function lstmPackSlide(task: i32, input: i32, hidden: i32, wIh: usize, wHh: usize, bias: usize, packed: usize): void {
  const width = gatesWidth(hidden);
  clear(packed, width * (1 + input + hidden));
  packGates(packed, 1, hidden, bias, 1);
  packGates(packed + <usize>width * 4, input, hidden, wIh, input);
  packGates(packed + <usize>(width * (1 + input)) * 4, hidden, hidden, wHh, hidden);
}

/** w [4·hidden, columns] into panels of `depth` rows, the first `columns` of each; with a depth of 1 they are one row of gates. */
function packGates(panels: usize, depth: i32, hidden: i32, w: usize, columns: i32): void {
  for (let gate = 0; gate < 4; gate++) {
    for (let unit = 0; unit < hidden; unit += 4) {
      const place = gatePlace(gate, unit);
      const lanes = panels + <usize>((place & -COLUMNS) * depth + (place & (COLUMNS - 1))) * 4;
      packRows(lanes, w + <usize>((gate * hidden + unit) * columns) * 4, min(4, hidden - unit), columns);
    }
  }
}

/** n rows of `depth` numbers become lanes of a panel, each number 8 places after the one before. */
export function packRows(to: usize, from: usize, n: i32, depth: i32): void {
  for (let r = 0; r < n; r++, to += 4) {
    for (let k = 0; k < depth; k++, from += 4) store<f32>(to + <usize>(k * COLUMNS) * 4, load<f32>(from));
  }
}

/**
 * Rows [task·slice, …) of all days: x [batch, time, input] → h [batch, last, hidden], the states of the days walked last. For the way
 * back it keeps, first axis the steps taken: gates after their activation, cells (one more: c0), inputs; with `keep` 0 it keeps none
 * and each array has room for one step.
 */
export function lstmForward(task: i32, slice: i32, batch: i32, time: i32, input: i32, hidden: i32, reverse: i32, last: i32, keep: i32, x: usize, packed: usize, h0: usize, c0: usize, h: usize, gates: usize, cells: usize, inputs: usize, scratch: usize): void {
  const begin = task * slice;
  const rows = min(slice, batch - begin);
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
  clear(cell, rows * cellWidth(hidden));
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
      activate(hidden, gate + <usize>m * gateStep, cell + <usize>m * cellStep, after + <usize>m * cellStep, out == 0 ? 0 : out + <usize>(m * last * hidden) * 4, onward == 0 ? 0 : onward + <usize>m * inputStep);
    }
    gate += <usize>(keep * batch) * gateStep;
    cell = after;
    row = next;
  }
}

/** One row of one day: the gates in place of their sums, the cell after, the state to the output and to the next day's input where there is one. */
export function activate(hidden: i32, gates: usize, before: usize, after: usize, h: usize, next: usize): void {
  for (let j = 0; j < hidden; j += 4, gates += 64) {
    const at = <usize>j * 4;
    const i = sigmoid(v128.load(gates)), f = sigmoid(v128.load(gates, 16)), g = hyperbolic(v128.load(gates, 32)), o = sigmoid(v128.load(gates, 48));
    const c = multiplyAdd(f, v128.load(before + at), f32x4.mul(i, g));
    const state = f32x4.mul(o, hyperbolic(c));
    v128.store(gates, i), v128.store(gates, f, 16), v128.store(gates, g, 32), v128.store(gates, o, 48);
    v128.store(after + at, c);
    if (h != 0) storePart(h + at, state, hidden - j);
    if (next != 0) storePart(next + at, state, hidden - j);
  }
}
