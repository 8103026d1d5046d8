#pragma once

#include "bench/collective/lockstep.hpp"
#include "bench/collective/peers.hpp"
#include "cli/collective_ranks.hpp"

#include <string>
#include <vector>

namespace gpubench::cli {

/// The exchanges of one round, each by the slower of its two ranks, into the measurement and `times`. Of a round that
/// did not go well there are none.
void note_pair_times(collective::collective_result& result, int round, int ranks,
                     std::vector<collective::pair_time>& times);

/// Which ranks and pairs are slower than the others, in sentences.
/// @param last  what stands for all rounds, and is told the same; nullptr: nothing does
std::vector<std::string> describe_pairs(const std::vector<collective::pair_time>& times, const collective_ranks& ranks,
                                        results::measurement* last);

}  // namespace gpubench::cli
