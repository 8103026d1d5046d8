#pragma once

#include "results/run.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::results {

/// A successful measurement, without its samples.
struct measured_figure {
  std::string backend, device;
  std::string name;              ///< full name with all parameters
  double time_ns = 0;            ///< median of a sample, above 0
  std::vector<pair_time> pairs;  ///< of a pair_exchange

  friend bool operator==(const measured_figure&, const measured_figure&) = default;
};

/// A measurement that broke off or whose answer was wrong.
struct failed_figure {
  std::string device, name, reason;

  friend bool operator==(const failed_figure&, const failed_figure&) = default;
};

/// What a comparison of machines needs of a run file.
struct run_figures {
  run head;  ///< all but the measurements
  std::vector<measured_figure> measured;
  std::vector<failed_figure> failed;
};

run_figures figures_of(const run& whole);

/// The same from a file, many times as fast as load_run(): by simdjson, without what they do not need. They are held
/// against the samples as there.
/// @throws error: io; input as load_run(), at its place.
run_figures load_run_figures(const std::filesystem::path& path);

/// A file that may be a run.
struct run_candidate {
  std::filesystem::path file;
  bool is_named = true;  ///< by the user: it has to be a run
};

/// Those of many files, read by all CPUs, in their order. Nothing for a file that is not named and no run of any
/// version.
/// @throws error: as load_run_figures(), of the first file that is refused.
std::vector<std::optional<run_figures>> load_candidates(const std::vector<run_candidate>& files);

}  // namespace gpubench::results
