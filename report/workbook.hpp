#pragma once

#include "report/table.hpp"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::report {

/// One sheet of a workbook: a table under a header that stays in view.
struct sheet {
  struct column {
    std::string header;         ///< with the unit of its numbers: "median, ns"
    std::string number_format;  ///< of the spreadsheet: "#,##0.00"; empty: as it comes
  };
  std::string name;  ///< at most 31 characters, none of []:*?/\, unique in its workbook
  std::vector<column> columns;
  std::vector<std::vector<table::value>> rows;
  std::set<std::pair<std::size_t, std::size_t>> strong;  ///< row and column of cells in bold
};

/// A spreadsheet (Office Open XML) through libxlsxwriter. Numbers are numbers, at the 16 digits that the library
/// writes; a text is never a formula, whatever it starts with; what is absent or not finite is an empty cell.
class workbook {
 public:
  /// @param made_at  UTC, ISO 8601, as the date of creation: the same report gives the same bytes
  /// @throws error: io where no temporary file can be made.
  workbook(const std::string& title, const std::string& made_at);
  ~workbook();
  workbook(const workbook&) = delete;
  workbook& operator=(const workbook&) = delete;

  /// A text longer than a cell may hold ends in an ellipsis.
  /// @throws error: usage for more rows than a sheet holds (1,048,576); internal for a name that is none.
  void add(const sheet& content);

  /// The file's bytes; nothing can be added afterwards.   @throws error: io
  std::string finish();

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace gpubench::report
