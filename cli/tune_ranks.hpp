#pragma once

#include "cli/program.hpp"

#include <filesystem>
#include <vector>

#include "tuning/rank_network.hpp"

namespace gpubench::cli {

/// `gpubench tune ranks`, which a launcher starts on every rank: what their machines speak through.
void declare_tune_ranks(CLI::App& tune_command, program& chosen);

/// What `gpubench tune ranks --format json --output FILE` has written, in the order of the ranks.
/// @throws error: io, input
std::vector<tuning::rank_network> load_rank_networks(const std::filesystem::path& file);

}  // namespace gpubench::cli
