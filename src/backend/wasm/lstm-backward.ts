// The LSTM backward on a slice of the batch. Each day: the gates' gradients, then their products with the weights for x and the state
// before; the weight gradients are updated once a block of days.
import { SPARE, cellWidth, gatePlace, gatesWidth, gatheredDays, gradientsWidth, inputsWidth, padded, sumsSize } from "./layout";
import { COLUMNS, ROWS, columnsTimes, rowsTimes } from "./tile";
import { addTo, allZero, clear, copy, hyperbolic, largestOf, loadPart, withoutTiny } from "./vector";

/** A gradient below this share (2^−46, twice the precision of a float) of the largest that came into its row counts as 0. */
const SHARE: f32 = 1.4210854715202004e-14;
/** So does one below this: a processor is slow with smaller numbers. */
const TINY: f32 = 1e-30;

/** Packs columns of wIh, then of wHh: panels (gates' width) × 8; the rows of units that are not there are 0. */
export function lstmPackBackward(task: i32, input: i32, hidden: i32, wIh: usize, wHh: usize, packed: usize): void {
  packColumns(packColumns(packed, wIh, input, hidden), wHh, hidden, hidden);
}

function packColumns(to: usize, w: usize, columns: i32, hidden: i32): usize {
  clear(to, padded(columns) * gatesWidth(hidden));
  for (let column = 0; column < columns; column += COLUMNS) {
    const n = min(COLUMNS, columns - column);
    for (let gate = 0; gate < 4; gate++) {
      for (let unit = 0; unit < hidden; unit++) copy(to + <usize>(gatePlace(gate, unit) * COLUMNS) * 4, w + <usize>((gate * hidden + unit) * columns + column) * 4, n);
    }
    to += <usize>(gatesWidth(hidden) * COLUMNS) * 4;
  }
  return to;
}

/**
 * Rows [task·slice, …): from dh [batch, last, hidden] and what the forward pass kept to dx, dh0, dc0 and, in the slice's
 * scratch, its weight gradients. Gradients fade on their way to the first days: one too small to change a sum that the row's others go
 * into is taken for 0, and a day on which no gate has any costs no product, or nothing where none comes in either.
 */
export function lstmBackward(task: i32, slice: i32, batch: i32, time: i32, input: i32, hidden: i32, reverse: i32, last: i32, packed: usize, gates: usize, cells: usize, inputs: usize, dh: usize, dx: usize, dh0: usize, dc0: usize, scratch: usize, scratchStep: usize): void {
  const begin = task * slice;
  const rows = min(slice, batch - begin);
  const units = padded(hidden);
  const width = gatesWidth(hidden);
  const gateStep = <usize>width * 4, cellStep = <usize>cellWidth(hidden) * 4, inputStep = <usize>inputsWidth(input, hidden) * 4, gradientStep = <usize>gradientsWidth(hidden) * 4;
  const days = gatheredDays(slice, time);
  const spare = scratch + <usize>task * scratchStep;
  const zeros = spare + <usize>(ROWS * COLUMNS) * 4;
  const sums = spare + <usize>SPARE * 4; // first, where the summing finds them whatever the slice's rows
  const dBias = sums + <usize>width * inputStep;
  const gradients = sums + <usize>sumsSize(input, hidden) * 4;
  const gatheredInputs = gradients + <usize>(days * rows) * gradientStep;
  const dState = gatheredInputs + <usize>(days * rows) * inputStep;
  const dCell = dState + <usize>rows * cellStep;
  const largest = dCell + <usize>rows * cellStep;
  clear(zeros, COLUMNS);
  clear(gradients, days * rows * gradientsWidth(hidden));
  clear(dState, 2 * rows * units + 4 * rows);
  clear(sums, sumsSize(input, hidden));
  const stateWeights = packed + <usize>padded(input) * gateStep;
  let gathered = 0;
  let faded = true;
  for (let step = time - 1; step >= 0; step--) {
    const t = reverse ? time - 1 - step : step;
    const today = gradients + <usize>(gathered * rows) * gradientStep;
    const gate = gates + <usize>(step * batch + begin) * gateStep;
    const before = cells + <usize>(step * batch + begin) * cellStep;
    const after = before + <usize>batch * cellStep;
    const given = step >= time - last ? dh + <usize>((begin * last + (reverse ? t : t - time + last)) * hidden) * 4 : 0;
    let any = i32x4.splat(0);
    for (let m = 0; m < rows && faded && given != 0; m++) faded = allZero(given + <usize>(m * last * hidden) * 4, hidden);
    for (let m = 0; m < rows && !faded; m++) {
      const at = <usize>m * cellStep;
      any = v128.or(any, gateGradients(hidden, gate + <usize>m * gateStep, before + at, after + at, given == 0 ? 0 : given + <usize>(m * last * hidden) * 4, dState + at, dCell + at, today + <usize>m * gradientStep, dBias, largest + <usize>m * 16));
    }
    const out = dx + <usize>((begin * time + t) * input) * 4;
    const outStep = <usize>(time * input) * 4;
    if (!v128.any_true(any)) {
      clear(dState, rows * units);
      faded = faded || allZero(dCell, rows * units);
      for (let m = 0; m < rows; m++) clear(out + <usize>m * outStep, input);
    } else {
      for (let m = 0; m < rows; m++) copy(gatheredInputs + <usize>(gathered * rows + m) * inputStep, inputs + <usize>(step * batch + begin + m) * inputStep, input + hidden);
      rowsTimes(rows, input, out, outStep, zeros, 0, 0, today, gradientStep, packed, width, spare);
      rowsTimes(rows, units, dState, cellStep, zeros, 0, 0, today, gradientStep, stateWeights, width, spare);
      gathered++;
    }
    if (gathered == days || (step == 0 && gathered > 0)) {
      columnsTimes(width, padded(input + hidden), sums, inputStep, true, gradients, gradientStep, gatheredInputs, inputStep, gathered * rows, spare);
      gathered = 0;
    }
  }
  for (let m = 0; m < rows; m++) {
    copy(dh0 + <usize>((begin + m) * hidden) * 4, dState + <usize>m * cellStep, hidden);
    copy(dc0 + <usize>((begin + m) * hidden) * 4, dCell + <usize>m * cellStep, hidden);
  }
}

/**
 * One row of one day: the four gates' gradients, the cell's carried on, all added to the bias'. `largest` are four numbers, whose largest
 * is that of the gradients that came into the row. Returns bits that are 0 only if all gradients are.
 */
function gateGradients(hidden: i32, gates: usize, before: usize, after: usize, dh: usize, dState: usize, dCell: usize, out: usize, dBias: usize, largest: usize): v128 {
  const one = f32x4.splat(1);
  let most = v128.load(largest);
  const tiny = f32x4.max(f32x4.splat(TINY), f32x4.mul(f32x4.splat(SHARE), largestOf(most)));
  let any = i32x4.splat(0);
  for (let j = 0; j < hidden; j += 4, gates += 64, out += 64, dBias += 64) {
    const at = <usize>j * 4;
    const i = v128.load(gates), f = v128.load(gates, 16), g = v128.load(gates, 32), o = v128.load(gates, 48);
    const c = hyperbolic(v128.load(after + at));
    let d = v128.load(dState + at);
    if (dh != 0) {
      const given = loadPart(dh + at, hidden - j);
      most = f32x4.pmax(most, f32x4.abs(given)); // NaN does not count
      d = f32x4.add(d, given);
    }
    const dc = f32x4.add(v128.load(dCell + at), f32x4.mul(f32x4.mul(d, o), f32x4.sub(one, f32x4.mul(c, c))));
    const di = withoutTiny(f32x4.mul(f32x4.mul(f32x4.mul(dc, g), i), f32x4.sub(one, i)), tiny);
    const df = withoutTiny(f32x4.mul(f32x4.mul(f32x4.mul(dc, v128.load(before + at)), f), f32x4.sub(one, f)), tiny);
    const dg = withoutTiny(f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g))), tiny);
    const dO = withoutTiny(f32x4.mul(f32x4.mul(f32x4.mul(d, c), o), f32x4.sub(one, o)), tiny);
    v128.store(dCell + at, withoutTiny(f32x4.mul(dc, f), tiny));
    put(out, dBias, di), put(out + 16, dBias + 16, df), put(out + 32, dBias + 32, dg), put(out + 48, dBias + 48, dO);
    any = v128.or(v128.or(any, di), v128.or(v128.or(df, dg), dO));
  }
  v128.store(largest, most);
  return any;
}

// @ts-ignore: decorator
@inline
function put(to: usize, sum: usize, value: v128): void {
  v128.store(to, value);
  v128.store(sum, f32x4.add(v128.load(sum), value));
}

/** The slices' weight gradients added up into dwIh [4·hidden, input], dwHh [4·hidden, hidden] and dBias [4·hidden]; always in the slices' order. */
export function lstmWeightGradients(task: i32, slices: i32, input: i32, hidden: i32, sums: usize, sumsStep: usize, dwIh: usize, dwHh: usize, dBias: usize): void {
  const width = gatesWidth(hidden);
  const step = <usize>inputsWidth(input, hidden) * 4;
  for (let s = 0; s < slices; s++, sums += sumsStep) {
    for (let gate = 0; gate < 4; gate++) {
      for (let unit = 0; unit < hidden; unit++) {
        const place = <usize>gatePlace(gate, unit);
        const from = sums + place * step;
        const row = gate * hidden + unit;
        gather(dBias + <usize>row * 4, sums + <usize>width * step + place * 4, 1, s > 0);
        gather(dwIh + <usize>(row * input) * 4, from, input, s > 0);
        gather(dwHh + <usize>(row * hidden) * 4, from + <usize>input * 4, hidden, s > 0);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function gather(to: usize, from: usize, n: i32, add: bool): void {
  if (add) addTo(to, from, n);
  else copy(to, from, n);
}
