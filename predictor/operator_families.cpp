#include "core/error.hpp"

#include <array>

#include "predictor/attention.hpp"
#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

std::span<const operator_family* const> operator_families() {
  static const std::array families{
      &attention_decode,
      &attention_prefill,
  };
  return families;
}

const operator_family& family_of(const operator_call& call) {
  for (const operator_family* family : operator_families()) {
    if (family->covers(call)) return *family;
  }
  throw error(error_kind::internal, "no model of operator kind '" + std::string(models::kind_of(call.shape)) + "'");
}

}  // namespace gpubench::predictor
