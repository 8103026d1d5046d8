#pragma once

#include "bench/cuda/module/owners.hpp"

#include <cublasLt.h>

#include <memory>
#include <string>

namespace gpubench::cuda {

/// The functions of cuBLASLt that are used, as the library of the machine has them.
struct cublaslt_functions {
  std::string missing;  ///< why there are none; empty when all were found
  decltype(&cublasLtCreate) create = nullptr;
  decltype(&cublasLtDestroy) destroy = nullptr;
  decltype(&cublasLtGetVersion) version = nullptr;
  decltype(&cublasLtGetStatusName) status_name = nullptr;
  decltype(&cublasLtMatrixLayoutCreate) layout_create = nullptr;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy = nullptr;
  decltype(&cublasLtMatrixLayoutSetAttribute) layout_set = nullptr;
  decltype(&cublasLtMatmulDescCreate) description_create = nullptr;
  decltype(&cublasLtMatmulDescDestroy) description_destroy = nullptr;
  decltype(&cublasLtMatmulDescSetAttribute) description_set = nullptr;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create = nullptr;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy = nullptr;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set = nullptr;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic = nullptr;
  decltype(&cublasLtMatmulAlgoConfigGetAttribute) algorithm_get = nullptr;
  decltype(&cublasLtMatmul) matmul = nullptr;
};

/// Opened at the first call.
const cublaslt_functions& lt();

/// @throws failure: internal error when there are none.
const cublaslt_functions& require_lt();

/// @throws failure: out of device memory; unsupported where the library has no such product for the device; internal
/// error for an argument that it does not take; device lost or device error otherwise.
void require(cublasStatus_t status, const char* call);

inline cublasStatus_t cublaslt_destroy_handle(cublasLtHandle_t one) {
  return lt().destroy(one);
}
inline cublasStatus_t cublaslt_destroy_layout(cublasLtMatrixLayout_t one) {
  return lt().layout_destroy(one);
}
inline cublasStatus_t cublaslt_destroy_description(cublasLtMatmulDesc_t one) {
  return lt().description_destroy(one);
}
inline cublasStatus_t cublaslt_destroy_preference(cublasLtMatmulPreference_t one) {
  return lt().preference_destroy(one);
}
using cublaslt_handle_owner = std::unique_ptr<cublasLtHandle_t, destroyer<cublasLtHandle_t, cublaslt_destroy_handle>>;
using cublaslt_layout_owner =
    std::unique_ptr<cublasLtMatrixLayout_t, destroyer<cublasLtMatrixLayout_t, cublaslt_destroy_layout>>;
using cublaslt_description_owner =
    std::unique_ptr<cublasLtMatmulDesc_t, destroyer<cublasLtMatmulDesc_t, cublaslt_destroy_description>>;
using cublaslt_preference_owner =
    std::unique_ptr<cublasLtMatmulPreference_t, destroyer<cublasLtMatmulPreference_t, cublaslt_destroy_preference>>;

}  // namespace gpubench::cuda
