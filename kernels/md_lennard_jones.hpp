#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

/// Molecular dynamics of a Lennard-Jones liquid in a periodic cube, in reduced units: lengths in sigma, energies in
/// epsilon, masses 1. Velocity Verlet over neighbour lists with a skin, which are built from cells. Density, cutoff,
/// skin, first temperature and time step are those of the LAMMPS benchmark "lj" (LAMMPS documentation, "Benchmarks").
namespace gpubench::kernels {

struct liquid {
  static constexpr double density = 0.8442, first_temperature = 1.44;
  static constexpr double cutoff = 2.5, skin = 0.3, time_step = 0.005;
  static constexpr double list_radius = cutoff + skin;
  static constexpr int rebuild_every = 10;  ///< steps
  /// Room in an atom's list, a whole number of vectors. 77.6 entries are the mean; the liquid's density varies little.
  static constexpr std::int32_t list_room = 128;
};

/// Position, velocity or force: one load of 16 bytes, or two, on a GPU.
template <class T>
struct alignas(4 * sizeof(T)) triple {
  T x, y, z, unused;
};

/// The shorter way round the box from one atom to another, neither of which is more than half a box outside.
template <class T>
GPUBENCH_HOST_DEVICE inline T minimum_image(T difference, T side) {
  const T half = side / 2;
  return difference - (difference > half ? side : difference < -half ? -side : T(0));
}

template <class T>
GPUBENCH_HOST_DEVICE inline T into_box(T x, T side) {
  return x < 0 ? x + side : x >= side ? x - side : x;
}

template <class T>
GPUBENCH_HOST_DEVICE inline T squared_length(T x, T y, T z) {
  return x * x + y * y + z * z;
}

/// Force between two atoms over their distance, positive where they repel; 0 beyond the cutoff.
/// Of the potential 4 (r^-12 - r^-6): 48 r^-2 (r^-12 - r^-6 / 2).
template <class T>
GPUBENCH_HOST_DEVICE inline T force_over_distance(T squared_distance) {
  const T inverse = T(1) / squared_distance;
  const T sixth = inverse * inverse * inverse;
  const T factor = T(48) * inverse * sixth * (sixth - T(0.5));
  return squared_distance < T(liquid::cutoff * liquid::cutoff) ? factor : T(0);
}

/// One component of velocity after half a step, and of position after a whole one. Source: Swope et al., "A computer
/// simulation method for the calculation of equilibrium constants...", Journal of Chemical Physics 76, 1982.
template <class T>
GPUBENCH_HOST_DEVICE inline T kicked(T velocity, T force) {
  return velocity + T(liquid::time_step / 2) * force;
}
template <class T>
GPUBENCH_HOST_DEVICE inline T drifted(T position, T velocity) {
  return position + T(liquid::time_step) * velocity;
}

/// The cells of a cube, each at least as wide as a list reaches: what an atom's list holds lies in 27 of them.
template <class T>
struct cell_grid {
  T side = 1;
  T cells_per_length = 1;
  std::int32_t cells = 1;  ///< along each axis

  GPUBENCH_HOST_DEVICE std::int32_t along(T x) const {
    // A position just below the side may round up to it; one that a simulation gone wrong has lost, NaN too, is as
    // wrong in any cell, and must not lead out of the grid.
    const T place = x * cells_per_length;
    if (!(place > 0)) return 0;
    return place < T(cells) ? static_cast<std::int32_t>(place) : cells - 1;
  }
  GPUBENCH_HOST_DEVICE std::int32_t index(std::int32_t x, std::int32_t y, std::int32_t z) const {
    return (z * cells + y) * cells + x;
  }
  GPUBENCH_HOST_DEVICE std::int32_t of(T x, T y, T z) const { return index(along(x), along(y), along(z)); }
  GPUBENCH_HOST_DEVICE std::int32_t neighbour(std::int32_t cell, std::int32_t offset) const {
    const std::int32_t moved = cell + offset;
    return moved < 0 ? moved + cells : moved >= cells ? moved - cells : moved;
  }
  GPUBENCH_HOST_DEVICE std::int32_t count() const { return cells * cells * cells; }
};

template <class T>
cell_grid<T> cells_of(double side) {
  cell_grid<T> grid;
  grid.side = static_cast<T>(side);
  grid.cells = static_cast<std::int32_t>(side / liquid::list_radius);
  grid.cells_per_length = static_cast<T>(grid.cells / side);
  return grid;
}

/// Atoms within a distance of an atom, as a liquid without structure has them: 55.3 within the cutoff, 77.6 in a list.
constexpr double atoms_within(double radius) {
  return liquid::density * 4 / 3 * 3.14159265358979323846 * radius * radius * radius;
}

/// FLOP of an atom and step. A pair within the cutoff: 3 differences, 5 for their squares' sum, a reciprocal, 2 for its
/// third power, 4 for the factor, 6 for the sums. An atom: two half kicks and a drift, 2 for each component. What the
/// skin and the building of lists cost is overhead of the method and not counted.
constexpr double liquid_flop_per_atom_step() {
  return atoms_within(liquid::cutoff) * 21 + 18;
}
/// Bytes of an atom and step, as predictor/molecular_dynamics.hpp counts them: its list read each step and written once
/// in `rebuild_every`, 4 bytes an entry, and 31 values of position, velocity and force.
constexpr double liquid_bytes_per_atom_step(double value_bytes) {
  return atoms_within(liquid::list_radius) * 4 * (1 + 1.0 / liquid::rebuild_every) + 31 * value_bytes;
}

}  // namespace gpubench::kernels
