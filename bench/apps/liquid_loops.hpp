#pragma once

#include "bench/apps/neighbour_selection.hpp"
#include "kernels/md_lennard_jones.hpp"

#include <cstdint>

/// The loop in which molecular dynamics spends most of its time, made for several vector widths.
namespace gpubench::bench::apps {

/// Neighbour lists: atom i has lengths[i] entries, a multiple of list_granularity, from lists[i * room] on.
struct neighbour_lists {
  const std::int32_t* lists;
  const std::int32_t* lengths;
};

/// Forces on the atoms [begin, end), and their velocities after the second half of the step.
void forces_of(const kernels::triple<float>* places, const neighbour_lists& lists, float side, std::int64_t begin,
               std::int64_t end, kernels::triple<float>* forces, kernels::triple<float>* velocities);
void forces_of(const kernels::triple<double>* places, const neighbour_lists& lists, double side, std::int64_t begin,
               std::int64_t end, kernels::triple<double>* forces, kernels::triple<double>* velocities);

}  // namespace gpubench::bench::apps
