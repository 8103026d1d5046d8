#include "bench/apps/equihash_solver.hpp"
#include "kernels/equihash_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host_case.hpp"
#include "tests/equihash_vectors.hpp"

namespace gpubench::bench {
namespace {

using testing::HasSubstr;

TEST(apps_equihash, finds_exactly_the_published_solutions) {
  const auto solver = apps::make_equihash_solver(96, 5);
  for (const auto& each : gpubench::testing_support::published_96_5()) {
    const auto run = solver->solve(gpubench::testing_support::equihash_input_bytes(each.header, each.nonce));
    EXPECT_THAT(run.solutions, testing::UnorderedElementsAreArray(each.solutions)) << each.header << each.nonce;
  }
}

TEST(apps_equihash, finds_the_solution_of_zcashs_first_block) {
  const auto published = reference::equihash_indices(
      200, 9, gpubench::testing_support::bytes_of_hexadecimal(gpubench::testing_support::zcash_genesis_solution));
  const auto run = apps::make_equihash_solver(200, 9)->solve(kernels::zcash_input(kernels::zcash_genesis_nonce));
  EXPECT_THAT(run.solutions, testing::Contains(published.value()));
}

TEST(apps_equihash, solves_200_9_within_512_mib_a_thread_and_knows_no_other_parameters) {
  EXPECT_LE(apps::equihash_memory_bytes(200, 9), 512.0 * 1024 * 1024);
  EXPECT_EQ(apps::make_equihash_solver(200, 8), nullptr);
  EXPECT_EQ(apps::equihash_memory_bytes(200, 8), 0);
  const auto machine = testing_support::machine_with({});
  const auto refusal =
      testing_support::definition_of("equihash")
          .unavailable({{"n", std::int64_t{200}}, {"k", std::int64_t{8}}, {"threads", std::int64_t{1}}},
                       machine.view());
  EXPECT_EQ(refusal, "equihash is solved for (n,k) = (96,5), (144,5) and (200,9); not for (200,8)");
}

TEST(apps_equihash, runs_one_nonce_a_thread_and_passes_its_check) {
  const auto definition = testing_support::definition_of("equihash");
  const auto machine = testing_support::machine_with({});
  const results::parameters params{{"n", std::int64_t{96}}, {"k", std::int64_t{5}}, {"threads", std::int64_t{2}}};
  EXPECT_EQ(definition.work(params).items, 2.0);
  // Lists 0 to 4 have 3, 3, 2, 2 and 1 words of 4 bytes, written and read, and an origin of 4 bytes each.
  EXPECT_EQ(definition.work(params).bytes, 2 * 131072.0 * (2 * 4 * (3 + 3 + 2 + 2 + 1) + 5 * 4));
  const auto ready = definition.prepare(params, machine.view());
  EXPECT_GT(ready->sample().count(), 0);
  EXPECT_GT(ready->sample().count(), 0);
  const auto checked = ready->verify();
  EXPECT_TRUE(checked.passed()) << checked.compared;
  EXPECT_THAT(ready->method().at("solutions"), HasSubstr(" in 4 runs"));
}

TEST(apps_equihash, the_largest_is_left_to_the_full_suite) {
  const auto definition = testing_support::definition_of("equihash");
  const auto machine = testing_support::machine_with({});
  for (const auto s : {suite::apps, suite::full}) {
    bool has_144 = false;
    for (const auto& params : cases_of(definition, s, machine.view())) {
      has_144 |= results::integer_parameter(params, "n") == 144;
    }
    EXPECT_EQ(has_144, s == suite::full);
  }
}

}  // namespace
}  // namespace gpubench::bench
