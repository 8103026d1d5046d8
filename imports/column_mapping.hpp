#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "imports/units.hpp"

namespace gpubench::imports {

/// A value for every row: one text for all, or that of a column.
struct text_or_column {
  std::string text;
  bool is_column = false;
};

/// A number of a column with the factor of its unit, to nanoseconds, FLOP, bytes, items, or those a second.
struct number_column {
  std::string column, unit;
  double factor = 1;
};

/// What the columns of a table mean: a TOML file that the user writes (docs/importing.md).
struct column_mapping {
  std::string tool;
  std::optional<std::string> tool_version, measured_at, gpu, backend;
  text_or_column benchmark;
  text_or_column device{"gpu0", false};
  std::vector<std::pair<std::string, std::string>> parameters;  ///< our name, column; in the file's order
  std::map<std::string, number_column> time;    ///< "median", "mean", "min", "max", "stddev"; "n" has no unit
  std::map<std::string, number_column> rates;   ///< as results::rates
  std::map<std::string, number_column> work;    ///< "flop", "bytes", "items"
  std::map<std::string, number_column> values;  ///< any other name; a unit is kept as it is
  std::string item;                             ///< what an item is

  /// Every column that the mapping names.
  std::vector<std::string> columns() const;
};

/// @throws error: io if unreadable; input at line and column for malformed TOML, an unknown key, a unit that is not
///         known or of another quantity, or a mapping without tool, benchmark or any figure.
column_mapping load_column_mapping(const std::filesystem::path& path);

}  // namespace gpubench::imports
