#pragma once

#include "core/csv.hpp"
#include "profiles/detail/findings.hpp"
#include "profiles/provenance.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::profiles::detail {

/// What a value may be: outside of it a figure is taken for a mistake (a wrong unit, a slipped digit).
struct sane_range {
  double low = 0;
  double high = 0;
  std::string_view unit;
};

/// Reads the cells of one row, reporting what is wrong with each instead of throwing, so that one row can have several
/// findings. A refused cell reads as absent; ok() tells whether the row may be used.
class row_reader {
 public:
  row_reader(const csv_table::row& row, findings& sink) : row_(&row), sink_(&sink), before_(sink.size()) {}

  bool ok() const { return sink_->size() == before_; }
  void refuse(std::string_view column, const std::string& what, const std::string& hint = {});

  /// A column that the file does not have reads as empty: an overlay may hold only the columns that it needs.
  const std::string& text(std::string_view column) const;
  std::string required(std::string_view column);
  /// One of `allowed`; an empty cell is absent.
  std::optional<std::string> one_of(std::string_view column, const std::vector<std::string>& allowed);
  std::optional<bool> yes_or_no(std::string_view column);
  std::optional<double> number(std::string_view column, sane_range range);
  std::optional<double> required_number(std::string_view column, sane_range range);
  std::optional<int> integer(std::string_view column, sane_range range);
  /// number() times `unit`: conversion to base units.
  std::optional<double> scaled(std::string_view column, double unit, sane_range range);
  /// Source, date and note: both of the first must be there, and the date must be one.
  provenance origin();
  file_position position(std::string_view column) const;
  file_position position() const { return row_->position(); }

 private:
  const csv_table::row* row_;
  findings* sink_;
  std::size_t before_;
};

}  // namespace gpubench::profiles::detail
