#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "predictor/collective_fit.hpp"

namespace gpubench::predictor {

/// How well a GPU's rows are predicted: sizes whose logarithm to base 2 rounds to an even number, from the others. As
/// |predicted / measured - 1|.
struct collective_error {
  std::string gpu;
  collective_kind kind = collective_kind::all_reduce;
  std::size_t rows = 0;  ///< held out
  double mean = 0, median = 0;
  double before = 0;    ///< mean of what was known before these rows
  double coverage = 0;  ///< share of the rows within the interval that the other rows of its kind give
};

struct collective_calibration {
  collective_model known;
  std::vector<collective_error> errors;
  std::vector<refused_observation> refused;
};

struct collective_calibration_options {
  std::string source, date;
  /// Forget what was known and fit the formula's constants to these rows. Otherwise the constants stay, since the
  /// curves of other GPUs hold for them, and a GPU's rows become its curves.
  bool from_scratch = false;
};

/// Curves of the rows' GPUs, which replace earlier ones of the same GPU, link, collective and number of ranks. The
/// interval for GPUs with curves of their own becomes the 5 % and 95 % quantiles of measured over predicted time of the
/// held-out rows, in each class of sizes that has at least 20.
collective_calibration calibrate_collectives(std::span<const collective_observation> rows, const collective_model& base,
                                             const collective_calibration_options& options);

inline constexpr const char* collectives_file = "collectives.toml";

/// @throws error: io, or input at file:line:column for what is no collective, link, or curve of the right length.
collective_model load_collectives(const std::filesystem::path& directory);
/// @throws error: io
void save_collectives(const std::filesystem::path& directory, const collective_model& known);

}  // namespace gpubench::predictor
