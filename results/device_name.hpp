#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gpubench::results {

/// GPUs in a row, both ends among them.
struct gpu_span {
  std::int64_t first = 0, last = 0;

  friend bool operator==(const gpu_span&, const gpu_span&) = default;
};

/// Whether a device's name says that it is a GPU or several, readable or not: "gpu0", "gpu0-7", "gpu0;2".
bool is_gpu_name(std::string_view device);

/// The GPUs that a device's name means, in rising order: one of "gpu3", eight of "gpu0-7", two of "gpu0+2", three of
/// "gpu0-1+4". Nothing for other names, and for those that name a GPU twice.
std::optional<std::vector<gpu_span>> gpus_named(std::string_view device);

/// How many they are; nothing as gpus_named().
std::optional<std::int64_t> count_of_gpus(std::string_view device);

}  // namespace gpubench::results
