#pragma once

#include <optional>

namespace gpubench::collective {

/// Which of the processes of one launch (mpirun, srun ...) this is, by the variables that launchers leave. Asked before
/// MPI is started, since that takes time and may fail in a process of its own.
struct launch_place {
  std::optional<int> rank;        ///< among all; nothing where the launcher does not tell, or there is none
  std::optional<int> local_rank;  ///< among those of this machine; likewise
};
launch_place place_in_launch();

/// Whether a launcher started this process as one of several.
bool started_by_launcher();

}  // namespace gpubench::collective
