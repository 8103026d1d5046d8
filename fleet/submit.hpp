#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleet/engine.hpp"
#include "fleet/state.hpp"

namespace gpubench::fleet {

/// A campaign in its folder, with its engine and what was submitted of it.
struct opened_campaign {
  std::filesystem::path folder;
  campaign of;
  const engine* runs_on;
  state submitted;
};

/// @throws error: input, usage for an engine or settings that are not known, io
opened_campaign open_campaign(const std::filesystem::path& folder);
/// The same for who is to hand tasks over.   @throws error: input likewise where another user did before
opened_campaign open_campaign_to_submit(const std::filesystem::path& folder);

enum class handed_over {
  now,
  before,   ///< by an earlier command, which was killed before it could note that
  by_copy,  ///< by a command that worked on a copy of the campaign's folder
  by_hand,  ///< by the engine's own programs
};

/// Called after each submission that has got its id.
using on_submission = std::function<void(const submission&, handed_over)>;

/// Called with each place where nothing was found that was submitted by hand, before tasks are handed over.
using on_nothing_found = std::function<void(const std::string& place)>;

/// Hands over every task that was not yet, nor by hand, and completes what an earlier command began. Killed at any
/// moment and called again it submits nothing twice: a submission is noted with its key before the engine is called,
/// and looked for by that key before it is called again; of several that were begun of a task only the last. Needs
/// lock_state(). What is new goes before what an earlier command failed to hand over. A failure keeps no other task
/// from its turn, but three in a row end it where one service stands behind all of them.
/// @throws error: as engine::submit(), the first of those that came, after all else was handed over and noted, with the
///         tasks that were not handed over, those that may have been, and those that were not tried; input where
///         manifests are missing or name other hosts, or another campaign's results lie in the place of tasks
void submit_all(opened_campaign& what, const on_submission& tell, const on_nothing_found& tell_where = {});

using tasks_by_job = std::map<std::string, std::vector<int>>;

/// Hands tasks over again, of which none is_unresolved(): the engine may have that. submit_all() first. What its user
/// has handed over again by hand meanwhile is noted instead.   @throws error: as there
void submit_again(opened_campaign& what, const tasks_by_job& again, const on_submission& tell);

}  // namespace gpubench::fleet
