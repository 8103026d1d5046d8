#include "report/figures.hpp"

#include "report/measured.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "run_fixture.hpp"

namespace gpubench::report {
namespace {

const double nan_value = std::numeric_limits<double>::quiet_NaN();

// Half width 2.3: two digits below 35, so one decimal; 8.2: one digit, none; 350: above 35 tens, hundreds.
TEST(amounts, have_no_thousandths) {
  EXPECT_EQ(amount(0.1129), "0.1129");
  EXPECT_EQ(amount(1500), "1.5 k");
}

TEST(figures, keep_the_digits_that_the_interval_supports) {
  EXPECT_EQ(supported_decimals(17.5, 22.1), 1);
  EXPECT_EQ(supported_decimals(54, 70.4), 0);
  EXPECT_EQ(supported_decimals(1000, 1800), -2);
  EXPECT_EQ(supported_decimals(0.9, 1.0), 2);
}

TEST(figures, write_a_symmetric_interval_with_plus_minus) {
  EXPECT_EQ(with_interval(19.84, 17.5, 22.1), "19.8 ±2.3");
  EXPECT_EQ(with_interval(61.2, 54, 70), "61 ±8");
  EXPECT_EQ(with_interval(16420, 15900, 16940), "16,400 ±500");
  EXPECT_EQ(with_interval(0.5312, 0.5300, 0.5324), "0.5312 ±0.0012");
}

TEST(figures, write_a_lopsided_interval_as_a_range) {
  EXPECT_EQ(with_interval(10, 5, 20), "10 (5–20)");
}

TEST(figures, never_claim_more_than_five_digits) {
  EXPECT_EQ(with_interval(123.456789, 123.456788, 123.456790), "123.46");
}

TEST(figures, never_round_a_value_with_a_wide_interval_to_zero) {
  EXPECT_EQ(with_interval(3, 0.1, 60), "3 (0–60)");
  EXPECT_EQ(with_interval(0.004, 0.0001, 0.9).substr(0, 5), "0.004");
}

TEST(figures, fall_back_to_three_digits_without_an_interval) {
  EXPECT_EQ(with_interval(19.84, {}, {}), "19.8");
  EXPECT_EQ(with_interval(19.84, 30, 40), "19.8");  // an interval beside its value says nothing about it
  EXPECT_EQ(with_interval(19.84, nan_value, 40), "19.8");
}

TEST(figures, show_a_dash_for_what_is_not_a_number) {
  EXPECT_EQ(with_interval(nan_value, 1, 2), "–");
  EXPECT_EQ(with_range(nan_value, 1, 2, "$", ""), "–");
  EXPECT_EQ(fixed(std::numeric_limits<double>::infinity(), 2), "–");
  EXPECT_EQ(percent(nan_value), "–");
  EXPECT_EQ(money(nan_value), "–");
}

TEST(figures, write_ranges_for_sentences) {
  EXPECT_EQ(with_range(61.2, 54, 70, "$", ""), "$61 ($54–$70)");
  const predictor::estimate job{19.8 * 3600, 17.9 * 3600, 22.4 * 3600, predictor::basis::calibrated,
                                predictor::bound::memory};
  EXPECT_EQ(duration_with_range(job), "19.8 h (17.9–22.4)");
}

TEST(figures, group_thousands_and_round_before_the_point) {
  EXPECT_EQ(fixed(1234567.891, 1), "1,234,567.9");
  EXPECT_EQ(fixed(-1234, 0), "-1,234");
  EXPECT_EQ(fixed(1251, -2), "1,300");
}

TEST(figures, claim_no_certainty_that_an_estimate_lacks) {
  EXPECT_EQ(percent(0.966), "97 %");
  EXPECT_EQ(percent(0.9999), ">99 %");
  EXPECT_EQ(percent(0.0001), "<1 %");
  EXPECT_EQ(percent(1), "100 %");
  EXPECT_EQ(percent(0), "0 %");
}

results::measurement timed(double median, double low, double high) {
  results::measurement m;
  m.time_ns.emplace();
  m.time_ns->n = 11;
  m.time_ns->median = median;
  m.time_ns->median_interval = interval{low, high};
  return m;
}

// 2 GFLOP in 10 ms are 200 GFLOP/s; in 8 ms 250, in 12.5 ms 160: the ends of the interval change places.
TEST(figure_of, turns_the_interval_of_a_time_into_that_of_a_rate) {
  auto m = timed(10e6, 8e6, 12.5e6);
  m.rate.flop_per_second = 200e9;
  const auto figure = figure_of(m);
  ASSERT_TRUE(figure);
  EXPECT_EQ(figure->unit, "GFLOP/s");
  EXPECT_DOUBLE_EQ(figure->value, 200);
  EXPECT_DOUBLE_EQ(*figure->low, 160);
  EXPECT_DOUBLE_EQ(*figure->high, 250);
}

TEST(figure_of, names_what_is_counted) {
  auto images = timed(412e6, 400e6, 420e6);
  images.work.item = "image";
  images.rate = {8e9, {}, 19.4};
  EXPECT_EQ(figure_of(images)->unit, "image/s");
  auto bytes = timed(1e6, 0.9e6, 1.1e6);
  bytes.rate.bytes_per_second = 18.2e9;
  EXPECT_EQ(figure_of(bytes)->unit, "GB/s");
  EXPECT_DOUBLE_EQ(figure_of(bytes)->value, 18.2);
  auto tokens = timed(1e6, 0.9e6, 1.1e6);
  tokens.work.item = "token";
  tokens.rate.items_per_second = 2500;
  EXPECT_EQ(figure_of(tokens)->unit, "k token/s");
}

TEST(figure_of, counts_operations_of_integers_and_not_floating_point_ones) {
  EXPECT_EQ(operation_unit("gemm_int8"), "OP");
  EXPECT_EQ(operation_unit("arithmetic_int32"), "OP");
  EXPECT_EQ(operation_unit("dense peak int8"), "OP");
  for (const char* other : {"gemm_fp8", "dense peak fp32", "int", "int8", "point8", "gemm_int", "gemm_int8_of"})
    EXPECT_EQ(operation_unit(other), "FLOP") << other;
  auto product = timed(10e6, 8e6, 12.5e6);
  product.benchmark = "gemm_int8";
  product.rate.flop_per_second = 200e9;
  EXPECT_EQ(figure_of(product)->unit, "GOP/s");
}

TEST(figure_of, gives_a_latency_per_load) {
  auto m = timed(92e6, 91e6, 93e6);
  m.work.item = "load";
  m.work.items = 1e6;
  m.rate.items_per_second = 1e6 / 92e-3;
  const auto figure = figure_of(m);
  EXPECT_EQ(figure->unit, "ns per load");
  EXPECT_DOUBLE_EQ(figure->value, 92);
  EXPECT_DOUBLE_EQ(*figure->high, 93);
}

TEST(figure_of, is_absent_without_a_time) {
  EXPECT_FALSE(figure_of(results::measurement{}));
  EXPECT_FALSE(figure_of(timed(nan_value, 1, 2)));
}

TEST(further_figures, are_the_rates_among_the_notes_of_what_was_measured) {
  const auto run = test::make_run();
  results::measurement traced;
  traced.benchmark = "path_tracer";
  traced.params = {{"scene", std::string("cornell")}};
  traced.backend = "host";
  traced.device = "cpu";
  traced.method = {{"bounces", "4"},
                   {"rays_per_second", "1.7e+07 at the median"},
                   {"frames_per_hour", "138.5 of 1920 x 1080"},
                   {"words_per_second", "many"}};
  run->measurements = {traced, traced};
  run->measurements[1].status = results::measurement_status::failed;
  EXPECT_EQ(further_figures(*run),
            (std::vector<std::string>{"path_tracer/scene:cornell: 138.5 frames per hour of 1920 x 1080",
                                      "path_tracer/scene:cornell: 1.7e+07 rays per second at the median"}));
}

}  // namespace
}  // namespace gpubench::report
