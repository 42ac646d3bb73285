// Sizes of the LSTM's private arrays, in floats. The TypeScript side asks for them, so that they are written once.
import { COLUMNS, ROWS } from "./tile";

/** Keeps rows of a power of two off one cache set. */
const PAD: i32 = 16;

/** Rows of gate gradients gathered before the weight gradients are updated. */
const BLOCK_ROWS: i32 = 256;

/** A tile that catches partial sums, and a row of zeros. */
export const SPARE: i32 = (ROWS + 1) * COLUMNS;

/** Floats of scratch that a task of a product or of the forward pass needs. */
export function spareSize(): i32 {
  return SPARE;
}

// @ts-ignore: decorator
@inline
/** n filled up to whole tiles. */
export function padded(n: i32): i32 {
  return (n + COLUMNS - 1) & -COLUMNS;
}

/**
 * A row of gates: i, f, g, o of four units, then of the next four, filled up with units that stay 0. So a line of the cache holds what
 * is worked on together, and memory is read in one stream.
 */
export function gatesWidth(hidden: i32): i32 {
  return ((hidden + 3) >> 2) * 16;
}

// @ts-ignore: decorator
@inline
/** Place of a unit's gate in such a row. */
export function gatePlace(gate: i32, unit: i32): i32 {
  return (unit >> 2) * 16 + gate * 4 + (unit & 3);
}

/** A row of cells. */
export function cellWidth(hidden: i32): i32 {
  return padded(hidden);
}

/** A row of inputs: x of the day, then the state before it. */
export function inputsWidth(input: i32, hidden: i32): i32 {
  return padded(input + hidden) + PAD;
}

/** A row of gathered gate gradients. */
export function gradientsWidth(hidden: i32): i32 {
  return gatesWidth(hidden) + PAD;
}

/** Days gathered for one update of the weight gradients. */
export function gatheredDays(slice: i32, time: i32): i32 {
  return max(1, min(time, BLOCK_ROWS / slice));
}

/** Weight gradients of a slice: a row for each gate, then the bias. */
export function sumsSize(input: i32, hidden: i32): i32 {
  return gatesWidth(hidden) * (inputsWidth(input, hidden) + 1);
}

/** Scratch of a slice of the backward pass: a spare tile, the sums, then gathered days and what is carried from day to day. */
export function backwardScratch(slice: i32, time: i32, input: i32, hidden: i32): i32 {
  const gathered = slice * gatheredDays(slice, time);
  return SPARE + gathered * (gradientsWidth(hidden) + inputsWidth(input, hidden)) + slice * (2 * cellWidth(hidden) + 4) + sumsSize(input, hidden);
}
