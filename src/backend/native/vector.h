// Vectors of the instruction set a file is compiled for, and the two functions an LSTM needs of them.
// No standard library here: an inline function of it, compiled for a newer processor, could be the copy the linker keeps.
#pragma once
#include <cstdint>

namespace {

#if defined(__AVX512F__)
constexpr int W = 16, FORWARD_ROWS = 6, TILE_ROWS = 12;
#elif defined(__AVX2__)
constexpr int W = 8, FORWARD_ROWS = 3, TILE_ROWS = 6;
#elif defined(__aarch64__)
constexpr int W = 4, FORWARD_ROWS = 6, TILE_ROWS = 8;
#else
constexpr int W = 4, FORWARD_ROWS = 3, TILE_ROWS = 6;
#endif

typedef float vec __attribute__((vector_size(4 * W)));
typedef uint32_t bits __attribute__((vector_size(4 * W)));
typedef float unaligned __attribute__((vector_size(4 * W), aligned(4), may_alias));

inline vec splat(float value) { return value - vec{}; }
inline vec load(const float* p) { return *reinterpret_cast<const unaligned*>(p); }
inline void store(float* p, vec v) { *reinterpret_cast<unaligned*>(p) = v; }

// The first n lanes, the others 0.
inline vec load(const float* p, int64_t n) {
  if (n >= W) return load(p);
  vec v{};
  for (int64_t k = 0; k < n; k++) v[k] = p[k];
  return v;
}
inline void store(float* p, vec v, int64_t n) {
  if (n >= W) return store(p, v);
  for (int64_t k = 0; k < n; k++) p[k] = v[k];
}

// e^x, relative error below 2e-7; x is held to ±87, NaN stays NaN.
// Source: Cephes expf (S. Moshier). The comparisons are written so that NaN passes.
inline vec exponential(vec x) {
  x = x < -87.0f ? splat(-87.0f) : x;
  x = x > 87.0f ? splat(87.0f) : x;
  const vec shift = splat(12582912.0f);  // 1.5·2^23: adding it rounds to a whole number, kept in the low bits
  const vec shifted = x * 1.44269504088896341f + shift;
  const vec n = shifted - shift;
  x = x - n * 0.693359375f + n * 2.12194440e-4f;
  vec y = splat(1.9875691500e-4f);
  y = y * x + 1.3981999507e-3f;
  y = y * x + 8.3334519073e-3f;
  y = y * x + 4.1665795894e-2f;
  y = y * x + 1.6666665459e-1f;
  y = y * x + 5.0000001201e-1f;
  y = y * x * x + x + 1.0f;
  const bits exponent = ((bits)shifted + 127u) << 23;  // the low bits hold n, modulo 2^23
  return y * (vec)exponent;
}

inline vec sigmoid(vec x) { return 1.0f / (1.0f + exponential(-x)); }

// tanh x, relative error below 3e-7 also near 0. Source: Cephes tanhf.
inline vec hyperbolic(vec x) {
  const vec z = x * x;
  vec y = splat(-5.70498872745e-3f);
  y = y * z + 2.06390887954e-2f;
  y = y * z - 5.37397155531e-2f;
  y = y * z + 1.33314422036e-1f;
  y = y * z - 3.33332819422e-1f;
  y = y * z * x + x;
  const vec far = 1.0f - 2.0f / (exponential(2.0f * x) + 1.0f);
  return z < 0.390625f ? y : far;
}

}  // namespace
