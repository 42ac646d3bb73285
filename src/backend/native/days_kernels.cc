// What surrounds the LSTM, day by day: linear layers with modulation or BatchNorm, and Adam. Memory is the cost here, not arithmetic,
// so each operation reads its inputs once and recomputes x·Wᵀ rather than store it. Compiled with -DTAM_KERNELS=<name> once per set.
#include "days_kernels.h"
#include "tile.h"

namespace {

using tam::AdamRates;
using tam::Embed;
using tam::Normal;

size_t packed(int64_t out, int64_t in) { return padded(out, NR) * in; }
void pack(const float* w, int64_t out, int64_t in, float* to) { packRows(w, out, in, to); }
int64_t sumsStride(int64_t out) { return padded(out, NR); }

// y [time, out] (rows `step` apart, at least padded where `wide`) = x [time, in]·Wᵀ.
void project(const float* x, int64_t time, int64_t in, int64_t out, const float* panels, float* y, int64_t step, bool wide) {
  for (int64_t first = 0; first < out; first += NR, panels += in * NR)
    for (int64_t t = 0; t < time; t += TILE_ROWS)
      tileRows<TILE_ROWS>(least(TILE_ROWS, time - t), y + t * step + first, step, wide ? NR : least(NR, out - first), false, x + t * in, in, 1, panels, NR, in);
}

// sums [in, out] += xᵀ·d over one row's days; d has rows `step` apart, padded to NR.
void addWeightGradient(const float* x, int64_t time, int64_t in, int64_t out, const float* d, int64_t step, float* sums) {
  for (int64_t first = 0; first < out; first += NR)
    for (int64_t k = 0; k < in; k += TILE_ROWS)
      tileRows<TILE_ROWS>(least(TILE_ROWS, in - k), sums + k * step + first, step, NR, true, x + k, 1, in, d + first, step, time);
}

// ---- linear layer with modulation ----

void embed(const Embed& e, const float* panels, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; row++) {
    float* y = e.y + row * e.time * e.hidden;
    project(e.x + row * e.time * e.input, e.time, e.input, e.hidden, panels, y, e.hidden, false);
    const float *scale = e.scale ? e.scale + row * e.hidden : nullptr, *shift = e.scale ? e.shift + row * e.hidden : nullptr;
    for (int64_t t = 0; t < e.time; t++, y += e.hidden) {
      if (scale == nullptr)
        TAM_INDEPENDENT
        for (int64_t h = 0; h < e.hidden; h++) y[h] += e.b[h];
      else
        TAM_INDEPENDENT
        for (int64_t h = 0; h < e.hidden; h++) y[h] = (y[h] + e.b[h]) * scale[h] + shift[h];
    }
  }
}

size_t embedScratch(const Embed& e) { return 2 * e.time * padded(e.hidden, NR); }

void embedGrad(const Embed& e, const float* panels, int64_t begin, int64_t end, float* scratch, float* sums) {
  const int64_t step = padded(e.hidden, NR);
  float *plain = scratch, *d = scratch + e.time * step, *dBias = sums + e.input * step;
  clear(sums, (e.input + 1) * step);
  clear(scratch, embedScratch(e));
  for (int64_t row = begin; row < end; row++) {
    const float *x = e.x + row * e.time * e.input, *dy = e.dy + row * e.time * e.hidden;
    if (e.scale == nullptr) {
      for (int64_t t = 0; t < e.time; t++) copy(d + t * step, dy + t * e.hidden, e.hidden);
    } else {
      const float* scale = e.scale + row * e.hidden;
      float *dScale = e.dScale + row * e.hidden, *dShift = e.dShift + row * e.hidden;
      project(x, e.time, e.input, e.hidden, panels, plain, step, true);
      clear(dScale, e.hidden);
      clear(dShift, e.hidden);
      for (int64_t t = 0; t < e.time; t++) {
        const float *g = dy + t * e.hidden, *p = plain + t * step;
        float* to = d + t * step;
        TAM_INDEPENDENT
        for (int64_t h = 0; h < e.hidden; h++) {
          dScale[h] += g[h] * (p[h] + e.b[h]);
          dShift[h] += g[h];
          to[h] = g[h] * scale[h];
        }
      }
    }
    for (int64_t t = 0; t < e.time; t++)
      TAM_INDEPENDENT
      for (int64_t h = 0; h < e.hidden; h++) dBias[h] += d[t * step + h];
    addWeightGradient(x, e.time, e.input, e.hidden, d, step, sums);
  }
}

// ---- linear layer with BatchNorm and leaky ReLU ----

size_t normalScratch(const Normal& n) { return (2 * n.time + 4) * padded(n.width, NR); }

void addSite(const Normal& n, int64_t row, float* raw, int64_t step) {
  const float* site = n.site + row / n.each * n.width;
  for (int64_t t = 0; t < n.time; t++)
    TAM_INDEPENDENT
    for (int64_t l = 0; l < n.width; l++) raw[t * step + l] += site[l];
}

void normalRaw(const Normal& n, const float* panels, int64_t begin, int64_t end, float* scratch, double* moments) {
  const int64_t L = n.width;
  float *mean = scratch, *square = scratch + padded(L, NR);
  double &count = moments[0], *means = moments + 1, *squares = moments + 1 + L;
  for (int64_t k = 0; k < 1 + 2 * L; k++) moments[k] = 0;
  for (int64_t row = begin; row < end; row++) {
    float* raw = n.e + row * n.time * L;
    project(n.x + row * n.time * n.input, n.time, n.input, L, panels, raw, L, false);
    addSite(n, row, raw, L);
    if (n.present[row] == 0) continue;
    clear(mean, L);
    clear(square, L);
    for (int64_t t = 0; t < n.time; t++)
      TAM_INDEPENDENT
      for (int64_t l = 0; l < L; l++) mean[l] += raw[t * L + l];
    TAM_INDEPENDENT
    for (int64_t l = 0; l < L; l++) mean[l] /= static_cast<float>(n.time);
    for (int64_t t = 0; t < n.time; t++)
      TAM_INDEPENDENT
      for (int64_t l = 0; l < L; l++) square[l] += (raw[t * L + l] - mean[l]) * (raw[t * L + l] - mean[l]);
    // One window's moments joined to those of all before it (Chan et al. 1983): sums of squares about zero would cancel.
    const double days = static_cast<double>(n.time), all = count + days;
    TAM_INDEPENDENT
    for (int64_t l = 0; l < L; l++) {
      const double apart = mean[l] - means[l];
      means[l] += apart * days / all;
      squares[l] += square[l] + apart * apart * count * days / all;
    }
    count = all;
  }
}

void normalFinish(const Normal& n, int64_t begin, int64_t end) {
  const int64_t L = n.width;
  for (float* e = n.e + begin * n.time * L; e < n.e + end * n.time * L; e += L)
    TAM_INDEPENDENT
    for (int64_t l = 0; l < L; l++) {
      const float y = (e[l] - n.mean[l]) * (n.weight[l] * n.rstd[l]) + n.bias[l];
      e[l] = y > 0 ? y : n.slope * y;
    }
}

// One row's standardised values, and the gradient before the leaky ReLU; both [time, step].
void normalRow(const Normal& n, const float* panels, int64_t row, float* standard, float* g, int64_t step) {
  const int64_t L = n.width;
  project(n.x + row * n.time * n.input, n.time, n.input, L, panels, standard, step, true);
  addSite(n, row, standard, step);
  const float* de = n.de + row * n.time * L;
  for (int64_t t = 0; t < n.time; t++)
    TAM_INDEPENDENT
    for (int64_t l = 0; l < L; l++) {
      const float s = (standard[t * step + l] - n.mean[l]) * n.rstd[l];
      standard[t * step + l] = s;
      g[t * step + l] = de[t * L + l] * (s * n.weight[l] + n.bias[l] > 0 ? 1.0f : n.slope);
    }
}

void normalSums(const Normal& n, const float* panels, int64_t begin, int64_t end, float* scratch, double* sums) {
  const int64_t L = n.width, step = padded(L, NR);
  float *standard = scratch, *g = scratch + n.time * step, *one = scratch + 2 * n.time * step, *two = one + step;
  for (int64_t k = 0; k < 2 * L; k++) sums[k] = 0;
  for (int64_t row = begin; row < end; row++) {
    normalRow(n, panels, row, standard, g, step);
    clear(one, 2 * step);
    for (int64_t t = 0; t < n.time; t++)
      TAM_INDEPENDENT
      for (int64_t l = 0; l < L; l++) {
        one[l] += g[t * step + l];
        two[l] += g[t * step + l] * standard[t * step + l];
      }
    TAM_INDEPENDENT
    for (int64_t l = 0; l < L; l++) {
      sums[l] += one[l];
      sums[L + l] += two[l];
    }
  }
}

void normalGrad(const Normal& n, const float* panels, const float* shares, int64_t begin, int64_t end, float* scratch, float* sums) {
  const int64_t L = n.width, step = padded(L, NR);
  float *standard = scratch, *g = scratch + n.time * step;
  clear(sums, n.input * step);
  clear(scratch, normalScratch(n));
  for (int64_t row = begin; row < end; row++) {
    normalRow(n, panels, row, standard, g, step);
    const float there = n.present[row] == 0 ? 0.0f : 1.0f;
    float* dSite = n.dSite + row * L;
    clear(dSite, L);
    for (int64_t t = 0; t < n.time; t++)
      TAM_INDEPENDENT
      for (int64_t l = 0; l < L; l++) {
        const float d = n.weight[l] * n.rstd[l] * (g[t * step + l] - there * (shares[l] + standard[t * step + l] * shares[L + l]));
        g[t * step + l] = d;
        dSite[l] += d;
      }
    addWeightGradient(n.x + row * n.time * n.input, n.time, n.input, L, g, step, sums);
  }
}

// ---- modulation ----

void modulate(const float* x, const float* scale, const float* shift, const float* mask, float* y, int64_t time, int64_t hidden, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; row++)
    for (int64_t t = 0; t < time; t++) {
      const int64_t at = (row * time + t) * hidden;
      TAM_INDEPENDENT
      for (int64_t h = 0; h < hidden; h++) y[at + h] = scale[row * hidden + h] * x[at + h] + shift[row * hidden + h];
      if (mask != nullptr)
        TAM_INDEPENDENT
        for (int64_t h = 0; h < hidden; h++) y[at + h] *= mask[at + h];
    }
}

void modulateGrad(const float* x, const float* scale, const float* mask, const float* dy, float* dx, float* dScale, float* dShift, int64_t time, int64_t hidden, int64_t begin, int64_t end) {
  clear(dScale + begin * hidden, (end - begin) * hidden);
  clear(dShift + begin * hidden, (end - begin) * hidden);
  for (int64_t row = begin; row < end; row++) {
    const float* s = scale + row * hidden;
    float *ds = dScale + row * hidden, *dh = dShift + row * hidden;
    for (int64_t t = 0; t < time; t++) {
      const int64_t at = (row * time + t) * hidden;
      TAM_INDEPENDENT
      for (int64_t h = 0; h < hidden; h++) {
        const float g = mask == nullptr ? dy[at + h] : dy[at + h] * mask[at + h];
        dx[at + h] = g * s[h];
        ds[h] += g * x[at + h];
        dh[h] += g;
      }
    }
  }
}

// Inverted dropout: entry k is 0 where a hash of k lies below `below`, else `keep`; the same hash as in src/model/dropout.ts.
void dropout(uint32_t key, uint32_t below, float keep, float* mask, int64_t begin, int64_t end) {
  TAM_INDEPENDENT
  for (int64_t k = begin; k < end; k++) {
    uint32_t h = (static_cast<uint32_t>(k) * 0x9e3779b1u) ^ key;
    h = (h ^ (h >> 16)) * 0x85ebca6bu;
    h = (h ^ (h >> 13)) * 0xc2b2ae35u;
    mask[k] = (h ^ (h >> 16)) < below ? 0.0f : keep;
  }
}

// ---- Adam ----

void adam(const AdamRates& a, int64_t n, const float* p, const float* g, const float* m, const float* v, float* pNew, float* mNew, float* vNew) {
  TAM_INDEPENDENT
  for (int64_t k = 0; k < n; k++) {
    const float mean = a.beta1 * m[k] + a.rest1 * g[k], square = a.beta2 * v[k] + a.rest2 * g[k] * g[k];
    mNew[k] = mean;
    vNew[k] = square;
    pNew[k] = a.keep * p[k] - a.rate * mean / (__builtin_sqrtf(square) / a.rootCorrection + a.eps);
  }
}

}  // namespace

namespace tam {

#define TAM_JOIN(a, b) a##b
#define TAM_TABLE(name) TAM_JOIN(name, Days)
extern const Days TAM_TABLE(TAM_KERNELS) = {
    packed, pack, embed, embedScratch, sumsStride, embedGrad, normalScratch, normalRaw, normalFinish, normalSums, normalGrad, modulate, modulateGrad, dropout, adam,
};

}  // namespace tam
