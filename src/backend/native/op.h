// What every operation of this library is made of, over TensorFlow's C kernel interface only.
#pragma once
#include <cstring>
#include <initializer_list>
#include <new>
#include <string>
#include <vector>

#include "days_kernels.h"
#include "lstm_kernels.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "thread_pool.h"

namespace tam {

// The instruction set in use, for all operations.
struct InstructionSet {
  const char* name;
  const Kernels* lstm;
  const Days* days;
};
const InstructionSet& chosen();

// Each registers its operations: "" or what went wrong.
std::string registerLstm();
std::string registerDays();
std::string registerAdam();

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
    TF_Tensor* tensor = given(k);
    if (tensor == nullptr) return nullptr;
    bool fits = TF_NumDims(tensor) == static_cast<int>(dims.size());
    int axis = 0;
    for (int64_t* dim : dims) {
      if (!fits) break;
      const int64_t n = TF_Dim(tensor, axis++);
      if (*dim < 0) *dim = n;
      fits = n == *dim && n > 0;
    }
    if (!fits) fail(TF_INVALID_ARGUMENT, std::string("Tam: the shape of ") + name + " does not fit the other inputs");
    return static_cast<const float*>(TF_TensorData(tensor));
  }

  float* output(int k, std::initializer_list<int64_t> dims) { return allocated(k, dims.begin(), static_cast<int>(dims.size())); }

  // Input k of any shape; its size is given.
  const float* flat(int k, int64_t* size) {
    TF_Tensor* tensor = given(k);
    if (tensor == nullptr) return nullptr;
    *size = TF_TensorElementCount(tensor);
    shape_.assign(TF_NumDims(tensor), 0);
    for (size_t axis = 0; axis < shape_.size(); axis++) shape_[axis] = TF_Dim(tensor, static_cast<int>(axis));
    return static_cast<const float*>(TF_TensorData(tensor));
  }
  // An output of the shape of the last `flat` input.
  float* alike(int k) { return allocated(k, shape_.data(), static_cast<int>(shape_.size())); }
  int inputs() const { return TF_NumInputs(context_); }

  bool ok() const { return TF_GetCode(status_) == TF_OK; }
  void fail(TF_Code code, const std::string& message) { TF_SetStatus(status_, code, message.c_str()); }
  void report() {
    if (!ok()) TF_OpKernelContext_Failure(context_, status_);
  }

 private:
  // Input k, or null once something has failed.
  TF_Tensor* given(int k) {
    if (!ok()) return nullptr;
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, k, &tensor, status_);
    if (!ok()) return nullptr;
    tensors_.push_back(tensor);
    return tensor;
  }

  float* allocated(int k, const int64_t* dims, int axes) {
    if (!ok()) return nullptr;
    size_t bytes = sizeof(float);
    for (int axis = 0; axis < axes; axis++) bytes *= dims[axis];
    TF_Tensor* tensor = TF_AllocateOutput(context_, k, TF_FLOAT, dims, axes, bytes, status_);
    if (!ok()) return nullptr;
    tensors_.push_back(tensor);
    return static_cast<float*>(TF_TensorData(tensor));
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> tensors_;
  std::vector<int64_t> shape_;
};

// The batch cut into equal slices, one for each thread.
struct Slices {
  int count;
  int64_t rows, batch;
  Slices(int64_t batch, int threads) : rows((batch + threads - 1) / threads), batch(batch) { count = static_cast<int>((batch + rows - 1) / rows); }
  int64_t begin(int k) const { return k * rows; }
  int64_t end(int k) const { return (k + 1) * rows < batch ? (k + 1) * rows : batch; }
};

// Attributes of an operation, read when its kernel is made.
template <class Value, class Get>
Value attribute(TF_OpKernelConstruction* c, const char* name, const Get& get) {
  TF_Status* status = TF_NewStatus();
  Value value = 0;
  get(c, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(c, status);
  TF_DeleteStatus(status);
  return value;
}
inline bool flag(TF_OpKernelConstruction* c, const char* name) { return attribute<TF_Bool>(c, name, TF_OpKernelConstruction_GetAttrBool) != 0; }
inline int64_t whole(TF_OpKernelConstruction* c, const char* name) { return attribute<int64_t>(c, name, TF_OpKernelConstruction_GetAttrInt64); }

// Runs `body`; no C++ exception may cross into TensorFlow.
template <class Body>
void guarded(Call& call, const Body& body) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    call.fail(TF_RESOURCE_EXHAUSTED, "Tam: out of memory; use a smaller batch");
  } catch (const std::exception& error) {
    call.fail(TF_INTERNAL, std::string("Tam: ") + error.what());
  }
  call.report();
}

// Nothing asks for shapes ahead of time: every output is declared unknown.
template <int Outputs>
void unknownShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_SetStatus(status, TF_OK, "");
  for (int k = 0; k < Outputs; k++) TF_ShapeInferenceContextSetUnknownShape(context, status);
}

struct Op {
  std::string name;
  std::initializer_list<const char*> inputs, outputs, attributes;
  void (*shapes)(TF_ShapeInferenceContext*, TF_Status*);
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
  void (*destroy)(void*);
};

// "" or what went wrong.
inline std::string registerOp(const Op& op) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(op.name.c_str());
  for (const char* text : op.inputs) TF_OpDefinitionBuilderAddInput(definition, text);
  for (const char* text : op.outputs) TF_OpDefinitionBuilderAddOutput(definition, text);
  for (const char* text : op.attributes) TF_OpDefinitionBuilderAddAttr(definition, text);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, op.shapes);
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder* kernel = TF_NewKernelBuilder(op.name.c_str(), "CPU", op.create, op.compute, op.destroy);
    TF_RegisterKernelBuilder(op.name.c_str(), kernel, status);
  }
  const std::string message = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  return message;
}

}  // namespace tam
