#include "comparison/foresee.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "comparison/sides.hpp"

namespace gpubench::comparison {

std::optional<comparison_result> foresee(const side& base, const results::run& now,
                                         const std::set<benchmark_key>& planned, const criteria& by) {
  require_distinct_runs(base);
  const side fresh{"this machine now", {now}};
  comparison_result result;
  result.base = base.name;
  result.fresh = fresh.name;
  result.base_runs = base.runs.size();
  result.by = by;
  std::map<std::string, std::vector<difference>> by_device;
  bool any_comparable = false;
  for (const auto& [key, sides] : match(base, fresh)) {
    if (sides.base.empty() || planned.count(key) == 0) continue;
    if (by_device.count(key.device) == 0) {
      by_device[key.device] = machine_differences(base.runs, fresh.runs, key.device);
      add_missing(result.differences, by_device[key.device]);
      // Before anything is measured in vain.
      if (by.noise && !forbids(by_device[key.device], by.allowed))
        require_noise_of(fresh, key.device, *by.noise, by.allowed);
    }
    const auto& differences = by_device[key.device];
    if (!forbids(differences, by.allowed)) {
      any_comparable = true;
      continue;
    }
    auto& row = result.rows.emplace_back();
    row.key = key;
    row.outcome = verdict::not_comparable;
    row.base = facts_of(sides.base, sides.all_base);
    row.fresh.reason = "not measured";
    row.work = sides.base.front()->work;
    row.because = "differing: " + keys_in(differences, by.allowed);
  }
  if (any_comparable || result.rows.empty()) return std::nullopt;
  return result;
}

}  // namespace gpubench::comparison
