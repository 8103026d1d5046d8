#pragma once

#include "cli/program.hpp"
#include "report/comparison.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "comparison/compare.hpp"

namespace gpubench::cli {

/// How compare and gate judge, and what they write.
struct comparing_options {
  double threshold = comparison::criteria{}.threshold;
  double false_alarms = comparison::criteria{}.false_discovery_rate;
  std::string noise;  ///< a noise profile, or the deviation between runs: "0.5%"
  std::vector<std::string> allowed;
  std::vector<comparison::verdict> fail_on;            ///< empty: slower and wrong
  std::map<std::string, std::filesystem::path> files;  ///< further outputs by form
  bool github = false;
  bool all = false;
};
void add_comparing_options(CLI::App& app, comparing_options& options);

/// One side of a comparison and the files that it was read from.
struct loaded_side {
  comparison::side side;
  std::vector<std::filesystem::path> files;
};

/// The runs behind an argument: a run file, several with commas between, or a folder, of which every run file is taken
/// and other JSON files are left alone.
/// @throws error: io, input; usage for a folder without a run
loaded_side load_side(const std::string& argument);

/// Refuses an --allow that names nothing, neither what gpubench records nor what the runs state.
/// @throws error: usage with the known keys
void require_known_keys(const comparing_options& options, const std::vector<const comparison::side*>& sides);

/// @throws error: io, input for the noise profile
comparison::criteria criteria_of(const comparing_options& options);

/// Refuses what could not be written in the end, or would replace a file that was read.   @throws error: usage, io
void require_comparison_outputs(const global_options& global, const comparing_options& options,
                                const std::vector<std::filesystem::path>& inputs);

/// Writes all outputs.
/// @return answer_is_no when a verdict of --fail-on occurs; else not_comparable when something is, or when nothing at
///         all could be compared; else done
exit_status deliver_comparisons(const program& chosen, const comparing_options& options,
                                std::vector<comparison::comparison_result> results);

}  // namespace gpubench::cli
