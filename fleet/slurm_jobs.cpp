#include "fleet/slurm_jobs.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "fleet/copied_folder.hpp"

namespace gpubench::fleet {
namespace {

bool never_began(const slurm_task& task) {
  return task.node.empty() && status_of(task, "").state == task_state::failed;
}

}  // namespace

std::string slurm_number_of(const submission& what) {
  const auto number = what.id.substr(0, what.id.find(';'));
  return parse_integer(number) ? number : "";
}

std::string slurm_id_at(const std::string& cluster, const std::string& number) {
  return cluster.empty() ? number : number + ";" + cluster;
}

bool is_of(const slurm_task& task, const submission& what) {
  const auto number = slurm_number_of(what);
  return task.name == what.key && (number.empty() || number == task.id);
}

std::vector<submission> slurm_jobs_by_hand(const std::vector<slurm_task>& there, const job& of,
                                           const std::string& cluster) {
  std::map<long long, std::set<int>> tasks_of;
  std::string name;
  for (const auto& task : there) {
    if (never_began(task)) continue;
    auto& tasks = tasks_of[parse_integer(task.id).value_or(0)];
    name = task.name;
    for (int index = 0; index < of.tasks(); ++index)
      if (!task.index || *task.index == index) tasks.insert(index);
  }
  std::vector<submission> all;
  for (const auto& [number, tasks] : tasks_of) {
    if (tasks.empty()) continue;
    submission one;
    one.job = of.name;
    one.tasks.assign(tasks.begin(), tasks.end());
    one.key = name;
    one.id = slurm_id_at(cluster, std::to_string(number));
    all.push_back(std::move(one));
  }
  return all;
}

void require_tasks_of(const std::vector<slurm_task>& there, const submission& what, bool all) {
  const std::set<int> own(what.tasks.begin(), what.tasks.end());
  std::set<int> known;
  bool names_all = true;  // tasks without a line of their own may be any
  for (const auto& task : there) {
    if (task.index) known.insert(*task.index);
    names_all = names_all && task.index;
  }
  const bool has_others = !std::includes(own.begin(), own.end(), known.begin(), known.end());
  const bool lacks_some = all && names_all && !std::includes(known.begin(), known.end(), own.begin(), own.end());
  if (!has_others && !lacks_some) return;
  throw refused_for_copy(what, tasks_in_words({known.begin(), known.end()}), "Slurm's job " + there.front().id);
}

}  // namespace gpubench::fleet
