#include "kernels/copy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace gpubench::kernels {
namespace {

constexpr std::uint64_t poison = ~std::uint64_t{0};

std::vector<std::uint64_t> words_of(std::uint64_t lane, std::size_t count) {
  std::vector<std::uint64_t> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(copy_word(lane, i));
  return result;
}

/// Runs every thread of a launch; each element must be stored once and nothing beside the destination.
template <int vectors>
void expect_whole_copy(std::uint64_t count, std::uint64_t blocks, std::uint32_t threads) {
  SCOPED_TRACE(std::to_string(count) + " vectors by " + std::to_string(blocks) + " x " + std::to_string(threads));
  const auto source = words_of(3, count);
  constexpr std::size_t margin = 5;
  std::vector<std::uint64_t> destination(count + 2 * margin, poison);
  for (std::uint64_t block = 0; block < blocks; ++block) {
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
      std::vector<std::uint64_t> before = destination;
      copy_share<vectors>(source.data(), destination.data() + margin, count, {block, blocks, thread, threads});
      for (std::size_t i = 0; i < destination.size(); ++i) {
        if (destination[i] != before[i]) {
          ASSERT_EQ(before[i], poison) << "stored twice: " << i;
        }
      }
    }
  }
  for (std::size_t i = 0; i < margin; ++i) {
    EXPECT_EQ(destination[i], poison);
    EXPECT_EQ(destination[count + margin + i], poison);
  }
  EXPECT_TRUE(std::equal(source.begin(), source.end(), destination.begin() + margin));
}

TEST(copy, every_vector_is_moved_once_whatever_the_launch) {
  for (const std::uint64_t count : {1u, 7u, 32u, 33u, 100u, 257u}) {
    for (const std::uint64_t blocks : {1u, 2u, 5u}) {
      for (const std::uint32_t threads : {4u, 8u}) {
        expect_whole_copy<1>(count, blocks, threads);
        expect_whole_copy<4>(count, blocks, threads);
      }
    }
  }
}

TEST(copy, words_are_never_those_of_another_place_or_lane) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t lane = 0; lane < 16; ++lane) {
    for (std::uint64_t i = 0; i < 4096; ++i) seen.insert(copy_word(lane, i));
  }
  EXPECT_EQ(seen.size(), 16u * 4096u);
  EXPECT_EQ(seen.count(poison), 0u);
}

TEST(copy, a_shift_a_swap_and_a_dropped_half_are_all_visible) {
  for (const std::uint64_t shift : {1u, 2u, 512u, 4096u, 1u << 20, 1u << 26}) {
    for (std::uint64_t i = 0; i < 100; ++i) EXPECT_NE(copy_word(0, i), copy_word(0, i + shift));
  }
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t word = copy_word(0, i);
    EXPECT_NE(word >> 32, word & 0xffffffffu);
    EXPECT_NE(word, 0u);
  }
}

TEST(remote_chain, is_one_cycle_over_all_lines) {
  for (const std::uint32_t lines : {1u, 2u, 3u, 100u, 16384u}) {
    const auto next = remote_chain(lines);
    std::vector<bool> visited(lines, false);
    std::uint32_t at = 0;
    for (std::uint32_t i = 0; i < lines; ++i) {
      ASSERT_LT(at, lines);
      ASSERT_FALSE(visited[at]);
      visited[at] = true;
      at = next[at];
    }
    EXPECT_EQ(at, 0u);
  }
}

TEST(remote_chain, rarely_goes_on_to_the_neighbour) {
  const auto next = remote_chain(16384);
  int near = 0;
  for (std::uint32_t i = 0; i < next.size(); ++i) near += next[i] == i + 1;
  EXPECT_LT(near, 20);  // one is expected of a random order
}

TEST(remote_chain, is_followed_by_address) {
  static_assert(sizeof(remote_line) == 128);
  const auto next = remote_chain(50);
  std::vector<remote_line> lines(50);
  const auto address = [&](std::uint32_t i) { return reinterpret_cast<std::uint64_t>(&lines[i]); };
  for (std::uint32_t i = 0; i < 50; ++i) lines[i].next = address(next[i]);
  EXPECT_EQ(follow_remote_chain(address(0), 0), address(0));
  EXPECT_EQ(follow_remote_chain(address(0), 2), address(next[next[0]]));
  EXPECT_EQ(follow_remote_chain(address(0), 50), address(0));
  EXPECT_NE(follow_remote_chain(address(0), 49), address(0));
}

}  // namespace
}  // namespace gpubench::kernels
