#pragma once

#include "kernels/md_lennard_jones.hpp"

#include <cstdint>

/// The two loops in which molecular dynamics spends its time, made for several vector widths.
namespace gpubench::bench::apps {

/// Entries of a list are taken this many at a time; what is left over is filled with an atom that is far from all
/// others.
inline constexpr std::int32_t list_granularity = 16;

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

/// Atoms that may be neighbours, their positions already on this side of the box's edges.
template <class T>
struct candidates {
  const T *x, *y, *z;
  const std::int32_t* atom;
  std::int32_t count;
};

/// Stores those within the list's radius of an atom that is not itself one; returns how many.
/// @param near  room for `count` marks; `found` for `count` entries
std::int32_t neighbours_of(const candidates<float>& from, const kernels::triple<float>& place, std::int32_t self,
                           std::int32_t* near, std::int32_t* found);
std::int32_t neighbours_of(const candidates<double>& from, const kernels::triple<double>& place, std::int32_t self,
                           std::int32_t* near, std::int32_t* found);

}  // namespace gpubench::bench::apps
