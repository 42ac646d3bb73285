// What the ops of days_ops.cc ask of the arithmetic in days_kernels.cc, which is compiled once for each instruction set.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tam {

// y = scale ∘ (x·Wᵀ + b) + shift, or x·Wᵀ + b where scale is null. x [batch, time, input], w [hidden, input], b [hidden],
// scale and shift [batch, hidden], y [batch, time, hidden].
struct Embed {
  int64_t batch, time, input, hidden;
  const float *x, *b, *scale, *shift, *dy;
  float *y, *dScale, *dShift;
};

// e = leaky(weight ∘ standardised(x·Wᵀ + site) + bias). x [rows, time, input], w [width, input], site [rows / each, width],
// present [rows]: 1, or 0 for a row that stays out of the statistics; e [rows, time, width].
struct Normal {
  int64_t rows, each, time, input, width;
  float slope;
  const float *x, *site, *present, *de;
  float *e, *dSite;
  // of the batch [width]: mean, 1/√(variance + ε), weight, bias
  const float *mean, *rstd, *weight, *bias;
};

// Rates of one step of Adam: p ← keep·p − rate·m / (√v / rootCorrection + eps).
struct AdamRates {
  float beta1, rest1, beta2, rest2, eps, rate, rootCorrection, keep;  // rest = 1 − beta, rounded once
};

// Slices of rows, each on a thread of its own. `packed` holds w as `packedRows` lays it.
struct Days {
  size_t (*packed)(int64_t out, int64_t in);
  void (*pack)(const float* w, int64_t out, int64_t in, float* packed);

  void (*embed)(const Embed&, const float* packed, int64_t begin, int64_t end);
  size_t (*embedScratch)(const Embed&);
  // floats of `sums`: the gradient of w as input × sumsStride, then that of b
  int64_t (*sumsStride)(int64_t out);
  void (*embedGrad)(const Embed&, const float* packed, int64_t begin, int64_t end, float* scratch, float* sums);

  size_t (*normalScratch)(const Normal&);
  // writes x·Wᵀ + site into e; `moments` [1 + 2·width]: days counted, mean, sum of squares about it
  void (*normalRaw)(const Normal&, const float* packed, int64_t begin, int64_t end, float* scratch, double* moments);
  void (*normalFinish)(const Normal&, int64_t begin, int64_t end);
  // `sums` [2·width]: Σ g, Σ g ∘ standardised
  void (*normalSums)(const Normal&, const float* packed, int64_t begin, int64_t end, float* scratch, double* sums);
  // `shares` [2·width]: those sums over the days counted
  void (*normalGrad)(const Normal&, const float* packed, const float* shares, int64_t begin, int64_t end, float* scratch, float* sums);

  // y = mask ∘ (scale ∘ x + shift) and its gradient; mask may be null
  void (*modulate)(const float* x, const float* scale, const float* shift, const float* mask, float* y, int64_t time, int64_t hidden, int64_t begin, int64_t end);
  void (*modulateGrad)(const float* x, const float* scale, const float* mask, const float* dy, float* dx, float* dScale, float* dShift, int64_t time, int64_t hidden, int64_t begin, int64_t end);

  void (*dropout)(uint32_t key, uint32_t below, float keep, float* mask, int64_t begin, int64_t end);

  void (*adam)(const AdamRates&, int64_t n, const float* p, const float* g, const float* m, const float* v, float* pNew, float* mNew, float* vNew);
};

extern const Days portableDays;
#if defined(__x86_64__)
extern const Days avx2Days;
extern const Days avx512Days;
#endif

}  // namespace tam
