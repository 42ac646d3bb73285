// What surrounds the LSTM, day by day: a linear layer with modulation, modulation with dropout, Adam. Slices are rows of the batch.
import { SPARE, padded } from "./layout";
import { columnsTimes, rowsTimes } from "./tile";
import { addTo, clear, loadPart, multiplyAdd, storePart } from "./vector";

/** y [batch, time, hidden] = scale ∘ (x·wᵀ + b) + shift of each row, or x·wᵀ + b where scale is 0; w packed by `productPack`. */
export function embed(task: i32, slice: i32, batch: i32, time: i32, input: i32, hidden: i32, x: usize, packed: usize, b: usize, scale: usize, shift: usize, y: usize, scratch: usize): void {
  const spare = scratch + <usize>(task * SPARE) * 4;
  const step = <usize>hidden * 4;
  for (let row = task * slice; row < min(batch, (task + 1) * slice); row++) {
    const out = y + <usize>(row * time) * step;
    rowsTimes(time, hidden, out, step, b, 0, 4, x + <usize>(row * time * input) * 4, <usize>input * 4, packed, input, spare);
    if (scale != 0) film(time, hidden, out, scale + <usize>row * step, shift + <usize>row * step, 0, out);
  }
}

/** Floats of scratch of a slice of `embedGradient`: one row's product, then the slice's sums and the bias' under them. */
export function embedScratch(input: i32, hidden: i32): i32 {
  return SPARE + (2 * input + 1) * padded(hidden);
}

/** Floats of a slice's sums, which lie at the end of that scratch. */
export function embedSums(input: i32, hidden: i32): i32 {
  return (input + 1) * padded(hidden);
}

/**
 * From dy to dScale and dShift [batch, hidden] and the slice's part of dw and db. Nothing is recomputed: with G = xᵀ·dy of a row,
 * dScale = Σₖ wₖ ∘ Gₖ + b ∘ Σ dy and dw += scale ∘ G.
 */
export function embedGradient(task: i32, slice: i32, batch: i32, time: i32, input: i32, hidden: i32, x: usize, packed: usize, b: usize, scale: usize, dy: usize, dScale: usize, dShift: usize, scratch: usize, scratchStep: usize): void {
  const spare = scratch + <usize>task * scratchStep;
  const width = <usize>padded(hidden) * 4;
  const product = spare + <usize>SPARE * 4;
  const sums = product + <usize>input * width;
  clear(sums, (input + 1) * padded(hidden));
  const step = <usize>hidden * 4;
  for (let row = task * slice; row < min(batch, (task + 1) * slice); row++) {
    const d = dy + <usize>(row * time) * step;
    const toScale = dScale + <usize>row * step, toShift = dShift + <usize>row * step;
    sumDays(time, hidden, d, toShift);
    columnsTimes(input, hidden, product, width, false, x + <usize>(row * time * input) * 4, <usize>input * 4, d, step, time, spare);
    for (let j = 0; j < hidden; j += 4) {
      const at = <usize>j * 4;
      const n = hidden - j;
      const s = scale == 0 ? f32x4.splat(1) : loadPart(scale + <usize>row * step + at, n);
      const sum = loadPart(toShift + at, n);
      let ofScale = f32x4.mul(loadPart(b + at, n), sum);
      let w = packed + <usize>((j >> 3) * input * 8 + (j & 7)) * 4;
      let from = product + at, to = sums + at;
      for (let k = 0; k < input; k++, w += 32, from += width, to += width) {
        const g = v128.load(from);
        ofScale = multiplyAdd(v128.load(w), g, ofScale);
        v128.store(to, multiplyAdd(s, g, v128.load(to)));
      }
      v128.store(to, multiplyAdd(s, sum, v128.load(to)));
      storePart(toScale + at, ofScale, n);
    }
  }
}

/** The slices' sums [input, hidden] added up and turned: dw [hidden, input]; and db [hidden] where it is asked for. */
export function turnedSums(task: i32, slices: i32, input: i32, hidden: i32, sums: usize, sumsStep: usize, dw: usize, db: usize): void {
  const width = padded(hidden);
  for (let s = 1; s < slices; s++) addTo(sums, sums + <usize>s * sumsStep, (db == 0 ? input : input + 1) * width);
  for (let h = 0; h < hidden; h++) {
    for (let k = 0; k < input; k++) store<f32>(dw + <usize>(h * input + k) * 4, load<f32>(sums + <usize>(k * width + h) * 4));
    if (db != 0) store<f32>(db + <usize>h * 4, load<f32>(sums + <usize>(input * width + h) * 4));
  }
}

/** y = mask ∘ (scale ∘ x + shift) of rows [task·slice, …); x, mask and y [batch, time, hidden]; mask may be 0. */
export function modulate(task: i32, slice: i32, batch: i32, time: i32, hidden: i32, x: usize, scale: usize, shift: usize, mask: usize, y: usize): void {
  const step = <usize>hidden * 4;
  for (let row = task * slice; row < min(batch, (task + 1) * slice); row++) {
    const at = <usize>(row * time) * step;
    film(time, hidden, x + at, scale + <usize>row * step, shift + <usize>row * step, mask == 0 ? 0 : mask + at, y + at);
  }
}

/** The gradient of `modulate`: dx, dScale and dShift. */
export function modulateGradient(task: i32, slice: i32, batch: i32, time: i32, hidden: i32, x: usize, scale: usize, mask: usize, dy: usize, dx: usize, dScale: usize, dShift: usize): void {
  const step = <usize>hidden * 4;
  for (let row = task * slice; row < min(batch, (task + 1) * slice); row++) {
    for (let j = 0; j < hidden; j += 4) {
      const n = hidden - j;
      const place = <usize>(row * hidden + j) * 4;
      const s = loadPart(scale + place, n);
      let ofScale = f32x4.splat(0), ofShift = f32x4.splat(0);
      let at = <usize>(row * time * hidden + j) * 4;
      for (let t = 0; t < time; t++, at += step) {
        let g = loadPart(dy + at, n);
        if (mask != 0) g = f32x4.mul(g, loadPart(mask + at, n));
        storePart(dx + at, f32x4.mul(g, s), n);
        ofScale = multiplyAdd(g, loadPart(x + at, n), ofScale);
        ofShift = f32x4.add(ofShift, g);
      }
      storePart(dScale + place, ofScale, n);
      storePart(dShift + place, ofShift, n);
    }
  }
}

/** One row: y [time, hidden] = mask ∘ (scale ∘ x + shift); y may be x. */
function film(time: i32, hidden: i32, x: usize, scale: usize, shift: usize, mask: usize, y: usize): void {
  const step = <usize>hidden * 4;
  for (let j = 0; j < hidden; j += 4) {
    const n = hidden - j;
    let at = <usize>j * 4;
    const s = loadPart(scale + at, n), b = loadPart(shift + at, n);
    for (let t = 0; t < time; t++, at += step) {
      let v = multiplyAdd(s, loadPart(x + at, n), b);
      if (mask != 0) v = f32x4.mul(v, loadPart(mask + at, n));
      storePart(y + at, v, n);
    }
  }
}

/** to [hidden] = the sum of d [time, hidden] over days. */
function sumDays(time: i32, hidden: i32, d: usize, to: usize): void {
  const step = <usize>hidden * 4;
  for (let j = 0; j < hidden; j += 4) {
    const n = hidden - j;
    let at = d + <usize>j * 4;
    let sum = f32x4.splat(0);
    for (let t = 0; t < time; t++, at += step) sum = f32x4.add(sum, loadPart(at, n));
    storePart(to + <usize>j * 4, sum, n);
  }
}

/** One step of Adam for one parameter of n numbers: rates are β₁, 1 − β₁, β₂, 1 − β₂, ε, rate, root correction, keep. */
export function adam(task: i32, n: i32, rates: usize, p: usize, g: usize, m: usize, v: usize, pNew: usize, mNew: usize, vNew: usize): void {
  const beta1 = v128.load32_splat(rates), rest1 = v128.load32_splat(rates, 4), beta2 = v128.load32_splat(rates, 8), rest2 = v128.load32_splat(rates, 12);
  const eps = v128.load32_splat(rates, 16), rate = v128.load32_splat(rates, 20), correction = v128.load32_splat(rates, 24), keep = v128.load32_splat(rates, 28);
  for (let k = 0; k < n; k += 4) {
    const at = <usize>k * 4, left = n - k;
    const gradient = loadPart(g + at, left);
    const mean = f32x4.add(f32x4.mul(beta1, loadPart(m + at, left)), f32x4.mul(rest1, gradient));
    const square = f32x4.add(f32x4.mul(beta2, loadPart(v + at, left)), f32x4.mul(rest2, f32x4.mul(gradient, gradient)));
    const root = f32x4.add(f32x4.div(f32x4.sqrt(square), correction), eps);
    const next = f32x4.sub(f32x4.mul(keep, loadPart(p + at, left)), f32x4.div(f32x4.mul(rate, mean), root));
    storePart(mNew + at, mean, left), storePart(vNew + at, square, left), storePart(pNew + at, next, left);
  }
}
