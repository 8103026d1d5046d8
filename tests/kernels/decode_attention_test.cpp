#include "kernels/decode_attention.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace gpubench::kernels {
namespace {

TEST(decode_attention, readers_take_every_position_once) {
  for (const std::int64_t kv_len : {1, 3, 31, 32, 33, 100, 1024, 4097}) {
    for (const int lanes : {8, 16, 32}) {
      const int readers = decode_readers(lanes);
      decode_attention_shape shape;
      shape.kv_len = kv_len;
      shape.head_dim = lanes * 8;
      const std::int64_t parts = decode_parts(shape, 132);
      const std::int64_t per_part = positions_per_part(kv_len, parts);
      std::multiset<std::int64_t> taken;
      for (std::int64_t part = 0; part < parts; ++part) {
        const auto range = positions_of_part(kv_len, per_part, part);
        EXPECT_LT(range.begin, range.end) << "an empty part has no largest score";
        for (std::int64_t turn = 0; turn < turns_of(range, readers); ++turn) {
          for (int reader = 0; reader < readers; ++reader) {
            const std::int64_t first = first_position(range, readers, reader, turn);
            for (int p = 0; p < decode_depth; ++p) {
              if (first + p < range.end) taken.insert(first + p);
            }
          }
        }
      }
      EXPECT_EQ(taken.size(), static_cast<std::size_t>(kv_len));
      EXPECT_EQ(std::set<std::int64_t>(taken.begin(), taken.end()).size(), taken.size());
      EXPECT_EQ(*taken.rbegin(), kv_len - 1);
    }
  }
}

TEST(decode_attention, few_sequences_are_cut_into_parts_and_many_are_not) {
  decode_attention_shape one{1, 4096, 32, 8, 128};
  EXPECT_EQ(decode_parts(one, 132), 64);  // of 64 positions, two turns of 8 readers
  one.kv_len = 16;
  EXPECT_EQ(decode_parts(one, 132), 1);
  EXPECT_EQ(decode_parts({128, 4096, 32, 8, 128}, 132), 1);
  EXPECT_EQ(decode_parts({32, 4096, 32, 8, 128}, 132), 3);
}

TEST(decode_attention, places_by_hand) {
  const decode_attention_shape shape{2, 10, 8, 2, 64};
  EXPECT_EQ(place_of_query(shape, 1, 3), (8 + 3) * 64);
  EXPECT_EQ(place_of_position(shape, 1, 1, 4), ((10 + 4) * 2 + 1) * 64);
  EXPECT_EQ(place_of_part(shape, 5, 1, 3, 2), (8 + 3) * 5 + 2);
  EXPECT_EQ(decode_workspace_bytes(shape, 5), 2 * 8 * 5 * (64 * 4 + 8));
}

TEST(decode_attention, only_shapes_with_a_kernel_fit) {
  EXPECT_TRUE(decode_attention_fits({1, 1, 32, 8, 128}));
  EXPECT_FALSE(decode_attention_fits({1, 1, 32, 8, 80}));
  EXPECT_FALSE(decode_attention_fits({1, 1, 30, 8, 128}));
  EXPECT_FALSE(decode_attention_fits({1, 1, 48, 3, 128}));
}

/// What the kernels do, reader by reader and part by part, with one feature.
double in_parts(const std::vector<float>& exponents, const std::vector<float>& values, std::int64_t parts,
                int readers) {
  const auto kv_len = static_cast<std::int64_t>(exponents.size());
  struct partial {
    running_softmax state;
    float weighted = 0;
  };
  const auto join = [](const std::vector<partial>& all) {
    partial joined;
    for (const auto& one : all) joined.state.largest = std::fmax(joined.state.largest, one.state.largest);
    for (const auto& one : all) {
      const float factor = rescale_factor(one.state.largest, joined.state.largest);
      joined.state.sum += one.state.sum * factor;
      joined.weighted += one.weighted * factor;
    }
    return joined;
  };
  std::vector<partial> of_parts;
  for (std::int64_t part = 0; part < parts; ++part) {
    const auto range = positions_of_part(kv_len, positions_per_part(kv_len, parts), part);
    std::vector<partial> of_readers(static_cast<std::size_t>(readers));
    for (std::int64_t turn = 0; turn < turns_of(range, readers); ++turn) {
      for (int r = 0; r < readers; ++r) {
        auto& own = of_readers[static_cast<std::size_t>(r)];
        const std::int64_t first = first_position(range, readers, r, turn);
        float exponent[decode_depth], largest = own.state.largest;
        for (int p = 0; p < decode_depth; ++p) {
          exponent[p] = first + p < range.end ? exponents[static_cast<std::size_t>(first + p)] : -INFINITY;
          largest = std::fmax(largest, exponent[p]);
        }
        const float factor = rescale_factor(own.state.largest, largest);
        own.state.largest = largest;
        own.state.sum *= factor;
        own.weighted *= factor;
        for (int p = 0; p < decode_depth; ++p) {
          const float weight = softmax_weight(exponent[p], largest);
          own.state.sum += weight;
          if (first + p < range.end) own.weighted += weight * values[static_cast<std::size_t>(first + p)];
        }
      }
    }
    of_parts.push_back(join(of_readers));
  }
  const partial all = join(of_parts);
  return static_cast<double>(all.weighted / all.state.sum);
}

TEST(decode_attention, parts_and_readers_together_give_the_softmax_of_the_whole) {
  for (const std::size_t kv_len : {1u, 5u, 64u, 257u}) {
    std::vector<float> exponents, values;
    for (std::size_t i = 0; i < kv_len; ++i) {
      exponents.push_back(40 * static_cast<float>(std::sin(static_cast<double>(i) * 1.7)));
      values.push_back(static_cast<float>(std::cos(static_cast<double>(i))));
    }
    double sum = 0, weighted = 0;
    for (std::size_t i = 0; i < kv_len; ++i) {
      const double weight = std::exp2(static_cast<double>(exponents[i]));
      sum += weight;
      weighted += weight * static_cast<double>(values[i]);
    }
    for (const std::int64_t parts : {1, 2, 3}) {
      const auto length = static_cast<std::int64_t>(kv_len);
      const std::int64_t per_part = positions_per_part(length, parts);
      const std::int64_t real_parts = (length + per_part - 1) / per_part;
      EXPECT_NEAR(in_parts(exponents, values, real_parts, 8), weighted / sum, 1e-5) << kv_len << ' ' << parts;
    }
  }
}

TEST(decode_attention, scores_are_scaled_into_powers_of_two) {
  EXPECT_NEAR(std::exp2(static_cast<double>(decode_scale(64)) * 8), std::exp(1.0), 1e-6);
}

}  // namespace
}  // namespace gpubench::kernels
