#pragma once

#include "results/run.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "imports/source_file.hpp"

namespace gpubench::imports {

/// What the user says where files do not.
struct import_options {
  std::optional<std::string> benchmark;          ///< what was measured, where the file does not name it
  std::optional<std::string> gpu;                ///< model of the GPUs, where the file does not name them
  std::optional<std::string> node;               ///< the one machine wanted of a file that has several
  std::optional<std::filesystem::path> mapping;  ///< of columns, for tables
};

/// What one file says.
struct imported_file {
  std::string tool;
  std::optional<std::string> tool_version;
  std::optional<std::string> measured_at;  ///< as the file states it
  results::environment environment;        ///< as far as the file knows the machine
  std::vector<results::measurement> measurements;
  /// Where each measurement stands, in their order; worked out where it is asked for, while the source file is there.
  std::vector<std::function<file_position()>> places;
  bool is_complete = true;         ///< the file shows that the tool ran to its end, or cannot show it
  std::vector<std::string> notes;  ///< what was left out or looks wrong, in sentences

  /// Says of the measurements that were added since the last call where they stand.
  void placed_at(const file_position& at) {
    places.resize(measurements.size(), [at] { return at; });
  }
  /// Of a document that lives as long as the source file.
  void placed_at(const results::json_field& field) {
    places.resize(measurements.size(), [field] { return field.position(); });
  }
  /// Of a value of one of the file's JSON lines, which need not live on.
  void placed_at(const source_file& file, std::size_t line, const std::string& path) {
    places.resize(measurements.size(), [&file, line, path] { return file.in_json_line(line, path); });
  }
};

/// One format. Its file registers it; the help of `gpubench import` is made from the registry.
struct importer {
  std::string name;         ///< "nccl-tests"
  std::string description;  ///< what it reads, in a few words
  /// Whether the file is of this format, from its first lines or keys; never throws.
  std::function<bool(const source_file&)> recognizes;
  /// @throws error: input at the place of what is wrong.
  std::function<imported_file(const source_file&, const import_options&)> read;
};

/// All registered importers, by name.
const std::vector<importer>& importers();

/// @throws error: usage with the known names.
const importer& find_importer(const std::string& name);

/// The one importer that recognizes the file.
/// @throws error: input where none does, or several (naming them); or for JSON that is broken, at its place.
const importer& detect_importer(const source_file& file);

/// An importer file's last line registers it.
struct importer_registration {
  explicit importer_registration(importer format);
};

}  // namespace gpubench::imports
