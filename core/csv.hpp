#pragma once

#include "core/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench {

/// A CSV file (RFC 4180: comma, double quotes, one header row) whose cells know where they stand, so that a loader can
/// point at the cell it refuses. Own code because no packaged CSV library reports positions.
class csv_table {
 public:
  struct cell {
    std::string text;
    std::size_t line = 0;
    std::size_t column = 0;  ///< of the cell's first character, from 1
  };

  /// Records with another count of cells than the header. Kept ones answer for the cells that they have, and refuse
  /// when another is asked for: for readers that report a bad record and go on.
  enum class ragged_records { refused, kept };

  /// One record; columns are found by header name.
  class row {
   public:
    row(const csv_table& table, const std::vector<cell>& cells) : table_(&table), cells_(&cells) {}

    bool has(std::string_view column) const;
    /// Text of a cell; empty when the cell is.   @throws error: input if the file has no such column.
    const std::string& text(std::string_view column) const;
    /// @throws error: input if the cell is empty.
    const std::string& required_text(std::string_view column) const;
    /// A finite number, or nothing for an empty cell.   @throws error: input at the cell for anything else.
    std::optional<double> number(std::string_view column) const;
    double required_number(std::string_view column) const;
    file_position position(std::string_view column) const;
    file_position position() const;
    /// @throws error: input for a record with another count of cells than the header.
    void require_whole() const;
    /// Throws an input error that points at the cell; what begins with "is" gets the column and its text before it.
    [[noreturn]] void refuse(std::string_view column, const std::string& what, const std::string& hint = {}) const;

   private:
    const cell& at(std::string_view column) const;

    const csv_table* table_;
    const std::vector<cell>* cells_;
  };

  /// @param file  name used in positions.
  /// @throws error: input for an empty text, an unclosed quote, a duplicate header, or a record with another cell
  /// count.
  static csv_table parse(std::string_view text, std::string file, ragged_records ragged = ragged_records::refused);
  /// @throws error: io if the file cannot be read; input as parse().
  static csv_table load(const std::string& path, ragged_records ragged = ragged_records::refused);

  const std::string& file() const { return file_; }
  const std::vector<std::string>& header() const { return header_; }
  std::size_t size() const { return records_.size(); }
  row operator[](std::size_t index) const { return row(*this, records_[index]); }
  /// @throws error: input naming the missing column, unless all are there.
  void require_columns(const std::vector<std::string>& columns) const;

 private:
  std::optional<std::size_t> find_column(std::string_view column) const;

  std::string file_;
  std::vector<std::string> header_;
  std::vector<std::vector<cell>> records_;
};

/// A cell as CSV wants it: quoted only where it must be.
std::string csv_escape(std::string_view text);

}  // namespace gpubench
