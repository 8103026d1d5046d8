#pragma once

#include "models/transformer.hpp"
#include "profiles/detail/json_reader.hpp"

#include <span>
#include <string_view>

namespace gpubench::profiles::detail {

/// How one `model_type` states its shape. Keys and defaults: the configuration classes of Hugging Face transformers
/// (src/transformers/models/NAME/configuration_NAME.py).
struct architecture {
  std::string_view model_type;
  models::transformer (*read)(const json_reader& config) = nullptr;
};

/// Sorted by model_type.
std::span<const architecture> architectures();

}  // namespace gpubench::profiles::detail
