#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fleet/collection.hpp"

namespace gpubench::fleet {

/// A node that a campaign measured.
struct collected_node {
  std::string name;  ///< the node's, with its job where that does not tell it from another
  std::filesystem::path file;
};

struct collected_nodes {
  std::vector<collected_node> nodes;  ///< by job, then task
  std::vector<std::string> notes;     ///< nodes of which an earlier run does not count: each a sentence
};

/// The tasks that count of those that were measured: of each node in a job the last, by job, then task.
/// @param notes  gets a sentence for each that does not
std::vector<const collected_task*> last_of_each_node(const collection& all, std::vector<std::string>& notes);

/// The measured nodes of a campaign, each once in a job, by its last run: a node is no peer of itself.
/// @param job  of this one alone; empty: of all
collected_nodes nodes_of(const collection& all, const std::string& job = {});

/// A campaign, or a job of it.
struct campaign_place {
  std::filesystem::path folder;  ///< the campaign's
  std::string job;               ///< empty: all
};

/// The campaign where `path` is its folder, its folder of results, or that of a job's results; else nothing.
std::optional<campaign_place> campaign_at(const std::filesystem::path& path);

}  // namespace gpubench::fleet
