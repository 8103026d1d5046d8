#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fleet/record.hpp"

namespace gpubench::fleet {

/// One task, as its node is told to do it.
struct task_order {
  std::string campaign, job;
  int index = 0;
  std::filesystem::path results;     ///< folder of the campaign's results, as this node sees it
  std::vector<std::string> command;  ///< with program and launcher; it takes --run-file, and "run" --resume as well
  std::optional<std::string> instance_type = std::nullopt;  ///< of this node, as its firmware says
  bool alone = false;  ///< waits for other tasks of this user on this machine, where no engine keeps them apart
  /// Waits so long for another process that does it: one that was killed may hang in a driver for a while.
  std::chrono::milliseconds patience{30'000};
  std::function<void(const std::string&)> tell = [](const std::string&) {};  ///< what it waits for
};

/// What became of it.
struct task_outcome {
  task_record record;
  bool is_done = false;   ///< its run file is whole, though single measurements may have failed in it
  bool was_done = false;  ///< earlier, so that nothing was run now
  /// It ended with 2 for a file and not for its command line, as far as can be told: it left a run file, or none can be
  /// written.
  bool failed_for_a_file = false;
};

/// Does it: runs the command, which says what it says on this process's own streams, and leaves run file and record.
/// A task whose result is there and whole is not done again. A run that was cut short on
/// this node is gone on with; one of another node is kept beside, as INDEX.START-NODE.json, and a new one begun.
/// @throws error: usage for names that are not plain, and so might lead out of the folder; environment where the command
/// cannot be started; io where another process goes on doing this task; input where its record is of another campaign
task_outcome do_task(const task_order& order);

/// This node, as its engine names it ($GPUBENCH_NODE, $SLURMD_NODENAME), else its host name.
std::string name_of_this_node();

/// How a task stands on its node.
struct task_report {
  bool running = false;
  std::optional<task_record> record;
  std::optional<std::string> asked_at;  ///< UTC by the node's clock; absent from a gpubench that does not say it

  friend bool operator==(const task_report&, const task_report&) = default;
};

/// @throws error: usage for a name that is not plain; input for a wrong record; io
task_report report_on(const std::filesystem::path& results, const std::string& job, int index);

json to_json(const task_report& value);
task_report report_from_json(const json& document, const std::string& file);

/// A record of another campaign, job or task.   @throws error: input
void require_own(const task_record& record, const std::string& campaign, const std::string& job, int index,
                 const std::string& file);

}  // namespace gpubench::fleet
