#include "kernels/stream.hpp"

#include "kernels/launch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace gpubench::kernels {
namespace {

TEST(stream, values_start_at_one_and_repeat_with_a_prime_period) {
  EXPECT_EQ(stream_value(0, 0), 1);
  EXPECT_EQ(stream_value(1020, 0), 1021);
  EXPECT_EQ(stream_value(1021, 0), 1);
  EXPECT_EQ(stream_value(0, 1), 501);
  for (std::uint64_t divisor = 2; divisor * divisor <= stream_period; ++divisor) EXPECT_NE(stream_period % divisor, 0u);
}

TEST(stream, expected_elements_follow_the_operations) {
  // Element 4: first input 5, second input 505.
  EXPECT_EQ(stream_expected(stream_operation::copy, 4), 5);
  EXPECT_EQ(stream_expected(stream_operation::scale, 4), 15);
  EXPECT_EQ(stream_expected(stream_operation::add, 4), 510);
  EXPECT_EQ(stream_expected(stream_operation::triad, 4), 5 + 3 * 505);
  EXPECT_EQ(stream_expected(stream_operation::write, 4), 7);
  EXPECT_EQ(stream_expected(stream_operation::dot, 4), 5 * 505);
}

TEST(stream, no_operation_can_pass_for_another) {
  const auto operations = {stream_operation::copy, stream_operation::scale, stream_operation::add,
                           stream_operation::triad, stream_operation::write};
  for (const auto one : operations) {
    for (const auto other : operations) {
      if (one == other) continue;
      int different = 0;
      for (std::uint64_t i = 0; i < 2 * stream_period; ++i)
        different += stream_expected(one, i) != stream_expected(other, i);
      EXPECT_GT(different, 2000);
    }
  }
}

TEST(stream, an_element_from_a_neighbouring_place_is_noticed) {
  for (const std::uint64_t shift : {1u, 2u, 32u, 256u, 512u, 1024u, 4096u}) {
    EXPECT_NE(stream_expected(stream_operation::copy, 0), stream_expected(stream_operation::copy, shift));
  }
}

TEST(stream, sums_in_closed_form) {
  EXPECT_EQ(stream_expected_sum(stream_operation::read, 0), 0);
  EXPECT_EQ(stream_expected_sum(stream_operation::read, 3), 1 + 2 + 3);
  EXPECT_EQ(stream_expected_sum(stream_operation::dot, 3), 1 * 501 + 2 * 502 + 3 * 503);
  for (const std::uint64_t n : {1020u, 1021u, 1022u, 5000u}) {
    double sum = 0;
    double dot = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      sum += stream_value(i, 0);
      dot += stream_value(i, 0) * stream_value(i, 1);
    }
    EXPECT_EQ(stream_expected_sum(stream_operation::read, n), sum) << n;
    EXPECT_EQ(stream_expected_sum(stream_operation::dot, n), dot) << n;
  }
}

TEST(stream, sums_of_the_largest_arrays_are_exact_in_double) {
  EXPECT_LT(stream_expected_sum(stream_operation::read, 192ULL << 27), std::ldexp(1.0, 53));  // 192 GiB
  EXPECT_LT(stream_expected_sum(stream_operation::dot, 128ULL << 27), std::ldexp(1.0, 53));   // twice 128 GiB
}

TEST(stream, one_wrong_element_changes_a_sum_that_is_exact) {
  const double right = stream_expected_sum(stream_operation::dot, 1ULL << 28);
  EXPECT_NE(right - 1, right);
  EXPECT_NE(right + 1, right);
}

TEST(stream, arrays_moved_and_flop_as_stream_counts_them) {
  EXPECT_EQ(stream_arrays_read(stream_operation::copy) + stream_arrays_written(stream_operation::copy), 2);
  EXPECT_EQ(stream_arrays_read(stream_operation::scale) + stream_arrays_written(stream_operation::scale), 2);
  EXPECT_EQ(stream_arrays_read(stream_operation::add) + stream_arrays_written(stream_operation::add), 3);
  EXPECT_EQ(stream_arrays_read(stream_operation::triad) + stream_arrays_written(stream_operation::triad), 3);
  EXPECT_EQ(stream_arrays_read(stream_operation::read) + stream_arrays_written(stream_operation::read), 1);
  EXPECT_EQ(stream_arrays_read(stream_operation::write) + stream_arrays_written(stream_operation::write), 1);
  EXPECT_EQ(stream_arrays_read(stream_operation::dot), 2);
  EXPECT_EQ(stream_arrays_written(stream_operation::dot), 0);
  EXPECT_EQ(stream_flop_per_element(stream_operation::dot), 2);
  EXPECT_EQ(stream_flop_per_element(stream_operation::copy), 0);
  EXPECT_EQ(stream_flop_per_element(stream_operation::triad), 2);
}

TEST(launch, tiles_cover_every_element) {
  EXPECT_EQ(tiles_of(512, 256, 1), 1u);
  EXPECT_EQ(tiles_of(514, 256, 1), 2u);
  EXPECT_EQ(tiles_of(1ULL << 27, 256, 4), (1ULL << 27) / 2048);
}

/// Every vector of an array is in one tile of one block, as the kernels count them.
TEST(launch, blocks_with_their_stride_visit_every_vector_once) {
  for (const std::uint64_t elements : {2u, 510u, 512u, 514u, 100'000u}) {
    for (const int vectors : {1, 2, 4, 8}) {
      for (const std::uint64_t blocks : {std::uint64_t{1}, std::uint64_t{3}, tiles_of(elements, 64, vectors)}) {
        const std::uint64_t pairs = elements / 2;
        const auto tile = static_cast<std::uint64_t>(64 * vectors);
        std::vector<int> visits(pairs, 0);
        for (std::uint64_t block = 0; block < blocks; ++block) {
          for (std::uint64_t start = block * tile; start < pairs; start += blocks * tile) {
            for (std::uint64_t i = start; i < std::min(start + tile, pairs); ++i) ++visits[i];
          }
        }
        EXPECT_EQ(std::count(visits.begin(), visits.end(), 1), static_cast<std::ptrdiff_t>(pairs));
      }
    }
  }
}

TEST(launch, staged_tiles_have_sixteen_bytes_a_vector) {
  EXPECT_EQ(staged_bytes(2, 256, 4), 32u << 10);
  EXPECT_EQ(staged_bytes(1, 512, 1), 8u << 10);
}

TEST(launch, blocks_leave_registers_for_what_is_in_flight) {
  for (const int vectors : {1, 2, 4, 8}) EXPECT_LE(most_threads(vectors) * (2 * 4 * vectors), 65536 / 2) << vectors;
}

}  // namespace
}  // namespace gpubench::kernels
