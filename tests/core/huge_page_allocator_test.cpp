#include "core/huge_page_allocator.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

namespace gpubench {
namespace {

using numbers = std::vector<std::uint64_t, huge_page_allocator<std::uint64_t>>;
constexpr std::size_t page_bytes = huge_page_allocator<std::uint64_t>::page_bytes;

TEST(huge_page_allocator, large_arrays_begin_at_a_huge_page) {
  const numbers small(3, 7), large(page_bytes / sizeof(std::uint64_t), 7);
  EXPECT_EQ(small.back(), 7U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(large.data()) % page_bytes, 0U);
}

TEST(huge_page_allocator, a_vector_keeps_its_numbers_as_it_grows_past_a_page_and_is_copied_and_moved) {
  numbers grown;
  for (std::uint64_t i = 0; i < 3 * page_bytes / sizeof(i) / 2; ++i) grown.push_back(i);
  numbers expected(grown.size());
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_TRUE(grown == expected);
  const numbers copied = grown, moved = std::move(grown);
  EXPECT_TRUE(copied == expected);
  EXPECT_TRUE(moved == expected);
}

TEST(huge_page_allocator, too_much_is_refused) {
  huge_page_allocator<std::uint64_t> memory;
  EXPECT_THROW(static_cast<void>(memory.allocate(std::numeric_limits<std::size_t>::max() / 4)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(memory.allocate(std::numeric_limits<std::size_t>::max() / 16)), std::bad_alloc);
}

}  // namespace
}  // namespace gpubench
