#pragma once

#include "core/file_lock.hpp"
#include "core/json.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fleet/job.hpp"
#include "fleet/manifest.hpp"
#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// The schema's name; fleet/schema/gpubench.fleet-state-1.json describes it.
inline constexpr const char* state_schema = "gpubench.fleet-state/1";
inline constexpr const char* state_file_name = "state.json";

/// What of a campaign was handed to its engine, in the order in which it was.
struct state {
  std::string campaign;  ///< its id
  std::vector<submission> submissions;

  /// Tasks of a job that some submission has.
  std::set<int> submitted_tasks(const std::string& job) const;
  /// The last submission that has this task, or null.
  const submission* last_of(const std::string& job, int task) const;
  /// Whether its last submission has no id: the engine refused it, or nobody knows yet whether it has it.
  bool is_unresolved(const std::string& job, int task) const;
  /// Where its tasks went: the others follow, whatever the engine's programs would choose by now. What was refused is
  /// nowhere.
  /// @param one  of the submissions that does not count, or null
  engine_place place_besides(const submission* one) const;

  friend bool operator==(const state&, const state&) = default;
};

json to_json(const state& value);
state state_from_json(const json& document, const std::string& file, const std::string* text = nullptr);

/// The state of a campaign's folder. fleet render makes an empty one: where there is none, it was lost.
/// @throws error: input for one that is not there, wrong or of another campaign, or that tells of jobs or tasks which
/// this one does not have; io
state load_state(const std::filesystem::path& folder, const campaign& of);

/// Of a campaign that is new, among its manifests.
manifest state_manifest(const state& value);
/// @throws error: io
void save_state(const std::filesystem::path& folder, const state& value);

/// Held while a campaign's state is changed, so that two commands at once submit nothing twice.
/// @throws error: environment while another process holds it; io
file_lock lock_state(const std::filesystem::path& folder);

}  // namespace gpubench::fleet
