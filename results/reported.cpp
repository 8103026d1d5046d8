#include "results/reported.hpp"

#include "results/provenance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::results {

std::optional<std::string> defect_of(const reported_figures& figures) {
  const auto& time = figures.time_ns;
  const struct {
    const char* name;
    std::optional<double> value;
  } times[] = {
      {"median", time.median}, {"mean", time.mean}, {"min", time.min}, {"max", time.max}, {"stddev", time.stddev}};
  for (const auto& [name, value] : times)
    if (value && !(std::isfinite(*value) && *value >= 0))
      return fmt::format("reported.time_ns.{} is {}, not a time", name, *value);
  if (time.min && time.max && *time.min > *time.max)
    return fmt::format("reported.time_ns.min is {}, above the largest, {}", *time.min, *time.max);
  for (const auto& value : figures.values)
    if (!std::isfinite(value.value)) return fmt::format("reported value '{}' is not finite", value.name);
  return std::nullopt;
}

std::string tools_of(const import_provenance& provenance) {
  std::vector<std::string> tools;
  for (const auto& source : provenance.sources) {
    auto name = source.tool + (source.tool_version ? " " + *source.tool_version : "");
    if (std::find(tools.begin(), tools.end(), name) == tools.end()) tools.push_back(std::move(name));
  }
  return fmt::format("{}", fmt::join(tools, ", "));
}

}  // namespace gpubench::results
