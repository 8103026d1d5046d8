#include "models/precision.hpp"

namespace gpubench::models {

std::string_view to_string(precision p) {
  switch (p) {
    case precision::fp64:
      return "fp64";
    case precision::fp32:
      return "fp32";
    case precision::tf32:
      return "tf32";
    case precision::fp16:
      return "fp16";
    case precision::bf16:
      return "bf16";
    case precision::fp8:
      return "fp8";
    case precision::fp4:
      return "fp4";
    case precision::int8:
      return "int8";
  }
  return "";
}

std::optional<precision> parse_precision(std::string_view name) {
  for (const auto p : all_precisions)
    if (to_string(p) == name) return p;
  return std::nullopt;
}

double bytes_per_element(precision p) {
  switch (p) {
    case precision::fp64:
      return 8;
    case precision::fp32:
    case precision::tf32:
      return 4;
    case precision::fp16:
    case precision::bf16:
      return 2;
    case precision::fp8:
    case precision::int8:
      return 1;
    case precision::fp4:
      return 0.5;
  }
  return 0;
}

}  // namespace gpubench::models
