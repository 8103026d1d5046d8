#include "fleet/typical.hpp"

#include "core/error.hpp"
#include "core/median.hpp"
#include "core/parallel.hpp"
#include "results/run_summary.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "fleet/collected_nodes.hpp"

namespace gpubench::fleet {
namespace {

/// Of which node it is does not matter: "gpu0 NVIDIA L4 GPU-1f2e" is "gpu0".
std::string place_of(const results::measurement_summary& m) {
  return m.device.substr(0, m.device.find(' '));
}
std::string key_of(const results::measurement_summary& m) {
  return place_of(m) + " " + m.name;
}

std::set<std::string> devices_of(const results::run_summary& run) {
  std::set<std::string> devices;
  for (const auto& m : run.measurements) devices.insert(place_of(m));
  return devices;
}

/// For each run how many devices it lacks of those that most have.
std::vector<std::size_t> missing_devices(const std::vector<results::run_summary>& runs) {
  std::map<std::string, std::size_t> counts;
  for (const auto& run : runs)
    for (const auto& device : devices_of(run)) ++counts[device];
  std::vector<std::size_t> missing;
  for (const auto& run : runs) {
    const auto there = devices_of(run);
    missing.push_back(static_cast<std::size_t>(std::count_if(counts.begin(), counts.end(), [&](const auto& one) {
      return 2 * one.second > runs.size() && there.count(one.first) == 0;
    })));
  }
  return missing;
}

typical_task middle_of(const std::string& job, const std::vector<const collected_task*>& tasks) {
  if (tasks.size() == 1) return {job, tasks.front(), 1, 0};
  std::vector<results::run_summary> runs(tasks.size());
  in_parallel(tasks.size(), 4, [&](std::size_t i) {
    auto summary = results::load_run_summary(tasks[i]->file);
    if (!summary) throw error(error_kind::input, {tasks[i]->file.string(), 0, 0}, "is no run file");
    runs[i] = std::move(*summary);
  });
  std::map<std::string, std::vector<double>> times;
  for (const auto& run : runs)
    for (const auto& m : run.measurements)
      if (m.values[0]) times[key_of(m)].push_back(*m.values[0]);
  std::map<std::string, double> medians;
  for (const auto& [key, values] : times) medians[key] = median_of(values);
  const auto missing = missing_devices(runs);
  const auto fewest = *std::min_element(missing.begin(), missing.end());
  std::vector<std::pair<double, const collected_task*>> order;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (missing[i] > fewest) continue;
    std::vector<double> ratios;
    for (const auto& m : runs[i].measurements)
      if (m.values[0] && medians.at(key_of(m)) > 0) ratios.push_back(*m.values[0] / medians.at(key_of(m)));
    if (!ratios.empty()) order.emplace_back(median_of(ratios), tasks[i]);
  }
  if (order.empty()) return {job, tasks.front(), tasks.size(), 0};
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return {job, order[order.size() / 2].second, order.size(), tasks.size() - order.size()};
}

}  // namespace

std::vector<typical_task> typical_tasks(const collection& all) {
  std::vector<std::pair<std::string, std::vector<const collected_task*>>> jobs;
  std::vector<std::string> notes;  // collect() has said that they measured twice
  for (const auto* task : last_of_each_node(all, notes)) {
    if (jobs.empty() || jobs.back().first != task->job)
      jobs.emplace_back(task->job, std::vector<const collected_task*>());
    jobs.back().second.push_back(task);
  }
  std::vector<typical_task> found;
  for (const auto& [job, tasks] : jobs) found.push_back(middle_of(job, tasks));
  return found;
}

}  // namespace gpubench::fleet
