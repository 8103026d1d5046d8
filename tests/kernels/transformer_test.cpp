#include "kernels/transformer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace gpubench::kernels {
namespace {

TEST(transformer, norm_and_gating_by_hand) {
  EXPECT_FLOAT_EQ(rms_factor(25, 2, 0), 1 / std::sqrt(12.5F));
  EXPECT_FLOAT_EQ(rms_factor(0, 4, 0.25F), 2);
  EXPECT_FLOAT_EQ(gated_silu(0, 7), 0);
  EXPECT_FLOAT_EQ(gated_silu(1, 2), 2 / (1 + std::exp(-1.0F)));
  EXPECT_FLOAT_EQ(gated_silu(-100, 2), 0);
}

TEST(transformer, a_quarter_turn_exchanges_the_pair) {
  const auto turned = rotate_pair(1, 2, 0, 1);
  EXPECT_EQ(turned.first, -2);
  EXPECT_EQ(turned.second, 1);
}

TEST(transformer, the_last_token_of_each_sequence_is_chosen) {
  const row_choice rows{3, 4, 5};
  EXPECT_EQ(chosen_row(rows, 0), 4);
  EXPECT_EQ(chosen_row(rows, 2), 14);
}

/// Two sequences of three new tokens at the end of a cache of seven positions; 4 query and 2 key heads of 32 features.
constexpr head_layout layout{6, 3, 4, 2, 32, 7};

TEST(transformer, items_cover_every_projected_element_once) {
  constexpr int width = 8;
  std::set<std::int64_t> seen;
  for (std::int64_t i = 0; i < items_of(layout, width); ++i) {
    const auto item = item_at(layout, width, i);
    const std::int64_t at = place_in_projected(layout, item);
    EXPECT_EQ(at % width, 0);
    for (std::int64_t e = 0; e < width; ++e) {
      EXPECT_TRUE(seen.insert(at + e).second);
      EXPECT_TRUE(seen.insert(at + layout.head_dim / 2 + e).second);
    }
  }
  EXPECT_EQ(seen.size(), 6u * 8 * 32);
  EXPECT_EQ(*seen.rbegin(), 6 * 8 * 32 - 1);
}

TEST(transformer, items_of_queries_keys_and_values_go_to_places_of_their_own) {
  constexpr int width = 4;
  std::set<std::int64_t> queries, keys, values;
  for (std::int64_t i = 0; i < items_of(layout, width); ++i) {
    const auto item = item_at(layout, width, i);
    if (item.head < 4) {
      EXPECT_TRUE(queries.insert(place_in_queries(layout, item)).second);
    } else if (item.head < 6) {
      EXPECT_TRUE(keys.insert(place_in_cache(layout, item, item.head - 4)).second);
    } else {
      EXPECT_TRUE(values.insert(place_in_cache(layout, item, item.head - 6)).second);
    }
  }
  EXPECT_EQ(queries.size(), 6u * 4 * 4);
  EXPECT_EQ(keys.size(), 6u * 2 * 4);
  EXPECT_EQ(keys, values);
  // The first new token stands at position 4 of 7, and the second sequence starts after 7 positions of 2 heads.
  EXPECT_EQ(*keys.begin(), 4 * 2 * 32);
  EXPECT_TRUE(keys.count((7 + 4) * 2 * 32 + 32) == 1);
  EXPECT_EQ(*keys.rbegin(), 2 * 7 * 2 * 32 - 32 + 12);
}

TEST(transformer, spread_values_stay_within_their_spread) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const float value = spread_value(7, i, 1, 0.2F);
    EXPECT_GE(value, 0.8F);
    EXPECT_LE(value, 1.2F);
    sum += static_cast<double>(value);
  }
  EXPECT_NEAR(sum / 1000, 1, 0.02);
}

}  // namespace
}  // namespace gpubench::kernels
