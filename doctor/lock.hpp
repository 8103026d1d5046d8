#pragma once

#include "core/json.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "doctor/facts.hpp"
#include "doctor/finding.hpp"

namespace gpubench::doctor {

inline constexpr const char* lock_schema = "gpubench.lock/1";

/// The versions that machines of one fleet should have in common.
struct version_lock {
  std::string source;  ///< what it was read from, for sentences: "fleet.lock", "run file a.json"
  /// By name ("driver", "cuda", "cudnn", "gpus", "kernel", ...); several versions of one thing in ascending order with
  /// ", " between.
  std::map<std::string, std::string> versions;
  bool from_run = false;  ///< of one program, which loaded one version of each library
};

/// What this machine has.
version_lock lock_of(const facts& machine);

/// As doctor/schema/gpubench.lock-1.json describes it.
json to_json(const version_lock& lock);

/// Reads a lock file, or takes the versions that a run file (gpubench.run/1) recorded.
/// @throws error: io, or input for anything else, naming the field.
version_lock load_lock(const std::filesystem::path& path);

/// Writes a lock file, whole or not at all. A lock file that is there is replaced.
/// @throws error: io; usage where another kind of file is there.
void save_lock(const std::filesystem::path& path, const version_lock& lock);

/// Every disagreement: those in driver, CUDA libraries and GPUs are errors; in kernel, system and other libraries
/// warnings; what the reference does not name is not judged. Versions of CUDA's libraries agree where one is the
/// other's beginning: "12.4" and "12.4.127".
std::vector<finding> compare_locks(const version_lock& reference, const version_lock& here);

}  // namespace gpubench::doctor
