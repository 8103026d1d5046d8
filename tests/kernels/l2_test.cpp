#include "kernels/l2.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace gpubench::kernels {
namespace {

TEST(l2, rings_are_walked_without_a_division) {
  for (const std::uint32_t count : {1u, 2u, 7u, 400u}) {
    for (std::uint32_t at = 0; at < count; ++at) {
      for (std::uint32_t step = 0; step < count; ++step) EXPECT_EQ(next_in_ring(at, step, count), (at + step) % count);
    }
  }
  EXPECT_EQ(next_in_ring(0xfffffff0u, 0x20u, 0xfffffff8u), 0x18u);  // the sum does not fit 32 bits
}

/// As the kernels walk: every tile is visited once a pass, and blocks differ by one visit at most.
TEST(l2, every_tile_is_visited_once_a_pass_and_the_blocks_share_evenly) {
  for (const std::uint64_t vectors : {1u, 63u, 64u, 65u, 5000u}) {
    for (const std::uint32_t passes : {1u, 3u, 17u}) {
      for (const std::uint32_t blocks : {1u, 2u, 7u, 264u}) {
        const tile_walk walk = walk_of(vectors, 64, passes);
        std::vector<std::uint64_t> visits(walk.tiles, 0);
        std::uint64_t fewest = walk.visits;
        std::uint64_t most = 0;
        for (std::uint32_t block = 0; block < blocks; ++block) {
          std::uint32_t tile = block % walk.tiles;
          std::uint64_t own = 0;
          for (std::uint64_t visit = block; visit < walk.visits; visit += blocks, ++own) {
            ++visits[tile];
            tile = next_in_ring(tile, blocks % walk.tiles, walk.tiles);
          }
          fewest = std::min(fewest, own);
          most = std::max(most, own);
        }
        EXPECT_EQ(std::count(visits.begin(), visits.end(), passes), walk.tiles);
        EXPECT_LE(most - fewest, 1u);
      }
    }
  }
}

TEST(l2, tiles_cover_the_working_set) {
  EXPECT_EQ(walk_of(64, 64, 5).tiles, 1u);
  EXPECT_EQ(walk_of(65, 64, 5).tiles, 2u);
  EXPECT_EQ(walk_of(65, 64, 5).visits, 10u);
}

TEST(l2, sums_are_those_of_all_passes_modulo_two_to_the_thirty_second) {
  const std::uint32_t once = l2_word(0) + l2_word(1) + l2_word(2);
  EXPECT_EQ(l2_expected_sum(3, 1), once);
  EXPECT_EQ(l2_expected_sum(3, 3), once + once + once);
}

TEST(l2, any_wrong_word_changes_the_sum_of_an_odd_number_of_passes) {
  for (const std::uint64_t bytes : {16u, 65536u, 13107200u, 100u << 20}) {
    const std::uint32_t passes = l2_passes(bytes);
    EXPECT_EQ(passes % 2, 1u) << bytes;
    for (int bit = 0; bit < 32; ++bit) EXPECT_NE(passes * (1u << bit), 0u);
  }
}

TEST(l2, launches_move_two_gibibytes) {
  EXPECT_EQ(l2_passes(std::uint64_t{1} << 31), 1u);
  EXPECT_EQ(l2_passes(12'500'000), 171u);
  EXPECT_EQ(l2_passes(1 << 20), 2049u);
  EXPECT_EQ(l2_passes(16), 4095u);
  EXPECT_EQ(l2_passes(std::uint64_t{1} << 40), 1u);
}

TEST(l2, written_words_differ) {
  std::set<std::uint32_t> seen;
  for (std::uint64_t i = 0; i < 100'000; ++i) seen.insert(l2_written_word(i));
  EXPECT_EQ(seen.size(), 100'000u);
  EXPECT_EQ(seen.count(0xffffffffu), 0u);  // the poison
}

}  // namespace
}  // namespace gpubench::kernels
