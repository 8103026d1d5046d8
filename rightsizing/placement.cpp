#include "rightsizing/placement.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace gpubench::rightsizing {
namespace {

/// What a driver keeps of a device's memory. Judgement.
constexpr double usable_memory = 0.97;

struct filled_gpu {
  double busy = 0, memory_bytes = 0;
  int works = 0;
};

std::optional<placement> in_turns(const std::vector<placed_work>& works, double memory_bytes, double time_share,
                                  double most_busy) {
  std::vector<filled_gpu> gpus;
  const double room = most_busy * time_share + 1e-9;
  for (const auto& work : works) {
    if (work.busy > room || work.memory_bytes > usable_memory * memory_bytes) return std::nullopt;
    const auto found = std::find_if(gpus.begin(), gpus.end(), [&](const filled_gpu& gpu) {
      return gpu.busy + work.busy <= room && gpu.memory_bytes + work.memory_bytes <= usable_memory * memory_bytes;
    });
    auto& into = found == gpus.end() ? gpus.emplace_back() : *found;
    into.busy += work.busy;
    into.memory_bytes += work.memory_bytes;
    ++into.works;
  }
  placement result;
  result.gpus = static_cast<int>(gpus.size());
  for (const auto& gpu : gpus) {
    result.fullest = std::max(result.fullest, gpu.busy / time_share);
    result.least_share = std::min(result.least_share, time_share / gpu.works);
  }
  result.how = gpus.size() < works.size() ? "sharing GPUs in turns, without isolation"
               : time_share < 1           ? "a share of a GPU each, in turns with others"
                                          : a_gpu_each;
  return result;
}

/// Each work in the smallest slice that does; slices of one GPU add up to the whole at most.
std::optional<placement> in_slices(const std::vector<placed_work>& works, const profiles::gpu_spec& gpu,
                                   double most_busy) {
  const auto slices = planner::slices_of(gpu);
  if (slices.empty() || works.size() < 2) return std::nullopt;
  double used = 0, fullest = 0, least_share = 1;
  std::set<std::string> names;
  // A slice's busy time grows by the share of multiprocessors or of bandwidth that it lacks, whichever is more.
  const auto share_of = [&](const planner::gpu_slice& slice) {
    return std::min(static_cast<double>(*slice.device.multiprocessors) / *gpu.multiprocessors,
                    slice.device.memory_bytes / gpu.memory_bytes);
  };
  for (const auto& work : works) {
    const auto fits = std::find_if(slices.begin(), slices.end(), [&](const planner::gpu_slice& slice) {
      return work.busy / share_of(slice) <= most_busy && work.memory_bytes <= usable_memory * slice.device.memory_bytes;
    });
    if (fits == slices.end()) return std::nullopt;
    used += 1.0 / fits->most;
    names.insert(fits->name);
    least_share = std::min(least_share, share_of(*fits));
    fullest = std::max(fullest, work.busy / share_of(*fits));
  }
  placement result;
  result.gpus = static_cast<int>(std::ceil(used - 1e-9));
  result.fullest = std::min(1.0, fullest);
  result.least_share = least_share;
  for (const auto& name : names) result.how += (result.how.empty() ? "" : " and ") + name;
  return result;
}

}  // namespace

std::optional<placement> place(std::vector<placed_work> works, const profiles::gpu_spec* gpu, double memory_bytes,
                               double time_share, double most_busy) {
  std::sort(works.begin(), works.end(), [](const placed_work& a, const placed_work& b) { return a.busy > b.busy; });
  auto turns = in_turns(works, memory_bytes, time_share, most_busy);
  if (gpu == nullptr || time_share < 1 || !turns || turns->gpus == static_cast<int>(works.size())) return turns;
  const bool whole = memory_bytes >= 0.9 * gpu->memory_bytes;
  const auto slices = whole ? in_slices(works, *gpu, most_busy) : std::nullopt;
  return slices && slices->gpus <= turns->gpus ? slices : turns;
}

}  // namespace gpubench::rightsizing
