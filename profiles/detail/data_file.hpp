#pragma once

#include "core/csv.hpp"
#include "core/text.hpp"
#include "profiles/detail/findings.hpp"
#include "profiles/detail/row_reader.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gpubench::profiles::detail {

/// Columns of one data file. Any other column is refused: it is most likely a misspelt one.
struct file_columns {
  std::vector<std::string> required;
  std::vector<std::string> optional;
};

/// Reads a file and checks its header; reports what is wrong and returns no rows then.
csv_table load_data_file(const std::filesystem::path& file, const file_columns& columns, findings& sink);

/// Reads a file row by row: `read(row_reader&)`.
template <class Read>
void each_row(const std::filesystem::path& file, const file_columns& columns, findings& sink, Read read) {
  const csv_table table = load_data_file(file, columns, sink);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const csv_table::row row = table[i];
    row_reader reader(row, sink);
    read(reader);
  }
}

/// Rows by key over several files: within one file a key may stand once; a later file's row replaces an earlier file's.
template <class Row>
class keyed_rows {
 public:
  explicit keyed_rows(std::vector<Row>& rows) : rows_(&rows) {}

  void start_file() { seen_in_file_.clear(); }

  /// @param what    the row as a reader names it: "GPU 'T4'"
  /// @param column  where a duplicate is pointed at
  void add(const std::string& key, Row value, const std::string& what, std::string_view column, row_reader& reader) {
    const auto [seen, fresh] = seen_in_file_.emplace(key, reader.position().line);
    if (!fresh) {
      reader.refuse(column, fmt::format("{} stands twice in this file, first in line {}", what, seen->second),
                    "keep one of the two rows");
      return;
    }
    if (!reader.ok()) return;
    const auto [place, added] = index_.emplace(key, rows_->size());
    if (added) {
      rows_->push_back(std::move(value));
    } else {
      (*rows_)[place->second] = std::move(value);
    }
  }

 private:
  std::vector<Row>* rows_;
  std::unordered_map<std::string, std::size_t> index_;
  std::unordered_map<std::string, std::size_t> seen_in_file_;
};

/// Parts of a key, joined so that no two different lists give the same text; case does not count.
inline std::string key_of(std::initializer_list<std::string_view> parts) {
  std::string key;
  for (const auto part : parts) {
    key += to_lower(part);
    key += '\n';
  }
  return key;
}

}  // namespace gpubench::profiles::detail
