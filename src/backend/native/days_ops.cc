// The operations around the LSTM. x is data: no gradient is taken of it.
//   <TAM_OP>Embed(x, w, b, scale, shift; modulated) → y          <TAM_OP>EmbedGrad(x, w, b, scale, dy; modulated) → dw, db, dscale, dshift
//   <TAM_OP>Normal(x, w, site, present, weight, bias) → e, mean, variance
//   <TAM_OP>NormalGrad(x, w, site, present, weight, bias, mean, variance, de) → dw, dsite, dweight, dbias
//   <TAM_OP>Modulate(x, scale, shift, mask; masked) → y          <TAM_OP>ModulateGrad(x, scale, mask, dy; masked) → dx, dscale, dshift
//   <TAM_OP>Dropout(x, numbers) → mask of the shape of x; numbers: key and bound, each in two halves, and what is kept
#include <cmath>

#include "op.h"

namespace tam {
namespace {

constexpr float EPS = 1e-5f, SLOPE = 0.2f;  // PyTorch's BatchNorm1d; the encoder's LeakyReLU

size_t rounded(size_t n) { return (n + 15) / 16 * 16; }

struct Switch {
  bool on;
};
void* modulated(TF_OpKernelConstruction* c) { return new Switch{flag(c, "modulated")}; }
void* masked(TF_OpKernelConstruction* c) { return new Switch{flag(c, "masked")}; }
void* nothing(TF_OpKernelConstruction*) { return new Switch{false}; }
void forget(void* attributes) { delete static_cast<Switch*>(attributes); }
bool on(void* attributes) { return static_cast<Switch*>(attributes)->on; }

// Sums of the slices [in, step] turned into the gradient of w [out, in], in slice order whichever thread came first.
void gatherWeights(const float* sums, size_t each, int slices, int64_t out, int64_t in, int64_t step, float* dw) {
  for (int64_t o = 0; o < out; o++)
    for (int64_t i = 0; i < in; i++) {
      float sum = 0;
      for (int k = 0; k < slices; k++) sum += sums[k * each + i * step + o];
      dw[o * in + i] = sum;
    }
}

// What both directions of Embed read first.
const float* embedInputs(Call& call, Embed& e, bool modulated) {
  e.batch = e.time = e.input = e.hidden = -1;
  e.x = call.input(0, "x", {&e.batch, &e.time, &e.input});
  const float* w = call.input(1, "w", {&e.hidden, &e.input});
  e.b = call.input(2, "b", {&e.hidden});
  if (modulated) e.scale = call.input(3, "scale", {&e.batch, &e.hidden});
  return w;
}

void embed(void* attributes, TF_OpKernelContext* context) {
  Call call(context);
  guarded(call, [&] {
    Embed e{};
    const float* w = embedInputs(call, e, on(attributes));
    if (on(attributes)) e.shift = call.input(4, "shift", {&e.batch, &e.hidden});
    e.y = call.output(0, {e.batch, e.time, e.hidden});
    if (!call.ok()) return;
    const Days& days = *chosen().days;
    ThreadPool& pool = ThreadPool::shared();
    std::lock_guard<std::mutex> turn(pool.turn());
    const Slices slices(e.batch, pool.threads());
    float* packed = pool.arena(0).floats(days.packed(e.hidden, e.input));
    days.pack(w, e.hidden, e.input, packed);
    pool.run(slices.count, [&](int k) { days.embed(e, packed, slices.begin(k), slices.end(k)); });
  });
}

void embedGrad(void* attributes, TF_OpKernelContext* context) {
  Call call(context);
  guarded(call, [&] {
    Embed e{};
    const float* w = embedInputs(call, e, on(attributes));
    e.dy = call.input(4, "dy", {&e.batch, &e.time, &e.hidden});
    float *dw = call.output(0, {e.hidden, e.input}), *db = call.output(1, {e.hidden});
    e.dScale = on(attributes) ? call.output(2, {e.batch, e.hidden}) : call.output(2, {0});
    e.dShift = on(attributes) ? call.output(3, {e.batch, e.hidden}) : call.output(3, {0});
    if (!call.ok()) return;
    const Days& days = *chosen().days;
    ThreadPool& pool = ThreadPool::shared();
    std::lock_guard<std::mutex> turn(pool.turn());
    const Slices slices(e.batch, pool.threads());
    const int64_t step = days.sumsStride(e.hidden);
    const size_t each = rounded((e.input + 1) * step), scratch = rounded(days.embedScratch(e));
    float* packed = pool.arena(0).floats(days.packed(e.hidden, e.input));
    float* all = pool.arena(1).floats(scratch * slices.count);
    float* sums = pool.arena(2).floats(each * slices.count);
    days.pack(w, e.hidden, e.input, packed);
    pool.run(slices.count, [&](int k) { days.embedGrad(e, packed, slices.begin(k), slices.end(k), all + k * scratch, sums + k * each); });
    gatherWeights(sums, each, slices.count, e.hidden, e.input, step, dw);
    gatherWeights(sums + e.input * step, each, slices.count, e.hidden, 1, step, db);
  });
}

// What both directions of Normal read first.
const float* normalInputs(Call& call, Normal& n, int64_t& sites) {
  n.rows = n.time = n.input = n.width = -1;
  n.slope = SLOPE;
  n.x = call.input(0, "x", {&n.rows, &n.time, &n.input});
  const float* w = call.input(1, "w", {&n.width, &n.input});
  n.site = call.input(2, "site", {&sites, &n.width});
  n.present = call.input(3, "present", {&n.rows});
  n.weight = call.input(4, "weight", {&n.width});
  n.bias = call.input(5, "bias", {&n.width});
  if (call.ok() && n.rows % sites != 0) call.fail(TF_INVALID_ARGUMENT, "Tam: the rows of x must be a multiple of those of site");
  if (call.ok()) n.each = n.rows / sites;
  return w;
}

void normal(void*, TF_OpKernelContext* context) {
  Call call(context);
  guarded(call, [&] {
    Normal n{};
    int64_t sites = -1;
    const float* w = normalInputs(call, n, sites);
    n.e = call.output(0, {n.rows, n.time, n.width});
    float *mean = call.output(1, {n.width}), *variance = call.output(2, {n.width});
    if (!call.ok()) return;
    const Days& days = *chosen().days;
    ThreadPool& pool = ThreadPool::shared();
    std::lock_guard<std::mutex> turn(pool.turn());
    const Slices slices(n.rows, pool.threads());
    const int64_t L = n.width;
    const size_t scratch = rounded(days.normalScratch(n));
    float* packed = pool.arena(0).floats(days.packed(L, n.input));
    float* all = pool.arena(1).floats(scratch * slices.count);
    std::vector<double> moments(slices.count * (1 + 2 * L));
    std::vector<float> rstd(L);
    days.pack(w, L, n.input, packed);
    pool.run(slices.count, [&](int k) { days.normalRaw(n, packed, slices.begin(k), slices.end(k), all + k * scratch, &moments[k * (1 + 2 * L)]); });
    for (int64_t l = 0; l < L; l++) {
      double count = 0, about = 0, squares = 0;
      for (int k = 0; k < slices.count; k++) {
        const double* m = &moments[k * (1 + 2 * L)];
        if (m[0] == 0) continue;
        const double apart = m[1 + l] - about, together = count + m[0];
        about += apart * m[0] / together;
        squares += m[1 + L + l] + apart * apart * count * m[0] / together;
        count = together;
      }
      mean[l] = static_cast<float>(about);
      variance[l] = static_cast<float>(count > 0 ? squares / count : 0);
      rstd[l] = static_cast<float>(1 / std::sqrt(static_cast<double>(variance[l]) + EPS));
    }
    n.mean = mean;
    n.rstd = rstd.data();
    pool.run(slices.count, [&](int k) { days.normalFinish(n, slices.begin(k), slices.end(k)); });
  });
}

void normalGrad(void*, TF_OpKernelContext* context) {
  Call call(context);
  guarded(call, [&] {
    Normal n{};
    int64_t sites = -1;
    const float* w = normalInputs(call, n, sites);
    n.mean = call.input(6, "mean", {&n.width});
    const float* variance = call.input(7, "variance", {&n.width});
    n.de = call.input(8, "de", {&n.rows, &n.time, &n.width});
    float *dw = call.output(0, {n.width, n.input}), *dSite = call.output(1, {sites, n.width}), *dWeight = call.output(2, {n.width}), *dBias = call.output(3, {n.width});
    if (!call.ok()) return;
    const Days& days = *chosen().days;
    ThreadPool& pool = ThreadPool::shared();
    std::lock_guard<std::mutex> turn(pool.turn());
    const Slices slices(n.rows, pool.threads());
    const int64_t L = n.width, step = days.sumsStride(L);
    const size_t scratch = rounded(days.normalScratch(n)), each = rounded(n.input * step);
    float* packed = pool.arena(0).floats(days.packed(L, n.input));
    float* all = pool.arena(1).floats(scratch * slices.count);
    float* sums = pool.arena(2).floats(each * slices.count);
    std::vector<double> parts(slices.count * 2 * L);
    std::vector<float> rstd(L), shares(2 * L), rows(n.rows * L);
    for (int64_t l = 0; l < L; l++) rstd[l] = static_cast<float>(1 / std::sqrt(static_cast<double>(variance[l]) + EPS));
    n.rstd = rstd.data();
    n.dSite = rows.data();
    days.pack(w, L, n.input, packed);
    pool.run(slices.count, [&](int k) { days.normalSums(n, packed, slices.begin(k), slices.end(k), all + k * scratch, &parts[k * 2 * L]); });
    double present = 0;
    for (int64_t r = 0; r < n.rows; r++) present += n.present[r] == 0 ? 0 : 1;
    for (int64_t l = 0; l < 2 * L; l++) {
      double sum = 0;
      for (int k = 0; k < slices.count; k++) sum += parts[k * 2 * L + l];
      (l < L ? dBias[l] : dWeight[l - L]) = static_cast<float>(sum);
      shares[l] = static_cast<float>(sum / (present * n.time));
    }
    pool.run(slices.count, [&](int k) { days.normalGrad(n, packed, shares.data(), slices.begin(k), slices.end(k), all + k * scratch, sums + k * each); });
    gatherWeights(sums, each, slices.count, L, n.input, step, dw);
    for (int64_t s = 0; s < sites; s++)
      for (int64_t l = 0; l < L; l++) {
        float sum = 0;
        for (int64_t k = 0; k < n.each; k++) sum += rows[(s * n.each + k) * L + l];
        dSite[s * L + l] = sum;
      }
  });
}

void modulate(void* attributes, TF_OpKernelContext* context) {
  Call call(context);
  guarded(call, [&] {
    int64_t B = -1, T = -1, H = -1;
    const float* x = call.input(0, "x", {&B, &T, &H});
    const float *scale = call.input(1, "scale", {&B, &H}), *shift = call.input(2, "shift", {&B, &H});
    const float* mask = on(attributes) ? call.input(3, "mask", {&B, &T, &H}) : nullptr;
    float* y = call.output(0, {B, T, H});
    if (!call.ok()) return;
    ThreadPool& pool = ThreadPool::shared();
    std::lock_guard<std::mutex> turn(pool.turn());
    const Slices slices(B, pool.threads());
    pool.run(slices.count, [&](int k) { chosen().days->modulate(x, scale, shift, mask, y, T, H, slices.begin(k), slices.end(k)); });
  });
}

void modulateGrad(void* attributes, TF_OpKernelContext* context) {
  Call call(context);
  guarded(call, [&] {
    int64_t B = -1, T = -1, H = -1;
    const float *x = call.input(0, "x", {&B, &T, &H}), *scale = call.input(1, "scale", {&B, &H});
    const float* mask = on(attributes) ? call.input(2, "mask", {&B, &T, &H}) : nullptr;
    const float* dy = call.input(3, "dy", {&B, &T, &H});
    float *dx = call.output(0, {B, T, H}), *dScale = call.output(1, {B, H}), *dShift = call.output(2, {B, H});
    if (!call.ok()) return;
    ThreadPool& pool = ThreadPool::shared();
    std::lock_guard<std::mutex> turn(pool.turn());
    const Slices slices(B, pool.threads());
    pool.run(slices.count, [&](int k) { chosen().days->modulateGrad(x, scale, mask, dy, dx, dScale, dShift, T, H, slices.begin(k), slices.end(k)); });
  });
}

// A 32-bit number that came as two halves, exact in float.
uint32_t joined(const float* halves) { return static_cast<uint32_t>(halves[0]) << 16 | static_cast<uint32_t>(halves[1]); }

void dropout(void*, TF_OpKernelContext* context) {
  Call call(context);
  guarded(call, [&] {
    int64_t size = 0, five = 5;
    call.flat(0, &size);
    float* mask = call.alike(0);
    const float* numbers = call.input(1, "numbers", {&five});
    if (!call.ok()) return;
    ThreadPool& pool = ThreadPool::shared();
    std::lock_guard<std::mutex> turn(pool.turn());
    const Slices slices(size, pool.threads());
    pool.run(slices.count, [&](int k) { chosen().days->dropout(joined(numbers), joined(numbers + 2), numbers[4], mask, slices.begin(k), slices.end(k)); });
  });
}

}  // namespace

std::string registerDays() {
  const Op ops[] = {
      {TAM_OP "Embed", {"x: float", "w: float", "b: float", "scale: float", "shift: float"}, {"y: float"}, {"modulated: bool"}, unknownShapes<1>, modulated, embed, forget},
      {TAM_OP "EmbedGrad", {"x: float", "w: float", "b: float", "scale: float", "dy: float"}, {"dw: float", "db: float", "dscale: float", "dshift: float"}, {"modulated: bool"},
       unknownShapes<4>, modulated, embedGrad, forget},
      {TAM_OP "Normal", {"x: float", "w: float", "site: float", "present: float", "weight: float", "bias: float"}, {"e: float", "mean: float", "variance: float"}, {},
       unknownShapes<3>, nothing, normal, forget},
      {TAM_OP "NormalGrad", {"x: float", "w: float", "site: float", "present: float", "weight: float", "bias: float", "mean: float", "variance: float", "de: float"},
       {"dw: float", "dsite: float", "dweight: float", "dbias: float"}, {}, unknownShapes<4>, nothing, normalGrad, forget},
      {TAM_OP "Modulate", {"x: float", "scale: float", "shift: float", "mask: float"}, {"y: float"}, {"masked: bool"}, unknownShapes<1>, masked, modulate, forget},
      {TAM_OP "ModulateGrad", {"x: float", "scale: float", "mask: float", "dy: float"}, {"dx: float", "dscale: float", "dshift: float"}, {"masked: bool"},
       unknownShapes<3>, masked, modulateGrad, forget},
      {TAM_OP "Dropout", {"x: float", "numbers: float"}, {"mask: float"}, {}, unknownShapes<1>, nothing, dropout, forget},
  };
  for (const Op& op : ops) {
    const std::string message = registerOp(op);
    if (!message.empty()) return message;
  }
  return "";
}

}  // namespace tam
