#pragma once

#include "results/measurement.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gpubench::imports {

/// A kernel of BabelStream in our terms.
struct stream_kernel {
  std::string benchmark;  ///< "stream_triad"; "babelstream_nstream" for one that gpubench does not measure
  int arrays = 0;         ///< read or written, each once
};

/// By BabelStream's name ("Copy", "Mul", "Add", "Triad", "Dot", "Nstream"). Ours are on doubles: of another element
/// type the name starts with "babelstream_".   Source of the arrays: BabelStream's README and docs/benchmarks.md.
std::optional<stream_kernel> find_stream_kernel(std::string_view name, bool is_double);

/// Figures of one kernel as BabelStream states them; rate from the smallest time.
struct stream_figures {
  double best_bytes_per_second = 0;
  std::optional<double> min_seconds, max_seconds, mean_seconds;
  std::optional<std::size_t> repetitions;  ///< behind mean and extremes
};

results::measurement measurement_of(const stream_kernel& kernel, std::optional<std::int64_t> array_bytes,
                                    const stream_figures& figures);

}  // namespace gpubench::imports
