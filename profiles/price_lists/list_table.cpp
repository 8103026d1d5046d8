#include "profiles/price_lists/list_table.hpp"

#include "core/encoding.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::profiles::detail {

list_table::list_table(const std::filesystem::path& file, const std::vector<std::string>& required,
                       const std::vector<std::string>& used, const std::vector<std::string>& unneeded,
                       price_list& into) {
  const std::string content = read_file(file);
  require_utf8(content, file.string());
  require_line_end(content, file.string());
  table_ = csv_table::parse(content, file.string());
  table_.require_columns(required);
  const auto among = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const auto& column : table_.header()) {
    if (among(required, column) || among(used, column) || among(unneeded, column)) continue;
    if (!among(into.unused_columns, column)) into.unused_columns.push_back(column);
  }
}

std::string_view cell_text(const csv_table::row& row, std::string_view column) {
  return row.has(column) ? trim(row.text(column)) : std::string_view();
}

std::optional<double> cell_number(const csv_table::row& row, std::string_view column) {
  const auto text = cell_text(row, column);
  if (text.empty() || to_lower(text) == "nan") return std::nullopt;
  const auto number = parse_number(text);
  if (!number) row.refuse(column, fmt::format("{} '{}' is not a finite number", column, text));
  return number;
}

}  // namespace gpubench::profiles::detail
