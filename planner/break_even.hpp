#pragma once

#include "planner/recommend.hpp"

#include <string>
#include <vector>

namespace gpubench::planner {

/// Sets when the machine of the user's own has paid for itself against the cheapest ranked offer on demand: that
/// offer's price is taken for the hours in which it does as much.
/// @param answer  sorted
void set_own_break_even(recommendation& answer);

/// A sentence for the first ranked commitment, and one for the machine of the user's own.
std::vector<std::string> break_even_sentences(const recommendation& answer);

}  // namespace gpubench::planner
