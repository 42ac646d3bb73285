// What the op (tamlstm.cc) asks of the arithmetic (lstm_kernels.cc), which is compiled once for each instruction set.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tam {

struct Shape {
  int64_t batch, time, input, hidden;
  bool reverse;
  int64_t last;  // days walked last whose states come out; time = all
};

// Tensors are batch-first and dense: x [batch, time, input], gates [batch, time, 4·hidden] (i, f, g, o after their
// activation), h and cell [batch, time, hidden], h0 and c0 [batch, hidden], out and dout [batch, last, hidden]. gates and cell are
// null when no gradient follows, h when nobody needs all states. Windows that overlap: `projected` [days, 4·hidden] holds x·W_ihᵀ + bias
// of every day, once, and `starts` [batch] each window's first day; x, wIh, bias, h0 and c0 are then null and input is 0.
struct Forward {
  Shape shape;
  const float *x, *wIh, *wHh, *bias, *h0, *c0;
  const float *projected, *starts;
  float *out, *h, *gates, *cell;
};

struct Backward {
  Shape shape;
  const float *x, *wIh, *wHh, *h0, *c0, *h, *gates, *cell, *dout;
  float *dx, *dh0, *dc0;
};

// One instruction set. A caller packs the weights panel by panel, then runs slices of the batch, each on a thread with
// its own scratch. Rows of the batch never meet, so that the slices need no barrier.
struct Kernels {
  const char* name;

  int64_t (*forwardPanels)(const Shape&);
  size_t (*forwardPacked)(const Shape&);
  void (*forwardPack)(const Forward&, int64_t panel, float* packed);
  size_t (*forwardScratch)(const Shape&, int64_t rows);
  void (*forward)(const Forward&, const float* packed, int64_t begin, int64_t end, float* scratch);

  int64_t (*backwardPanels)(const Shape&);
  size_t (*backwardPacked)(const Shape&);
  void (*backwardPack)(const Backward&, int64_t panel, float* packed);
  size_t (*backwardScratch)(const Shape&, int64_t rows);
  // `sums` receives the slice's weight gradients: 4·hidden rows of `sumsStride` floats (x's part, then the state's),
  // then 4·hidden floats for the bias.
  int64_t (*sumsStride)(const Shape&);
  void (*backward)(const Backward&, const float* packed, int64_t begin, int64_t end, float* scratch, float* sums);
};

extern const Kernels portableKernels;
#if defined(__x86_64__)
extern const Kernels avx2Kernels;
extern const Kernels avx512Kernels;
#endif

}  // namespace tam
