#pragma once

#include "cli/ranking.hpp"

#include <filesystem>

namespace gpubench::cli {

/// Reads a question from a TOML file (docs/cost.md, "One file") into the options. What stands in neither keeps its
/// default; options of the command line that are read later win, lists add up.
/// @throws error: io, or input at file:line:column for an unknown key or a value that is none.
void read_request(const std::filesystem::path& file, ranking_options& into);

}  // namespace gpubench::cli
