// Products on tiles held in registers, for the files that are compiled once for each instruction set.
#pragma once
#include <cstddef>

#include "vector.h"

// Before a loop whose writes touch nothing that it reads elsewhere: too many arrays for the compiler to find out.
#if defined(__clang__)
#define TAM_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define TAM_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace {

constexpr int NR = 2 * W;              // columns of a tile of products
constexpr int64_t PAD = 16;            // keeps rows of a power of two off one cache set

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t blocks(int64_t n, int64_t size) { return (n + size - 1) / size; }
int64_t padded(int64_t n, int64_t size) { return blocks(n, size) * size; }
void copy(float* to, const float* from, int64_t n) { __builtin_memcpy(to, from, n * sizeof(float)); }
void clear(float* to, int64_t n) { __builtin_memset(to, 0, n * sizeof(float)); }

// acc[r][v] += Σ_k a(r, k) · b(k, v), b packed as k × (V·W); a(r, k) = a[r·rowStep + k·depthStep].
template <int R, int V>
inline __attribute__((always_inline)) void accumulate(vec (&acc)[R][V], const float* a, int64_t rowStep, int64_t depthStep, const float* b, int64_t bStep, int64_t depth) {
  for (int64_t k = 0; k < depth; k++) {
    vec column[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; v++) column[v] = load(b + v * W);
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
      const vec s = splat(a[r * rowStep]);
#pragma GCC unroll 16
      for (int v = 0; v < V; v++) acc[r][v] += s * column[v];
    }
    a += depthStep;
    b += bStep;
  }
}

// C (R × n of NR columns) = A·B, or += A·B, on dense rows of C.
template <int R>
void tile(float* c, int64_t cStep, int64_t n, bool add, const float* a, int64_t rowStep, int64_t depthStep, const float* b, int64_t bStep, int64_t depth) {
  vec acc[R][2];
  for (int r = 0; r < R; r++)
    for (int v = 0; v < 2; v++) acc[r][v] = add ? load(c + r * cStep + v * W) : vec{};
  accumulate<R, 2>(acc, a, rowStep, depthStep, b, bStep, depth);
  for (int r = 0; r < R; r++) {
    store(c + r * cStep, acc[r][0], n);
    if (n > W) store(c + r * cStep + W, acc[r][1], n - W);
  }
}

template <int R>
void tileRows(int64_t rows, float* c, int64_t cStep, int64_t n, bool add, const float* a, int64_t rowStep, int64_t depthStep, const float* b, int64_t bStep, int64_t depth) {
  if (rows == R) return tile<R>(c, cStep, n, add, a, rowStep, depthStep, b, bStep, depth);
  if constexpr (R > 1) tileRows<R - 1>(rows, c, cStep, n, add, a, rowStep, depthStep, b, bStep, depth);
}

// A matrix [rows, depth] turned into panels of NR rows, each depth × NR, the last filled up with zeros.
inline void packRows(const float* from, int64_t rows, int64_t depth, float* packed) {
  for (int64_t first = 0; first < rows; first += NR)
    for (int64_t k = 0; k < depth; k++)
      for (int64_t n = first; n < first + NR; n++) *packed++ = n < rows ? from[n * depth + k] : 0;
}

}  // namespace
