#pragma once

#include "kernels/md_lennard_jones.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// Device arrays of one liquid. Lists lie by entry: entry k of atom i at k * atoms + i, so that neighbouring threads
/// read neighbouring entries.
template <class T>
struct liquid_arrays {
  std::int32_t atoms = 0;
  cell_grid<T> grid;
  triple<T>*places = nullptr, *velocities = nullptr, *forces = nullptr;
  triple<T>*sorted_places = nullptr, *sorted_velocities = nullptr;
  std::int32_t* lists = nullptr;       ///< liquid::list_room * atoms
  std::int32_t* lengths = nullptr;     ///< an atom's entries
  std::int32_t* cell_of = nullptr;     ///< an atom's cell
  std::int32_t* rank_of = nullptr;     ///< its place among the cell's atoms
  std::int32_t* cell_begin = nullptr;  ///< grid.count() + 1
  std::int32_t* cell_count = nullptr;  ///< grid.count()
  std::int32_t* longest = nullptr;     ///< one: entries in the longest list since it was cleared, also those left out
};

/// First half of the kick, and the drift. Errors are left to cudaGetLastError(), here and below.
template <class T>
void launch_liquid_move(const liquid_arrays<T>& a, cudaStream_t stream);

/// Puts atoms back into the box and, sorted by cell, into the sorted arrays; the caller swaps them. Atoms of one cell
/// come in any order, so that sums of forces may differ by a rounding from run to run.
template <class T>
void launch_liquid_sort(const liquid_arrays<T>& a, cudaStream_t stream);

/// Lists of sorted atoms.
template <class T>
void launch_liquid_lists(const liquid_arrays<T>& a, cudaStream_t stream);

/// Forces; and, if `kicks`, the second half of the kick.
template <class T>
void launch_liquid_forces(const liquid_arrays<T>& a, bool kicks, cudaStream_t stream);

}  // namespace gpubench::kernels
