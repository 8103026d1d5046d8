#include "kernels/md_lennard_jones_check.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::kernels {
namespace {

/// Atoms of a start, and forces by the shared arithmetic over all pairs.
template <class T>
liquid_state<T> started(std::int64_t atoms, T force_factor = 1) {
  liquid_state<T> s;
  s.side = liquid_side(atoms);
  s.places.resize(static_cast<std::size_t>(atoms));
  s.velocities = s.places;
  s.forces.resize(s.places.size());
  start_liquid(atoms, s.places.data(), s.velocities.data());
  // Off the lattice, where every force is zero by symmetry.
  for (std::size_t i = 0; i < s.places.size(); ++i) s.places[i].x += T(0.05) * static_cast<T>(std::sin(double(i)));
  const T side = static_cast<T>(s.side);
  for (std::size_t i = 0; i < s.places.size(); ++i) {
    triple<T> f{};
    for (std::size_t j = 0; j < s.places.size(); ++j) {
      if (j == i) continue;
      const T dx = minimum_image(s.places[i].x - s.places[j].x, side);
      const T dy = minimum_image(s.places[i].y - s.places[j].y, side);
      const T dz = minimum_image(s.places[i].z - s.places[j].z, side);
      const T factor = force_factor * force_over_distance(squared_length(dx, dy, dz));
      f.x += factor * dx;
      f.y += factor * dy;
      f.z += factor * dz;
    }
    s.forces[i] = f;
  }
  return s;
}

TEST(md_lennard_jones, pushes_apart_below_the_minimum_and_pulls_above) {
  // At r = 2^(1/6) the potential has its minimum; at r = 1 its slope is -24; beyond 2.5 nothing is left.
  EXPECT_NEAR(force_over_distance(std::pow(2.0, 1.0 / 3)), 0, 1e-12);
  EXPECT_DOUBLE_EQ(force_over_distance(1.0), 24);
  EXPECT_LT(force_over_distance(1.5 * 1.5), 0);
  EXPECT_EQ(force_over_distance(2.5 * 2.5), 0);
  EXPECT_LT(force_over_distance(2.499 * 2.499), 0);
}

TEST(md_lennard_jones, takes_the_shorter_way_round_the_box) {
  EXPECT_EQ(minimum_image(9.0, 10.0), -1);
  EXPECT_EQ(minimum_image(-9.0, 10.0), 1);
  EXPECT_EQ(minimum_image(4.0, 10.0), 4);
  EXPECT_EQ(into_box(-1.0, 10.0), 9);
  EXPECT_EQ(into_box(10.0, 10.0), 0);
}

TEST(md_lennard_jones, a_force_kicks_half_a_step_and_a_velocity_drifts_a_whole_one) {
  EXPECT_DOUBLE_EQ(kicked(1.0, 2.0), 1.005);
  EXPECT_DOUBLE_EQ(drifted(1.0, 2.0), 1.01);
}

TEST(md_lennard_jones, begins_on_a_lattice_of_its_density_at_its_temperature_and_rest) {
  const auto s = started<double>(864);
  EXPECT_NEAR(864 / std::pow(s.side, 3), 0.8442, 1e-12);
  EXPECT_NEAR(2 * kinetic_energy(s) / 3 / 864, 1.44, 1e-9);
  EXPECT_LT(momentum_error(s, 0), 1);
  for (const auto& p : s.places) {
    EXPECT_GE(p.y, 0);
    EXPECT_LT(p.y, s.side);
  }
}

TEST(md_lennard_jones, refuses_what_is_no_liquid) {
  EXPECT_NE(liquid_refusal(0)->find("nothing to simulate"), std::string::npos);
  EXPECT_NE(liquid_refusal(-4)->find("nothing to simulate"), std::string::npos);
  EXPECT_NE(liquid_refusal(500)->find("less than three times the cutoff and skin"), std::string::npos);
  EXPECT_NE(liquid_refusal(1000)->find("4 k^3"), std::string::npos);
  EXPECT_TRUE(liquid_refusal(std::int64_t{1} << 40));
  for (const std::int64_t atoms : {864, 32'000, 256'000, 2'048'000, 16'384'000}) {
    EXPECT_EQ(liquid_refusal(atoms), std::nullopt) << atoms;
  }
}

TEST(md_lennard_jones, cells_reach_as_far_as_a_list) {
  const auto grid = cells_of<float>(9.3);
  EXPECT_EQ(grid.cells, 3);
  EXPECT_EQ(grid.along(9.2999999F), 2);
  EXPECT_EQ(grid.neighbour(0, -1), 2);
  EXPECT_EQ(grid.neighbour(2, 1), 0);
  EXPECT_EQ(grid.of(0, 4, 8), grid.index(0, 1, 2));
  for (const double side : {8.4, 20.0, 268.7}) EXPECT_GE(side / cells_of<double>(side).cells, 2.8);
}

TEST(md_lennard_jones, forces_agree_with_the_direct_sum_and_corrupted_ones_do_not) {
  auto single = started<float>(864);
  auto twice = started<double>(864);
  EXPECT_LT(worst_force_error(single, 864), 1);
  EXPECT_LT(worst_force_error(twice, 864), 1);
  single.forces[7].y += 0.01F;
  twice.forces[7].y += 1e-9;
  EXPECT_GT(worst_force_error(single, 864), 1);
  EXPECT_GT(worst_force_error(twice, 864), 1);
  single.forces[3].x = std::nanf("");
  EXPECT_FALSE(worst_force_error(single, 864) <= 1);
  EXPECT_GT(worst_force_error(started<float>(864, 1.001F), 864), 1);
}

TEST(md_lennard_jones, energy_and_momentum_that_come_from_nowhere_are_noticed) {
  const auto before = started<double>(864);
  auto after = before;
  EXPECT_EQ(energy_drift(before, after), 0);
  for (auto& v : after.velocities) v.x *= 1.01;  // a third of the kinetic energy rises by 2 %
  EXPECT_NEAR(energy_drift(before, after), 0.02 / 3, 1e-3);
  EXPECT_GT(energy_drift(before, after), energy_drift_allowed);
  for (auto& v : after.velocities) v.z += 1e-9;
  EXPECT_GT(momentum_error(after, 1000), 1);
  EXPECT_GT(judge_liquid(before, 0, before, after, 90).error, 1);
  EXPECT_LE(judge_liquid(before, 0, before, before, 90).error, 1);
  EXPECT_GT(judge_liquid(before, 0, before, before, liquid::list_room + 1).error, 1);
}

TEST(md_lennard_jones, counts_the_work_of_an_atom_and_step) {
  // 0.8442 * 4/3 pi * 2.5^3 = 55.25 and, to 2.8, 77.63.
  EXPECT_NEAR(atoms_within(2.5), 55.25, 0.01);
  EXPECT_NEAR(atoms_within(2.8), 77.63, 0.01);
  EXPECT_NEAR(liquid_flop_per_atom_step(), 55.25 * 21 + 18, 0.3);
  EXPECT_NEAR(liquid_bytes_per_atom_step(4), 77.63 * 4.4 + 124, 0.1);
}

}  // namespace
}  // namespace gpubench::kernels
