#include "fleet/skypilot_offers.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fleet/accelerator.hpp"
#include "fleet/instance_limits.hpp"
#include "fleet/settings.hpp"
#include "fleet/skypilot_task.hpp"

namespace gpubench::fleet {
namespace {

/// The catalogue's name of a provider, as SkyPilot has it (docs "infra", read 2026-11).
std::string cloud_of(const std::string& provider) {
  return provider == "digitalocean" ? "do" : provider;
}

/// "aws/us-east-1": aws. Empty where every cloud is meant: nothing, or "*".
std::string cloud_in(const std::string& where) {
  const auto cloud = to_lower(where.substr(0, where.find('/')));
  return cloud == "*" ? std::string() : cloud;
}

/// The types of this name that the cloud has, of all clouds where none is named. None where the catalogue does not
/// know the type at all.   @throws error: usage where others have it, and this cloud does not
std::vector<const profiles::instance*> types_there(const std::string& said, const std::string& where,
                                                   const std::string& type, const profiles::catalogue& known) {
  auto types = known.find_instances(type);
  const auto cloud = cloud_in(where);
  if (types.empty() || cloud.empty()) return types;
  std::vector<std::string> clouds;
  for (const auto* one : types) clouds.push_back(cloud_of(one->provider));
  types.erase(
      std::remove_if(types.begin(), types.end(), [&](const auto* one) { return cloud_of(one->provider) != cloud; }),
      types.end());
  if (types.empty())
    throw error(error_kind::usage, fmt::format("{}: {} has no instance type {}", said, cloud, type),
                fmt::format("{} has it", join(clouds, ", ")));
  return types;
}

/// Those of the type: only to machines of Google's N1 others can be attached (Google Cloud, "GPU machine types").
void require_accelerators_of_type(const std::string& accelerators, const profiles::instance& type,
                                  const profiles::catalogue& known) {
  if (accelerators.empty()) return;
  const auto said = "--set accelerators=" + accelerators;
  if (type.gpu_count == 0 && type.type.rfind("n1-", 0) == 0) return;
  if (type.gpu_count == 0)
    throw error(error_kind::usage, fmt::format("{}: {} has no GPU, and none can be attached to it", said, type.name()),
                "name an instance type with GPUs, or leave --instance out");
  require_accelerator_of_type(said, accelerators.substr(0, accelerators.find(':')), type, known);
  if (count_of_accelerators(accelerators) != type.gpu_count)
    throw error(error_kind::usage, fmt::format("{}: {} has {}", said, type.name(), type.gpu_count),
                "leave it out: an instance type has its GPUs");
}

void require_offers(const campaign& of, const job& what, const profiles::catalogue& known) {
  const auto everywhere = setting_of(of, "infra"), accelerators = setting_of(of, "accelerators");
  if (what.instance_type) {
    const auto types = types_there("--set infra=" + everywhere, everywhere, *what.instance_type, known);
    if (types.size() == 1) require_accelerators_of_type(accelerators, *types.front(), known);
  }
  for (const auto& one : skypilot_candidates(of)) {
    const auto& where = one.where.empty() ? everywhere : one.where;
    const auto said =
        one.where.empty() && !everywhere.empty() ? "--set infra=" + everywhere : std::string("--set candidates");
    const auto types = types_there(said, where, one.type, known);
    if (types.size() != 1) continue;  // which of several it would be is not known
    if (accelerators.empty()) require_gpus_of_type(what, *types.front(), known);  // else they are attached to it
    require_accelerators_of_type(accelerators, *types.front(), known);
    require_room_in_type(what, *types.front());
  }
  if (!accelerators.empty())
    require_cuda_accelerator(what, "--set accelerators=" + accelerators, accelerators.substr(0, accelerators.find(':')),
                             known);
}

}  // namespace

void require_skypilot_offers(const campaign& of, const profiles::catalogue& known) {
  for (const auto& one : of.jobs) require_offers(of, one, known);
}

}  // namespace gpubench::fleet
