#include "kernels/stream.hpp"

#include "kernels/launch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

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

TEST(stream, sum_of_all_elements_in_closed_form) {
  EXPECT_EQ(stream_expected_sum(0), 0);
  EXPECT_EQ(stream_expected_sum(3), 6);
  for (const std::uint64_t n : {1020u, 1021u, 1022u, 5000u}) {
    double sum = 0;
    for (std::uint64_t i = 0; i < n; ++i) sum += stream_value(i, 0);
    EXPECT_EQ(stream_expected_sum(n), sum) << n;
  }
}

TEST(stream, sums_of_the_largest_arrays_are_exact_in_double) {
  const std::uint64_t elements = 192ULL << 27;  // 192 GiB
  EXPECT_LT(stream_expected_sum(elements), std::ldexp(1.0, 53));
}

TEST(stream, arrays_moved_and_flop_as_stream_counts_them) {
  EXPECT_EQ(stream_arrays_read(stream_operation::copy) + stream_arrays_written(stream_operation::copy), 2);
  EXPECT_EQ(stream_arrays_read(stream_operation::scale) + stream_arrays_written(stream_operation::scale), 2);
  EXPECT_EQ(stream_arrays_read(stream_operation::add) + stream_arrays_written(stream_operation::add), 3);
  EXPECT_EQ(stream_arrays_read(stream_operation::triad) + stream_arrays_written(stream_operation::triad), 3);
  EXPECT_EQ(stream_arrays_read(stream_operation::read) + stream_arrays_written(stream_operation::read), 1);
  EXPECT_EQ(stream_arrays_read(stream_operation::write) + stream_arrays_written(stream_operation::write), 1);
  EXPECT_EQ(stream_flop_per_element(stream_operation::copy), 0);
  EXPECT_EQ(stream_flop_per_element(stream_operation::triad), 2);
}

TEST(launch, tiles_cover_every_element) {
  EXPECT_EQ(tiles_of(512, 256, 1), 1u);
  EXPECT_EQ(tiles_of(514, 256, 1), 2u);
  EXPECT_EQ(tiles_of(1ULL << 27, 256, 4), (1ULL << 27) / 2048);
}

}  // namespace
}  // namespace gpubench::kernels
