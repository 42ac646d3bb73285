// One shared object that is both a Node addon and a TensorFlow op library, through TensorFlow's C kernel interface only.
//   <TAM_OP>(x, w_ih, w_hh, bias, h0, c0; reverse, training) → h, gates, cell
//   <TAM_OP>Grad(x, w_ih, w_hh, h0, c0, h, gates, cell, dh; reverse) → dx, dw_ih, dw_hh, dbias, dh0, dc0
#include <cstring>
#include <initializer_list>
#include <string>

#include "lstm_kernels.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "thread_pool.h"

namespace tam {
namespace {

#if defined(__x86_64__)
bool hasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool hasAvx512() {
  return hasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw");
}
#endif

// The kernels of that name, or the fastest this processor runs when `name` is empty; null when it does not run them.
const Kernels* find(const std::string& name) {
#if defined(__x86_64__)
  if ((name.empty() || name == "avx512") && hasAvx512()) return &avx512Kernels;
  if ((name.empty() || name == "avx2") && hasAvx2()) return &avx2Kernels;
#endif
  return name.empty() || name == "portable" ? &portableKernels : nullptr;
}

const Kernels*& chosen() {
  static const Kernels* kernels = find("");
  return kernels;
}

// An operation's tensors, freed at its end, and its first error.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    for (TF_Tensor* t : tensors_) TF_DeleteTensor(t);
    TF_DeleteStatus(status_);
  }

  // Input k, whose dimensions must be `dims` (−1: any, filled in).
  const float* input(int k, const char* name, std::initializer_list<int64_t*> dims) {
    if (!ok()) return nullptr;
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, k, &tensor, status_);
    if (!ok()) return nullptr;
    tensors_.push_back(tensor);
    bool fits = TF_NumDims(tensor) == static_cast<int>(dims.size());
    int axis = 0;
    for (int64_t* dim : dims) {
      if (!fits) break;
      const int64_t n = TF_Dim(tensor, axis++);
      if (*dim < 0) *dim = n;
      fits = n == *dim && n > 0;
    }
    if (!fits) fail(TF_INVALID_ARGUMENT, std::string("TamLstm: the shape of ") + name + " does not fit the other inputs");
    return static_cast<const float*>(TF_TensorData(tensor));
  }

  float* output(int k, std::initializer_list<int64_t> dims) {
    if (!ok()) return nullptr;
    size_t bytes = sizeof(float);
    for (int64_t n : dims) bytes *= n;
    TF_Tensor* tensor = TF_AllocateOutput(context_, k, TF_FLOAT, dims.begin(), static_cast<int>(dims.size()), bytes, status_);
    if (!ok()) return nullptr;
    tensors_.push_back(tensor);
    return static_cast<float*>(TF_TensorData(tensor));
  }

  bool ok() const { return TF_GetCode(status_) == TF_OK; }
  void fail(TF_Code code, const std::string& message) { TF_SetStatus(status_, code, message.c_str()); }
  void report() {
    if (!ok()) TF_OpKernelContext_Failure(context_, status_);
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> tensors_;
};

// The batch cut into equal slices, one for each thread.
struct Slices {
  int count;
  int64_t rows, batch;
  Slices(int64_t batch, int threads) : rows((batch + threads - 1) / threads), batch(batch) { count = static_cast<int>((batch + rows - 1) / rows); }
  int64_t begin(int k) const { return k * rows; }
  int64_t end(int k) const { return (k + 1) * rows < batch ? (k + 1) * rows : batch; }
};

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
  bool reverse = false, training = false;
};

bool attribute(TF_OpKernelConstruction* c, const char* name) {
  TF_Status* status = TF_NewStatus();
  TF_Bool value = 0;
  TF_OpKernelConstruction_GetAttrBool(c, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(c, status);
  TF_DeleteStatus(status);
  return value != 0;
}

void* createForward(TF_OpKernelConstruction* c) { return new Attributes{attribute(c, "reverse"), attribute(c, "training")}; }
void* createBackward(TF_OpKernelConstruction* c) { return new Attributes{attribute(c, "reverse"), true}; }
void destroy(void* attributes) { delete static_cast<Attributes*>(attributes); }

// Runs `body`; no C++ exception may cross into TensorFlow.
template <class Body>
void guarded(Call& call, const Body& body) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    call.fail(TF_RESOURCE_EXHAUSTED, "TamLstm: out of memory; use a smaller batch");
  } catch (const std::exception& error) {
    call.fail(TF_INTERNAL, std::string("TamLstm: ") + error.what());
  }
  call.report();
}

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
    f.h = call.output(0, {B, T, H});
    float* gates = a.training ? call.output(1, {B, T, G}) : call.output(1, {0});
    float* cell = a.training ? call.output(2, {B, T, H}) : call.output(2, {0});
    if (!call.ok()) return;
    f.shape = {B, T, I, H, a.reverse};
    if (a.training) f.gates = gates, f.cell = cell;
    forward(*chosen(), f);
  });
}

void computeBackward(void* attributes, TF_OpKernelContext* context) {
  const Attributes& a = *static_cast<Attributes*>(attributes);
  Call call(context);
  guarded(call, [&] {
    int64_t B = -1, T = -1, I = -1, H = -1, G = -1;
    Backward b{};
    b.x = call.input(0, "x", {&B, &T, &I});
    b.wHh = call.input(2, "w_hh", {&G, &H});
    b.wIh = call.input(1, "w_ih", {&G, &I});
    b.h0 = call.input(3, "h0", {&B, &H});
    b.c0 = call.input(4, "c0", {&B, &H});
    b.h = call.input(5, "h", {&B, &T, &H});
    b.gates = call.input(6, "gates", {&B, &T, &G});
    b.cell = call.input(7, "cell", {&B, &T, &H});
    b.dh = call.input(8, "dh", {&B, &T, &H});
    if (call.ok() && G != 4 * H) call.fail(TF_INVALID_ARGUMENT, "TamLstm: w_hh must be [4·hidden, hidden]");
    b.dx = call.output(0, {B, T, I});
    const WeightGradients d{call.output(1, {G, I}), call.output(2, {G, H}), call.output(3, {G})};
    b.dh0 = call.output(4, {B, H});
    b.dc0 = call.output(5, {B, H});
    if (!call.ok()) return;
    b.shape = {B, T, I, H, a.reverse};
    backward(*chosen(), b, d);
  });
}

void unknownShapes(TF_ShapeInferenceContext* context, TF_Status* status, int outputs) {
  TF_SetStatus(status, TF_OK, "");
  for (int k = 0; k < outputs; k++) TF_ShapeInferenceContextSetUnknownShape(context, status);
}
void forwardShapes(TF_ShapeInferenceContext* context, TF_Status* status) { unknownShapes(context, status, 3); }
void backwardShapes(TF_ShapeInferenceContext* context, TF_Status* status) { unknownShapes(context, status, 6); }

struct Op {
  std::string name;
  std::initializer_list<const char*> inputs, outputs, attributes;
  void (*shapes)(TF_ShapeInferenceContext*, TF_Status*);
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
};

// "" or what went wrong.
std::string registerOp(const Op& op) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(op.name.c_str());
  for (const char* text : op.inputs) TF_OpDefinitionBuilderAddInput(definition, text);
  for (const char* text : op.outputs) TF_OpDefinitionBuilderAddOutput(definition, text);
  for (const char* text : op.attributes) TF_OpDefinitionBuilderAddAttr(definition, text);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, op.shapes);
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder* kernel = TF_NewKernelBuilder(op.name.c_str(), "CPU", op.create, op.compute, destroy);
    TF_RegisterKernelBuilder(op.name.c_str(), kernel, status);
  }
  const std::string message = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  return message;
}

std::string registerOps() {
  const std::string built = TAM_TF_VERSION, running = TF_Version();
  if (!built.empty() && built != running) return "it was built for libtensorflow " + built + ", and " + running + " is running";
  const std::string message = registerOp({TAM_OP, {"x: float", "w_ih: float", "w_hh: float", "bias: float", "h0: float", "c0: float"},
                                          {"h: float", "gates: float", "cell: float"}, {"reverse: bool", "training: bool"},
                                          forwardShapes, createForward, computeForward});
  if (!message.empty()) return message;
  return registerOp({TAM_OP "Grad", {"x: float", "w_ih: float", "w_hh: float", "h0: float", "c0: float", "h: float", "gates: float", "cell: float", "dh: float"},
                     {"dx: float", "dw_ih: float", "dw_hh: float", "dbias: float", "dh0: float", "dc0: float"}, {"reverse: bool"},
                     backwardShapes, createBackward, computeBackward});
}

}  // namespace

// For node_entry.cc.
const std::string& registered() {
  static const std::string message = registerOps();
  return message;
}
std::string configure(const std::string& name, int threads) {
  const Kernels* kernels = find(name);
  if (kernels == nullptr) return "";
  ThreadPool& pool = ThreadPool::shared();
  std::lock_guard<std::mutex> turn(pool.turn());
  chosen() = kernels;
  pool.setThreads(threads);
  return kernels->name;
}

}  // namespace tam
