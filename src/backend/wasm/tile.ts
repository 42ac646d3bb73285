// The inner products of everything here: a tile of 6 × 8 sums stays in registers while the depth goes by.
// 12 sums, 2 vectors of b and one number of a are 15 registers, what an x86-64 engine has to give.
import { clear, copy, multiplyAdd } from "./vector";

export const ROWS: i32 = 6;
export const COLUMNS: i32 = 8;

/** Rows and depth that are worked on at a time: with a panel they fill the nearest cache of a processor and no more. */
const BLOCK: i32 = 4 * ROWS;
const DEPTH: i32 = 512;



// @ts-ignore: decorator
@inline
/** c [rows, columns] = from + a·b, or c + a·b where `from` is c: at most 6 × 8. Steps are bytes; `spare` is a tile of scratch. */
export function tile(byRows: bool, rows: i32, columns: i32, c: usize, cStep: usize, from: usize, fromStep: usize, a: usize, aStep: usize, b: usize, bStep: usize, depth: i32, spare: usize): void {
  const whole = rows == ROWS && columns == COLUMNS;
  const to = whole ? c : spare;
  const toStep = whole ? cStep : <usize>COLUMNS * 4;
  if (byRows) sumsOfRows(rows, to, toStep, from, fromStep, a, aStep, b, bStep, depth);
  else sumsOfColumns(rows, to, toStep, from, fromStep, a, aStep, b, bStep, depth);
  if (whole) return;
  for (let r = 0; r < rows; r++) copy(c + <usize>r * cStep, spare + <usize>(r * COLUMNS * 4), columns);
}

/**
 * out [rows, columns] = a [rows, depth] · packed panels + start; of `start` row r begins at start + r·startStep and column j at j·each
 * bytes: a row of numbers is 0 and 4, zeros are 0 and 0.
 */
export function rowsTimes(rows: i32, columns: i32, out: usize, outStep: usize, start: usize, startStep: usize, each: usize, a: usize, aStep: usize, panels: usize, depth: i32, spare: usize): void {
  const panelStep = <usize>(COLUMNS * depth) * 4;
  for (let k = 0; k < depth; k += DEPTH) {
    const deep = min(DEPTH, depth - k);
    for (let block = 0; block < rows; block += BLOCK) {
      const end = min(rows, block + BLOCK);
      let panel = panels + <usize>(COLUMNS * k) * 4;
      for (let column = 0; column < columns; column += COLUMNS, panel += panelStep) {
        const n = min(COLUMNS, columns - column);
        for (let m = block; m < end; m += ROWS) {
          const c = out + <usize>m * outStep + <usize>column * 4;
          const from = k > 0 ? c : start + <usize>m * startStep + <usize>column * each;
          tile(true, min(ROWS, end - m), n, c, outStep, from, k > 0 ? outStep : startStep, a + <usize>m * aStep + <usize>k * 4, aStep, panel, COLUMNS * 4, deep, spare);
        }
      }
    }
  }
}

/** out [rows, columns] = a [depth, rows]ᵀ · b [depth, columns], or added to it. A row of zeros follows the spare tile. */
export function columnsTimes(rows: i32, columns: i32, out: usize, outStep: usize, add: bool, a: usize, aStep: usize, b: usize, bStep: usize, depth: i32, spare: usize): void {
  const zeros = spare + <usize>(ROWS * COLUMNS) * 4;
  clear(zeros, COLUMNS);
  for (let column = 0; column < columns; column += COLUMNS) {
    for (let m = 0; m < rows; m += ROWS) {
      const c = out + <usize>m * outStep + <usize>column * 4;
      tile(false, min(ROWS, rows - m), min(COLUMNS, columns - column), c, outStep, add ? c : zeros, add ? outStep : 0, a + <usize>m * 4, aStep, b + <usize>column * 4, bStep, depth, spare);
    }
  }
}

// @ts-ignore: decorator
@inline
/** Bytes from the first row to row r, or to the last one that is there. */
function at(r: i32, rows: i32, step: usize): usize {
  return <usize>min(r, rows - 1) * step;
}

/** a by rows: a(r, k) at a + r·aStep + 4k; b(k, ·) at b + k·bStep. All six rows are stored: a branch after the loop costs a third of it. */
function sumsOfRows(rows: i32, c: usize, cStep: usize, from: usize, fromStep: usize, a: usize, aStep: usize, b: usize, bStep: usize, depth: i32): void {
  let a0 = a, a1 = a + at(1, rows, aStep), a2 = a + at(2, rows, aStep), a3 = a + at(3, rows, aStep), a4 = a + at(4, rows, aStep), a5 = a + at(5, rows, aStep);
  const f1 = from + at(1, rows, fromStep), f2 = from + at(2, rows, fromStep), f3 = from + at(3, rows, fromStep), f4 = from + at(4, rows, fromStep), f5 = from + at(5, rows, fromStep);
  let x0 = v128.load(from), y0 = v128.load(from, 16);
  let x1 = v128.load(f1), y1 = v128.load(f1, 16);
  let x2 = v128.load(f2), y2 = v128.load(f2, 16);
  let x3 = v128.load(f3), y3 = v128.load(f3, 16);
  let x4 = v128.load(f4), y4 = v128.load(f4, 16);
  let x5 = v128.load(f5), y5 = v128.load(f5, 16);
  for (let k = depth; k > 0; k--) {
    const u = v128.load(b), v = v128.load(b, 16);
    let s = v128.load32_splat(a0);
    x0 = multiplyAdd(s, u, x0);
    y0 = multiplyAdd(s, v, y0);
    s = v128.load32_splat(a1);
    x1 = multiplyAdd(s, u, x1);
    y1 = multiplyAdd(s, v, y1);
    s = v128.load32_splat(a2);
    x2 = multiplyAdd(s, u, x2);
    y2 = multiplyAdd(s, v, y2);
    s = v128.load32_splat(a3);
    x3 = multiplyAdd(s, u, x3);
    y3 = multiplyAdd(s, v, y3);
    s = v128.load32_splat(a4);
    x4 = multiplyAdd(s, u, x4);
    y4 = multiplyAdd(s, v, y4);
    s = v128.load32_splat(a5);
    x5 = multiplyAdd(s, u, x5);
    y5 = multiplyAdd(s, v, y5);
    a0 += 4, a1 += 4, a2 += 4, a3 += 4, a4 += 4, a5 += 4, b += bStep;
  }
  v128.store(c, x0), v128.store(c, y0, 16), c += cStep;
  v128.store(c, x1), v128.store(c, y1, 16), c += cStep;
  v128.store(c, x2), v128.store(c, y2, 16), c += cStep;
  v128.store(c, x3), v128.store(c, y3, 16), c += cStep;
  v128.store(c, x4), v128.store(c, y4, 16), c += cStep;
  v128.store(c, x5), v128.store(c, y5, 16);
}

/** a by columns: a(r, k) at a + 4r + k·aStep. Reads six columns whatever `rows` is: the allocator keeps more than that behind any tensor. */
function sumsOfColumns(rows: i32, c: usize, cStep: usize, from: usize, fromStep: usize, a: usize, aStep: usize, b: usize, bStep: usize, depth: i32): void {
  const f1 = from + at(1, rows, fromStep), f2 = from + at(2, rows, fromStep), f3 = from + at(3, rows, fromStep), f4 = from + at(4, rows, fromStep), f5 = from + at(5, rows, fromStep);
  let x0 = v128.load(from), y0 = v128.load(from, 16);
  let x1 = v128.load(f1), y1 = v128.load(f1, 16);
  let x2 = v128.load(f2), y2 = v128.load(f2, 16);
  let x3 = v128.load(f3), y3 = v128.load(f3, 16);
  let x4 = v128.load(f4), y4 = v128.load(f4, 16);
  let x5 = v128.load(f5), y5 = v128.load(f5, 16);
  for (let k = depth; k > 0; k--) {
    const u = v128.load(b), v = v128.load(b, 16);
    let s = v128.load32_splat(a);
    x0 = multiplyAdd(s, u, x0);
    y0 = multiplyAdd(s, v, y0);
    s = v128.load32_splat(a, 4);
    x1 = multiplyAdd(s, u, x1);
    y1 = multiplyAdd(s, v, y1);
    s = v128.load32_splat(a, 8);
    x2 = multiplyAdd(s, u, x2);
    y2 = multiplyAdd(s, v, y2);
    s = v128.load32_splat(a, 12);
    x3 = multiplyAdd(s, u, x3);
    y3 = multiplyAdd(s, v, y3);
    s = v128.load32_splat(a, 16);
    x4 = multiplyAdd(s, u, x4);
    y4 = multiplyAdd(s, v, y4);
    s = v128.load32_splat(a, 20);
    x5 = multiplyAdd(s, u, x5);
    y5 = multiplyAdd(s, v, y5);
    a += aStep, b += bStep;
  }
  v128.store(c, x0), v128.store(c, y0, 16), c += cStep;
  v128.store(c, x1), v128.store(c, y1, 16), c += cStep;
  v128.store(c, x2), v128.store(c, y2, 16), c += cStep;
  v128.store(c, x3), v128.store(c, y3, 16), c += cStep;
  v128.store(c, x4), v128.store(c, y4, 16), c += cStep;
  v128.store(c, x5), v128.store(c, y5, 16);
}
