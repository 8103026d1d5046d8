#pragma once

#include <chrono>
#include <string>

#include "fleet/job.hpp"
#include "fleet/submission.hpp"
#include "fleet/task.hpp"

namespace gpubench::fleet {

/// What a host says of a task that was begun there over SSH.
struct host_answer {
  task_report says;
  std::string problem;                 ///< why there is no answer; empty: there is one
  bool is_refused = false;             ///< gpubench was asked there, and refused to tell, as by a record that is none
  std::chrono::seconds node_ahead{0};  ///< of the clock of this machine
};

/// How a task stands by that.
/// @param last  by which it was begun
/// @param now   of this machine
task_status status_of(const host_answer& answer, const campaign& of, const submission& last, int task,
                      std::chrono::system_clock::time_point now);

}  // namespace gpubench::fleet
