#pragma once

#include "cli/program.hpp"
#include "cli/ranking.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gpubench::cli {

/// The user's own place, as `gpubench link` measured it.
struct place_options {
  std::filesystem::path link;
  std::vector<std::string> displays;  ///< that the link must be fit for
};

void add_place_options(CLI::App& app, place_options& options);

/// Takes the time of uploading the data set off the deadline, and says so.
/// @throws error: usage for a display without a link; io or input for a wrong file; infeasible where the link is not
/// fit for
///         a display, or the upload takes longer than the deadline.
void apply(const global_options& global, const place_options& place, ranking_options& ranking);

}  // namespace gpubench::cli
