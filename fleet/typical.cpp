#include "fleet/typical.hpp"

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/statistics.hpp"
#include "results/run_summary.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace gpubench::fleet {
namespace {

/// Of which node it is does not matter: "gpu0 NVIDIA L4 GPU-1f2e" is "gpu0".
std::string key_of(const results::measurement_summary& m) {
  return m.device.substr(0, m.device.find(' ')) + " " + m.name;
}

double median_of(const std::vector<double>& values) {
  return summarize(values).median;
}

const collected_task* middle_of(const std::vector<const collected_task*>& tasks) {
  if (tasks.size() == 1) return tasks.front();
  std::vector<results::run_summary> runs(tasks.size());
  in_parallel(tasks.size(), 4, [&](std::size_t i) {
    auto summary = results::load_run_summary(tasks[i]->file);
    if (!summary) throw error(error_kind::input, {tasks[i]->file.string(), 0, 0}, "is no run file");
    runs[i] = std::move(*summary);
  });
  std::map<std::string, std::vector<double>> times;
  for (const auto& run : runs)
    for (const auto& m : run.measurements) times[key_of(m)].push_back(*m.values[0]);
  std::map<std::string, double> medians;
  for (const auto& [key, values] : times) medians[key] = median_of(values);
  std::vector<std::pair<double, const collected_task*>> order;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::vector<double> ratios;
    for (const auto& m : runs[i].measurements)
      if (const double median = medians.at(key_of(m)); median > 0) ratios.push_back(*m.values[0] / median);
    if (!ratios.empty()) order.emplace_back(median_of(ratios), tasks[i]);
  }
  if (order.empty()) return tasks.front();
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return order[order.size() / 2].second;
}

}  // namespace

std::vector<typical_task> typical_tasks(const collection& all) {
  std::vector<std::pair<std::string, std::vector<const collected_task*>>> jobs;
  for (const auto& task : all.tasks) {
    if (task.state != collected_state::measured) continue;
    if (jobs.empty() || jobs.back().first != task.job)
      jobs.emplace_back(task.job, std::vector<const collected_task*>());
    jobs.back().second.push_back(&task);
  }
  std::vector<typical_task> found;
  for (const auto& [job, tasks] : jobs) found.push_back({job, middle_of(tasks), tasks.size()});
  return found;
}

}  // namespace gpubench::fleet
