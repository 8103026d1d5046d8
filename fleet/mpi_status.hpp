#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "fleet/submission.hpp"
#include "fleet/task.hpp"

namespace gpubench::fleet {

/// What a host says of a task that was begun there over SSH.
struct host_answer {
  task_report says;
  std::string problem;                 ///< why there is no answer; empty: there is one
  std::chrono::seconds node_ahead{0};  ///< of the clock of this machine
};

/// How a task stands by that: state, reason and times.
/// @param last  by which it was begun
/// @param log   of the task, on its host
/// @param now   of this machine
task_status status_of(const host_answer& answer, const submission& last, const std::filesystem::path& log,
                      std::chrono::system_clock::time_point now);

}  // namespace gpubench::fleet
