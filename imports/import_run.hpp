#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "imports/importer.hpp"

namespace gpubench::imports {

struct import_result {
  results::run run;
  std::vector<std::shared_ptr<const source_file>> files;
  std::vector<std::function<file_position()>> places;  ///< of its measurements, in their order, in the files
  std::vector<std::string> notes;                      ///< of all files, each with the file's name before it
};

/// One run from the files of one machine; each file's format is told from its content where `format` is empty.
/// @param now  UTC, ISO 8601: when the import is made
/// @throws error: usage for an unknown format; io or input for a file that cannot be read, holds no measurement, or
///         names another GPU, driver or library version than the file before it.
import_result import_files(const std::string& format, const std::vector<std::filesystem::path>& files,
                           const import_options& options, const std::string& now);

}  // namespace gpubench::imports
