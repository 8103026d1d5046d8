#include "kernels/chain.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace gpubench::kernels {
namespace {

/// As the kernel links them: next[line] is the line that `line` points to.
std::vector<std::uint64_t> chain_of(std::uint64_t lines) {
  std::vector<std::uint64_t> next(lines, lines);
  for (std::uint64_t place = 0; place < lines; ++place) {
    next[chain_line(place, lines)] = chain_line(place + 1 < lines ? place + 1 : 0, lines);
  }
  return next;
}

TEST(chain, is_one_cycle_through_all_lines) {
  for (const std::uint64_t lines : {2u, 3u, 4u, 5u, 127u, 128u, 129u, 1000u, 8192u, 100'003u}) {
    const auto next = chain_of(lines);
    std::vector<bool> seen(lines, false);
    std::uint64_t at = 0;
    for (std::uint64_t step = 0; step < lines; ++step) {
      ASSERT_LT(at, lines);
      ASSERT_FALSE(seen[at]) << lines << " lines, step " << step;
      seen[at] = true;
      at = next[at];
    }
    EXPECT_EQ(at, 0u) << lines;
  }
}

TEST(chain, a_walk_ends_where_the_closed_form_says) {
  for (const std::uint64_t lines : {2u, 77u, 128u, 5000u}) {
    const auto next = chain_of(lines);
    std::uint64_t at = chain_line(0, lines);
    for (std::uint64_t step = 0; step < 3 * lines; ++step) {
      ASSERT_EQ(at, chain_line(step % lines, lines));
      at = next[at];
    }
  }
}

TEST(chain, a_walk_over_a_wrong_link_ends_elsewhere) {
  constexpr std::uint64_t lines = 5000;
  auto next = chain_of(lines);
  std::swap(next[chain_line(10, lines)], next[chain_line(20, lines)]);  // leaves out ten lines
  std::uint64_t at = chain_line(0, lines);
  for (int step = 0; step < 1024; ++step) at = next[at];
  EXPECT_NE(at, chain_line(1024, lines));
}

TEST(chain, steps_have_no_visible_order) {
  for (const std::uint64_t lines : {128u, 8192u, 100'003u}) {
    const auto next = chain_of(lines);
    std::uint64_t near = 0;
    double distance = 0;
    for (std::uint64_t line = 0; line < lines; ++line) {
      const auto step = static_cast<double>(next[line]) - static_cast<double>(line);
      if (std::abs(step) <= 1) ++near;
      distance += std::abs(step) / static_cast<double>(lines);
    }
    // Of a random permutation two in `lines` steps lead to a neighbour, and the mean distance is a third.
    EXPECT_LE(near, 12u) << lines;
    EXPECT_NEAR(distance / static_cast<double>(lines), 1.0 / 3, 0.1) << lines;
  }
}

TEST(chain, samples_last_three_million_cycles) {
  EXPECT_EQ(chase_loads(30), 100'000u);
  EXPECT_EQ(chase_loads(300), 10'000u);
  EXPECT_EQ(chase_loads(1000), 3'000u / 16 * 16);
  EXPECT_EQ(chase_loads(1e6), 1024u);
  EXPECT_EQ(chase_loads(0), 1024u);
  EXPECT_EQ(chase_loads(0.001), 1u << 20);
}

}  // namespace
}  // namespace gpubench::kernels
