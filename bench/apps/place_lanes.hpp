#pragma once

#include "kernels/md_lennard_jones.hpp"

#include <cstdint>

namespace gpubench::bench::apps {

/// Positions of the atoms in a list, component by component: what a loop over the list reads one vector after another.
template <class T>
struct place_lanes {
  alignas(64) T x[kernels::liquid::list_room];
  alignas(64) T y[kernels::liquid::list_room];
  alignas(64) T z[kernels::liquid::list_room];
};

/// @param list   numbers of atoms, each that of a place
/// @param count  entries, a multiple of list_granularity
void take_places(const kernels::triple<float>* places, const std::int32_t* list, std::int32_t count,
                 place_lanes<float>& to);
void take_places(const kernels::triple<double>* places, const std::int32_t* list, std::int32_t count,
                 place_lanes<double>& to);

/// The same on processors without AVX-512.
namespace portable {
void take_places(const kernels::triple<float>* places, const std::int32_t* list, std::int32_t count,
                 place_lanes<float>& to);
void take_places(const kernels::triple<double>* places, const std::int32_t* list, std::int32_t count,
                 place_lanes<double>& to);
}  // namespace portable

}  // namespace gpubench::bench::apps
