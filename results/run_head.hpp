#pragma once

#include <optional>
#include <string>

namespace gpubench::results {

/// What names a run file.
struct run_head {
  std::string id, suite, started_at;
  std::optional<std::string> finished_at;  ///< absent when the run was cut short

  friend bool operator==(const run_head&, const run_head&) = default;
};

/// The head of a run file whose text is at hand, without a look at its environment and measurements beyond that they
/// are well-formed JSON: some twenty times as fast as reading the run.
/// @param text  for the time of the call it is made longer, as simdjson needs it
/// @param file  name used in positions
/// @throws error: input, at its place, for what is no run file of this schema
run_head read_run_head(std::string& text, const std::string& file);

}  // namespace gpubench::results
