#include "planner/typical_hosts.hpp"

#include "core/median.hpp"
#include "planner/prediction.hpp"

#include <vector>

namespace gpubench::planner {

typical_hosts::typical_hosts(const profiles::catalogue& known) {
  std::unordered_map<std::string, std::vector<double>> stated;
  std::vector<double> all;
  for (const profiles::instance& type : known.instances) {
    if (!type.has_gpu() || type.gpu_count < 1) continue;
    const auto cores = physical_cores(type, known);
    if (!cores) continue;
    const double per_gpu = *cores / (type.gpu_count * type.gpu_fraction);
    stated[type.gpu].push_back(per_gpu);
    all.push_back(per_gpu);
  }
  for (auto& [gpu, values] : stated) by_gpu_[gpu] = median_of(std::move(values));
  if (!all.empty()) any_ = median_of(std::move(all));
}

double typical_hosts::cores_per_gpu(const std::string& gpu) const {
  const auto found = by_gpu_.find(gpu);
  return found == by_gpu_.end() ? any_ : found->second;
}

}  // namespace gpubench::planner
