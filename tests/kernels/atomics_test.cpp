#include "kernels/atomics.hpp"

#include "kernels/l2.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gpubench::kernels {
namespace {

/// As the kernel walks, for every thread of a small grid.
TEST(atomics, every_address_gets_what_the_closed_form_says) {
  for (const std::uint32_t addresses : {1u, 2u, 32u, 1000u, 1024u}) {
    for (const std::uint64_t additions : {1u, 100u, 4096u, 10'001u}) {
      for (const std::uint64_t threads : {1u, 256u, 768u}) {
        std::vector<std::uint64_t> counters(addresses, 0);
        for (std::uint64_t thread = 0; thread < threads; ++thread) {
          auto address = static_cast<std::uint32_t>(thread % addresses);
          for (std::uint64_t i = thread; i < additions; i += threads) {
            ++counters[address];
            address = next_in_ring(address, static_cast<std::uint32_t>(threads % addresses), addresses);
          }
        }
        for (std::uint32_t i = 0; i < addresses; ++i) ASSERT_EQ(counters[i], additions_to(i, addresses, additions));
      }
    }
  }
}

TEST(atomics, additions_add_up) {
  EXPECT_EQ(additions_to(0, 3, 10), 4u);
  EXPECT_EQ(additions_to(1, 3, 10), 3u);
  EXPECT_EQ(additions_to(2, 3, 10), 3u);
}

TEST(atomics, four_launches_on_one_address_are_exact_in_fp32) {
  EXPECT_EQ(atomic_additions(1), 1u << 22);
  EXPECT_EQ(atomic_additions(2), 1u << 23);
  EXPECT_EQ(atomic_additions(1 << 20), 1u << 26);
  for (const std::uint64_t addresses : {1u, 3u, 16u, 17u, 1024u}) {
    EXPECT_LE(4 * additions_to(0, addresses, atomic_additions(addresses)), 1u << 24) << addresses;
  }
}

}  // namespace
}  // namespace gpubench::kernels
