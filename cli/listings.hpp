#pragma once

#include "bench/registry.hpp"
#include "cli/values.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/workload.hpp"
#include "report/table.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::cli {

/// Which rows of a list are shown. Patterns are regular expressions, case ignored, found anywhere in the name.
struct list_filter {
  std::string name_pattern;
  std::string gpu_pattern;
  std::vector<std::string> providers, regions;
  std::optional<double> min_gpu_memory_bytes;
  std::optional<money> max_price;  ///< an hour of the whole instance
};

/// Refuses providers and regions that the catalogue has not.   @throws error: usage with the nearest names.
void require_known(const list_filter& filter, const profiles::catalogue& known);

report::table list_gpus(const profiles::catalogue& known, const list_filter& filter);
report::table list_instances(const profiles::catalogue& known, const list_filter& filter);
report::table list_prices(const profiles::catalogue& known, const list_filter& filter);
report::table list_workloads(const std::vector<profiles::workload>& known, const list_filter& filter);
report::table list_benchmarks(const std::vector<bench::benchmark_definition>& known, const bench::machine& where,
                              const list_filter& filter);
report::table list_suites(const std::vector<bench::benchmark_definition>& known, const bench::machine& where,
                          const list_filter& filter);

}  // namespace gpubench::cli
