#pragma once

#include "profiles/price_lists/difference.hpp"
#include "profiles/price_lists/snapshot.hpp"
#include "report/table.hpp"

#include <string>
#include <vector>

namespace gpubench::cli {

/// What taking a list would change, a price a row, and each refused one with its place and reason.
/// @param show  statuses to show; empty: all but "unchanged"
report::table change_table(const profiles::screened_list& list, const std::vector<profiles::price_change>& changes,
                           const std::vector<std::string>& show);

/// "12 new, 3 changed, 840 unchanged, 2 gone, 5 refused; 4 new instance types".
std::string change_summary(const profiles::screened_list& list, const std::vector<profiles::price_change>& changes);

report::table snapshot_table(const std::vector<profiles::listed_snapshot>& snapshots);

}  // namespace gpubench::cli
