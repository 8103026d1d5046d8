#include "profiles/detail/data_file.hpp"

#include <algorithm>

namespace gpubench::profiles::detail {

csv_table load_data_file(const std::filesystem::path& file, const file_columns& columns, findings& sink) {
  try {
    csv_table table = csv_table::load(file.string());
    table.require_columns(columns.required);
    std::vector<std::string> known = columns.required;
    known.insert(known.end(), columns.optional.begin(), columns.optional.end());
    for (const auto& column : table.header())
      if (std::find(known.begin(), known.end(), column) == known.end())
        throw error(error_kind::input, {file.string(), 1, 1}, fmt::format("column '{}' is not known here", column),
                    suggestion(column, known));
    return table;
  } catch (const error& failure) {
    sink.add(failure);
    return {};
  }
}

}  // namespace gpubench::profiles::detail
