#include "bench/cuda/module/cublaslt_library.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/library_search.hpp"

namespace gpubench::cuda {

namespace {

cublaslt_functions load() {
  cublaslt_functions result;
  const opened_library library = open_library("libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR));
  if (library.handle == nullptr) {
    result.missing = library.problem;
    return result;
  }
  const auto find = [&](const char* name, auto& function) { find_function(library, name, function, result.missing); };
  find("cublasLtCreate", result.create);
  find("cublasLtDestroy", result.destroy);
  find("cublasLtGetVersion", result.version);
  find("cublasLtGetStatusName", result.status_name);
  find("cublasLtMatrixLayoutCreate", result.layout_create);
  find("cublasLtMatrixLayoutDestroy", result.layout_destroy);
  find("cublasLtMatrixLayoutSetAttribute", result.layout_set);
  find("cublasLtMatmulDescCreate", result.description_create);
  find("cublasLtMatmulDescDestroy", result.description_destroy);
  find("cublasLtMatmulDescSetAttribute", result.description_set);
  find("cublasLtMatmulPreferenceCreate", result.preference_create);
  find("cublasLtMatmulPreferenceDestroy", result.preference_destroy);
  find("cublasLtMatmulPreferenceSetAttribute", result.preference_set);
  find("cublasLtMatmulAlgoGetHeuristic", result.heuristic);
  find("cublasLtMatmulAlgoConfigGetAttribute", result.algorithm_get);
  find("cublasLtMatmul", result.matmul);
  return result;
}

}  // namespace

const cublaslt_functions& lt() {
  static const cublaslt_functions loaded = load();
  return loaded;
}

const cublaslt_functions& require_lt() {
  if (!lt().missing.empty()) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, lt().missing);
  return lt();
}

void require(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const std::string code = lt().status_name(status);
  if (status == CUBLAS_STATUS_ALLOC_FAILED) throw_out_of_memory(call, code);
  const std::string what = std::string(call) + ": " + code;
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_ARCH_MISMATCH) {
    throw failure(GPUBENCH_MODULE_UNSUPPORTED, what);
  }
  if (status == CUBLAS_STATUS_INVALID_VALUE) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, what);
  throw failure(device_is_lost() ? GPUBENCH_MODULE_DEVICE_LOST : GPUBENCH_MODULE_DEVICE_ERROR, what);
}

}  // namespace gpubench::cuda
