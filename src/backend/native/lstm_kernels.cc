// The LSTM on a slice of the batch, forward and backward. Compiled with -DTAM_KERNELS=<name> once per instruction set.
//
// Forward, each day: a tile of rows × (4 gates × W units) gathers bias + x·W_ihᵀ + h·W_hhᵀ in registers and is turned into
// gates, cell and state before the next tile. Weights lie packed in the order the tile reads them.
// Backward, each day: gate gradients of all rows, then one product with [W_ih | W_hh] for dx and the state's gradient; the
// weight gradients are summed over blocks of days, so that neither x·W nor the gate gradients are ever stored for all days.
#include "lstm_kernels.h"
#include "tile.h"

namespace {

using tam::Backward;
using tam::Forward;
using tam::Shape;

constexpr int64_t BLOCK_ROWS = 128;    // rows of gate gradients gathered before the weight gradients are updated

// ---- forward ----

int64_t forwardPanels(const Shape& s) { return blocks(s.hidden, W); }
int64_t forwardPanelFloats(const Shape& s) { return (s.input + s.hidden + 1) * 4 * W; }
size_t forwardPacked(const Shape& s) { return forwardPanels(s) * forwardPanelFloats(s); }

// Panel: W units; first the bias, then x's weights, then the state's, each as input × gate × unit.
void forwardPack(const Forward& f, int64_t panel, float* packed) {
  const Shape& s = f.shape;
  float* out = packed + panel * forwardPanelFloats(s);
  for (int gate = 0; gate < 4; gate++) {
    for (int n = 0; n < W; n++) {
      const int64_t unit = panel * W + n, row = gate * s.hidden + unit;
      const bool real = unit < s.hidden;
      float* to = out + gate * W + n;
      *to = real && f.bias != nullptr ? f.bias[row] : 0;
      to += 4 * W;
      for (int64_t k = 0; k < s.input; k++, to += 4 * W) *to = real ? f.wIh[row * s.input + k] : 0;
      for (int64_t k = 0; k < s.hidden; k++, to += 4 * W) *to = real ? f.wHh[row * s.hidden + k] : 0;
    }
  }
}

// Per row: the state before, the state after, the cell.
size_t forwardScratch(const Shape& s, int64_t rows) { return rows * (3 * padded(s.hidden, W) + 2 * PAD); }

// Day t's place among the days that come out, or −1.
int64_t outDay(const Shape& s, int64_t t) {
  const int64_t day = s.reverse ? t : t - (s.time - s.last);
  return day >= 0 && day < s.last ? day : -1;
}

// Where a tile stands: row `row` of the batch on day `t`, units from `unit`.
struct Place {
  int64_t row, t, unit;
};

template <int R>
void forwardTile(const Forward& f, const float* panel, const Place& at, const float* before, float* after, int64_t stateStep, float* cells, int64_t cellStep) {
  const Shape& s = f.shape;
  vec acc[R][4];
  for (int r = 0; r < R; r++)
    for (int gate = 0; gate < 4; gate++) acc[r][gate] = load(panel + gate * W);
  const int64_t n = least(W, s.hidden - at.unit), day = outDay(s, at.t);
  if (f.projected != nullptr)
    for (int r = 0; r < R; r++) {
      const float* today = f.projected + (static_cast<int64_t>(f.starts[at.row + r]) + at.t) * 4 * s.hidden + at.unit;
      for (int gate = 0; gate < 4; gate++) acc[r][gate] += load(today + gate * s.hidden, n);
    }
  const float* b = panel + 4 * W;
  accumulate<R, 4>(acc, f.x + (at.row * s.time + at.t) * s.input, s.time * s.input, 1, b, 4 * W, s.input);
  accumulate<R, 4>(acc, before, stateStep, 1, b + s.input * 4 * W, 4 * W, s.hidden);
#pragma GCC unroll 1
  for (int r = 0; r < R; r++) {
    const vec i = sigmoid(acc[r][0]), fg = sigmoid(acc[r][1]), g = hyperbolic(acc[r][2]), o = sigmoid(acc[r][3]);
    float* cell = cells + r * cellStep + at.unit;
    const vec c = fg * load(cell) + i * g;
    const vec h = o * hyperbolic(c);
    store(cell, c);
    store(after + r * stateStep + at.unit, h);
    const int64_t place = (at.row + r) * s.time + at.t;
    if (day >= 0) store(f.out + ((at.row + r) * s.last + day) * s.hidden + at.unit, h, n);
    if (f.h != nullptr) store(f.h + place * s.hidden + at.unit, h, n);
    if (f.gates == nullptr) continue;
    float* gates = f.gates + place * 4 * s.hidden + at.unit;
    store(gates, i, n);
    store(gates + s.hidden, fg, n);
    store(gates + 2 * s.hidden, g, n);
    store(gates + 3 * s.hidden, o, n);
    store(f.cell + place * s.hidden + at.unit, c, n);
  }
}

template <int R>
void forwardRows(int64_t rows, const Forward& f, const float* panel, const Place& at, const float* before, float* after, int64_t stateStep, float* cells, int64_t cellStep) {
  if (rows == R) return forwardTile<R>(f, panel, at, before, after, stateStep, cells, cellStep);
  if constexpr (R > 1) forwardRows<R - 1>(rows, f, panel, at, before, after, stateStep, cells, cellStep);
}

void forward(const Forward& f, const float* packed, int64_t begin, int64_t end, float* scratch) {
  const Shape& s = f.shape;
  const int64_t rows = end - begin, cellStep = padded(s.hidden, W), stateStep = cellStep + PAD;
  float* before = scratch;
  float* after = before + rows * stateStep;
  float* cells = after + rows * stateStep;
  clear(scratch, forwardScratch(s, rows));
  for (int64_t m = 0; m < rows && f.h0 != nullptr; m++) {
    copy(before + m * stateStep, f.h0 + (begin + m) * s.hidden, s.hidden);
    copy(cells + m * cellStep, f.c0 + (begin + m) * s.hidden, s.hidden);
  }
  for (int64_t step = 0; step < s.time; step++) {
    const int64_t t = s.reverse ? s.time - 1 - step : step;
    for (int64_t p = 0; p < forwardPanels(s); p++) {
      const float* panel = packed + p * forwardPanelFloats(s);
      for (int64_t m = 0; m < rows; m += FORWARD_ROWS)
        forwardRows<FORWARD_ROWS>(least(FORWARD_ROWS, rows - m), f, panel, Place{begin + m, t, p * W}, before + m * stateStep,
                                  after + m * stateStep, stateStep, cells + m * cellStep, cellStep);
    }
    float* swap = before;
    before = after;
    after = swap;
  }
}

// ---- backward ----

// Panels of NR columns of W_ih, then of W_hh; each panel is (4·hidden) × NR.
int64_t backwardPanels(const Shape& s) { return blocks(s.input, NR) + blocks(s.hidden, NR); }
size_t backwardPacked(const Shape& s) { return backwardPanels(s) * 4 * s.hidden * NR; }

void backwardPack(const Backward& b, int64_t panel, float* packed) {
  const Shape& s = b.shape;
  const bool ofInput = panel < blocks(s.input, NR);
  const int64_t first = (ofInput ? panel : panel - blocks(s.input, NR)) * NR, columns = ofInput ? s.input : s.hidden;
  const float* w = (ofInput ? b.wIh : b.wHh) + first;
  float* out = packed + panel * 4 * s.hidden * NR;
  const int64_t n = least(NR, columns - first);
  for (int64_t k = 0; k < 4 * s.hidden; k++, out += NR, w += columns) {
    copy(out, w, n);
    clear(out + n, NR - n);
  }
}

// Strides of a slice's working rows.
struct Layout {
  int64_t gates, inputs, states, days;  // days: how many are gathered for one update of the weight gradients
  Layout(const Shape& s, int64_t rows)
      : gates(4 * s.hidden + PAD), inputs(padded(s.input + s.hidden, NR) + PAD), states(padded(s.hidden, NR)),
        days(least(s.time, rows >= BLOCK_ROWS ? 1 : BLOCK_ROWS / rows)) {}
};

size_t backwardScratch(const Shape& s, int64_t rows) {
  const Layout l(s, rows);
  return rows * (l.days * (l.gates + l.inputs) + 2 * l.states);
}

int64_t sumsStride(const Shape& s) { return padded(s.input + s.hidden, NR) + PAD; }

// Gate gradients of one row on one day: dGates, the cell's gradient carried on, and their sum for the bias.
void gateGradients(const Backward& b, int64_t row, int64_t t, const float* cellBefore, const float* dState, float* dCell, float* dGates, float* dBias) {
  const int64_t hidden = b.shape.hidden, place = row * b.shape.time + t, day = outDay(b.shape, t);
  const float* dout = day < 0 ? nullptr : b.dout + (row * b.shape.last + day) * hidden;
  const float* gates = b.gates + place * 4 * hidden;
  for (int64_t j = 0; j < hidden; j += W) {
    const int64_t n = least(W, hidden - j);
    const vec i = load(gates + j, n), f = load(gates + hidden + j, n), g = load(gates + 2 * hidden + j, n), o = load(gates + 3 * hidden + j, n);
    const vec tanhC = hyperbolic(load(b.cell + place * hidden + j, n));
    const vec dh = dout == nullptr ? load(dState + j) : load(dout + j, n) + load(dState + j);
    const vec dc = load(dCell + j) + dh * o * (1.0f - tanhC * tanhC);
    const vec d[4] = {dc * g * i * (1.0f - i), dc * load(cellBefore + j, n) * f * (1.0f - f), dc * i * (1.0f - g * g), dh * tanhC * o * (1.0f - o)};
    store(dCell + j, dc * f);
    for (int gate = 0; gate < 4; gate++) {
      store(dGates + gate * hidden + j, d[gate], n);
      store(dBias + gate * hidden + j, load(dBias + gate * hidden + j, n) + d[gate], n);
    }
  }
}

void backward(const Backward& b, const float* packed, int64_t begin, int64_t end, float* scratch, float* sums) {
  const Shape& s = b.shape;
  const int64_t rows = end - begin, wide = 4 * s.hidden, inputPanels = blocks(s.input, NR), sumStep = sumsStride(s), columns = s.input + s.hidden;
  const Layout l(s, rows);
  float* dGates = scratch;
  float* inputs = dGates + rows * l.days * l.gates;
  float* dState = inputs + rows * l.days * l.inputs;
  float* dCell = dState + rows * l.states;
  clear(scratch, backwardScratch(s, rows));
  clear(sums, wide * (sumStep + 1));
  float* dBias = sums + wide * sumStep;
  int64_t gathered = 0;
  for (int64_t step = s.time - 1; step >= 0; step--) {
    const int64_t t = s.reverse ? s.time - 1 - step : step, earlier = s.reverse ? t + 1 : t - 1;
    float* today = dGates + gathered * rows * l.gates;
    for (int64_t m = 0; m < rows; m++) {
      const int64_t row = begin + m, place = row * s.time + t, place0 = row * s.time + earlier;
      const float* cellBefore = step > 0 ? b.cell + place0 * s.hidden : b.c0 + row * s.hidden;
      const float* stateBefore = step > 0 ? b.h + place0 * s.hidden : b.h0 + row * s.hidden;
      gateGradients(b, row, t, cellBefore, dState + m * l.states, dCell + m * l.states, today + m * l.gates, dBias);
      float* input = inputs + (gathered * rows + m) * l.inputs;
      copy(input, b.x + place * s.input, s.input);
      copy(input + s.input, stateBefore, s.hidden);
    }
    for (int64_t p = 0; p < backwardPanels(s); p++) {
      const bool ofInput = p < inputPanels;
      const int64_t first = (ofInput ? p : p - inputPanels) * NR;
      const float* panel = packed + p * wide * NR;
      for (int64_t m = 0; m < rows; m += TILE_ROWS) {
        const int64_t count = least(TILE_ROWS, rows - m);
        const float* a = today + m * l.gates;
        if (ofInput)
          tileRows<TILE_ROWS>(count, b.dx + ((begin + m) * s.time + t) * s.input + first, s.time * s.input, least(NR, s.input - first), false, a, l.gates, 1, panel, NR, wide);
        else
          tileRows<TILE_ROWS>(count, dState + m * l.states + first, l.states, NR, false, a, l.gates, 1, panel, NR, wide);
      }
    }
    if (++gathered < l.days && step > 0) continue;
    for (int64_t first = 0; first < columns; first += NR)
      for (int64_t m = 0; m < wide; m += TILE_ROWS)
        tileRows<TILE_ROWS>(least(TILE_ROWS, wide - m), sums + m * sumStep + first, sumStep, NR, true, dGates + m, 1, l.gates, inputs + first, l.inputs, gathered * rows);
    gathered = 0;
  }
  for (int64_t m = 0; m < rows; m++) {
    copy(b.dh0 + (begin + m) * s.hidden, dState + m * l.states, s.hidden);
    copy(b.dc0 + (begin + m) * s.hidden, dCell + m * l.states, s.hidden);
  }
}

}  // namespace

namespace tam {

#define TAM_TEXT(x) #x
#define TAM_JOIN(a, b) a##b
#define TAM_TABLE(name) TAM_JOIN(name, Kernels)
#define TAM_NAME(name) TAM_TEXT(name)
extern const Kernels TAM_TABLE(TAM_KERNELS) = {
    TAM_NAME(TAM_KERNELS), forwardPanels, forwardPacked, forwardPack, forwardScratch, forward,
    backwardPanels, backwardPacked, backwardPack, backwardScratch, sumsStride, backward,
};

}  // namespace tam
