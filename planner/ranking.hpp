#pragma once

#include "planner/recommend.hpp"

#include <cstddef>
#include <vector>

namespace gpubench::planner {

/// Orders candidates by expected cost, then by time, then by name, so that equal offers always stand in one order.
void sort_by_cost(std::vector<candidate>& candidates);

/// Marks the candidates for which no other is as cheap, as fast and as safe (by the risk of violating a limit), and
/// better in one of the three. They must be sorted by cost.
void mark_pareto_front(std::vector<candidate>& sorted);

/// Whether the estimates of both are those of one system: same device, count, nodes and predicted step. Their errors
/// are one error.
bool same_system(const candidate& a, const candidate& b);

/// Number of leading ranks whose cost intervals overlap that of rank 1. Offers of the same system (same device, count
/// and nodes) as rank 1 share its errors, so that their prices alone separate them: they neither extend nor end the
/// run.
std::size_t count_not_separable(const std::vector<candidate>& sorted);

}  // namespace gpubench::planner
