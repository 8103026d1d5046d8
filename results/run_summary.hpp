#pragma once

#include "results/run.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::results {

/// What a trend is made of: median time, and rates at it; of an imported measurement without samples the median, else
/// the mean, that its tool states, and its rates.
inline constexpr std::array<std::string_view, 5> metric_names{"time_ns", "flop_per_second", "bytes_per_second",
                                                              "items_per_second", "busbw_bytes_per_second"};
using metric_values = std::array<std::optional<double>, metric_names.size()>;

struct measurement_summary {
  std::string device;  ///< "cpu", or "gpu0 NVIDIA L4 GPU-1f2e...": another card in the slot is another device
  std::string name;    ///< full name with all parameters
  metric_values values;

  friend bool operator==(const measurement_summary&, const measurement_summary&) = default;
};

/// The part of a run file that trends need; failed and skipped measurements, and those without any
/// of these figures, are left out.
struct run_summary {
  std::string id;
  std::string started_at;
  /// What is the same as long as the machine is: CPU, number of usable CPUs, instance type, GPUs. Run files hold no
  /// name of a host, so that machines that are alike in all of these count as one.
  std::string machine;
  std::vector<measurement_summary> measurements;

  friend bool operator==(const run_summary&, const run_summary&) = default;
};

run_summary summarize(const run& value);

/// The same from a file, several times as fast as load_run(): by simdjson, without the samples.
/// @return nothing for JSON that is no run file.
/// @throws error: io; input as load_run(), at its place.
std::optional<run_summary> load_run_summary(const std::filesystem::path& path);

}  // namespace gpubench::results
