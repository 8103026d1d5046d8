#include "fleet/collected_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>

#include "fleet/campaign_file.hpp"

namespace gpubench::fleet {
namespace {

std::string own_name(const collected_task& task) {
  return task.node.empty() ? fmt::format("{}.{}", task.job, task.index) : task.node;
}

}  // namespace

std::vector<const collected_task*> last_of_each_node(const collection& all, std::vector<std::string>& notes) {
  std::vector<const collected_task*> last;
  for (const auto& task : all.tasks) {
    if (task.state != collected_state::measured) continue;
    const auto same = std::find_if(last.begin(), last.end(), [&](const collected_task* known) {
      return known->job == task.job && own_name(*known) == own_name(task);
    });
    if (same == last.end()) {
      last.push_back(&task);
      continue;
    }
    const bool is_later = (*same)->head->started_at < task.head->started_at;
    notes.push_back(fmt::format("{} measured as tasks {} and {} of {}: the later one counts", own_name(task),
                                (*same)->index, task.index, task.job));
    if (is_later) *same = &task;
  }
  return last;
}

collected_nodes nodes_of(const collection& all, const std::string& job) {
  collected_nodes found;
  auto chosen = all;
  if (!job.empty())
    chosen.tasks.erase(std::remove_if(chosen.tasks.begin(), chosen.tasks.end(),
                                      [&](const collected_task& task) { return task.job != job; }),
                       chosen.tasks.end());
  const auto last = last_of_each_node(chosen, found.notes);
  std::map<std::string, int> of_name;
  for (const auto* task : last) ++of_name[own_name(*task)];
  for (const auto* task : last) {
    const auto name = own_name(*task);
    found.nodes.push_back({of_name[name] == 1 ? name : fmt::format("{} ({})", name, task->job), task->file});
  }
  return found;
}

std::optional<campaign_place> campaign_at(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return std::nullopt;
  const auto is_campaign = [&](const std::filesystem::path& folder) {
    return std::filesystem::exists(folder / campaign_file_name, ignored);
  };
  if (is_campaign(path)) return campaign_place{path.lexically_normal(), ""};
  // "results/" and "." have no name of their own to step back from.
  const auto whole = std::filesystem::weakly_canonical(path, ignored);
  if (whole.filename() == "results" && is_campaign(path / ".."))
    return campaign_place{(path / "..").lexically_normal(), ""};
  if (whole.parent_path().filename() == "results" && is_campaign(path / ".." / ".."))
    return campaign_place{(path / ".." / "..").lexically_normal(), whole.filename().string()};
  return std::nullopt;
}

}  // namespace gpubench::fleet
