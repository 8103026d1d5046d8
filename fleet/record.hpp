#pragma once

#include "core/digest.hpp"
#include "core/json.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace gpubench::fleet {

/// The schema's name; fleet/schema/gpubench.fleet-task-1.json describes it.
inline constexpr const char* record_schema = "gpubench.fleet-task/1";

/// What a node says about its task, beside the run file, which holds no name of a host.
struct task_record {
  std::string campaign, job;
  int index = 0;
  std::string node;
  int starts = 1;                          ///< how often the task was begun, on whichever node
  std::string started_at;                  ///< the last time; UTC by the node's clock
  std::optional<std::string> finished_at;  ///< absent while it runs, and where it ended with its node
  std::optional<int> exit_code;            ///< likewise; 128 and the signal's number where one ended it
  std::optional<file_digest> result;       ///< of the run file; absent where there is none
  /// As the node's firmware says, whatever --instance said to the run; absent where it says nothing.
  std::optional<std::string> instance_type = std::nullopt;

  friend bool operator==(const task_record&, const task_record&) = default;
};

/// RESULTS/JOB/INDEX.json, .record.json, .lock, .log: what belongs to a task. Not every engine leaves its log there.
struct task_files {
  task_files(const std::filesystem::path& results, const std::string& job, int index);
  std::filesystem::path folder, result, record, lock, log;
};

/// Whether its command ended with 0, or with the exit code of a run in which single measurements failed.
bool ended_in_order(const task_record& record);

/// "with exit code 3", "by signal 9", or that the record does not say.
std::string end_in_words(const task_record& record);

json to_json(const task_record& value);
task_record record_from_json(const json& document, const std::string& file);

/// Nothing where there is no such file.   @throws error: input; io
std::optional<task_record> load_record(const std::filesystem::path& file);
/// @throws error: io
void save_record(const std::filesystem::path& file, const task_record& value);

}  // namespace gpubench::fleet
