#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gpubench::results {

/// What names a run file, and the machine of it.
struct run_head {
  std::string id, suite, started_at;
  std::optional<std::string> finished_at;    ///< absent when the run was cut short
  std::optional<std::string> instance_type;  ///< absent where the machine did not tell, nor the command line
  std::vector<std::string> gpus;             ///< names, in the order of their numbers
  /// Where each rank was, of a run of several; empty: of one.
  std::vector<std::string> rank_nodes = {};

  friend bool operator==(const run_head&, const run_head&) = default;
};

/// The head of a run file whose text is at hand, without a look at its measurements and the rest of its environment
/// beyond that they are well-formed JSON: some twenty times as fast as reading the run.
/// @param text  for the time of the call it is made longer, as simdjson needs it
/// @param file  name used in positions
/// @throws error: input, at its place, for what is no run file of this schema
run_head read_run_head(std::string& text, const std::string& file);

}  // namespace gpubench::results
