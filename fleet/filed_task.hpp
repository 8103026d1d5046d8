#pragma once

#include <filesystem>

#include "fleet/collection.hpp"
#include "fleet/job.hpp"

namespace gpubench::fleet {

/// What the files of a task say, without the engine.
struct filed_task {
  collected_task task;
  bool decided = false;  ///< measured or refused: the engine need not be asked
  /// Its run file is not that of its record: refused, if it was not fetched while the one had ended and the other had
  /// not.
  bool doubtful = false;
};

/// Holds a task's result against its record, and both against what was asked for. What is wrong is a state and a
/// reason.
/// @param results  folder of the campaign's results, on this machine
filed_task filed_task_of(const campaign& of, const job& what, int index, const std::filesystem::path& results);

}  // namespace gpubench::fleet
