#pragma once

#include "results/run_summary.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gpubench::results {

/// One *.json file below a folder.
struct history_file {
  /// A copy holds a run that another file holds, too: it is that file's run that counts.
  enum class kind : std::uint8_t { run, other, broken, copy };

  std::string path;  ///< relative to the folder
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
  kind is = kind::run;
  std::string problem;  ///< of a broken one: place and reason; of a copy: the file that counts
  run_summary summary;
};

struct history {
  std::vector<history_file> files;  ///< by path
  std::size_t read = 0;             ///< how many were read now; the others came from the index
  std::string index_problem;        ///< why the index could not be written; empty: it was, or none was asked for
};

/// Reads all run files below a folder, symbolic links to folders not followed. An index beside them is a cache only: a
/// file whose size or time of change differs from the index is read again, one that is gone is forgotten, and an index
/// that is damaged or of another version is built anew. It is replaced as a whole, so that two at once do no harm;
/// where it cannot be written, everything is read each time.
/// Of the files of one run (one id) that with most measurements counts, of those the first by path.
/// @param index  its file; empty: none
/// @throws error: io when the folder cannot be read.
history load_history(const std::filesystem::path& folder, const std::filesystem::path& index);

}  // namespace gpubench::results
