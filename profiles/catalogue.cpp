#include "profiles/catalogue.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "profiles/detail/loaders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace gpubench::profiles {
namespace {

// "NVIDIA H100 80GB HBM3", "h100-80gb-hbm3" and "H100_80GB_HBM3" are one name.
std::string gpu_key(std::string_view name) {
  std::string lower = to_lower(trim(name));
  for (const std::string_view vendor : {"nvidia ", "amd ", "tesla ", "geforce "})
    if (lower.rfind(vendor, 0) == 0) lower.erase(0, vendor.size());
  lower.erase(std::remove_if(lower.begin(), lower.end(), [](char c) { return c == ' ' || c == '-' || c == '_'; }),
              lower.end());
  return lower;
}

template <class Index, class Rows>
auto look_up(const Index& index, const Rows& rows, const std::string& key) -> const typename Rows::value_type* {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &rows[found->second];
}

}  // namespace

void catalogue::index() {
  gpu_index_.clear();
  cpu_index_.clear();
  instance_index_.clear();
  type_index_.clear();
  price_index_.clear();
  for (std::size_t i = 0; i < gpus.size(); ++i) gpu_index_.emplace(gpu_key(gpus[i].name), i);
  for (const auto& alias : gpu_aliases) {
    const auto found = gpu_index_.find(gpu_key(alias.name));
    if (found != gpu_index_.end()) gpu_index_.emplace(gpu_key(alias.alias), found->second);
  }
  for (std::size_t i = 0; i < cpus.size(); ++i) cpu_index_.emplace(to_lower(cpus[i].name), i);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    instance_index_.emplace(detail::key_of({instances[i].provider, instances[i].type}), i);
    type_index_[to_lower(instances[i].type)].push_back(i);
  }
  for (std::size_t i = 0; i < prices.size(); ++i)
    price_index_[detail::key_of({prices[i].provider, prices[i].instance_type})].push_back(i);
}

const gpu_spec* catalogue::find_gpu(std::string_view name) const {
  const std::string key = gpu_key(name);
  if (const gpu_spec* found = look_up(gpu_index_, gpus, key)) return found;
  // "L40S-48GB", "RTX-4090-24GB": a name with the memory after it is that GPU, if it has that memory.
  if (key.size() < 3 || key.compare(key.size() - 2, 2, "gb") != 0) return nullptr;
  // Where the name ends in a digit too, as in "l424gb", only one of the ways to part them is a GPU of that memory.
  constexpr double same_memory = 0.1;
  const std::size_t end = key.size() - 2;
  for (std::size_t at = key.find_last_not_of("0123456789", end - 1) + 1; at < end; ++at) {
    const auto size = parse_number(std::string_view(key).substr(at, end - at));
    const gpu_spec* found = look_up(gpu_index_, gpus, key.substr(0, at));
    if (size && found && std::abs(found->memory_bytes / gib / *size - 1) < same_memory) return found;
  }
  return nullptr;
}

const cpu_spec* catalogue::find_cpu(std::string_view name) const {
  return look_up(cpu_index_, cpus, to_lower(name));
}

const instance* catalogue::find_instance(std::string_view provider, std::string_view type) const {
  return look_up(instance_index_, instances, detail::key_of({provider, type}));
}

std::vector<const instance*> catalogue::find_instances(std::string_view name) const {
  const auto wanted = trim(name);
  // A type name may itself hold a blank, so the whole text is tried first.
  if (const auto found = type_index_.find(to_lower(wanted)); found != type_index_.end()) {
    std::vector<const instance*> all;
    for (const auto i : found->second) all.push_back(&instances[i]);
    return all;
  }
  const auto end_of_provider = wanted.find_first_of(" :");
  if (end_of_provider == std::string_view::npos) return {};
  const auto* one = find_instance(wanted.substr(0, end_of_provider), trim(wanted.substr(end_of_provider + 1)));
  return one ? std::vector<const instance*>{one} : std::vector<const instance*>{};
}

const gpu_spec& catalogue::gpu(std::string_view name) const {
  if (const auto* found = find_gpu(name)) return *found;
  auto names = detail::gpu_names(*this);
  for (const auto& alias : gpu_aliases) names.push_back(alias.alias);
  const auto near = suggestion(name, names);
  throw error(error_kind::usage, fmt::format("GPU '{}' is not known", name),
              near.empty() ? "gpubench list gpus; predict takes others with --gpu-spec" : near);
}

const instance& catalogue::require_instance(std::string_view name) const {
  const auto found = find_instances(name);
  if (found.size() == 1) return *found.front();
  if (found.size() > 1) {
    std::vector<std::string> offers;
    for (const auto* type : found) offers.push_back("'" + type->name() + "'");
    throw error(error_kind::usage, fmt::format("instance '{}' is sold by {} providers", name, found.size()),
                "name one: " + join(offers, ", "));
  }
  // Most people type the bare name of the type: compare with those first.
  std::vector<std::string> types;
  for (const auto& type : instances) types.push_back(type.type);
  auto near = suggestion(name, types);
  if (near.empty()) near = suggestion(name, detail::instance_names(*this));
  throw error(error_kind::usage, fmt::format("instance '{}' is not known", name),
              near.empty() ? "gpubench list instances" : near);
}

std::vector<const price*> catalogue::prices_of(const instance& type) const {
  std::vector<const price*> all;
  const auto found = price_index_.find(detail::key_of({type.provider, type.type}));
  if (found == price_index_.end()) return all;
  for (const auto i : found->second) all.push_back(&prices[i]);
  return all;
}

}  // namespace gpubench::profiles
