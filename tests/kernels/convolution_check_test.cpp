#include "kernels/convolution_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace gpubench::kernels {
namespace {

constexpr convolution_product all_products[] = {convolution_product::forward, convolution_product::backward_data,
                                                convolution_product::backward_weights};

convolution_shape small(convolution_product product, image_order order, std::int64_t stride = 2) {
  return {storage::fp32, product, order, 2, 3, 7, 6, 4, 3, stride, 1};
}

/// All three tensors of a convolution from one sweep over all multiply-adds: a second way to each of them.
struct swept {
  explicit swept(const convolution_shape& s)
      : x(static_cast<std::size_t>(s.n * s.c_in * s.height * s.width)),
        w(static_cast<std::size_t>(s.c_out * s.c_in * s.kernel * s.kernel)),
        y(static_cast<std::size_t>(s.n * s.c_out * s.out_height() * s.out_width())) {
    for (std::int64_t n = 0; n < s.n; ++n)
      for (std::int64_t o = 0; o < s.c_out; ++o)
        for (std::int64_t oy = 0; oy < s.out_height(); ++oy)
          for (std::int64_t ox = 0; ox < s.out_width(); ++ox)
            for (std::int64_t c = 0; c < s.c_in; ++c)
              for (std::int64_t ky = 0; ky < s.kernel; ++ky)
                for (std::int64_t kx = 0; kx < s.kernel; ++kx) {
                  const std::int64_t row = oy * s.stride + ky - s.padding, column = ox * s.stride + kx - s.padding;
                  if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
                  const auto xi = index_of(s.order, x_size(s), {n, c, row, column});
                  const auto wi = index_of(s.order, w_size(s), {o, c, ky, kx});
                  const auto yi = index_of(s.order, y_size(s), {n, o, oy, ox});
                  const double xv = stored_operand(s.type, convolution_x, xi);
                  const double wv = stored_operand(s.type, convolution_w, wi);
                  const double yv = stored_operand(s.type, convolution_y, yi);
                  y[yi] += xv * wv;
                  x[xi] += yv * wv;
                  w[wi] += xv * yv;
                }
  }
  const std::vector<double>& of(convolution_product product) const {
    return product == convolution_product::forward ? y : product == convolution_product::backward_data ? x : w;
  }
  std::vector<double> x, w, y;
};

TEST(convolution_check, every_value_of_every_product_is_the_swept_one) {
  for (const auto order : {image_order::channels_first, image_order::channels_last}) {
    for (const std::int64_t stride : {1, 2}) {
      for (const auto product : all_products) {
        const auto shape = small(product, order, stride);
        const auto expected = swept(shape).of(product);
        ASSERT_EQ(result_elements(shape), static_cast<std::int64_t>(expected.size()));
        for (std::size_t i = 0; i < expected.size(); ++i) {
          EXPECT_NEAR(reference_result(shape, i).value, expected[i], 1e-12) << i;
        }
      }
    }
  }
}

TEST(convolution_check, places_and_indices_are_inverse) {
  const image_size size{3, 5, 4};
  for (const auto order : {image_order::channels_first, image_order::channels_last}) {
    for (std::uint64_t i = 0; i < 2 * 3 * 5 * 4; ++i) EXPECT_EQ(index_of(order, size, place_of(order, size, i)), i);
  }
  EXPECT_EQ(index_of(image_order::channels_last, size, {1, 2, 3, 1}), 1u * 60 + (3 * 4 + 1) * 3 + 2);
  EXPECT_EQ(index_of(image_order::channels_first, size, {1, 2, 3, 1}), 1u * 60 + 2 * 20 + 3 * 4 + 1);
}

TEST(convolution_check, right_values_pass_and_wrong_ones_do_not) {
  for (const auto product : all_products) {
    const auto shape = small(product, image_order::channels_last);
    const double value = reference_result(shape, 5).value;
    EXPECT_LE(convolution_error(shape, 5, static_cast<float>(value)), 1);
    EXPECT_GT(convolution_error(shape, 5, value + 1e-4), 1);
    EXPECT_GT(convolution_error(shape, 5, reference_result(shape, 6).value), 1);
    EXPECT_FALSE(convolution_error(shape, 5, std::numeric_limits<double>::quiet_NaN()) <= 1);
  }
}

TEST(convolution_check, a_dropped_input_channel_is_noticed_in_every_type) {
  for (const storage type : {storage::fp32, storage::tf32, storage::fp16, storage::bf16}) {
    convolution_shape shape{type, convolution_product::forward, image_order::channels_last, 2, 256, 14, 14, 64, 3, 1,
                            1};
    convolution_shape less = shape;
    int noticed = 0;
    for (std::uint64_t i = 0; i < 40; ++i) {
      // Without the last 32 channels: the sum over the first 224 of the same memory.
      const image_place out = place_of(shape.order, y_size(shape), 1000 + i);
      double sum = 0;
      for (std::int64_t c = 0; c < 224; ++c)
        for (std::int64_t k = 0; k < 9; ++k) {
          const std::int64_t row = out.y + k / 3 - 1, column = out.x + k % 3 - 1;
          if (row < 0 || row >= 14 || column < 0 || column >= 14) continue;
          sum += stored_operand(type, convolution_x, index_of(shape.order, x_size(less), {out.n, c, row, column})) *
                 stored_operand(type, convolution_w, index_of(shape.order, w_size(less), {out.c, c, k / 3, k % 3}));
        }
      noticed += convolution_error(shape, 1000 + i, sum) > 1;
    }
    EXPECT_GE(noticed, 35) << static_cast<int>(type);
  }
}

TEST(convolution_check, products_are_counted_for_each_pass) {
  EXPECT_EQ(products_per_result(small(convolution_product::forward, image_order::channels_last)), 27);
  EXPECT_EQ(products_per_result(small(convolution_product::backward_data, image_order::channels_last)), 36);
  EXPECT_EQ(products_per_result(small(convolution_product::backward_weights, image_order::channels_last)), 2 * 4 * 3);
}

}  // namespace
}  // namespace gpubench::kernels
