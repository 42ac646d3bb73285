// The operations of the LSTM; `last` = 0 stands for all days.
//   <TAM_OP>(x, w_ih, w_hh, bias, h0, c0; reverse, training, last) → out, h, gates, cell
//     h (all states) is left empty where out holds them all, and where no gradient follows; so are gates and cell there
//   <TAM_OP>Grad(x, w_ih, w_hh, h0, c0, h, gates, cell, dout; reverse) → dx, dw_ih, dw_hh, dbias, dh0, dc0
//   <TAM_OP>Slide(projected, w_hh, starts; time) → h, the last state of each of the windows that overlap; no gradient follows
#include "op.h"

namespace tam {
namespace {

void forward(const Kernels& kernels, const Forward& f) {
  ThreadPool& pool = ThreadPool::shared();
  std::lock_guard<std::mutex> turn(pool.turn());
  const Slices slices(f.shape.batch, pool.threads());
  float* packed = pool.arena(0).floats(kernels.forwardPacked(f.shape));
  const size_t scratch = (kernels.forwardScratch(f.shape, slices.rows) + 15) / 16 * 16;
  float* all = pool.arena(1).floats(scratch * slices.count);
  pool.run(static_cast<int>(kernels.forwardPanels(f.shape)), [&](int p) { kernels.forwardPack(f, p, packed); });
  pool.run(slices.count, [&](int k) { kernels.forward(f, packed, slices.begin(k), slices.end(k), all + k * scratch); });
}

struct WeightGradients {
  float *wIh, *wHh, *bias;
};

void backward(const Kernels& kernels, const Backward& b, const WeightGradients& d) {
  ThreadPool& pool = ThreadPool::shared();
  std::lock_guard<std::mutex> turn(pool.turn());
  const Shape& s = b.shape;
  const Slices slices(s.batch, pool.threads());
  const int64_t wide = 4 * s.hidden, step = kernels.sumsStride(s);
  const size_t one = (wide * (step + 1) + 15) / 16 * 16;
  const size_t scratch = (kernels.backwardScratch(s, slices.rows) + 15) / 16 * 16;
  float* packed = pool.arena(0).floats(kernels.backwardPacked(s));
  float* all = pool.arena(1).floats(scratch * slices.count);
  float* sums = pool.arena(2).floats(one * slices.count);
  pool.run(static_cast<int>(kernels.backwardPanels(s)), [&](int p) { kernels.backwardPack(b, p, packed); });
  pool.run(slices.count, [&](int k) { kernels.backward(b, packed, slices.begin(k), slices.end(k), all + k * scratch, sums + k * one); });
  // In slice order, so that the sum does not depend on which thread came first.
  const auto gather = [&](float* to, size_t from, int64_t n) {
    std::memcpy(to, sums + from, n * sizeof(float));
    for (int k = 1; k < slices.count; k++)
      for (int64_t c = 0; c < n; c++) to[c] += sums[k * one + from + c];
  };
  const int parts = slices.count;
  pool.run(parts, [&](int part) {
    for (int64_t row = wide * part / parts; row < wide * (part + 1) / parts; row++) {
      gather(d.wIh + row * s.input, row * step, s.input);
      gather(d.wHh + row * s.hidden, row * step + s.input, s.hidden);
    }
  });
  gather(d.bias, wide * step, wide);
}

struct Attributes {
  bool reverse, training;
  int64_t last;
};

void* createForward(TF_OpKernelConstruction* c) { return new Attributes{flag(c, "reverse"), flag(c, "training"), whole(c, "last")}; }
void* createBackward(TF_OpKernelConstruction* c) { return new Attributes{flag(c, "reverse"), true, 0}; }
void destroy(void* attributes) { delete static_cast<Attributes*>(attributes); }

void computeForward(void* attributes, TF_OpKernelContext* context) {
  const Attributes& a = *static_cast<Attributes*>(attributes);
  Call call(context);
  guarded(call, [&] {
    int64_t B = -1, T = -1, I = -1, H = -1, G = -1;
    Forward f{};
    f.x = call.input(0, "x", {&B, &T, &I});
    f.wHh = call.input(2, "w_hh", {&G, &H});
    f.wIh = call.input(1, "w_ih", {&G, &I});
    f.bias = call.input(3, "bias", {&G});
    f.h0 = call.input(4, "h0", {&B, &H});
    f.c0 = call.input(5, "c0", {&B, &H});
    if (call.ok() && G != 4 * H) call.fail(TF_INVALID_ARGUMENT, "TamLstm: w_hh must be [4·hidden, hidden]");
    if (call.ok() && a.last > T) call.fail(TF_INVALID_ARGUMENT, "TamLstm: last must not exceed the days of x");
    const int64_t last = a.last > 0 ? a.last : T;
    const bool states = a.training && last < T;
    f.out = call.output(0, {B, last, H});
    float* h = states ? call.output(1, {B, T, H}) : call.output(1, {0});
    float* gates = a.training ? call.output(2, {B, T, G}) : call.output(2, {0});
    float* cell = a.training ? call.output(3, {B, T, H}) : call.output(3, {0});
    if (!call.ok()) return;
    f.shape = {B, T, I, H, a.reverse, last};
    if (states) f.h = h;
    if (a.training) f.gates = gates, f.cell = cell;
    forward(*chosen().lstm, f);
  });
}

void* createSlide(TF_OpKernelConstruction* c) { return new Attributes{false, false, whole(c, "time")}; }

void computeSlide(void* attributes, TF_OpKernelContext* context) {
  Call call(context);
  guarded(call, [&] {
    const int64_t time = static_cast<Attributes*>(attributes)->last;
    int64_t days = -1, B = -1, H = -1, G = -1;
    Forward f{};
    f.projected = call.input(0, "projected", {&days, &G});
    f.wHh = call.input(1, "w_hh", {&G, &H});
    f.starts = call.input(2, "starts", {&B});
    if (call.ok() && G != 4 * H) call.fail(TF_INVALID_ARGUMENT, "TamLstm: w_hh must be [4·hidden, hidden]");
    for (int64_t b = 0; call.ok() && b < B; b++)
      if (!(f.starts[b] >= 0 && f.starts[b] + time <= days)) call.fail(TF_INVALID_ARGUMENT, "TamLstm: every window must lie inside the days");
    f.out = call.output(0, {B, H});
    if (!call.ok()) return;
    f.shape = {B, time, 0, H, false, 1};
    forward(*chosen().lstm, f);
  });
}

void computeBackward(void* attributes, TF_OpKernelContext* context) {
  const Attributes& a = *static_cast<Attributes*>(attributes);
  Call call(context);
  guarded(call, [&] {
    int64_t B = -1, T = -1, I = -1, H = -1, G = -1, last = -1;
    Backward b{};
    b.x = call.input(0, "x", {&B, &T, &I});
    b.wHh = call.input(2, "w_hh", {&G, &H});
    b.wIh = call.input(1, "w_ih", {&G, &I});
    b.h0 = call.input(3, "h0", {&B, &H});
    b.c0 = call.input(4, "c0", {&B, &H});
    b.h = call.input(5, "h", {&B, &T, &H});
    b.gates = call.input(6, "gates", {&B, &T, &G});
    b.cell = call.input(7, "cell", {&B, &T, &H});
    b.dout = call.input(8, "dout", {&B, &last, &H});
    if (call.ok() && last > T) call.fail(TF_INVALID_ARGUMENT, "TamLstm: dout must not have more days than x");
    if (call.ok() && G != 4 * H) call.fail(TF_INVALID_ARGUMENT, "TamLstm: w_hh must be [4·hidden, hidden]");
    b.dx = call.output(0, {B, T, I});
    const WeightGradients d{call.output(1, {G, I}), call.output(2, {G, H}), call.output(3, {G})};
    b.dh0 = call.output(4, {B, H});
    b.dc0 = call.output(5, {B, H});
    if (!call.ok()) return;
    b.shape = {B, T, I, H, a.reverse, last};
    backward(*chosen().lstm, b, d);
  });
}

}  // namespace

std::string registerLstm() {
  const std::string message = registerOp({TAM_OP, {"x: float", "w_ih: float", "w_hh: float", "bias: float", "h0: float", "c0: float"},
                                          {"out: float", "h: float", "gates: float", "cell: float"}, {"reverse: bool", "training: bool", "last: int"},
                                          unknownShapes<4>, createForward, computeForward, destroy});
  if (!message.empty()) return message;
  const std::string slide = registerOp({TAM_OP "Slide", {"projected: float", "w_hh: float", "starts: float"}, {"h: float"}, {"time: int"},
                                        unknownShapes<1>, createSlide, computeSlide, destroy});
  if (!slide.empty()) return slide;
  return registerOp({TAM_OP "Grad", {"x: float", "w_ih: float", "w_hh: float", "h0: float", "c0: float", "h: float", "gates: float", "cell: float", "dout: float"},
                     {"dx: float", "dw_ih: float", "dw_hh: float", "dbias: float", "dh0: float", "dc0: float"}, {"reverse: bool"},
                     unknownShapes<6>, createBackward, computeBackward, destroy});
}

}  // namespace tam
