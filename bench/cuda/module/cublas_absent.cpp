// Takes the place of cublas.cpp where the toolkit has no cuBLAS header: GEMM is listed and says why it cannot run.
#include "bench/cuda/module/cublas.hpp"
#include "bench/cuda/module/failure.hpp"

namespace gpubench::cuda {

struct cublas_gemm::state {};

std::optional<std::string> cublas_unavailable() {
  return "built without cuBLAS: the toolkit had no cublas_v2.h";
}

std::optional<std::string> cublas_version() {
  return std::nullopt;
}

cublas_gemm::cublas_gemm(const kernels::gemm_shape&, cudaStream_t) {
  throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, *cublas_unavailable(),
                "install cuBLAS's development files and rebuild");
}

cublas_gemm::~cublas_gemm() = default;

void cublas_gemm::enqueue(const void*, const void*, void*) {
  throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, *cublas_unavailable());
}

}  // namespace gpubench::cuda
