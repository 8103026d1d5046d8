#pragma once

#include "predictor/collectives.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gpubench::predictor {

/// "all_reduce", "allreduce", "all-gather" and so on.
std::optional<collective_kind> find_collective(std::string_view name);

}  // namespace gpubench::predictor
