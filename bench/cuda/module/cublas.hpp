#pragma once

#include "kernels/gemm_check.hpp"

#include <cuda_runtime_api.h>

#include <memory>
#include <optional>
#include <string>

namespace gpubench::cuda {

/// Why there is no cuBLAS: left out of this build, or its library cannot be loaded here. Nothing when there is.
/// cuBLAS is opened at run time, so that a machine without it still runs everything else.
std::optional<std::string> cublas_unavailable();

/// "13.0.2"; nothing where cuBLAS is unavailable.
std::optional<std::string> cublas_version();

/// Multiplies matrices of one shape on one stream.
class cublas_gemm {
 public:
  /// @throws failure: device, out of device memory.
  cublas_gemm(const kernels::gemm_shape& shape, cudaStream_t stream);
  cublas_gemm(const cublas_gemm&) = delete;
  cublas_gemm& operator=(const cublas_gemm&) = delete;
  ~cublas_gemm();

  /// Enqueues C = A B, row-major. fp32 runs without TF32; all others but fp64 accumulate in fp32.
  /// Source: cuBLAS documentation, "cublasGemmEx".
  void enqueue(const void* a, const void* b, void* c);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace gpubench::cuda
