#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::fleet {

/// Which of an engine's clusters a submission went to, by words of the engine: "context", "namespace". Empty where that
/// is not known, or the engine has but one.
using engine_place = std::map<std::string, std::string>;

/// What was, or is about to be, handed to the engine in one call: some tasks of one job.
struct submission {
  std::string job;
  std::vector<int> tasks;
  /// Unique at the engine, and fixed before it is called: whoever comes after a crash finds by it whether the call was
  /// made. "CAMPAIGN-JOB-1", at most 63 characters of [a-z0-9-].
  std::string key;
  std::string id;            ///< the engine's own; empty until it is known
  std::string submitted_at;  ///< UTC by the clock of this machine, of the last call; empty: by hand, nobody knows when
  bool refused = false;      ///< the engine said no to that call, and has nothing of it
  std::string problem = {};  ///< why that call failed, in the engine's words; empty: it did not, or was killed
  engine_place place = {};   ///< noted before the call, for whoever asks the engine later

  friend bool operator==(const submission&, const submission&) = default;
};

enum class task_state {
  waiting,  ///< the engine has it and will start it
  running,
  ended,    ///< as far as the engine knows in good order: whether there is a result, the results say
  failed,   ///< it ended badly or never will start; `reason` has the engine's words
  unknown,  ///< the engine has forgotten it, or cannot say
};

std::string_view to_string(task_state state);

/// Tasks as people write them: "0-3,7".
std::string ranges_of(const std::vector<int>& tasks);

/// What the engine says about one task.
struct task_status {
  std::string job;
  int index = 0;
  task_state state = task_state::unknown;
  std::string node;    ///< empty where none was assigned
  std::string reason;  ///< the engine's own words: "NODE_FAIL", "OUT_OF_MEMORY, exit code 137", "Priority"
  /// UTC by the engine's clock; against them the clocks of nodes are held.
  std::optional<std::string> started_at, ended_at;
  bool restarted = false;  ///< it was begun before that too, so that a record may be of an earlier start
  /// Of one that is unknown: false where it may be that the wrong engine, or as the wrong user, was asked.
  bool can_be_repeated = true;
  /// Of one that is unknown: the engine may have it and not show it to this user, so that it may run, whatever its
  /// record says of an earlier start.
  bool may_be_hidden = false;
  /// Likewise: its host was not reached, or did not answer; that is the reason.
  bool is_out_of_reach = false;

  friend bool operator==(const task_status&, const task_status&) = default;
};

/// Whether a task that its node says to have finished then, or not at all, has ended since it was last handed over.
/// @param last  null: it was not
bool has_ended_since(const std::optional<std::string>& finished_at, const submission* last);

}  // namespace gpubench::fleet
