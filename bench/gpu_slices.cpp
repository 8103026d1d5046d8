#include "bench/gpu_slices.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

namespace gpubench::bench {

std::optional<mig_name> parse_mig_name(std::string_view name) {
  static const std::regex form(R"(^(.*\S)\s+MIG\s+((?:[0-9]+c\.)?[0-9]+g\.([0-9]+)gb\S*)\s*$)");
  std::cmatch parts;
  if (!std::regex_match(name.data(), name.data() + name.size(), parts, form)) return std::nullopt;
  return mig_name{parts[1].str(), parts[2].str(), std::stod(parts[3].str())};
}

double mig_memory_share(double slice_gib, double gpu_gib) {
  return std::clamp(std::round(8 * slice_gib / gpu_gib), 1.0, 8.0) / 8;
}

bool is_vgpu_name(std::string_view name) {
  static const std::regex form(R"(^.*\S-[0-9]+[ABCQ](ME)?$)");
  return std::regex_match(name.data(), name.data() + name.size(), form);
}

}  // namespace gpubench::bench
