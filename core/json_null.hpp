#pragma once

#include "core/json.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <type_traits>

// What is unknown is null in JSON, and never 0.
namespace gpubench {

/// null for what is absent, and for a number that is not finite, which JSON does not have.
template <class Value>
json or_null(const std::optional<Value>& value) {
  if constexpr (std::is_floating_point_v<Value>) {
    if (value && !std::isfinite(*value)) return nullptr;
  }
  return value ? json(*value) : json(nullptr);
}

/// null for an empty text.
inline json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

}  // namespace gpubench
