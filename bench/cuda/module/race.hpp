#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace gpubench::cuda {

/// One of several ways to do the same work, and how long it took.
struct race_place {
  std::size_t contestant = 0;
  double time_ns = 0;
};

/// Times contestants against each other: each once, then in turns, three times more, those within 10 % of the fastest
/// (the fastest 5 at most) and the `kept` first ones. The median of a contestant's turns counts, since they are what is
/// alike for all: under a power cap the clock falls as the race goes on, and the least time would be the earliest.
/// @param time_ns      one run of a contestant; nothing when it cannot run, and it is left out
/// @param again_ns     the same in the second round, where a turn may be more than one run
/// @param out_of_time  whether this share of the time is over, asked before each run of the first round, which takes 60
/// %
///                     of it, and before each turn of the second, which takes the rest and ends its last turn in any
///                     case; one contestant at least is timed
/// @param kept         so many first contestants are in the second round in any case: what one would take without a
///                     race, and what a device that was still waking up timed too slow
/// @return the contestants that ran, fastest first; those of the second round before the others.
std::vector<race_place> race(std::size_t contestants, const std::function<std::optional<double>(std::size_t)>& time_ns,
                             const std::function<std::optional<double>(std::size_t)>& again_ns,
                             const std::function<bool(double share)>& out_of_time, std::size_t kept = 1);

/// Times the first places of a race once more (3 at most, those within 10 % of the fastest), each for as long as a
/// power cap needs to set its own clock: in the turns of a race all run at one clock, which the power of all of them
/// leaves, and who takes more power than the others wins there and loses alone.
/// @param alone_ns  one run of a contestant that runs for long, alone; nothing when it cannot run
/// @return the places, those that were timed again by their new times first, those that no longer ran last
std::vector<race_place> race_alone(std::vector<race_place> places,
                                   const std::function<std::optional<double>(std::size_t)>& alone_ns);

}  // namespace gpubench::cuda
