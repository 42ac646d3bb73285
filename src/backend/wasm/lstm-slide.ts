// The last state of many windows over the same days. What the days give to the gates is there already: only the state's product is left.
import { SPARE, cellWidth, gatesWidth } from "./layout";
import { activate } from "./lstm-forward";
import { rowsTimes } from "./tile";
import { clear, copy } from "./vector";

/** Windows that walk their days together: their gates stay in the second cache beside the weights. */
const TOGETHER: i32 = 48;

/** Floats of scratch of a slice. */
export function slideScratch(hidden: i32): i32 {
  return SPARE + TOGETHER * (gatesWidth(hidden) + 2 * cellWidth(hidden));
}

/**
 * Windows [task·slice, …), `time` days from each of `starts` (int32) → h [windows, hidden]; projected [days, gates] = x·W_ihᵀ + bias of
 * each day; panels hidden × 8 as `lstmPackSlide` lays them.
 */
export function lstmSlide(task: i32, slice: i32, windows: i32, time: i32, hidden: i32, starts: usize, projected: usize, panels: usize, h: usize, scratch: usize): void {
  const width = gatesWidth(hidden);
  const gateStep = <usize>width * 4, cellStep = <usize>cellWidth(hidden) * 4;
  const spare = scratch + <usize>(task * slideScratch(hidden)) * 4;
  const gate = spare + <usize>SPARE * 4;
  const cell = gate + <usize>TOGETHER * gateStep;
  const state = cell + <usize>TOGETHER * cellStep;
  const end = min(windows, (task + 1) * slice);
  for (let begin = task * slice; begin < end; begin += TOGETHER) {
    const rows = min(TOGETHER, end - begin);
    clear(cell, rows * cellWidth(hidden));
    for (let day = 0; day < time; day++) {
      for (let m = 0; m < rows; m++) copy(gate + <usize>m * gateStep, projected + <usize>(load<i32>(starts + <usize>(begin + m) * 4) + day) * gateStep, width);
      if (day > 0) rowsTimes(rows, width, gate, gateStep, gate, gateStep, 4, state, cellStep, panels, hidden, spare);
      for (let m = 0; m < rows; m++) {
        const at = <usize>m * cellStep;
        const last = day + 1 == time;
        activate(hidden, gate + <usize>m * gateStep, cell + at, cell + at, last ? h + <usize>((begin + m) * hidden) * 4 : 0, last ? 0 : state + at);
      }
    }
  }
}
