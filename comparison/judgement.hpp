#pragma once

#include <vector>

#include "comparison/candidate.hpp"
#include "comparison/compare.hpp"

namespace gpubench::comparison {

/// Tests all candidates, strengthens each by what the others say of noise, controls the false discovery rate over all,
/// and fills their rows with changes, p values and verdicts.
void judge_all(std::vector<candidate>& candidates, std::vector<comparison_row>& rows, const criteria& by);

}  // namespace gpubench::comparison
