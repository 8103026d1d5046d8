#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gpubench::tuning {

/// What a launcher's command line says of its ranks' variables, by which it overrides the environment in which it is
/// called: a variable that is set there changes nothing.
struct launcher_settings {
  struct variable {
    std::string name, value;
    std::string words;  ///< as they stand on the command line: "-x NCCL_PROTO=LL"

    friend bool operator==(const variable&, const variable&) = default;
  };
  std::vector<variable> set;          ///< each name once: the last counts
  std::optional<std::string> closed;  ///< the words by which ranks get no other variables: "--export=NONE"
  std::set<std::string> handed_on;    ///< by name, in spite of that
  bool is_mpirun = false;             ///< or another name that Open MPI's has

  /// Why a variable has no effect on ranks where it is set in the environment of the launcher, and what has; nothing
  /// where it has.
  std::optional<std::string> objection_to(const std::string& name) const;

  /// What else is needed that a variable reaches ranks on other machines; nothing where that is certain, or there is an
  /// objection. Open MPI hands on its own variables and those that -x names (mpirun(1), "Exported Environment
  /// Variables").
  std::optional<std::string> condition_of(const std::string& name) const;
};

/// Reads `mpirun -x NAME=VALUE` and `--mca NAME VALUE` (Open MPI), `-genv NAME VALUE` and `-env NAME VALUE` (MPICH,
/// Intel MPI), `srun --export=...` (Slurm), and `env NAME=VALUE` before the program. Scripts and files it does not
/// open.
launcher_settings read_launcher(const std::vector<std::string>& words);

}  // namespace gpubench::tuning
