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
/** Numbers smaller than `tiny` become 0, NaN stays. */
export function withoutTiny(v: v128, tiny: v128): v128 {
  return v128.andnot(v, f32x4.lt(f32x4.abs(v), tiny));
}

// @ts-ignore: decorator
@inline
/** The largest of four numbers, four times. */
export function largestOf(v: v128): v128 {
  const two = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.max(two, v128.shuffle<f32>(two, two, 1, 0, 3, 2));
}

/** Whether n floats are all 0; NaN is not. */
export function allZero(p: usize, n: i32): bool {
  for (let k = 0; k < n; k += 4, p += 16) {
    if (v128.any_true(f32x4.ne(loadPart(p, n - k), f32x4.splat(0)))) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
/**
 * tanh x, within 4e-7 of it relatively; held to ±1 from where the quotient first is ±1; NaN stays NaN (pmin and pmax return their first
 * operand unless the second wins). Source: Eigen's generic_fast_tanh_float, an odd over an even polynomial.
 */
export function hyperbolic(v: v128): v128 {
  const end: f32 = ASC_FEATURE_RELAXED_SIMD ? 7.99881172180175781 : 7.90531110763549805;
  const x = f32x4.pmin(f32x4.pmax(v, f32x4.splat(-end)), f32x4.splat(end));
  const z = f32x4.mul(x, x);
  let p = multiplyAdd(z, f32x4.splat(-2.76076847742355e-16), f32x4.splat(2.00018790482477e-13));
  p = multiplyAdd(z, p, f32x4.splat(-8.60467152213735e-11));
  p = multiplyAdd(z, p, f32x4.splat(5.12229709037114e-8));
  p = multiplyAdd(z, p, f32x4.splat(1.48572235717979e-5));
  p = multiplyAdd(z, p, f32x4.splat(6.37261928875436e-4));
  p = multiplyAdd(z, p, f32x4.splat(4.89352455891786e-3));
  let q = multiplyAdd(z, f32x4.splat(1.19825839466702e-6), f32x4.splat(1.18534705686654e-4));
  q = multiplyAdd(z, q, f32x4.splat(2.26843463243900e-3));
  q = multiplyAdd(z, q, f32x4.splat(4.89352518554385e-3));
  return f32x4.div(f32x4.mul(x, p), q);
}

// @ts-ignore: decorator
@inline
/** 1 / (1 + e^−x) = ½ + ½·tanh(x / 2). */
export function sigmoid(x: v128): v128 {
  const half = f32x4.splat(0.5);
  return multiplyAdd(hyperbolic(f32x4.mul(x, half)), half, half);
}
