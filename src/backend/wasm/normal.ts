// A linear layer with BatchNorm and leaky ReLU on every day. Slices are sites, a site's rows side by side; sums over many days are
// taken in double precision, a row of days at a time. `settings` are ε of BatchNorm and the slope of the leaky ReLU.
import { SPARE, padded } from "./layout";
import { columnsTimes, rowsTimes } from "./tile";
import { clear, loadPart, multiplyAdd, storePart } from "./vector";

/** raw [rows, time, width] = x·wᵀ + site, and the slice's sums over days of rows that are present [width]; w packed by `productPack`. */
export function normalRaw(task: i32, slice: i32, sites: i32, each: i32, time: i32, input: i32, width: i32, x: usize, packed: usize, site: usize, present: usize, raw: usize, sums: usize, scratch: usize): void {
  const spare = scratch + <usize>(task * SPARE) * 4;
  const to = sums + <usize>(task * width) * 8;
  clear(to, 2 * width);
  for (let s = task * slice; s < min(sites, (task + 1) * slice); s++) {
    for (let row = s * each; row < (s + 1) * each; row++) {
      const out = raw + <usize>(row * time * width) * 4;
      rowsTimes(time, width, out, <usize>width * 4, site + <usize>(s * width) * 4, 0, 4, x + <usize>(row * time * input) * 4, <usize>input * 4, packed, input, spare);
      if (load<f32>(present + <usize>row * 4) != 0) addDays(time, width, out, 0, to);
    }
  }
}

/** The slice's sums of squares about the mean [width]. */
export function normalSquares(task: i32, slice: i32, sites: i32, each: i32, time: i32, width: i32, raw: usize, present: usize, mean: usize, sums: usize): void {
  const to = sums + <usize>(task * width) * 8;
  clear(to, 2 * width);
  for (let row = task * slice * each; row < min(sites, (task + 1) * slice) * each; row++) {
    if (load<f32>(present + <usize>row * 4) != 0) addDays(time, width, raw + <usize>(row * time * width) * 4, mean, to);
  }
}

/** Adds the days of one row to `to`, or where there is a mean the squares of what they are off it. */
function addDays(time: i32, width: i32, values: usize, mean: usize, to: usize): void {
  for (let j = 0; j < width; j += 4) {
    const n = width - j;
    const m = mean == 0 ? f32x4.splat(0) : loadPart(mean + <usize>j * 4, n);
    let sum = f32x4.splat(0);
    let at = values + <usize>j * 4;
    for (let t = 0; t < time; t++, at += <usize>width * 4) {
      const v = f32x4.sub(loadPart(at, n), m);
      sum = mean == 0 ? f32x4.add(sum, v) : multiplyAdd(v, v, sum);
    }
    addDoubles(to + <usize>j * 8, sum, n);
  }
}

/** Adds the first n of four floats to doubles. */
function addDoubles(to: usize, v: v128, n: i32): void {
  store<f64>(to, load<f64>(to) + <f64>f32x4.extract_lane(v, 0));
  if (n > 1) store<f64>(to, load<f64>(to, 8) + <f64>f32x4.extract_lane(v, 1), 8);
  if (n > 2) store<f64>(to, load<f64>(to, 16) + <f64>f32x4.extract_lane(v, 2), 16);
  if (n > 3) store<f64>(to, load<f64>(to, 24) + <f64>f32x4.extract_lane(v, 3), 24);
}

/** out [width] = the slices' sums [slices, width] / count. */
export function normalShare(task: i32, slices: i32, width: i32, count: i32, sums: usize, out: usize): void {
  for (let l = 0; l < width; l++) {
    let sum: f64 = 0;
    for (let s = 0; s < slices; s++) sum += load<f64>(sums + <usize>(s * width + l) * 8);
    store<f32>(out + <usize>l * 4, <f32>(sum / <f64>count));
  }
}

// @ts-ignore: decorator
@inline
/** 1 / √(variance + ε). */
function reciprocalRoot(variance: usize, n: i32, settings: usize): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(loadPart(variance, n), v128.load32_splat(settings))));
}

/** e = leakyReLU(weight ∘ (raw − mean) / √(variance + ε) + bias). */
export function normalFinish(task: i32, slice: i32, sites: i32, each: i32, time: i32, width: i32, settings: usize, raw: usize, mean: usize, variance: usize, weight: usize, bias: usize, e: usize): void {
  const begin = task * slice * each * time, days = min(sites, (task + 1) * slice) * each * time - begin;
  for (let j = 0; j < width; j += 4) {
    const n = width - j;
    const col = <usize>j * 4;
    const m = loadPart(mean + col, n), b = loadPart(bias + col, n);
    const scale = f32x4.mul(loadPart(weight + col, n), reciprocalRoot(variance + col, n, settings));
    let at = <usize>(begin * width) * 4 + col;
    for (let t = 0; t < days; t++, at += <usize>width * 4) {
      const y = multiplyAdd(f32x4.sub(loadPart(raw + at, n), m), scale, b);
      storePart(e + at, leaky(y, y, settings), n);
    }
  }
}

// @ts-ignore: decorator
@inline
/** d, or slope·d where y is not above 0: the value of the leaky ReLU where d is y, its gradient where d comes from above. */
function leaky(y: v128, d: v128, settings: usize): v128 {
  return v128.bitselect(d, f32x4.mul(d, v128.load32_splat(settings, 4)), f32x4.gt(y, f32x4.splat(0)));
}

/** The slice's sums of g and of g ∘ standardised [2, width], where g is the gradient before the leaky ReLU; g goes to `out` [rows, time, width]. */
export function normalSums(task: i32, slice: i32, sites: i32, each: i32, time: i32, width: i32, settings: usize, raw: usize, mean: usize, variance: usize, weight: usize, bias: usize, de: usize, out: usize, sums: usize): void {
  const to = sums + <usize>(task * 2 * width) * 8;
  clear(to, 4 * width);
  for (let row = task * slice * each; row < min(sites, (task + 1) * slice) * each; row++) {
    for (let j = 0; j < width; j += 4) {
      const n = width - j;
      const col = <usize>j * 4;
      const m = loadPart(mean + col, n), b = loadPart(bias + col, n), w = loadPart(weight + col, n), root = reciprocalRoot(variance + col, n, settings);
      let one = f32x4.splat(0), two = f32x4.splat(0);
      let at = <usize>(row * time * width) * 4 + col;
      for (let t = 0; t < time; t++, at += <usize>width * 4) {
        const standard = f32x4.mul(f32x4.sub(loadPart(raw + at, n), m), root);
        const g = leaky(multiplyAdd(standard, w, b), loadPart(de + at, n), settings);
        storePart(out + at, g, n);
        one = f32x4.add(one, g);
        two = multiplyAdd(g, standard, two);
      }
      addDoubles(to + <usize>j * 8, one, n);
      addDoubles(to + <usize>(width + j) * 8, two, n);
    }
  }
}

/** Floats of scratch of a slice of `normalGradient`. */
export function normalScratch(input: i32, width: i32): i32 {
  return SPARE + input * padded(width);
}

/**
 * Turns g [rows, time, width] into the gradient of the raw values, in place; sums it into dSite [sites, width] and the slice's part of
 * dw [input, width]. `shares` [2, width]: the sums of `normalSums` over the days that count.
 */
export function normalGradient(task: i32, slice: i32, sites: i32, each: i32, time: i32, input: i32, width: i32, settings: usize, x: usize, present: usize, raw: usize, mean: usize, variance: usize, weight: usize, shares: usize, g: usize, dSite: usize, scratch: usize, scratchStep: usize): void {
  const spare = scratch + <usize>task * scratchStep;
  const sums = spare + <usize>SPARE * 4;
  const step = <usize>width * 4;
  clear(sums, input * padded(width));
  clear(dSite + <usize>(task * slice) * step, (min(sites, (task + 1) * slice) - task * slice) * width);
  for (let s = task * slice; s < min(sites, (task + 1) * slice); s++) {
    for (let row = s * each; row < (s + 1) * each; row++) {
      const first = <usize>(row * time) * step;
      const there = f32x4.splat(load<f32>(present + <usize>row * 4) != 0 ? 1 : 0);
      for (let j = 0; j < width; j += 4) {
        const n = width - j;
        const col = <usize>j * 4;
        const m = loadPart(mean + col, n), root = reciprocalRoot(variance + col, n, settings);
        const scale = f32x4.mul(loadPart(weight + col, n), root), one = f32x4.mul(there, loadPart(shares + col, n)), two = f32x4.mul(there, loadPart(shares + step + col, n));
        let sum = loadPart(dSite + <usize>s * step + col, n);
        let at = first + col;
        for (let t = 0; t < time; t++, at += step) {
          const standard = f32x4.mul(f32x4.sub(loadPart(raw + at, n), m), root);
          const d = f32x4.mul(scale, f32x4.sub(f32x4.sub(loadPart(g + at, n), one), f32x4.mul(standard, two)));
          storePart(g + at, d, n);
          sum = f32x4.add(sum, d);
        }
        storePart(dSite + <usize>s * step + col, sum, n);
      }
      columnsTimes(input, width, sums, <usize>padded(width) * 4, true, x + <usize>(row * time * input) * 4, <usize>input * 4, g + first, step, time, spare);
    }
  }
}
