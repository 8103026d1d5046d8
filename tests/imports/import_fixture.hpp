#pragma once

#include "core/error.hpp"
#include "core/file.hpp"
#include "results/run.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "imports/import_run.hpp"

namespace gpubench::imports {

inline std::filesystem::path data_file(const std::string& name) {
  return std::filesystem::path(GPUBENCH_TEST_DATA_DIR) / name;
}

/// A file of the test data, its format told from its content unless named.
inline import_result import_data(const std::string& name, const import_options& options = {},
                                 const std::string& format = {}) {
  return import_files(format, {data_file(name)}, options, "2026-11-26T12:00:00Z");
}

/// The content of an edited file, as if it lay beside the test data.
inline imported_file read_text(const std::string& format, const std::string& text, const import_options& options = {}) {
  return find_importer(format).read(source_file(data_file("edited"), text), options);
}

/// A fixture's text with the first `from` replaced by `to`.
inline std::string edited(const std::string& name, const std::string& from, const std::string& to) {
  auto text = read_file(data_file(name));
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

inline results::measurement find(const results::run& run, const std::string& full_name, const std::string& device) {
  for (const auto& m : run.measurements)
    if (results::full_name(m) == full_name && m.device == device) return m;
  ADD_FAILURE() << full_name << " on " << device << " was not imported";
  return {};
}

/// "LINE:COLUMN: message" of the input error that `action` ends with.
template <class Action>
std::string refusal_of(Action action) {
  try {
    action();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input) << e.describe();
    return std::to_string(e.where().line) + ":" + std::to_string(e.where().column) + ": " + e.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

inline bool has_note(const std::vector<std::string>& notes, const std::string& part) {
  for (const auto& note : notes)
    if (note.find(part) != std::string::npos) return true;
  return false;
}

}  // namespace gpubench::imports
