#include "core/text.hpp"

#include <array>
#include <utility>

#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {
namespace {

/// Names of frameworks (PyTorch, NumPy) and of engines' settings.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> others{{
    {"float64", "fp64"},
    {"double", "fp64"},
    {"float32", "fp32"},
    {"float", "fp32"},
    {"float16", "fp16"},
    {"half", "fp16"},
    {"bfloat16", "bf16"},
    {"float8", "fp8"},
    {"fp8_block", "fp8"},
    {"fp8_e4m3", "fp8"},
    {"fp8_static", "fp8"},
    {"fp8_ootb", "fp8"},
}};

}  // namespace

std::string type_name(std::string_view name) {
  const std::string lower = to_lower(name);
  for (const auto& [other, known] : others) {
    if (lower == other) return std::string(known);
  }
  return lower;
}

}  // namespace gpubench::predictor
