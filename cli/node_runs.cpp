#include "cli/node_runs.hpp"

#include "cli/output.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <utility>

#include "fleet/collected_nodes.hpp"
#include "fleet/folder_word.hpp"
#include "fleet/usable_collection.hpp"

namespace gpubench::cli {
namespace {

/// Places in what is shown, each with the campaign's folder, by the name of the node.
using runs_by_name = std::map<std::string, std::vector<std::pair<std::size_t, std::string>>>;

/// Campaigns may have hosts of the same name: another machine, or the same at another time.
void tell_apart(const global_options& global, const runs_by_name& all, std::vector<node_run>& runs) {
  for (const auto& [name, places] : all) {
    if (places.size() < 2) continue;
    std::vector<std::string> campaigns;
    for (const auto& [place, campaign] : places) {
      runs[place].node = fmt::format("{} ({})", name, campaign);
      campaigns.push_back(campaign);
    }
    say(global, labelled("Note", fmt::format("{} has a run in each of {}: they stand as nodes of their own", name,
                                             join(campaigns, ", "))));
  }
}

}  // namespace

std::vector<node_run> with_campaign_nodes(const global_options& global, const std::vector<std::string>& paths) {
  std::vector<node_run> runs;
  runs_by_name by_name;
  for (const auto& path : paths) {
    const auto campaign = fleet::campaign_at(path);
    if (!campaign) {
      runs.push_back({path, ""});
      continue;
    }
    const auto found = fleet::nodes_of(fleet::load_usable_collection(campaign->folder), campaign->job);
    if (found.nodes.empty())
      throw error(error_kind::input, {path, 0, 0}, "nothing of this campaign was measured",
                  "gpubench fleet status " + fleet::folder_word(campaign->folder));
    for (const auto& note : found.notes) say(global, labelled("Note", note));
    for (const auto& node : found.nodes) {
      runs.push_back({node.file.string(), node.name});
      by_name[node.name].emplace_back(runs.size() - 1, path);
    }
  }
  tell_apart(global, by_name, runs);
  return runs;
}

}  // namespace gpubench::cli
