#include "bench/cuda/module/cublas.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/owners.hpp"

#include <cublas_v2.h>

#include <dlfcn.h>

#include <string>

namespace gpubench::cuda {

namespace {

/// Written out, because C++ has a second cublasGemmEx with another computation type, which is not in the library.
using gemm_ex_function = cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int,
                                            const void*, const void*, cudaDataType_t, int, const void*, cudaDataType_t,
                                            int, const void*, void*, cudaDataType_t, int, cublasComputeType_t,
                                            cublasGemmAlgo_t);

/// The functions of cuBLAS that are used, as the library of the machine has them.
struct cublas_functions {
  std::string missing;  ///< why there are none; empty when all were found
  decltype(&cublasCreate_v2) create = nullptr;
  decltype(&cublasDestroy_v2) destroy = nullptr;
  decltype(&cublasSetStream_v2) set_stream = nullptr;
  decltype(&cublasSetMathMode) set_math_mode = nullptr;
  gemm_ex_function gemm_ex = nullptr;
  decltype(&cublasGetProperty) get_property = nullptr;
};

template <class Function>
void find(void* library, const char* name, Function& function, std::string& missing) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr && missing.empty()) missing = std::string("cuBLAS has no function ") + name;
}

cublas_functions load() {
  cublas_functions result;
  const std::string name = "libcublas.so." + std::to_string(CUBLAS_VER_MAJOR);
  // Never closed, as the module itself.
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    result.missing = "cuBLAS cannot be loaded";
    if (reason != nullptr) result.missing.append(" (").append(reason).append(")");
    return result;
  }
  find(library, "cublasCreate_v2", result.create, result.missing);
  find(library, "cublasDestroy_v2", result.destroy, result.missing);
  find(library, "cublasSetStream_v2", result.set_stream, result.missing);
  find(library, "cublasSetMathMode", result.set_math_mode, result.missing);
  find(library, "cublasGemmEx", result.gemm_ex, result.missing);
  find(library, "cublasGetProperty", result.get_property, result.missing);
  return result;
}

const cublas_functions& cublas() {
  static const cublas_functions functions = load();
  return functions;
}

void require(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const std::string code = "cuBLAS status " + std::to_string(static_cast<int>(status));
  if (status == CUBLAS_STATUS_ALLOC_FAILED) throw_out_of_memory(call, code);
  throw failure(device_is_lost() ? GPUBENCH_MODULE_DEVICE_LOST : GPUBENCH_MODULE_DEVICE_ERROR,
                std::string(call) + ": " + code);
}

cublasStatus_t destroy_handle(cublasHandle_t handle) {
  return cublas().destroy(handle);
}
using handle_owner = std::unique_ptr<cublasHandle_t, destroyer<cublasHandle_t, destroy_handle>>;

/// Bound to its stream from birth.
handle_owner make_handle(cudaStream_t stream) {
  cublasHandle_t raw = nullptr;
  require(cublas().create(&raw), "cublasCreate");
  handle_owner handle(raw);
  require(cublas().set_stream(raw, stream), "cublasSetStream");
  require(cublas().set_math_mode(raw, CUBLAS_DEFAULT_MATH), "cublasSetMathMode");
  return handle;
}

cudaDataType_t data_type(kernels::storage type) {
  switch (type) {
    case kernels::storage::fp64:
      return CUDA_R_64F;
    case kernels::storage::fp16:
      return CUDA_R_16F;
    case kernels::storage::bf16:
      return CUDA_R_16BF;
    default:
      return CUDA_R_32F;
  }
}

cublasComputeType_t compute_type(kernels::storage type) {
  switch (type) {
    case kernels::storage::fp64:
      return CUBLAS_COMPUTE_64F;
    case kernels::storage::tf32:
      return CUBLAS_COMPUTE_32F_FAST_TF32;
    default:
      return CUBLAS_COMPUTE_32F;
  }
}

}  // namespace

struct cublas_gemm::state {
  kernels::gemm_shape shape;
  handle_owner handle;
};

std::optional<std::string> cublas_unavailable() {
  if (cublas().missing.empty()) return std::nullopt;
  return cublas().missing;
}

std::optional<std::string> cublas_version() {
  if (cublas_unavailable()) return std::nullopt;
  std::string text;
  for (const auto part : {MAJOR_VERSION, MINOR_VERSION, PATCH_LEVEL}) {
    int value = 0;
    if (cublas().get_property(part, &value) != CUBLAS_STATUS_SUCCESS) return std::nullopt;
    if (!text.empty()) text += '.';
    text += std::to_string(value);
  }
  return text;
}

cublas_gemm::cublas_gemm(const kernels::gemm_shape& shape, cudaStream_t stream)
    : state_(std::make_unique<state>(state{shape, make_handle(stream)})) {}

cublas_gemm::~cublas_gemm() = default;

void cublas_gemm::enqueue(const void* a, const void* b, void* c) {
  const auto& shape = state_->shape;
  const auto type = data_type(shape.type);
  const auto m = static_cast<int>(shape.m);
  const auto n = static_cast<int>(shape.n);
  const auto k = static_cast<int>(shape.k);
  const double one64 = 1, zero64 = 0;
  const float one32 = 1, zero32 = 0;
  const bool wide = shape.type == kernels::storage::fp64;
  const void* one = wide ? static_cast<const void*>(&one64) : &one32;
  const void* zero = wide ? static_cast<const void*>(&zero64) : &zero32;
  // cuBLAS is column-major: what it sees as B' A' is our C'.
  require(cublas().gemm_ex(state_->handle.get(), CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, one, b, type, n, a, type, k, zero,
                           c, type, n, compute_type(shape.type), CUBLAS_GEMM_DEFAULT),
          "cublasGemmEx");
}

}  // namespace gpubench::cuda
