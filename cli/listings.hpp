#pragma once

#include "bench/registry.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/listing.hpp"
#include "profiles/workload.hpp"
#include "report/table.hpp"

#include <vector>

namespace gpubench::cli {

using list_filter = profiles::instance_filter;

// Each as a table with units in its column names; patterns and unknown names as profiles/listing.hpp says.
report::table gpu_table(const profiles::catalogue& known, const list_filter& filter);
report::table instance_table(const profiles::catalogue& known, const list_filter& filter);
report::table price_table(const profiles::catalogue& known, const list_filter& filter);
report::table workload_table(const std::vector<profiles::workload>& known, const list_filter& filter);
report::table benchmark_table(const std::vector<bench::benchmark_definition>& known, const bench::machine& where,
                              const list_filter& filter);
report::table suite_table(const std::vector<bench::benchmark_definition>& known, const bench::machine& where,
                          const list_filter& filter);

}  // namespace gpubench::cli
