#pragma once

#include <optional>
#include <string>

namespace gpubench::cuda {

/// Settings of an algorithm of cuBLASLt, as the numbers of its enumerations; nothing where the library does not tell.
struct algorithm_settings {
  std::optional<int> id, tile, stages, cluster, split_k, reduction, swizzle, custom;
};

/// "algorithm 66, tile 128x256, stages 64xAUTO, cluster 2x1x1, split-k 3 (reduction compute type), swizzle 1, option
/// 5": what is not set, or stands for none, is left out. Names are those of the header of the build.
std::string text_of(const algorithm_settings& settings);

}  // namespace gpubench::cuda
