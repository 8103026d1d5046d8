#include "bench/repeat.hpp"

#include <algorithm>
#include <utility>

namespace gpubench::bench {

std::vector<benchmark_definition> repeating(const std::vector<benchmark_definition>& benchmarks,
                                            const std::vector<results::measurement>& earlier, bool suite_only) {
  std::vector<benchmark_definition> repeated;
  for (const auto& definition : benchmarks) {
    std::vector<results::parameters> wanted;
    for (const auto& m : earlier) {
      const bool same =
          m.benchmark == definition.name && m.backend == definition.backend && m.device == definition.device;
      // One case may have been measured in several runs and phases.
      if (same && std::find(wanted.begin(), wanted.end(), m.params) == wanted.end()) wanted.push_back(m.params);
    }
    if (wanted.empty()) continue;
    auto& limited = repeated.emplace_back(definition);
    limited.cases = [wanted = std::move(wanted), suite_only, of_suite = definition.cases](suite s,
                                                                                          const machine& where) {
      if (!suite_only) return wanted;
      auto cases = of_suite(s, where);
      const auto is_unwanted = [&](const results::parameters& params) {
        return std::find(wanted.begin(), wanted.end(), params) == wanted.end();
      };
      cases.erase(std::remove_if(cases.begin(), cases.end(), is_unwanted), cases.end());
      return cases;
    };
  }
  return repeated;
}

}  // namespace gpubench::bench
