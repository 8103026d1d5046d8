#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gpubench {

/// What a program left that ran to its end.
struct process_result {
  int exit_code = 0;       ///< 128 and the signal's number where a signal ended it, as shells say it
  std::string output;      ///< standard output
  std::string errors;      ///< standard error
  bool timed_out = false;  ///< it was killed at its time limit
};

/// Whether a program of this name stands in one of the folders of PATH.
bool is_program(const std::string& name);

/// Runs a program, without a shell, and waits for its end. It stays in this process's group, so that Ctrl-C reaches it
/// too.
/// @param arguments  the program's name, looked up in PATH, and what it is given
/// @param limit  by which it is killed; none: it may take as long as it wants
/// @throws error: environment where it cannot be started.
process_result run_process(const std::vector<std::string>& arguments,
                           std::optional<std::chrono::milliseconds> limit = std::nullopt);

/// The same with this process's own standard streams. SIGINT and SIGTERM that come meanwhile are handed on to it and
/// end this process only by its end.
/// @return its exit code, as in process_result   @throws error: environment where it cannot be started.
int run_in_foreground(const std::vector<std::string>& arguments);

}  // namespace gpubench
