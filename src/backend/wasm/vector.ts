// Four floats at a time: what the LSTM and the products need of them. AssemblyScript, not TypeScript: see tsconfig.json here.

// @ts-ignore: decorator
@inline
/** a·b + c: one rounding where the engine has relaxed SIMD, two elsewhere. */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
/** The first n of four floats, the others 0. */
export function loadPart(p: usize, n: i32): v128 {
  if (n >= 4) return v128.load(p);
  let v = f32x4.splat(0);
  if (n > 0) v = f32x4.replace_lane(v, 0, load<f32>(p));
  if (n > 1) v = f32x4.replace_lane(v, 1, load<f32>(p, 4));
  if (n > 2) v = f32x4.replace_lane(v, 2, load<f32>(p, 8));
  return v;
}

// @ts-ignore: decorator
@inline
/** Stores the first n of four floats. */
export function storePart(p: usize, v: v128, n: i32): void {
  if (n >= 4) {
    v128.store(p, v);
    return;
  }
  if (n > 0) store<f32>(p, f32x4.extract_lane(v, 0));
  if (n > 1) store<f32>(p, f32x4.extract_lane(v, 1), 4);
  if (n > 2) store<f32>(p, f32x4.extract_lane(v, 2), 8);
}

/** Copies n floats. */
export function copy(to: usize, from: usize, n: i32): void {
  let k = 0;
  for (; k + 4 <= n; k += 4, to += 16, from += 16) v128.store(to, v128.load(from));
  for (; k < n; k++, to += 4, from += 4) store<f32>(to, load<f32>(from));
}

/** Adds n floats to others. */
export function addTo(to: usize, from: usize, n: i32): void {
  let k = 0;
  for (; k + 4 <= n; k += 4, to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; k < n; k++, to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

// @ts-ignore: decorator
@inline
/** n floats of 0. */
export function clear(to: usize, n: i32): void {
  memory.fill(to, 0, (<usize>n) << 2);
}

// @ts-ignore: decorator
@inline
/** Tiny numbers become 0, NaN stays: wasm cannot tell the processor so, and a vanishing gradient would slow training. */
export function withoutTiny(v: v128): v128 {
  return v128.andnot(v, f32x4.lt(f32x4.abs(v), f32x4.splat(1e-30)));
}

// @ts-ignore: decorator
@inline
/**
 * e^x, relative error below 2e-7; x is held to ±87, NaN stays NaN (pmin and pmax return their first operand unless the second wins).
 * Source: Cephes expf (S. Moshier).
 */
export function exponential(v: v128): v128 {
  let x = f32x4.pmin(f32x4.pmax(v, f32x4.splat(-87)), f32x4.splat(87));
  const shift = f32x4.splat(12582912); // 1.5·2^23: adding it rounds to a whole number, kept in the low bits
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504088896341)), shift);
  const n = f32x4.sub(shifted, shift);
  x = f32x4.add(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let y = f32x4.splat(1.9875691500e-4);
  y = multiplyAdd(y, x, f32x4.splat(1.3981999507e-3));
  y = multiplyAdd(y, x, f32x4.splat(8.3334519073e-3));
  y = multiplyAdd(y, x, f32x4.splat(4.1665795894e-2));
  y = multiplyAdd(y, x, f32x4.splat(1.6666665459e-1));
  y = multiplyAdd(y, x, f32x4.splat(5.0000001201e-1));
  y = f32x4.add(multiplyAdd(f32x4.mul(y, x), x, x), f32x4.splat(1));
  const exponent = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23); // the low bits hold n, modulo 2^23
  return f32x4.mul(y, exponent);
}

// @ts-ignore: decorator
@inline
/** 1 / (1 + e^−x). */
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
/** tanh x, relative error below 3e-7 also near 0. Source: Cephes tanhf. */
export function hyperbolic(x: v128): v128 {
  const one = f32x4.splat(1);
  const z = f32x4.mul(x, x);
  let y = f32x4.splat(-5.70498872745e-3);
  y = multiplyAdd(y, z, f32x4.splat(2.06390887954e-2));
  y = multiplyAdd(y, z, f32x4.splat(-5.37397155531e-2));
  y = multiplyAdd(y, z, f32x4.splat(1.33314422036e-1));
  y = multiplyAdd(y, z, f32x4.splat(-3.33332819422e-1));
  y = multiplyAdd(f32x4.mul(y, z), x, x);
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(exponential(f32x4.add(x, x)), one)));
  return v128.bitselect(y, far, f32x4.lt(z, f32x4.splat(0.390625)));
}
