#pragma once

#include <filesystem>

#include "fleet/engine.hpp"
#include "fleet/job.hpp"

namespace gpubench::fleet {

/// Thrown where a folder of results holds nothing of a campaign, and so looks like a mount point without its file
/// system: fine where no task can have left anything yet.
class no_trace_of_results : public error {
 public:
  using error::error;
};

/// Whether `results`, the campaign's own folder, has one of some job, as each task makes it when it begins.
bool has_job_folder(const std::filesystem::path& results, const campaign& of);

/// Where this machine sees what nodes leave, by --set local-results.
/// @throws error: environment where that is no folder; no_trace_of_results
fetched_results seen_results(const campaign& of, const std::string& local);

}  // namespace gpubench::fleet
