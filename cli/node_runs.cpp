#include "cli/node_runs.hpp"

#include "cli/output.hpp"
#include "core/text.hpp"

#include "fleet/collected_nodes.hpp"
#include "fleet/usable_collection.hpp"

namespace gpubench::cli {

std::vector<node_run> with_campaign_nodes(const global_options& global, const std::vector<std::string>& paths) {
  std::vector<node_run> runs;
  for (const auto& path : paths) {
    const auto campaign = fleet::campaign_at(path);
    if (!campaign) {
      runs.push_back({path, ""});
      continue;
    }
    const auto found = fleet::nodes_of(fleet::load_usable_collection(campaign->folder), campaign->job);
    if (found.nodes.empty())
      throw error(error_kind::input, {path, 0, 0}, "nothing of this campaign was measured",
                  "gpubench fleet status " + shell_word(campaign->folder.string()));
    for (const auto& note : found.notes) say(global, labelled("Note", note));
    for (const auto& node : found.nodes) runs.push_back({node.file.string(), node.name});
  }
  return runs;
}

}  // namespace gpubench::cli
