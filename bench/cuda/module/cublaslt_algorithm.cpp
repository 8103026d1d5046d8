#include "bench/cuda/module/cublaslt_algorithm.hpp"

namespace gpubench::cuda {

namespace {

enum class setting_kind { tile, stages, cluster };

struct setting_name {
  setting_kind kind;
  int number;
  const char* text;
};

/// Written by CMake from the enumerations of the toolkit's cublasLt.h; ends with an entry without text.
constexpr setting_name names[] = {
#include "cublaslt_names.inc"
    {setting_kind::tile, 0, nullptr}};

/// The number where the header has no name for it: the library may be newer than the build.
std::string name_of(setting_kind kind, int number) {
  for (const auto& name : names) {
    if (name.text != nullptr && name.kind == kind && name.number == number) return name.text;
  }
  return "number " + std::to_string(number);
}

/// cublasLtReductionScheme_t.
std::string reduction_name(int scheme) {
  switch (scheme) {
    case 1:
      return "in place";
    case 2:
      return "in the compute type";
    case 4:
      return "in the output type";
    default:
      return "number " + std::to_string(scheme);
  }
}

}  // namespace

std::string text_of(const algorithm_settings& settings) {
  std::string text = "algorithm " + (settings.id ? std::to_string(*settings.id) : std::string("unknown"));
  const auto add = [&](const char* what, const std::string& value) {
    text.append(", ").append(what).append(" ").append(value);
  };
  // 0 stands for undefined, or left to the library, in all three.
  const auto add_name = [&](const char* what, setting_kind kind, std::optional<int> number) {
    if (number.value_or(0) != 0) add(what, name_of(kind, *number));
  };
  add_name("tile", setting_kind::tile, settings.tile);
  add_name("stages", setting_kind::stages, settings.stages);
  add_name("cluster", setting_kind::cluster, settings.cluster);
  if (settings.split_k.value_or(1) > 1) add("split-k", std::to_string(*settings.split_k));
  if (settings.reduction.value_or(0) != 0) add("reduction", reduction_name(*settings.reduction));
  if (settings.swizzle.value_or(0) != 0) add("swizzle", std::to_string(*settings.swizzle));
  if (settings.custom.value_or(0) != 0) add("option", std::to_string(*settings.custom));
  return text;
}

}  // namespace gpubench::cuda
