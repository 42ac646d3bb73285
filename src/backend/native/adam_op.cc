// One step of Adam over all parameters at once.
//   <TAM_OP>Adam(rates, m, v, N gradients, N parameters) → m, v, N parameters
#include "op.h"

namespace tam {
namespace {

// One parameter's stretch of the flat state.
struct Part {
  const float *g, *p;
  float* to;
  int64_t from, size;
};

void* nothing(TF_OpKernelConstruction*) { return nullptr; }
void forget(void*) {}

void adam(void*, TF_OpKernelContext* context) {
  Call call(context);
  guarded(call, [&] {
    int64_t eight = 8, total = -1;
    const float* r = call.input(0, "rates", {&eight});
    const float *m = call.input(1, "m", {&total}), *v = call.input(2, "v", {&total});
    float *mNew = call.output(0, {total}), *vNew = call.output(1, {total});
    const int count = (call.inputs() - 3) / 2;
    std::vector<Part> parts;
    int64_t from = 0;
    for (int k = 0; k < count && call.ok(); k++) {
      Part part{};
      int64_t size = 0;
      part.g = call.flat(3 + k, &size);
      part.p = call.flat(3 + count + k, &part.size);
      part.to = call.alike(2 + k);
      part.from = from;
      from += part.size;
      if (call.ok() && size != part.size) call.fail(TF_INVALID_ARGUMENT, "Tam: a gradient must have the size of its parameter");
      parts.push_back(part);
    }
    if (call.ok() && from != total) call.fail(TF_INVALID_ARGUMENT, "Tam: m and v must have the size of all parameters together");
    if (!call.ok()) return;
    const AdamRates rates{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]};
    ThreadPool& pool = ThreadPool::shared();
    std::lock_guard<std::mutex> turn(pool.turn());
    const Slices slices(total, pool.threads());
    pool.run(slices.count, [&](int k) {
      for (const Part& part : parts) {
        const int64_t a = slices.begin(k) > part.from ? slices.begin(k) : part.from;
        const int64_t b = slices.end(k) < part.from + part.size ? slices.end(k) : part.from + part.size;
        if (a >= b) continue;
        const int64_t at = a - part.from;
        chosen().days->adam(rates, b - a, part.p + at, part.g + at, m + a, v + a, part.to + at, mNew + a, vNew + a);
      }
    });
  });
}

}  // namespace

std::string registerAdam() {
  return registerOp({TAM_OP "Adam", {"rates: float", "m: float", "v: float", "gradients: N * float", "parameters: N * float"},
                     {"m_new: float", "v_new: float", "parameters_new: N * float"}, {"N: int >= 1"}, unknownShapes<2>, nothing, adam, forget});
}

}  // namespace tam
