#include "fleet/seen_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace gpubench::fleet {

bool has_job_folder(const std::filesystem::path& results, const campaign& of) {
  std::error_code ignored;
  return std::any_of(of.jobs.begin(), of.jobs.end(),
                     [&](const job& one) { return std::filesystem::is_directory(results / one.name, ignored); });
}

fetched_results seen_results(const campaign& of, const std::string& local) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(local, ignored))
    throw error(error_kind::environment, fmt::format("--set local-results: {} is no folder here", local));
  const auto results = std::filesystem::path(local) / of.id;
  if (has_job_folder(results, of)) return results;
  throw no_trace_of_results(error_kind::environment, {results.string(), 0, 0},
                            "holds no folder of this campaign's jobs",
                            "--set local-results names a file system that nodes write to: is it mounted here?");
}

}  // namespace gpubench::fleet
