#include "predictor/collective_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::predictor {
namespace {

fabric hopper_node() {
  fabric f;
  f.inside = fabric::link::nvlink_switch;
  f.generation = fabric::tuning::hopper;
  f.gpu = "X";
  f.architecture = "Y";
  f.inside_bytes_per_second = 450e9;
  f.devices_per_node = 8;
  return f;
}

std::vector<collective_observation> sweep(const collective_constants& truth) {
  std::vector<collective_observation> rows;
  for (const auto kind : {collective_kind::all_reduce, collective_kind::all_gather, collective_kind::all_to_all}) {
    for (const int ranks : {2, 4, 8}) {
      for (double bytes = 512; bytes < 1e9; bytes *= 2) {
        collective_observation row{hopper_node(), kind, models::precision::fp16, ranks, bytes, 0};
        row.seconds = modelled_seconds(kind, bytes, row.links, ranks, true, truth);
        rows.push_back(row);
      }
    }
  }
  return rows;
}

TEST(collective_fit, finds_constants_that_made_the_rows_also_among_bad_ones) {
  collective_constants truth;
  truth.launch_seconds *= 1.5;
  truth.simple_share *= 0.8;
  truth.in_switch_share *= 0.9;
  auto rows = sweep(truth);
  for (std::size_t i = 0; i < rows.size(); i += 20) rows[i].seconds *= 3;  // a disturbed row now and then
  const collective_fit fit = fit_collectives(rows, collective_constants{});
  EXPECT_NEAR(fit.constants.launch_seconds, truth.launch_seconds, 0.05 * truth.launch_seconds);
  EXPECT_NEAR(fit.constants.simple_share, truth.simple_share, 0.05 * truth.simple_share);
  EXPECT_NEAR(fit.constants.in_switch_share, truth.in_switch_share, 0.05 * truth.in_switch_share);
  EXPECT_TRUE(fit.refused.empty());
  EXPECT_EQ(fit.log_residual.size(), rows.size());
}

TEST(collective_fit, keeps_what_the_rows_say_nothing_of) {
  auto rows = sweep({});
  std::erase_if(rows, [](const collective_observation& row) { return row.kind != collective_kind::all_gather; });
  for (auto& row : rows) row.seconds *= 1.2;
  const collective_fit fit = fit_collectives(rows, collective_constants{});
  EXPECT_NEAR(fit.constants.exchange_share, collective_constants{}.exchange_share, 1e-6);
  EXPECT_NEAR(fit.constants.in_switch_share, collective_constants{}.in_switch_share, 1e-6);
  EXPECT_GT(fit.constants.launch_seconds, collective_constants{}.launch_seconds);
  EXPECT_EQ(fit_collectives({}, collective_constants{}).constants.launch_seconds,
            collective_constants{}.launch_seconds);
}

TEST(collective_fit, refuses_rows_above_the_link_s_rate_by_name) {
  std::vector<collective_observation> rows = sweep({});
  rows[18].seconds *= 1e-3;  // milliseconds taken for microseconds
  rows[19].seconds = 0;
  const collective_fit fit = fit_collectives(rows, collective_constants{});
  ASSERT_EQ(fit.refused.size(), 2u);
  EXPECT_EQ(fit.refused[0].index, 18u);
  EXPECT_NE(fit.refused[0].reason.find("over a link of 450"), std::string::npos) << fit.refused[0].reason;
  EXPECT_EQ(fit.refused[1].index, 19u);
}

TEST(collective_fit, curves_hold_what_the_formula_leaves) {
  auto rows = sweep({});
  for (auto& row : rows) row.seconds *= row.bytes < 1e6 ? 1.1 : 0.9;
  std::erase_if(rows, [](const collective_observation& row) { return row.bytes == 1024; });
  const auto curves = curves_of(rows, collective_constants{});
  ASSERT_EQ(curves.size(), 9u);
  for (const auto& curve : curves) {
    EXPECT_EQ(curve.gpu, "X");
    EXPECT_NEAR(curve.at(512), std::log(1.1), 1e-6);
    EXPECT_NEAR(curve.at(1024), std::log(1.1), 1e-6) << "between its neighbours";
    EXPECT_NEAR(curve.at(1e12), std::log(0.9), 1e-6);
  }
  const fabric own = hopper_node();
  fabric kin = own, other = own;
  kin.gpu = "Z";
  other.gpu = "Z";
  other.architecture = "W";
  const auto correction = [&](const fabric& links, int ranks, collective_kind kind = collective_kind::all_reduce) {
    return log_correction(kind, 512, links, ranks, curves);
  };
  EXPECT_NEAR(correction(own, 8).logarithm, std::log(1.1), 1e-4);
  EXPECT_EQ(correction(own, 8).from, kinship::own);
  EXPECT_NEAR(correction(kin, 8).logarithm, std::log(1.1), 1e-4);
  EXPECT_EQ(correction(kin, 8).from, kinship::architecture);
  EXPECT_NEAR(correction(other, 8).logarithm, std::log(1.1) / 2, 1e-4);
  EXPECT_NEAR(correction(own, 6).logarithm, std::log(1.1) / 2, 1e-3) << "not measured with six ranks";
  EXPECT_EQ(correction(own, 72).from, kinship::none);
  EXPECT_EQ(correction(own, 8, collective_kind::broadcast).logarithm, 0);
}

}  // namespace
}  // namespace gpubench::predictor
