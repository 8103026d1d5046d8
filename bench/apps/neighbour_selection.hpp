#pragma once

#include "kernels/md_lennard_jones.hpp"

#include <cstdint>

namespace gpubench::bench::apps {

/// Entries of neighbour lists are taken this many at a time; what is left over is filled with an atom that is far from
/// all others.
inline constexpr std::int32_t list_granularity = 16;

/// Atoms that may be neighbours, their positions already on this side of the box's edges.
template <class T>
struct candidates {
  const T *x, *y, *z;
  const std::int32_t* atom;
  std::int32_t count;  ///< a multiple of list_granularity
};

/// Stores those within the list's radius of an atom that is not itself one, in their order; returns how many.
/// @param found  room for `count` entries and list_granularity more, which are overwritten
std::int32_t neighbours_of(const candidates<float>& from, const kernels::triple<float>& place, std::int32_t self,
                           std::int32_t* found);
std::int32_t neighbours_of(const candidates<double>& from, const kernels::triple<double>& place, std::int32_t self,
                           std::int32_t* found);

/// The same on processors without AVX-512.
namespace portable {
std::int32_t neighbours_of(const candidates<float>& from, const kernels::triple<float>& place, std::int32_t self,
                           std::int32_t* found);
std::int32_t neighbours_of(const candidates<double>& from, const kernels::triple<double>& place, std::int32_t self,
                           std::int32_t* found);
}  // namespace portable

}  // namespace gpubench::bench::apps
