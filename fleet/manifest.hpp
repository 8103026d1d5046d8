#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gpubench::fleet {

/// A file for an engine, complete and ready to be read, changed and submitted by hand.
struct manifest {
  std::string file_name;  ///< without folders: "p5-48xlarge.sbatch"
  std::string text;
  bool executable = false;

  friend bool operator==(const manifest&, const manifest&) = default;
};

/// Writes them into a folder, which is made where there is none. What is there already and the same stays as it is.
/// @param force  replace files that differ
/// @return the files that were written
/// @throws error: input, naming every file that differs, before anything is written; io
std::vector<std::filesystem::path> write_manifests(const std::vector<manifest>& manifests,
                                                   const std::filesystem::path& folder, bool force);

}  // namespace gpubench::fleet
