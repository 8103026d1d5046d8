#include "bench/apps/liquid_simulation.hpp"

#include "bench/apps/liquid_loops.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace gpubench::bench::apps {
namespace {

using kernels::liquid;
using kernels::triple;

/// So far from the box that no cutoff reaches it.
constexpr double far_away = 1e4;

std::int64_t checked(std::int64_t atoms) {
  if (const auto reason = kernels::liquid_refusal(atoms)) {
    throw error(error_kind::input, *reason, "choose atoms = 4 k^3 with k of at least 6");
  }
  return atoms;
}

std::size_t at(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

/// What a thread needs for the lists of one cell.
template <class T>
struct cell_scratch {
  std::vector<T> x, y, z;
  std::vector<std::int32_t> atom, found;

  void clear() {
    x.clear();
    y.clear();
    z.clear();
    atom.clear();
  }
  void add(const triple<T>& place, const T (&shift)[3], std::int32_t i) {
    x.push_back(place.x + shift[0]);
    y.push_back(place.y + shift[1]);
    z.push_back(place.z + shift[2]);
    atom.push_back(i);
  }
  /// Up to a whole number of vectors, by atom `i`, which is far from all.
  void fill_up(std::int32_t i) {
    while (atom.size() % list_granularity != 0) add({T(far_away), T(far_away), T(far_away), 0}, {0, 0, 0}, i);
    found.resize(atom.size() + list_granularity);
  }
};

}  // namespace

template <class T>
liquid_simulation<T>::liquid_simulation(std::int64_t atoms, int threads)
    : atoms_(checked(atoms)),
      threads_(std::max(1, threads)),
      side_(kernels::liquid_side(atoms)),
      grid_(kernels::cells_of<T>(side_)),
      places_(at(atoms + 1)),
      velocities_(at(atoms)),
      forces_(at(atoms)),
      sorted_places_(at(atoms + 1)),
      sorted_velocities_(at(atoms)),
      lists_(at(atoms * liquid::list_room)),
      lengths_(at(atoms)),
      cell_of_(at(atoms)),
      order_(at(atoms)),
      cell_begin_(at(grid_.count() + 1)),
      cell_fill_(at(grid_.count())) {
  // First touch by the threads that will work on each part.
#pragma omp parallel for num_threads(threads_) schedule(static)
  for (std::int64_t i = 0; i < atoms_; ++i) {
    places_[at(i)] = sorted_places_[at(i)] = velocities_[at(i)] = sorted_velocities_[at(i)] = forces_[at(i)] = {};
  }
  kernels::start_liquid(atoms_, places_.data(), velocities_.data());
  for (auto* places : {&places_, &sorted_places_}) {
    (*places)[at(atoms_)] = {T(far_away), T(far_away), T(far_away), 0};
  }
  // The first step's first half needs forces: those of the start, from which no velocity is kicked.
  std::copy_n(velocities_.data(), atoms_, sorted_velocities_.data());
  sort_by_cell();
  build_lists();
  host::aligned_array<triple<T>> untouched(at(atoms_));
  std::copy_n(velocities_.data(), atoms_, untouched.data());
  apply_forces();
  std::copy_n(untouched.data(), atoms_, velocities_.data());
}

template <class T>
void liquid_simulation<T>::run(std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) {
    move();
    if (steps_ % liquid::rebuild_every == 0) {
      sort_by_cell();
      build_lists();
    }
    apply_forces();
    ++steps_;
  }
}

/// The first half of the kick, and the drift.
template <class T>
void liquid_simulation<T>::move() {
#pragma omp parallel for num_threads(threads_) schedule(static)
  for (std::int64_t i = 0; i < atoms_; ++i) {
    auto& v = velocities_[at(i)];
    auto& p = places_[at(i)];
    const auto& f = forces_[at(i)];
    v = {kernels::kicked(v.x, f.x), kernels::kicked(v.y, f.y), kernels::kicked(v.z, f.z), 0};
    p = {kernels::drifted(p.x, v.x), kernels::drifted(p.y, v.y), kernels::drifted(p.z, v.z), 0};
  }
}

/// Puts atoms back into the box and in the order of their cells, which keeps neighbours near in memory.
template <class T>
void liquid_simulation<T>::sort_by_cell() {
  const std::int32_t cells = grid_.count();
  std::fill(cell_fill_.begin(), cell_fill_.end(), 0);
#pragma omp parallel for num_threads(threads_) schedule(static)
  for (std::int64_t i = 0; i < atoms_; ++i) {
    auto& p = places_[at(i)];
    p = {kernels::into_box(p.x, grid_.side), kernels::into_box(p.y, grid_.side), kernels::into_box(p.z, grid_.side), 0};
    const std::int32_t cell = grid_.of(p.x, p.y, p.z);
    cell_of_[at(i)] = cell;
#pragma omp atomic
    ++cell_fill_[at(cell)];
  }
  cell_begin_[0] = 0;
  std::partial_sum(cell_fill_.begin(), cell_fill_.end(), cell_begin_.begin() + 1);
  std::copy_n(cell_begin_.begin(), cells, cell_fill_.begin());
#pragma omp parallel for num_threads(threads_) schedule(static)
  for (std::int64_t i = 0; i < atoms_; ++i) {
    std::int32_t place = 0;
#pragma omp atomic capture
    place = cell_fill_[at(cell_of_[at(i)])]++;
    order_[at(place)] = static_cast<std::int32_t>(i);
  }
#pragma omp parallel for num_threads(threads_) schedule(static)
  for (std::int32_t cell = 0; cell < cells; ++cell) {
    std::int32_t* const first = order_.data() + cell_begin_[at(cell)];
    std::int32_t* const last = order_.data() + cell_begin_[at(cell + 1)];
    std::sort(first, last);  // whichever thread came first, the same order
    for (auto* from = first; from != last; ++from) {
      const auto to = at(from - order_.data());
      sorted_places_[to] = places_[at(*from)];
      sorted_velocities_[to] = velocities_[at(*from)];
    }
  }
  std::swap(places_, sorted_places_);
  std::swap(velocities_, sorted_velocities_);
}

template <class T>
void liquid_simulation<T>::build_lists() {
  const std::int32_t cells = grid_.cells;
  std::int32_t longest = 0;
#pragma omp parallel num_threads(threads_) reduction(max : longest)
  {
    cell_scratch<T> scratch;
#pragma omp for schedule(static)
    for (std::int32_t cell = 0; cell < grid_.count(); ++cell) {
      const std::int32_t x = cell % cells, y = cell / cells % cells, z = cell / cells / cells;
      scratch.clear();
      for (std::int32_t dz = -1; dz <= 1; ++dz) {
        for (std::int32_t dy = -1; dy <= 1; ++dy) {
          for (std::int32_t dx = -1; dx <= 1; ++dx) {
            const std::int32_t nx = grid_.neighbour(x, dx), ny = grid_.neighbour(y, dy), nz = grid_.neighbour(z, dz);
            // Atoms of a cell beyond an edge, as if the box went on.
            const T shift[3] = {grid_.side * static_cast<T>((x + dx - nx) / cells),
                                grid_.side * static_cast<T>((y + dy - ny) / cells),
                                grid_.side * static_cast<T>((z + dz - nz) / cells)};
            const std::int32_t neighbour = grid_.index(nx, ny, nz);
            for (std::int32_t j = cell_begin_[at(neighbour)]; j < cell_begin_[at(neighbour + 1)]; ++j) {
              scratch.add(places_[at(j)], shift, j);
            }
          }
        }
      }
      scratch.fill_up(static_cast<std::int32_t>(atoms_));
      const candidates<T> from{scratch.x.data(), scratch.y.data(), scratch.z.data(), scratch.atom.data(),
                               static_cast<std::int32_t>(scratch.atom.size())};
      for (std::int32_t i = cell_begin_[at(cell)]; i < cell_begin_[at(cell + 1)]; ++i) {
        const std::int32_t found = neighbours_of(from, places_[at(i)], i, scratch.found.data());
        longest = std::max(longest, found);
        const std::int32_t kept = std::min(found, liquid::list_room);
        std::int32_t* const list = lists_.data() + static_cast<std::int64_t>(i) * liquid::list_room;
        std::copy_n(scratch.found.data(), kept, list);
        const std::int32_t padded = (kept + list_granularity - 1) / list_granularity * list_granularity;
        std::fill(list + kept, list + padded, static_cast<std::int32_t>(atoms_));
        lengths_[at(i)] = padded;
      }
    }
  }
  longest_list_ = std::max(longest_list_, longest);
}

template <class T>
void liquid_simulation<T>::apply_forces() {
  const neighbour_lists lists{lists_.data(), lengths_.data()};
  constexpr std::int64_t part = 1024;
#pragma omp parallel for num_threads(threads_) schedule(static)
  for (std::int64_t begin = 0; begin < atoms_; begin += part) {
    forces_of(places_.data(), lists, grid_.side, begin, std::min(begin + part, atoms_), forces_.data(),
              velocities_.data());
  }
}

template <class T>
kernels::liquid_state<T> liquid_simulation<T>::state() const {
  kernels::liquid_state<T> result;
  result.side = side_;
  result.places.assign(places_.data(), places_.data() + atoms_);
  result.velocities.assign(velocities_.data(), velocities_.data() + atoms_);
  result.forces.assign(forces_.data(), forces_.data() + atoms_);
  return result;
}

double liquid_memory_bytes(std::int64_t atoms, double value_bytes) {
  // Five arrays of triples, lists, and three integers; verify() copies three of the arrays.
  return static_cast<double>(atoms) * (8 * 4 * value_bytes + 4.0 * liquid::list_room + 12);
}

template class liquid_simulation<float>;
template class liquid_simulation<double>;

}  // namespace gpubench::bench::apps
