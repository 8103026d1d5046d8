#include "bench/cuda/module/stream_shapes.hpp"

#include "bench/cuda/module/memory_clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace gpubench::cuda {
namespace {

using kernels::launch_shape;
using kernels::memory_access;
using kernels::stream_operation;

constexpr stream_operation operations[] = {stream_operation::copy,  stream_operation::scale, stream_operation::add,
                                           stream_operation::triad, stream_operation::read,  stream_operation::write,
                                           stream_operation::dot};

/// 132 multiprocessors with room for 2048 threads each.
std::uint64_t resident_on_h200(const launch_shape& shape) {
  return 132 * (2048 / static_cast<std::uint64_t>(shape.threads));
}

TEST(stream_shapes, are_launches_that_a_device_takes) {
  for (const auto operation : operations) {
    for (const std::uint64_t elements : {2ULL, 1000ULL, 1ULL << 27, 1ULL << 34}) {
      const auto shapes = stream_shapes(operation, elements, true, resident_on_h200);
      ASSERT_FALSE(shapes.empty());
      for (const auto& shape : shapes) {
        EXPECT_GE(shape.blocks, 1u);
        EXPECT_LE(shape.blocks, 0x7fffffffu);
        EXPECT_EQ(shape.threads % 32, 0);
        EXPECT_LE(shape.threads, kernels::most_threads(shape.vectors));
        EXPECT_LE(shape.blocks, kernels::tiles_of(elements, shape.threads, shape.vectors));
      }
    }
  }
}

TEST(stream_shapes, bulk_copies_are_tried_only_where_they_exist_and_something_is_read) {
  const auto is_bulk = [](const launch_shape& shape) { return shape.access == memory_access::bulk; };
  for (const auto operation : operations) {
    const auto without = stream_shapes(operation, 1 << 27, false, resident_on_h200);
    EXPECT_EQ(std::count_if(without.begin(), without.end(), is_bulk), 0);
    const auto with = stream_shapes(operation, 1 << 27, true, resident_on_h200);
    const auto count = std::count_if(with.begin(), with.end(), is_bulk);
    if (operation == stream_operation::write) {
      EXPECT_EQ(count, 0);
    } else {
      EXPECT_GE(count, 3);
    }
  }
}

TEST(stream_shapes, bulk_tiles_fit_the_shared_memory_of_a_block_and_cover_the_array) {
  for (const auto operation : operations) {
    for (const auto& shape : stream_shapes(operation, (1 << 27) + 2, true, resident_on_h200)) {
      if (shape.access != memory_access::bulk) continue;
      const int arrays = kernels::stream_arrays_read(operation);
      EXPECT_LE(kernels::staged_bytes(arrays, shape.threads, shape.vectors), 48u * 1024 - 512);
      EXPECT_EQ(shape.blocks, kernels::tiles_of((1 << 27) + 2, shape.threads, shape.vectors));
    }
  }
}

TEST(stream_shapes, both_few_long_and_many_short_blocks_are_tried) {
  const auto shapes = stream_shapes(stream_operation::triad, 1 << 27, false, resident_on_h200);
  const auto persistent = std::count_if(
      shapes.begin(), shapes.end(), [](const launch_shape& shape) { return shape.blocks == resident_on_h200(shape); });
  EXPECT_EQ(persistent, 14);
  EXPECT_EQ(shapes.size(), 32u);
}

TEST(stream_shapes, kernels_that_fit_nowhere_are_left_out) {
  const auto shapes = stream_shapes(stream_operation::triad, 1 << 27, false, [](const launch_shape&) { return 0; });
  EXPECT_EQ(shapes.size(), 18u);
}

TEST(stream_shapes, are_told_in_words) {
  EXPECT_EQ(shape_text({512, 2, 65536, memory_access::streaming}),
            "65536 blocks of 512 threads with 2 vectors of 16 bytes each, streaming");
}

TEST(memory_clock, two_transfers_a_clock_on_every_wire) {
  // H200: 6144 wires at 3201 MHz; T4: 256 wires at 5001 MHz, 320 GB/s by its data sheet.
  EXPECT_DOUBLE_EQ(bandwidth_bytes_per_second({3'201'000, 6144}).value(), 4.916736e12);
  EXPECT_NEAR(bandwidth_bytes_per_second({5'001'000, 256}).value(), 320e9, 1e9);
  EXPECT_EQ(bandwidth_text({3'201'000, 6144}).value_or(""),
            "4916.7 GB/s: 2 transfers a clock at 3201 MHz on 6144 wires");
}

TEST(memory_clock, what_the_runtime_does_not_tell_is_left_out) {
  EXPECT_FALSE(bandwidth_bytes_per_second({0, 6144}).has_value());
  EXPECT_FALSE(bandwidth_text({3'201'000, 0}).has_value());
}

}  // namespace
}  // namespace gpubench::cuda
