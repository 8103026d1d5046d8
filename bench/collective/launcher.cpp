#include "bench/collective/launcher.hpp"

#include "core/text.hpp"

#include <cstdlib>
#include <initializer_list>

namespace gpubench::collective {

namespace {

std::optional<int> first_number(std::initializer_list<const char*> variables) {
  for (const char* variable : variables) {
    const char* text = std::getenv(variable);
    if (text == nullptr) continue;
    if (const auto number = parse_integer(text)) return static_cast<int>(*number);
  }
  return std::nullopt;
}

}  // namespace

/// Open MPI; PMIx; PMI of MPICH, Intel MPI and Slurm; HPE's PALS.
launch_place place_in_launch() {
  return {first_number({"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "PMI_ID", "PALS_RANKID"}),
          first_number({"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "PALS_LOCAL_RANKID"})};
}

bool started_by_launcher() {
  const auto place = place_in_launch();
  return place.rank || place.local_rank;
}

}  // namespace gpubench::collective
