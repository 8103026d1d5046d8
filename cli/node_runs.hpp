#pragma once

#include "cli/program.hpp"

#include <string>
#include <vector>

namespace gpubench::cli {

/// A path as the user gave it, or the run file of a node.
struct node_run {
  std::string path;
  std::string node;  ///< empty where no campaign names it
};

/// Each folder of a collected campaign, or of its results, replaced by the run files of its measured nodes, each node
/// once; a line says what does not count. A name that several campaigns have is followed by the campaign's folder.
/// Other paths stay.
/// @throws error: as fleet::load_usable_collection(); input for a campaign that measured nothing yet
std::vector<node_run> with_campaign_nodes(const global_options& global, const std::vector<std::string>& paths);

}  // namespace gpubench::cli
