#pragma once

#include <cstdint>

namespace gpubench::serving {

/// P(at least `needed` of `rented` units are up), each up with probability `unit_availability` by itself: the binomial
/// distribution. Failures of a whole zone or of a roll-out are not independent and not in it.
double availability_of(std::int64_t needed, std::int64_t rented, double unit_availability);

/// The fewest spare units with which availability_of(needed, needed + spare, ...) reaches `target`.
/// @throws error: usage where a thousand spares and four times what is needed do not reach it.
std::int64_t spares_for(std::int64_t needed, double unit_availability, double target);

}  // namespace gpubench::serving
