#include "profiles/price_lists/listed_type.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "profiles/detail/loaders.hpp"
#include "profiles/price_lists/listed_gpu.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace gpubench::profiles::detail {
namespace {

std::string gib_text(double bytes) {
  return fmt::format("{:.4g} GiB", bytes / gib);
}

// A memory that is that of all GPUs together is the usual mistake: said as such.
std::string memory_refusal(double listed, double expected, double count, const std::string& gpu) {
  if (count > 1 && is_same_memory(listed, expected * count))
    return fmt::format("memory {} of one {} is that of all {:g} together", gib_text(listed), gpu, count);
  return fmt::format("memory {} of one {}, which has {}", gib_text(listed), gpu, gib_text(expected));
}

}  // namespace

const listed_types::verdict& listed_types::of(const listed_price& offer, const provenance& origin) {
  const auto number = [](std::optional<double> value) { return value ? fmt::format("{}", *value) : std::string(); };
  const auto key =
      key_of({offer.provider, offer.instance_type, offer.gpu, number(offer.gpu_count), number(offer.gpu_memory_bytes)});
  const auto found = verdicts_.find(key);
  if (found != verdicts_.end()) return found->second;
  return verdicts_.emplace(key, judge(offer, origin)).first->second;
}

listed_types::verdict listed_types::judge(const listed_price& offer, const provenance& origin) {
  if (const auto* type = known_->find_instance(offer.provider, offer.instance_type)) return hold_to(*type, offer);
  return make(offer, origin);
}

listed_types::verdict listed_types::hold_to(const instance& type, const listed_price& offer) const {
  const bool lists_gpu = !offer.gpu.empty() || offer.gpu_count.value_or(0) > 0;
  if (!lists_gpu) return {&type, ""};  // many lists say nothing about the hardware of a type
  if (!type.has_gpu()) return {nullptr, fmt::format("lists a {}, the catalogue has this type without GPU", offer.gpu)};
  const double whole = type.gpu_count * type.gpu_fraction;
  if (offer.gpu_count && *offer.gpu_count != type.gpu_count && std::abs(*offer.gpu_count - whole) > 0.02 * whole)
    return {nullptr, fmt::format("lists {:g} x {}, the catalogue has {} x {}", *offer.gpu_count, offer.gpu,
                                 type.gpu_count, type.gpu)};
  const auto* listed = find_listed_gpu(*known_, offer.gpu, offer.gpu_memory_bytes);
  const auto* gpu = known_->find_gpu(type.gpu);
  // Lists often do not tell PCIe from SXM: another part of the same architecture is no contradiction.
  if (listed && gpu && listed->architecture != gpu->architecture)
    return {nullptr, fmt::format("lists a {}, the catalogue has a {}", offer.gpu, type.gpu)};
  if (offer.gpu_memory_bytes && type.gpu_memory_bytes &&
      !is_same_memory(*offer.gpu_memory_bytes, *type.gpu_memory_bytes) &&
      !(gpu && type.gpu_fraction < 1 && is_same_memory(*offer.gpu_memory_bytes, gpu->memory_bytes)))
    return {nullptr, memory_refusal(*offer.gpu_memory_bytes, *type.gpu_memory_bytes, type.gpu_count, type.gpu)};
  return {&type, ""};
}

listed_types::verdict listed_types::make(const listed_price& offer, const provenance& origin) {
  const auto name = key_of({offer.provider, offer.instance_type});
  if (const auto before = made_by_name_.find(name); before != made_by_name_.end())
    return before->second.type ? verdict{nullptr, "listed with other GPUs than in an earlier row"} : before->second;
  const auto remember = [&](verdict made) { return made_by_name_.emplace(name, std::move(made)).first->second; };
  instance type;
  type.provider = offer.provider;
  type.type = offer.instance_type;
  type.vcpus = offer.vcpus;
  type.host_memory_bytes = offer.host_memory_bytes;
  type.origin = origin;
  type.origin.position = offer.position;
  type.origin.note = "from a price list: network, disks and the link between GPUs are not known";
  if (type.vcpus && !(*type.vcpus >= 0.125 && *type.vcpus <= 4096))
    return remember({nullptr, fmt::format("new type of {:g} vCPUs", *type.vcpus)});
  if (type.host_memory_bytes && !(*type.host_memory_bytes >= 0.25 * gib && *type.host_memory_bytes <= 65'536 * gib))
    return remember({nullptr, "new type of " + gib_text(*type.host_memory_bytes) + " memory"});
  if (offer.gpu.empty()) {
    if (offer.gpu_count) return remember({nullptr, "new type whose GPU is not named"});
    if (!type.vcpus) return remember({nullptr, "new type, and the list does not say how many vCPUs it has"});
    return remember({&made_.emplace_back(std::move(type)), ""});
  }
  const auto* gpu = find_listed_gpu(*known_, offer.gpu, offer.gpu_memory_bytes);
  if (!gpu) {
    if (gpu_names_.empty()) gpu_names_ = detail::gpu_names(*known_);
    const auto near = suggestion(offer.gpu, gpu_names_);
    return remember({nullptr, fmt::format("GPU '{}' is neither in gpus.csv nor in gpu_aliases.csv{}", offer.gpu,
                                          near.empty() ? "" : "; " + near)});
  }
  if (!offer.gpu_count || *offer.gpu_count < 1 || *offer.gpu_count > 256 ||
      *offer.gpu_count != std::floor(*offer.gpu_count))
    return remember(
        {nullptr, fmt::format("new type of {} x {}: not a whole number of GPUs",
                              offer.gpu_count ? fmt::format("{:g}", *offer.gpu_count) : "unknown", offer.gpu)});
  if (offer.gpu_memory_bytes && !is_same_memory(*offer.gpu_memory_bytes, gpu->memory_bytes))
    return remember({nullptr, memory_refusal(*offer.gpu_memory_bytes, gpu->memory_bytes, *offer.gpu_count, gpu->name)});
  type.gpu = gpu->name;
  type.gpu_count = static_cast<int>(*offer.gpu_count);
  type.gpu_memory_bytes = gpu->memory_bytes;
  return remember({&made_.emplace_back(std::move(type)), ""});
}

}  // namespace gpubench::profiles::detail
