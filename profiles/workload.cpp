#include "profiles/workload.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace gpubench::profiles {
namespace {

constexpr std::array<std::pair<workload_kind, std::string_view>, 6> kind_names{
    {{workload_kind::cnn_train, "cnn-train"},
     {workload_kind::cnn_infer, "cnn-infer"},
     {workload_kind::transformer_train, "transformer-train"},
     {workload_kind::llm_serve, "llm-serve"},
     {workload_kind::operators, "operators"},
     {workload_kind::host, "host"}}};

}  // namespace

std::string_view to_string(workload_kind kind) {
  for (const auto& [value, name] : kind_names)
    if (value == kind) return name;
  return {};
}

std::optional<workload_kind> parse_workload_kind(std::string_view name) {
  for (const auto& [value, text] : kind_names)
    if (text == name) return value;
  return std::nullopt;
}

workload find_workload(const std::vector<workload>& known, const std::string& name) {
  constexpr std::string_view ending = ".toml";
  if (name.size() > ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
    return load_workload(name);
  std::vector<std::string> names;
  for (const auto& job : known) {
    if (job.name == name) return job;
    names.push_back(job.name);
    if (!job.alias.empty()) names.push_back(job.alias);
  }
  for (const auto& job : known)
    if (job.alias == name && !name.empty()) return job;
  const auto near = suggestion(name, names);
  throw error(error_kind::usage, fmt::format("workload '{}' is not known", name),
              (near.empty() ? "" : near + "  ") + "gpubench list workloads");
}

}  // namespace gpubench::profiles
