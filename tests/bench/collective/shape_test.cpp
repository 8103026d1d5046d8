#include "bench/collective/shape.hpp"

#include "bench/collective/network.hpp"
#include "bench/collective/sweep.hpp"
#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench::collective {
namespace {

using ::testing::ElementsAre;

TEST(shape, bus_factors_are_those_of_nccl_tests) {
  EXPECT_DOUBLE_EQ(bus_factor(collective_kind::all_reduce, 8), 1.75);
  EXPECT_DOUBLE_EQ(bus_factor(collective_kind::all_gather, 8), 0.875);
  EXPECT_DOUBLE_EQ(bus_factor(collective_kind::reduce_scatter, 4), 0.75);
  EXPECT_DOUBLE_EQ(bus_factor(collective_kind::all_to_all, 2), 0.5);
  EXPECT_DOUBLE_EQ(bus_factor(collective_kind::broadcast, 8), 1);
  EXPECT_DOUBLE_EQ(bus_factor(collective_kind::reduce, 8), 1);
  EXPECT_DOUBLE_EQ(bus_factor(collective_kind::send_recv, 8), 1);
}

TEST(shape, sizes_count_the_blocks_of_all_ranks_where_nccl_tests_does) {
  EXPECT_EQ(rounded_size(collective_kind::all_reduce, element_type::fp32, 8, 8), 8u);
  EXPECT_EQ(rounded_size(collective_kind::all_gather, element_type::fp32, 8, 8), 32u);
  EXPECT_EQ(rounded_size(collective_kind::all_gather, element_type::fp32, 3, 1 << 20), 1048584u);
  EXPECT_EQ(rounded_size(collective_kind::all_to_all, element_type::fp64, 3, 24), 24u);
  EXPECT_EQ(rounded_size(collective_kind::broadcast, element_type::fp16, 3, 3), 4u);
  EXPECT_EQ(rounded_size(collective_kind::broadcast, element_type::int8, 3, 0), 1u);
}

TEST(shape, layouts_share_the_size_out) {
  const auto gather = layout_of(collective_kind::all_gather, element_type::fp32, reduction::sum, 4, 1600);
  EXPECT_EQ(gather.block, 100u);
  EXPECT_EQ(send_bytes(gather), 400u);
  EXPECT_EQ(receive_bytes(gather), 1600u);
  const auto scatter = layout_of(collective_kind::reduce_scatter, element_type::fp32, reduction::sum, 4, 1600);
  EXPECT_EQ(send_bytes(scatter), 1600u);
  EXPECT_EQ(receive_bytes(scatter), 400u);
  const auto reduce = layout_of(collective_kind::all_reduce, element_type::fp32, reduction::sum, 4, 1600);
  EXPECT_EQ(reduce.block, 400u);
  EXPECT_EQ(memory_bytes(reduce, placement::out_of_place), 3200u);
  EXPECT_EQ(memory_bytes(reduce, placement::in_place), 1600u);
}

TEST(shape, in_place_a_rank_uses_its_own_block) {
  const auto gather = layout_of(collective_kind::all_gather, element_type::fp32, reduction::sum, 4, 1600);
  EXPECT_EQ(places_in_one_buffer(gather, 3).buffer_bytes, 1600u);
  EXPECT_EQ(places_in_one_buffer(gather, 3).send_offset, 1200u);
  EXPECT_EQ(places_in_one_buffer(gather, 3).receive_offset, 0u);
  const auto scatter = layout_of(collective_kind::reduce_scatter, element_type::fp32, reduction::sum, 4, 1600);
  EXPECT_EQ(places_in_one_buffer(scatter, 2).send_offset, 0u);
  EXPECT_EQ(places_in_one_buffer(scatter, 2).receive_offset, 800u);
  EXPECT_FALSE(can_be_in_place(collective_kind::all_to_all));
}

TEST(shape, names_are_found_again) {
  for (const auto& kind : kinds) EXPECT_EQ(value_of(kinds, kind.name), kind.value);
  for (const auto& type : types) EXPECT_STREQ(name_of(types, type.value), type.name);
  EXPECT_FALSE(value_of(reductions, "mean").has_value());
}

TEST(sweep, sizes_grow_by_the_factor) {
  EXPECT_THAT(size_sweep(8, 64, 2), ElementsAre(8, 16, 32, 64));
  EXPECT_THAT(size_sweep(8, 100, 4), ElementsAre(8, 32));
  EXPECT_THAT(size_sweep(5, 5, 2), ElementsAre(5));
  EXPECT_EQ(size_sweep(1, ~std::uint64_t{0}, 2).size(), 64u);
}

TEST(sweep, absurd_sizes_are_refused) {
  EXPECT_THROW(size_sweep(0, 8, 2), error);
  EXPECT_THROW(size_sweep(16, 8, 2), error);
  EXPECT_THROW(size_sweep(8, 16, 1), error);
}

double per_nic(double busbw, int ranks, int nodes, crossing how) {
  return per_nic_bytes_per_second(busbw, ranks, nodes, how).value_or(-1);
}

/// Published figures (GB/s) of nodes with 8 GPUs: 4 p6-b200, 16 p5en, 2 p5; awsome-distributed-training,
/// micro-benchmarks/nccl-tests and slurm/topology-aware-nccl-tests; ml-engineering, network/README.md.
TEST(network, rates_of_a_card_follow_from_the_bus_bandwidth) {
  EXPECT_NEAR(per_nic(381.8, 32, 4, crossing::hierarchical), 36.95, 0.005);
  EXPECT_NEAR(per_nic(369.9, 128, 16, crossing::hierarchical), 43.7, 0.05);
  EXPECT_NEAR(per_nic(369.9, 128, 16, crossing::flat_ring), 46.2, 0.05);
  EXPECT_NEAR(per_nic(479, 16, 2, crossing::hierarchical), 31.9, 0.05);
  EXPECT_NEAR(per_nic(479, 16, 2, crossing::flat_ring), 59.9, 0.05);
}

TEST(network, a_ring_faster_than_its_cards_was_none) {
  const auto two_nodes = possible_crossings(479e9, 16, 2, 50e9);
  ASSERT_TRUE(two_nodes.has_value());
  EXPECT_FALSE(two_nodes->flat_ring_possible);
  EXPECT_TRUE(two_nodes->hierarchical_possible);
  const auto sixteen_nodes = possible_crossings(369.9e9, 128, 16, 50e9);
  ASSERT_TRUE(sixteen_nodes.has_value());
  EXPECT_TRUE(sixteen_nodes->flat_ring_possible);
}

TEST(network, one_node_and_uneven_nodes_have_no_rate_of_a_card) {
  EXPECT_FALSE(per_nic_bytes_per_second(1e9, 8, 1, crossing::flat_ring).has_value());
  EXPECT_FALSE(per_nic_bytes_per_second(1e9, 7, 2, crossing::flat_ring).has_value());
  EXPECT_FALSE(possible_crossings(1e9, 8, 2, 0).has_value());
}

}  // namespace
}  // namespace gpubench::collective
