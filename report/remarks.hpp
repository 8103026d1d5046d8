#pragma once

#include "report/side_by_side.hpp"

#include <string>
#include <vector>

namespace gpubench::report {

/// The remarks of rows, each once, with what it is said of: "a: best of 3 repetitions (copy n=1 and 4 more)".
std::vector<std::string> remark_sentences(const std::vector<side_row>& rows);

/// The flags of a run's measurements, likewise.
std::vector<std::string> flag_sentences(const results::run& run);

}  // namespace gpubench::report
