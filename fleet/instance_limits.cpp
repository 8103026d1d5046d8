#include "fleet/instance_limits.hpp"

#include "core/error.hpp"
#include "core/units.hpp"
#include "planner/slices.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fleet/task_command.hpp"

namespace gpubench::fleet {
namespace {

std::string cpus_asked_by(const job& what) {
  return fmt::format("--cpus {}", *what.cpus_per_node);
}

std::string memory_asked_by(const job& what) {
  return fmt::format("--memory {:g} GiB", *what.memory_bytes / gib);
}

}  // namespace

void require_slices_of(const profiles::gpu_spec& gpu, const std::string& said, const std::string& profile) {
  if (profile.empty() || planner::most_slices(gpu, profile) != 0) return;
  if (gpu.mig_max_instances == 0)
    throw error(error_kind::usage, fmt::format("{}: {} cannot be cut into slices (MIG)", said, gpu.name),
                fmt::format("ask for whole GPUs in place of {}", profile));
  throw error(error_kind::usage, fmt::format("{}: {} has no slices {}", said, gpu.name, profile),
              "nvidia-smi mig -lgip lists those that it has");
}

void require_gpus_of_type(const job& what, const profiles::instance& type, const profiles::catalogue& known,
                          const std::string& profile) {
  const auto* gpu = known.find_gpu(type.gpu);
  const bool in_slices = !profile.empty() && what.gpus_per_node > 0 && gpu != nullptr;
  if (in_slices) require_slices_of(*gpu, type.name(), profile);
  const auto slices = in_slices ? planner::most_slices(*gpu, profile) : std::nullopt;
  if (slices && what.gpus_per_node > type.gpu_count * *slices)
    throw error(error_kind::usage,
                fmt::format("--gpus {}: {} has {} of {} with {} slices {} each at most", what.gpus_per_node,
                            type.name(), type.gpu_count, gpu->name, *slices, profile),
                "where slices are named, --gpus is their number");
  const bool is_open = in_slices && !slices;  // how many slices its GPUs have, the catalogue does not know
  if (!slices && !is_open && what.gpus_per_node > std::max(type.gpu_count, 0))
    throw error(error_kind::usage, fmt::format("--gpus {}: {} has {}", what.gpus_per_node, type.name(), type.gpu_count),
                "leave --gpus out: it has as many as its instance type");
  if (what.gpus_per_node == 0 || measures_cpus_alone(what) || (gpu != nullptr && gpu->vendor == "NVIDIA")) return;
  throw error(error_kind::usage, fmt::format("gpubench has no back-end for the {} of {}", type.gpu, type.name()),
              "-- run --backend host measures its CPU");
}

void require_room_in_type(const job& what, const profiles::instance& type) {
  const auto refuse = [&](const std::string& asked, double has, const char* of_what, const std::string& hint) {
    throw error(error_kind::usage, fmt::format("{}: {} has {:g} {}", asked, type.name(), has, of_what), hint);
  };
  if (what.cpus_per_node && type.vcpus && *what.cpus_per_node > *type.vcpus)
    refuse(cpus_asked_by(what), *type.vcpus, "vCPUs",
           "ask for fewer, leave --cpus out, or name a larger instance type");
  if (what.memory_bytes && type.host_memory_bytes && *what.memory_bytes > *type.host_memory_bytes)
    refuse(memory_asked_by(what), *type.host_memory_bytes / gib, "GiB",
           "ask for less, leave --memory out, or name a larger instance type");
  const bool on_cpus = what.gpus_per_node == 0 || measures_cpus_alone(what);
  if (what.collective && on_cpus && what.ranks_per_node && type.vcpus && *what.ranks_per_node > *type.vcpus)
    refuse(fmt::format("--ranks {}", *what.ranks_per_node), *type.vcpus, "vCPUs",
           "ranks on CPUs have a vCPU each: ask for fewer, or for more --nodes");
}

std::vector<std::string> all_asked_for(const job& what, const profiles::catalogue& known) {
  if (!what.instance_type) return {};
  const auto types = known.find_instances(*what.instance_type);
  const auto any = [&](auto holds) {
    return std::any_of(types.begin(), types.end(), [&](const profiles::instance* type) { return holds(*type); });
  };
  std::vector<std::string> all;
  if (what.cpus_per_node && any([&](const auto& type) { return type.vcpus && *what.cpus_per_node >= *type.vcpus; }))
    all.push_back(cpus_asked_by(what));
  if (what.memory_bytes &&
      any([&](const auto& type) { return type.host_memory_bytes && *what.memory_bytes >= *type.host_memory_bytes; }))
    all.push_back(memory_asked_by(what));
  return all;
}

}  // namespace gpubench::fleet
