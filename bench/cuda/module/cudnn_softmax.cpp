#include "bench/cuda/module/cudnn_softmax.hpp"

#include "bench/cuda/module/cudnn_library.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/library_search.hpp"

#include <cudnn_ops.h>

namespace gpubench::cuda::dnn {

namespace {

struct softmax_functions {
  std::string missing;
  decltype(&cudnnCreateTensorDescriptor) create = nullptr;
  decltype(&cudnnDestroyTensorDescriptor) destroy = nullptr;
  decltype(&cudnnSetTensor4dDescriptor) describe = nullptr;
  decltype(&cudnnSoftmaxForward) forward = nullptr;
};

softmax_functions load() {
  softmax_functions result;
  const opened_library found = open_library("libcudnn.so." + std::to_string(CUDNN_MAJOR));
  result.missing = found.problem;
  if (found.handle == nullptr) return result;
  find_function(found, "cudnnCreateTensorDescriptor", result.create, result.missing);
  find_function(found, "cudnnDestroyTensorDescriptor", result.destroy, result.missing);
  find_function(found, "cudnnSetTensor4dDescriptor", result.describe, result.missing);
  find_function(found, "cudnnSoftmaxForward", result.forward, result.missing);
  return result;
}

const softmax_functions& functions_of_softmax() {
  static const softmax_functions found = load();
  return found;
}

cudnnStatus_t destroy_tensor(cudnnTensorDescriptor_t one) {
  return functions_of_softmax().destroy(one);
}

cudnnDataType_t data_type(element type) {
  return type == element::fp16 ? CUDNN_DATA_HALF : type == element::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
}

}  // namespace

struct softmax::state {
  cudnnHandle_t handle = nullptr;
  std::unique_ptr<cudnnTensorDescriptor_t, destroyer<cudnnTensorDescriptor_t, destroy_tensor>> matrix;
};

softmax::softmax(const handle& on, element type, std::int64_t rows, std::int64_t columns)
    : state_(std::make_unique<state>()) {
  if (!functions_of_softmax().missing.empty()) {
    throw failure(GPUBENCH_MODULE_UNSUPPORTED, "cuDNN: " + functions_of_softmax().missing);
  }
  state_->handle = static_cast<cudnnHandle_t>(on.get());
  cudnnTensorDescriptor_t raw = nullptr;
  require(functions_of_softmax().create(&raw), "cudnnCreateTensorDescriptor");
  state_->matrix.reset(raw);
  require(functions_of_softmax().describe(raw, CUDNN_TENSOR_NCHW, data_type(type), static_cast<int>(rows),
                                          static_cast<int>(columns), 1, 1),
          "cudnnSetTensor4dDescriptor");
}

softmax::~softmax() = default;

void softmax::enqueue(const void* x, void* y) const {
  const float one = 1;
  const float zero = 0;
  const auto matrix = state_->matrix.get();
  require(functions_of_softmax().forward(state_->handle, CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_MODE_INSTANCE, &one,
                                         matrix, x, &zero, matrix, y),
          "cudnnSoftmaxForward");
}

}  // namespace gpubench::cuda::dnn
