#pragma once

#include "kernels/md_lennard_jones_start.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

/// What a state of the liquid must satisfy, in double precision over all pairs: no cells, no lists, and a formula of
/// its own. O(N^2), or O(N) for each atom that is looked at.
namespace gpubench::kernels {

template <class T>
struct liquid_state {
  std::vector<triple<T>> places, velocities, forces;
  double side = 0;

  std::size_t atoms() const { return places.size(); }
};

/// Steps over which the energy is watched, on a system of so many atoms; and how much of the kinetic energy may be lost
/// or won. Velocity Verlet keeps the energy to the square of the step, some 1e-4 here; a force that is not the
/// potential's slope loses it within a few steps.
inline constexpr std::int64_t watched_steps = 1000, watched_atoms = 2048;
inline constexpr double energy_drift_allowed = 1e-3;

namespace liquid_detail {

inline double shortest(double d, double side) {
  return d - side * std::round(d / side);
}

/// Calls body(dx, dy, dz, r) for each other atom of atom i within `radius`.
template <class T, class Body>
void for_neighbours(const liquid_state<T>& s, std::size_t i, double radius, const Body& body) {
  for (std::size_t j = 0; j < s.atoms(); ++j) {
    if (j == i) continue;
    const double dx = shortest(double(s.places[i].x) - double(s.places[j].x), s.side);
    const double dy = shortest(double(s.places[i].y) - double(s.places[j].y), s.side);
    const double dz = shortest(double(s.places[i].z) - double(s.places[j].z), s.side);
    const double squared = dx * dx + dy * dy + dz * dz;
    if (squared < radius * radius) body(dx, dy, dz, std::sqrt(squared));
  }
}

inline double potential(double r) {
  return 4 * (std::pow(r, -12) - std::pow(r, -6));
}
/// -d/dr of the potential.
inline double repulsion(double r) {
  return 4 * (12 * std::pow(r, -13) - 6 * std::pow(r, -7));
}

}  // namespace liquid_detail

/// Largest deviation of an atom's force from the direct sum, of `samples` atoms spread over the system, in units of
/// what roundings explain: of the pairs' terms, and of distances across the box's edge, which are wrong by a rounding
/// of the box's width. A pair that is within such a rounding of the cutoff may be in or out.
template <class T>
double worst_force_error(const liquid_state<T>& s, std::size_t samples) {
  const double epsilon = std::numeric_limits<T>::epsilon();
  const double near = 4 * epsilon * s.side;
  double worst = 0;
  const std::size_t stride = std::max<std::size_t>(1, s.atoms() / std::max<std::size_t>(1, samples));
  for (std::size_t i = 0; i < s.atoms(); i += stride) {
    double x = 0, y = 0, z = 0, bound = 1e-300;
    liquid_detail::for_neighbours(s, i, liquid::cutoff + near, [&](double dx, double dy, double dz, double r) {
      const double f = liquid_detail::repulsion(r);
      if (r > liquid::cutoff - near) bound += std::abs(f);
      if (r >= liquid::cutoff) return;
      x += f * dx / r;
      y += f * dy / r;
      z += f * dz / r;
      const double steepness = (std::abs(f) + 24 * 26 * std::pow(r, -14)) / r;
      bound += epsilon * (10 * (std::abs(f) + 24 * std::pow(r, -7)) + s.side * steepness);
    });
    const auto& found = s.forces[i];
    const double error =
        std::sqrt(std::pow(found.x - x, 2) + std::pow(found.y - y, 2) + std::pow(found.z - z, 2)) / bound;
    if (!(error <= worst)) worst = error;  // a NaN stays
  }
  return worst;
}

template <class T>
double kinetic_energy(const liquid_state<T>& s) {
  double sum = 0;
  for (const auto& v : s.velocities) sum += double(v.x) * v.x + double(v.y) * v.y + double(v.z) * v.z;
  return sum / 2;
}

/// Kinetic energy and that of all pairs, the potential shifted to 0 at the cutoff: then no pair adds or takes energy by
/// crossing it.
template <class T>
double total_energy(const liquid_state<T>& s) {
  const double shift = liquid_detail::potential(liquid::cutoff);
  double pairs = 0;
  for (std::size_t i = 0; i < s.atoms(); ++i) {
    liquid_detail::for_neighbours(
        s, i, liquid::cutoff, [&](double, double, double, double r) { pairs += liquid_detail::potential(r) - shift; });
  }
  return kinetic_energy(s) + pairs / 2;
}

/// Share of the kinetic energy that a run from one state to the other lost or won.
template <class T>
double energy_drift(const liquid_state<T>& from, const liquid_state<T>& to) {
  return std::abs(total_energy(to) - total_energy(from)) / kinetic_energy(to);
}

/// Momentum over what it would be if all atoms moved the same way at their mean speed, in units of what roundings of
/// `steps` steps explain.
template <class T>
double momentum_error(const liquid_state<T>& s, std::int64_t steps) {
  double x = 0, y = 0, z = 0;
  for (const auto& v : s.velocities) {
    x += v.x;
    y += v.y;
    z += v.z;
  }
  const auto n = static_cast<double>(s.atoms());
  const double speed = std::sqrt(2 * kinetic_energy(s) / n);
  return std::sqrt(x * x + y * y + z * z) / n / speed /
         (std::numeric_limits<T>::epsilon() * (2 + 0.02 * static_cast<double>(steps)));
}

/// The checks of a run in one: the largest error in units of what is allowed, and a sentence.
struct liquid_verdict {
  double error = 0;
  std::string compared;
};
/// @param running          the system that was timed, after `steps` steps
/// @param before, after    a system of watched_atoms atoms, watched_steps apart
/// @param longest_list     entries; more than there is room for were lost
template <class T>
liquid_verdict judge_liquid(const liquid_state<T>& running, std::int64_t steps, const liquid_state<T>& before,
                            const liquid_state<T>& after, std::int32_t longest_list) {
  constexpr std::size_t samples = 64;
  const double drift = energy_drift(before, after);
  double error = 0;
  for (const double e : {worst_force_error(running, samples), worst_force_error(after, watched_atoms),
                         momentum_error(running, steps), drift / energy_drift_allowed}) {
    if (!(e <= error)) error = e;
    if (e != e) break;
  }
  if (longest_list > liquid::list_room) error = std::numeric_limits<double>::infinity();
  char text[512];
  std::snprintf(
      text, sizeof text,
      "forces on %zu atoms, and on all of a system of %lld, against direct sums over all pairs; momentum; energy "
      "lost or won in %lld steps of the small system, %.1e of the kinetic energy, which may be %.0e: the largest "
      "in units of what is allowed",
      samples, static_cast<long long>(watched_atoms), static_cast<long long>(watched_steps), drift,
      energy_drift_allowed);
  return {error, text};
}

}  // namespace gpubench::kernels
