#include "fleet/foreign_results.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include "fleet/record.hpp"
#include "fleet/task.hpp"

namespace gpubench::fleet {

void require_no_foreign_results(const campaign& of, const job& what, const std::vector<int>& tasks,
                                const std::filesystem::path& folder) {
  for (const auto& results : {of.results, folder / "results"})
    for (const int task : tasks) {
      const auto file = task_files(results, what.name, task).record;
      try {
        if (const auto record = load_record(file)) require_own(*record, of.id, what.name, task, file.string());
      } catch (const error& e) {
        if (e.kind() == error_kind::io) continue;  // collect() says that it cannot be read
        throw error(error_kind::input, e.where(), e.what(),
                    fmt::format("its node would not measure: move {} away, or render into another --output-dir",
                                (results / what.name).string()));
      }
    }
}

}  // namespace gpubench::fleet
