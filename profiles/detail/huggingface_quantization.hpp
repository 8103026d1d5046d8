#pragma once

#include "models/transformer.hpp"
#include "profiles/detail/json_reader.hpp"

namespace gpubench::profiles::detail {

/// Sets how weights are stored from `quantization_config`, where there is one. Weights of 4 bits, integers too, are
/// noted as precision::fp4, with the bytes of their scales.   @throws error: input for a method that is not known.
void read_quantization(const json_reader& config, models::transformer& shape);

}  // namespace gpubench::profiles::detail
