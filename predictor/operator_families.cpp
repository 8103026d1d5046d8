#include "core/error.hpp"

#include "predictor/attention.hpp"
#include "predictor/convolution.hpp"
#include "predictor/gemm_quantised.hpp"
#include "predictor/gemm_tensor.hpp"
#include "predictor/gemm_vector.hpp"
#include "predictor/operator_family.hpp"
#include "predictor/row_operation.hpp"
#include "predictor/streaming.hpp"

namespace gpubench::predictor {

std::span<const operator_family* const> operator_families() {
  static const operator_family* const all[] = {
      &convolution_family, &streaming_family, &row_operation_family, &gemm_vector,
      &gemm_quantised,     &gemm_tensor,      &attention_decode,     &attention_prefill,
  };
  return all;
}

const operator_family& family_of(const operator_call& call) {
  for (const operator_family* family : operator_families()) {
    if (family->covers(call)) return *family;
  }
  throw error(error_kind::internal, "no model of operator kind '" + std::string(models::kind_of(call.shape)) + "'");
}

}  // namespace gpubench::predictor
