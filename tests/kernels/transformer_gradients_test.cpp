#include "kernels/transformer_gradients.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace gpubench::kernels {
namespace {

TEST(transformer_gradients, gating_follows_a_finite_difference) {
  constexpr double step = 1e-6;
  const auto gated = [](double gate, double up) { return gate / (1 + std::exp(-gate)) * up; };
  for (const float gate : {-8.0F, -1.25F, -0.5F, 0.0F, 0.75F, 3.0F, 20.0F}) {
    for (const float up : {-2.0F, 0.5F}) {
      const auto found = gated_silu_gradient(gate, up, 3);
      const auto g = static_cast<double>(gate), u = static_cast<double>(up);
      EXPECT_NEAR(found.gate, 3 * (gated(g + step, u) - gated(g - step, u)) / (2 * step), 1e-5);
      EXPECT_NEAR(found.up, 3 * (gated(g, u + step) - gated(g, u - step)) / (2 * step), 1e-5);
    }
  }
}

TEST(transformer_gradients, gating_far_from_zero_stays_finite) {
  const auto low = gated_silu_gradient(-200, 2, 1), high = gated_silu_gradient(200, 2, 1);
  EXPECT_EQ(low.gate, 0);
  EXPECT_EQ(low.up, 0);
  EXPECT_EQ(high.gate, 2);
  EXPECT_EQ(high.up, 200);
}

TEST(transformer_gradients, a_norms_gradient_follows_a_finite_difference) {
  const std::vector<double> x{0.5, -1.5, 2, 0.25}, scale{1, 0.5, -2, 1.5}, gradient{0.75, -1, 0.5, 2};
  const auto loss = [&](const std::vector<double>& of) {
    double squares = 0, sum = 0;
    for (const double v : of) squares += v * v;
    for (std::size_t i = 0; i < of.size(); ++i) sum += gradient[i] * of[i] * scale[i] / std::sqrt(squares / 4);
    return sum;
  };
  double squares = 0, along = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    squares += x[i] * x[i];
    along += gradient[i] * scale[i] * x[i];
  }
  const float factor = rms_factor(static_cast<float>(squares), 4, 0);
  const float mean = static_cast<float>(along) * factor / 4;
  for (std::size_t i = 0; i < 4; ++i) {
    auto above = x, below = x;
    above[i] += 1e-6;
    below[i] -= 1e-6;
    const auto g = static_cast<float>(gradient[i] * scale[i]);
    EXPECT_NEAR(rms_norm_gradient(g, static_cast<float>(x[i]) * factor, factor, mean),
                (loss(above) - loss(below)) / 2e-6, 1e-5);
  }
}

TEST(transformer_gradients, turning_back_undoes_a_turn) {
  const float cosine = std::cos(0.7F), sine = std::sin(0.7F);
  const auto turned = rotate_pair(2, -3, cosine, sine);
  const auto back = rotate_pair_back(turned.first, turned.second, cosine, sine);
  EXPECT_FLOAT_EQ(back.first, 2);
  EXPECT_FLOAT_EQ(back.second, -3);
  // A turn keeps lengths and angles, so the gradient of <g, turned> is g turned back.
  const auto gradient = rotate_pair_back(1, 0, cosine, sine);
  EXPECT_FLOAT_EQ(gradient.first, cosine);
  EXPECT_FLOAT_EQ(gradient.second, -sine);
}

TEST(transformer_gradients, threads_cover_every_column_once) {
  for (const std::int64_t hidden : {8, 64, 2048, 2056, 4096, 5120, 8192, 12288, 16384}) {
    constexpr int width = 8;
    const int packs = norm_packs(hidden, width);
    ASSERT_LE(packs, most_norm_packs) << hidden;
    std::set<std::int64_t> columns;
    for (unsigned thread = 0; thread < norm_gradient_threads; ++thread) {
      for (int p = 0; p < packs; ++p) {
        const std::int64_t at = norm_column(thread, p, width);
        if (at < hidden) {
          EXPECT_TRUE(columns.insert(at).second);
        }
      }
    }
    EXPECT_EQ(static_cast<std::int64_t>(columns.size()) * width, hidden);
    EXPECT_EQ(*columns.rbegin(), hidden - width);
  }
  EXPECT_EQ(norm_packs(2048, 8), 1);
  EXPECT_EQ(norm_packs(4096, 8), 2);
  EXPECT_EQ(norm_packs(16384, 8), 8);
  EXPECT_GT(norm_packs(16392, 8), most_norm_packs);
  EXPECT_GT(norm_packs(std::int64_t{1} << 40, 8), most_norm_packs);
}

TEST(transformer_gradients, each_part_has_a_row) {
  EXPECT_EQ(norm_gradient_parts(3, 2, 132), 3u);
  EXPECT_EQ(norm_gradient_parts(4096, 1, 132), 528u);
  EXPECT_EQ(norm_gradient_parts(4096, 2, 132), 396u);
  EXPECT_EQ(norm_gradient_parts(4096, 4, 132), 264u);
  EXPECT_EQ(norm_gradient_parts(4096, 8, 132), 132u);
}

}  // namespace
}  // namespace gpubench::kernels
