#pragma once

#include "bench/host/operands.hpp"
#include "kernels/md_lennard_jones_check.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::bench::apps {

/// A Lennard-Jones liquid on all threads: every rebuild_every steps the atoms are sorted by cell and their neighbour
/// lists built again.
template <class T>
class liquid_simulation {
 public:
  /// @throws error: input, when there is no such liquid (kernels::liquid_refusal); out_of_device_memory
  liquid_simulation(std::int64_t atoms, int threads);

  void run(std::int64_t steps);

  std::int64_t steps() const { return steps_; }
  /// Entries in the longest list since the beginning; a list that outgrew its room was cut, and the answer is wrong.
  std::int32_t longest_list() const { return longest_list_; }
  kernels::liquid_state<T> state() const;

 private:
  void move();
  void sort_by_cell();
  void build_lists();
  void apply_forces();

  std::int64_t atoms_;
  int threads_;
  double side_;
  kernels::cell_grid<T> grid_;
  std::int64_t steps_ = 0;
  std::int32_t longest_list_ = 0;
  host::aligned_array<kernels::triple<T>> places_, velocities_, forces_, sorted_places_, sorted_velocities_;
  host::aligned_array<std::int32_t> lists_, lengths_, cell_of_, order_;
  std::vector<std::int32_t> cell_begin_, cell_fill_;
};

/// Bytes of memory that a simulation takes.
double liquid_memory_bytes(std::int64_t atoms, double value_bytes);

}  // namespace gpubench::bench::apps
