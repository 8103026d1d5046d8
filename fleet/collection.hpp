#pragma once

#include "core/digest.hpp"
#include "results/run_head.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::fleet {

enum class collected_state {
  measured,  ///< its run file is there, whole, and what its node wrote
  failed,    ///< it ended without one; `reason` says why
  refused,   ///< what is there is not what its node wrote, or of another task or suite
  foreign,   ///< what is there is of another campaign, so that its node refuses to do the task in that folder
  running,
  waiting,
  not_submitted,
  unknown,  ///< nothing came, and the engine does not know of it
};

std::string_view to_string(collected_state state);

struct collected_task {
  std::string job;
  int index = 0;
  collected_state state = collected_state::unknown;
  std::string node;                                    ///< empty where none is known
  std::string reason;                                  ///< the engine's, and what was found
  std::filesystem::path file;                          ///< the run file, of a measured one
  std::optional<results::run_head> head;               ///< likewise
  std::optional<file_digest> digest;                   ///< of the run file, likewise
  std::optional<std::string> started_at, finished_at;  ///< by the node's clock, of its last start
  std::optional<int> starts;                           ///< how often it was begun, by its record
  /// Whether another start could bring something: not where its node takes it for done, as what it left is whole by
  /// its record, or refuses what lies there as a record, nor where that was only not fetched, nor where its host is out
  /// of reach.
  bool can_be_repeated = true;
  bool is_out_of_reach = false;  ///< its host was not reached, or did not answer: how it stands is not known

  friend bool operator==(const collected_task&, const collected_task&) = default;
};

/// Whether another start may bring its result: it failed, or was lost, or left what does not count.
bool can_be_done_again(const collected_task& task);

struct collection {
  std::string campaign, made_at;
  std::vector<collected_task> tasks;
  /// Why the engine could not be asked, or did not give what nodes left; absent: it was, and did.
  std::optional<std::string> engine_problem;
  std::vector<std::string> notes;  ///< clocks that differ, nodes that measured twice: each a sentence

  std::size_t count(collected_state state) const;
  std::size_t count_out_of_reach() const;
  friend bool operator==(const collection&, const collection&) = default;
};

}  // namespace gpubench::fleet
