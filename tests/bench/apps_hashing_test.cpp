#include "bench/apps/hashing_loops.hpp"
#include "kernels/hashing_check.hpp"

#include <gtest/gtest.h>

#include "host_case.hpp"

namespace gpubench::bench {
namespace {

using kernels::hash_algorithm;
using kernels::hashes_per_checksum;

TEST(apps_hashing, each_processors_loop_gives_the_checksum_of_the_plain_algorithm) {
  const auto header = kernels::hash_header_of(kernels::sample_header());
  for (const auto algorithm : {hash_algorithm::sha256d, hash_algorithm::blake2b}) {
    for (const std::uint32_t first : {0U, 2083234816U, 0U - hashes_per_checksum}) {
      for (const auto& loop : apps::hashing_loops_of(algorithm)) {
        EXPECT_EQ(loop.checksum(header, first), kernels::plain_checksum(algorithm, kernels::sample_header(), first))
            << loop.instructions;
      }
    }
  }
}

class hash_rate : public testing::TestWithParam<const char*> {};

TEST_P(hash_rate, counts_every_hash_and_passes_its_check) {
  const auto definition = testing_support::definition_of(GetParam());
  const auto machine = testing_support::machine_with({});
  const results::parameters params{{"hashes", std::int64_t{10 * hashes_per_checksum}}, {"threads", std::int64_t{2}}};
  EXPECT_EQ(definition.work(params).items, 40960.0);
  EXPECT_EQ(definition.work(params).item, "hash");
  const auto ready = definition.prepare(params, machine.view());
  // Before a sample nothing was hashed, and the check says so.
  EXPECT_FALSE(ready->verify().passed());
  EXPECT_GT(ready->sample().count(), 0);
  EXPECT_TRUE(ready->verify().passed());
}

TEST_P(hash_rate, is_an_application_on_all_cores_and_on_one) {
  const auto definition = testing_support::definition_of(GetParam());
  const auto machine = testing_support::machine_with({});
  EXPECT_TRUE(cases_of(definition, suite::standard, machine.view()).empty());
  const auto cases = cases_of(definition, suite::apps, machine.view());
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(results::integer_parameter(cases[0], "threads"), 2);
  EXPECT_EQ(results::integer_parameter(cases[1], "threads"), 1);
  for (const auto& params : cases) EXPECT_EQ(definition.unavailable(params, machine.view()), std::nullopt);
}

TEST_P(hash_rate, refuses_a_part_of_a_run) {
  const auto definition = testing_support::definition_of(GetParam());
  const auto machine = testing_support::machine_with({});
  for (const std::int64_t hashes : {std::int64_t{0}, std::int64_t{4097}, std::int64_t{1} << 33}) {
    EXPECT_NE(definition.unavailable({{"hashes", hashes}, {"threads", std::int64_t{1}}}, machine.view()), std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(every_algorithm, hash_rate, testing::Values("sha256d", "blake2b"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace gpubench::bench
