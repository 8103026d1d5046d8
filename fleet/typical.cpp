#include "fleet/typical.hpp"

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/statistics.hpp"
#include "results/run_summary.hpp"

#include <algorithm>
#include <map>
#include <set>
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

/// A benchmark's times, of all nodes that have it.
using times_of_benchmarks = std::map<std::string, std::vector<double>>;

/// How many of the benchmarks that most nodes have a node lacks.
std::size_t missing_in(const results::run_summary& run, const times_of_benchmarks& times, std::size_t nodes) {
  std::set<std::string> there;
  for (const auto& m : run.measurements) there.insert(key_of(m));
  return static_cast<std::size_t>(std::count_if(times.begin(), times.end(), [&](const auto& one) {
    return 2 * one.second.size() > nodes && there.count(one.first) == 0;
  }));
}

typical_task middle_of(const std::string& job, const std::vector<const collected_task*>& tasks) {
  if (tasks.size() == 1) return {job, tasks.front(), 1, 0};
  std::vector<results::run_summary> runs(tasks.size());
  in_parallel(tasks.size(), 4, [&](std::size_t i) {
    auto summary = results::load_run_summary(tasks[i]->file);
    if (!summary) throw error(error_kind::input, {tasks[i]->file.string(), 0, 0}, "is no run file");
    runs[i] = std::move(*summary);
  });
  times_of_benchmarks times;
  for (const auto& run : runs)
    for (const auto& m : run.measurements) times[key_of(m)].push_back(*m.values[0]);
  std::map<std::string, double> medians;
  for (const auto& [key, values] : times) medians[key] = median_of(values);
  std::vector<std::size_t> missing;
  for (const auto& run : runs) missing.push_back(missing_in(run, times, runs.size()));
  const auto fewest = *std::min_element(missing.begin(), missing.end());
  std::vector<std::pair<double, const collected_task*>> order;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (missing[i] > fewest) continue;
    std::vector<double> ratios;
    for (const auto& m : runs[i].measurements)
      if (const double median = medians.at(key_of(m)); median > 0) ratios.push_back(*m.values[0] / median);
    if (!ratios.empty()) order.emplace_back(median_of(ratios), tasks[i]);
  }
  if (order.empty()) return {job, tasks.front(), tasks.size(), 0};
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return {job, order[order.size() / 2].second, order.size(), tasks.size() - order.size()};
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
  for (const auto& [job, tasks] : jobs) found.push_back(middle_of(job, tasks));
  return found;
}

}  // namespace gpubench::fleet
