#include "bench/cuda/module/benchmark.hpp"

#include <gtest/gtest.h>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

const device_properties h100 = described_device(9, 0, 80, 50, 132);
const device_properties slice = described_device(9, 0, 1, 5, 16);

TEST(applications_hashing, are_applications_counted_in_hashes_and_runs) {
  for (const char* name : {"sha256d", "blake2b", "equihash"}) EXPECT_TRUE(named(name).is_application()) << name;
  const auto hashes = named("sha256d").work(make_parameters({{"hashes", 8192}}));
  EXPECT_EQ(hashes.items, 8192);
  EXPECT_STREQ(hashes.item, "hash");
  const auto run = named("equihash").work(make_parameters({{"n", 96}, {"k", 5}}));
  EXPECT_EQ(run.items, 1);
  // Lists 0 to 4 have 3, 3, 2, 2 and 1 words of 4 bytes, written and read, and an origin of 4 bytes each.
  EXPECT_EQ(run.bytes, 131072.0 * (2 * 4 * (3 + 3 + 2 + 2 + 1) + 5 * 4));
}

TEST(applications_hashing, refuse_what_they_cannot_do) {
  EXPECT_EQ(named("equihash").unavailable(make_parameters({{"n", 200}, {"k", 8}}), h100),
            "equihash is solved for (n,k) = (96,5), (144,5) and (200,9)");
  EXPECT_EQ(named("equihash").unavailable(make_parameters({{"n", 144}, {"k", 5}}), slice),
            "the lists do not fit the device's memory");
  EXPECT_NE(named("blake2b").unavailable(make_parameters({{"hashes", 4097}}), h100), std::nullopt);
}

TEST(applications_hashing, the_largest_is_left_to_the_full_suite) {
  EXPECT_EQ(named("equihash").cases(GPUBENCH_MODULE_STANDARD, h100).size(), 2U);
  EXPECT_EQ(named("equihash").cases(GPUBENCH_MODULE_FULL, h100).size(), 3U);
}

}  // namespace
}  // namespace gpubench::cuda
