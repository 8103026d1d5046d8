#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "predictor/collectives.hpp"

namespace gpubench::predictor {

/// "all_reduce", "allreduce", "all-gather" and so on.
std::optional<collective_kind> find_collective(std::string_view name);

}  // namespace gpubench::predictor
