#pragma once

#include "core/csv.hpp"
#include "profiles/price_lists/format.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::profiles::detail {

/// A CSV price list: columns by name, since their order differs between providers and versions.
class list_table {
 public:
  /// @param used     columns that the reader takes figures from
  /// @param unneeded columns that are known and of no use here; any other is named in `into.unused_columns`
  /// @throws error: io, or input at file:line:column.
  list_table(const std::filesystem::path& file, const std::vector<std::string>& required,
             const std::vector<std::string>& used, const std::vector<std::string>& unneeded, price_list& into);

  const csv_table& rows() const { return table_; }

 private:
  csv_table table_;
};

/// Text of a cell; empty where the file has no such column.
std::string_view cell_text(const csv_table::row& row, std::string_view column);

/// A number, or nothing for a missing column, a blank and the "NaN" that pandas writes for one.
/// @throws error: input at the cell for anything else, "inf" and 1e400 among it.
std::optional<double> cell_number(const csv_table::row& row, std::string_view column);

}  // namespace gpubench::profiles::detail
