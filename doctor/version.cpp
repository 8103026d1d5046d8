#include "doctor/version.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace gpubench::doctor {

std::optional<version> version::parse(std::string_view text) {
  constexpr long long largest_part = 1'000'000'000;
  std::vector<int> parts;
  for (const auto& part : split(text, '.')) {
    const auto number = parse_integer(part);
    if (!number || *number < 0 || *number > largest_part) return std::nullopt;
    parts.push_back(static_cast<int>(*number));
  }
  if (parts.empty()) return std::nullopt;
  return version(std::string(trim(text)), std::move(parts));
}

std::string version::family() const {
  return std::to_string(major()) + "." + std::to_string(minor());
}

std::strong_ordering operator<=>(const version& a, const version& b) {
  for (std::size_t i = 0; i < std::max(a.parts_.size(), b.parts_.size()); ++i) {
    if (const auto order = a.part(i) <=> b.part(i); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace gpubench::doctor
