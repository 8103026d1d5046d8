#pragma once

#include "kernels/md_lennard_jones.hpp"
#include "kernels/operands.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// How a run of molecular dynamics begins, the same on every device.
namespace gpubench::kernels {

/// k of a face-centred cubic lattice of 4 k^3 atoms; nothing when it is none.
inline std::optional<std::int64_t> lattice_cells(std::int64_t atoms) {
  if (atoms <= 0) return std::nullopt;
  const auto k = static_cast<std::int64_t>(std::llround(std::cbrt(static_cast<double>(atoms) / 4)));
  if (4 * k * k * k != atoms) return std::nullopt;
  return k;
}

/// Side of the cube.
inline double liquid_side(std::int64_t atoms) {
  return std::cbrt(static_cast<double>(atoms) / liquid::density);
}

/// Why a liquid of so many atoms cannot be simulated, or nothing.
inline std::optional<std::string> liquid_refusal(std::int64_t atoms) {
  if (atoms <= 0) return "atoms is " + std::to_string(atoms) + ": there is nothing to simulate";
  // Places in a list times four are 32-bit integers.
  if (atoms > (std::int64_t{1} << 29) - 4) return "atoms is " + std::to_string(atoms) + ", more than 2^29 - 4";
  const double side = liquid_side(atoms);
  if (side < 3 * liquid::list_radius) {
    return "the box of " + std::to_string(atoms) + " atoms is " + std::to_string(side) +
           " sigma wide, less than three times the cutoff and skin of 2.8; 864 atoms are the fewest";
  }
  if (!lattice_cells(atoms)) {
    return "atoms is " + std::to_string(atoms) + ", but a full lattice has 4 k^3 atoms, as 32000, 256000 and 2048000";
  }
  return std::nullopt;
}

/// A face-centred cubic lattice, and velocities uniform in a cube, without momentum and of the first temperature;
/// within some hundred steps collisions make a liquid of it.
template <class T>
void start_liquid(std::int64_t atoms, triple<T>* places, triple<T>* velocities) {
  const std::int64_t k = lattice_cells(atoms).value();
  const double edge = liquid_side(atoms) / static_cast<double>(k);
  constexpr double basis[4][3] = {{0.25, 0.25, 0.25}, {0.75, 0.75, 0.25}, {0.75, 0.25, 0.75}, {0.25, 0.75, 0.75}};
  const auto velocity = [](std::int64_t i, unsigned axis) {
    const std::uint64_t bits = mix_bits(static_cast<std::uint64_t>(i) * 3 + axis + 1);
    return static_cast<double>(bits >> 11) / 4503599627370496.0 - 1;  // 2^52: uniform in [-1, 1)
  };
  double sum[3] = {}, squares = 0;
  for (std::int64_t i = 0; i < atoms; ++i) {
    for (unsigned axis = 0; axis < 3; ++axis) {
      const double v = velocity(i, axis);
      sum[axis] += v;
      squares += v * v;
    }
  }
  const auto n = static_cast<double>(atoms);
  for (const double s : sum) squares -= s * s / n;
  const double scale = std::sqrt(3 * n * liquid::first_temperature / squares);
  for (std::int64_t i = 0; i < atoms; ++i) {
    const std::int64_t cell = i / 4;
    const double* const b = basis[i % 4];
    places[i] = {static_cast<T>(edge * (static_cast<double>(cell % k) + b[0])),
                 static_cast<T>(edge * (static_cast<double>(cell / k % k) + b[1])),
                 static_cast<T>(edge * (static_cast<double>(cell / k / k) + b[2])), 0};
    velocities[i] = {static_cast<T>(scale * (velocity(i, 0) - sum[0] / n)),
                     static_cast<T>(scale * (velocity(i, 1) - sum[1] / n)),
                     static_cast<T>(scale * (velocity(i, 2) - sum[2] / n)), 0};
  }
}

}  // namespace gpubench::kernels
