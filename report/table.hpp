#pragma once

#include "report/document.hpp"

#include <optional>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

namespace gpubench::report {

/// A table of values, for `gpubench list` and as the base of other forms. An absent value prints as a dash in text, as
/// an empty cell in CSV, and as null in JSON.
class table {
 public:
  using value = std::variant<std::monostate, std::string, double, bool>;

  struct column {
    std::string key;     ///< in JSON and CSV, with its unit: "memory_gib"
    std::string header;  ///< for people: "memory GiB"
    int digits = 4;      ///< significant digits in text; JSON and CSV have full precision
    int keep = 0;        ///< in text too wide for the terminal, columns of the highest number go first; 0 always stays
  };

  explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}
  void add_row(std::vector<value> row);
  std::size_t size() const { return rows_.size(); }
  const std::vector<column>& columns() const { return columns_; }
  const std::vector<std::vector<value>>& rows() const { return rows_; }

  void write_text(std::ostream& out, const style& look) const;  ///< numbers right-aligned; wide (UTF-8) safe
  void write_csv(std::ostream& out) const;
  void write_json(std::ostream& out) const;  ///< array of objects
  void write_markdown(std::ostream& out) const;

 private:
  std::vector<column> columns_;
  std::vector<std::vector<value>> rows_;
};

}  // namespace gpubench::report
