#include "fleet/foreign_results.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <optional>

#include "fleet/record.hpp"

namespace gpubench::fleet {
namespace {

/// Nothing also where it cannot be read: collect() says so.
std::optional<task_record> record_if_readable(const std::filesystem::path& file) {
  try {
    return load_record(file);
  } catch (const error&) {
    return std::nullopt;
  }
}

}  // namespace

void require_no_foreign_results(const campaign& of, const job& what, const std::vector<int>& tasks,
                                const std::filesystem::path& folder) {
  for (const auto& results : {of.results, folder / "results"})
    for (const int task : tasks) {
      const auto file = task_files(results, what.name, task).record;
      const auto record = record_if_readable(file);
      if (!record || record->campaign == of.id) continue;
      throw error(
          error_kind::input, {file.string(), 0, 0},
          fmt::format("is of campaign {}: campaign {} cannot leave its results there too", record->campaign, of.id),
          "move " + (results / what.name).string() + " away, or render into another --output-dir");
    }
}

}  // namespace gpubench::fleet
