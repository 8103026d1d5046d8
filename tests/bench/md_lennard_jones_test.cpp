#include "bench/apps/liquid_simulation.hpp"
#include "core/error.hpp"

#include <gtest/gtest.h>

#include "host_case.hpp"

namespace gpubench::bench {
namespace {

using testing_support::definition_of;
using testing_support::machine_with;

class md_lennard_jones : public testing::TestWithParam<const char*> {};

TEST_P(md_lennard_jones, simulates_a_liquid_that_passes_its_checks) {
  const auto made_up = machine_with({});
  const auto ready = definition_of(GetParam()).prepare({{"atoms", std::int64_t{4000}}}, made_up.view());
  for (int n = 0; n < 3; ++n) EXPECT_GT(ready->sample().count(), 0);
  const auto checked = ready->verify();
  EXPECT_TRUE(checked.passed()) << checked.compared << ": " << checked.error;
  EXPECT_GT(checked.error, 0);
}

TEST_P(md_lennard_jones, refuses_no_atoms_and_a_box_too_small_for_the_cutoff) {
  const auto made_up = machine_with({});
  const auto definition = definition_of(GetParam());
  const auto reason = [&](std::int64_t atoms) { return definition.unavailable({{"atoms", atoms}}, made_up.view()); };
  EXPECT_NE(reason(0).value().find("nothing to simulate"), std::string::npos);
  EXPECT_NE(reason(256).value().find("less than three times the cutoff"), std::string::npos);
  EXPECT_EQ(reason(4000), std::nullopt);
  EXPECT_NE(reason(256'000'000).value().find("needs"), std::string::npos);
}

TEST_P(md_lennard_jones, is_an_application_counted_in_atom_steps) {
  const auto made_up = machine_with({});
  const auto definition = definition_of(GetParam());
  EXPECT_TRUE(cases_of(definition, suite::standard, made_up.view()).empty());
  const auto cases = cases_of(definition, suite::apps, made_up.view());
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_EQ(definition.work(cases.front()).items, 2'560'000);
  EXPECT_EQ(definition.work(cases.front()).item, "atom-step");
  EXPECT_EQ(cases_of(definition, suite::full, made_up.view()).back(),
            (results::parameters{{"atoms", std::int64_t{16'384'000}}}));
}

INSTANTIATE_TEST_SUITE_P(both_precisions, md_lennard_jones,
                         testing::Values("md_lennard_jones_fp32", "md_lennard_jones_fp64"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(liquid_simulation, is_the_same_on_any_number_of_threads) {
  apps::liquid_simulation<double> one(864, 1), three(864, 3);
  one.run(30);
  three.run(30);
  const auto a = one.state(), b = three.state();
  for (std::size_t i = 0; i < a.atoms(); ++i) {
    ASSERT_EQ(a.places[i].x, b.places[i].x);
    ASSERT_EQ(a.forces[i].z, b.forces[i].z);
  }
}

TEST(liquid_simulation, keeps_energy_and_momentum_and_cools_as_its_lattice_melts) {
  apps::liquid_simulation<float> liquid(kernels::watched_atoms, 1);
  const auto before = liquid.state();
  liquid.run(kernels::watched_steps);
  const auto after = liquid.state();
  EXPECT_LT(kernels::energy_drift(before, after), kernels::energy_drift_allowed);
  EXPECT_LT(kernels::momentum_error(after, liquid.steps()), 1);
  // Half of the lattice's kinetic energy becomes potential: the LAMMPS benchmark settles near 0.7.
  EXPECT_NEAR(2 * kernels::kinetic_energy(after) / 3 / kernels::watched_atoms, 0.72, 0.06);
  // The last step before lists are built again, when atoms have moved furthest.
  EXPECT_LT(kernels::worst_force_error(after, kernels::watched_atoms), 1);
}

TEST(liquid_simulation, says_which_liquid_there_is_not) {
  try {
    apps::liquid_simulation<float> none(256, 1);
    FAIL();
  } catch (const error& refused) {
    EXPECT_EQ(refused.kind(), error_kind::input);
    EXPECT_FALSE(refused.hint().empty());
  }
}

}  // namespace
}  // namespace gpubench::bench
