#include "predictor/collective_calibration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "predictor/collective_observations.hpp"
#include "predictor/collectives.hpp"
#include "predictor/operator_calibration.hpp"
#include "shipped_knowledge.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::predictor {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

fabric node_of(const char* gpu) {
  return node_fabric(testing::known().gpu(gpu), usual_interconnect(testing::known().gpu(gpu)), 8);
}

double seconds(const collective_model& model, double bytes, const char* gpu = "B200",
               collective_kind kind = collective_kind::all_reduce) {
  fabric links = node_of(gpu);
  links.collectives = &model;
  return estimate_collective(kind, bytes, links, 8).seconds;
}

/// A node that takes `factor` of what the shipped model says of it.
std::vector<collective_observation> sweep(const char* gpu, double factor) {
  std::vector<collective_observation> rows;
  for (double bytes = 1024; bytes < 1e9; bytes *= 2) {
    const double time = factor * seconds(shipped_collectives(), bytes, gpu);
    rows.push_back({node_of(gpu), collective_kind::all_reduce, models::precision::fp16, 8, bytes, time});
  }
  return rows;
}

TEST(collective_calibration, a_measured_node_is_predicted_as_measured_and_others_stay) {
  const auto rows = sweep("B200", 1.5);
  const auto result = calibrate_collectives(rows, shipped_collectives(), {"here", "2026-11-26", false});
  EXPECT_TRUE(result.refused.empty());
  for (const auto& row : rows) EXPECT_NEAR(seconds(result.known, row.bytes), row.seconds, 0.01 * row.seconds);
  EXPECT_EQ(seconds(result.known, 1e6, "H100-SXM5-80GB"), seconds(shipped_collectives(), 1e6, "H100-SXM5-80GB"));
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].gpu, "B200");
  EXPECT_LT(result.errors[0].mean, 0.1);
  EXPECT_NEAR(result.errors[0].before, 1 - 1 / 1.5, 0.01);
  fabric links = node_of("B200");
  links.collectives = &result.known;
  EXPECT_EQ(estimate_collective(collective_kind::all_reduce, 1e6, links, 8).basis, basis::interpolated);
}

TEST(collective_calibration, cards_on_pcie_have_curves_of_their_own_that_nobody_shares) {
  const auto rows = sweep("L40S", 0.7);
  const auto result = calibrate_collectives(rows, shipped_collectives(), {"here", "2026-11-26", false});
  for (const auto& row : rows) EXPECT_NEAR(seconds(result.known, row.bytes, "L40S"), row.seconds, 0.01 * row.seconds);
  EXPECT_EQ(seconds(result.known, 1e6, "L4"), seconds(shipped_collectives(), 1e6, "L4"));
  EXPECT_EQ(seconds(result.known, 1e6), seconds(shipped_collectives(), 1e6));
}

TEST(collective_calibration, rows_faster_than_their_links_are_refused_and_change_nothing) {
  auto rows = sweep("B200", 1.5);
  rows.push_back(rows.back());
  rows.back().seconds = 1e-6;
  const auto result = calibrate_collectives(rows, shipped_collectives(), {"here", "2026-11-26", false});
  ASSERT_EQ(result.refused.size(), 1U);
  EXPECT_EQ(result.refused[0].index, rows.size() - 1);
  EXPECT_NEAR(seconds(result.known, rows[rows.size() - 2].bytes), rows[rows.size() - 2].seconds,
              0.01 * rows[rows.size() - 2].seconds);
}

TEST(collective_calibration, from_scratch_forgets_other_nodes_and_fits_the_formula) {
  const auto result = calibrate_collectives(sweep("B200", 1.5), shipped_collectives(), {"here", "2026-11-26", true});
  for (const collective_curve& curve : result.known.curves) EXPECT_EQ(curve.gpu, "B200");
  EXPECT_NE(result.known.constants.launch_seconds, shipped_collectives().constants.launch_seconds);
}

class collectives_in_a_folder : public ::testing::Test {
 protected:
  temporary_folder made_;
  const fs::path& directory_ = made_.path();
};

TEST_F(collectives_in_a_folder, are_read_as_they_were_written_with_the_operators) {
  operator_calibration known = uncalibrated();
  save_operator_calibration(directory_, known);
  EXPECT_FALSE(fs::exists(directory_ / collectives_file));  // shipped ones need no file
  known.collectives =
      calibrate_collectives(sweep("B200", 1.5), known.collectives, {"here \"A\"", "2026-11-26", false}).known;
  save_operator_calibration(directory_, known);
  const collective_model read = load_operator_calibration(directory_).collectives;
  EXPECT_EQ(read.origin.source, "here \"A\"");
  EXPECT_EQ(read.curves.size(), known.collectives.curves.size());
  for (const double bytes : {4096.0, 1e6, 3e8}) {
    const double wanted = seconds(known.collectives, bytes);
    EXPECT_NEAR(seconds(read, bytes), wanted, 0.002 * wanted);
  }
}

TEST_F(collectives_in_a_folder, are_refused_where_a_curve_is_cut_short) {
  save_collectives(directory_, calibrate_collectives(sweep("B200", 1.5), {}, {"x", "2026", false}).known);
  std::ifstream in(directory_ / collectives_file);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto comma = text.find(", ", text.find("log_residual"));
  std::ofstream(directory_ / collectives_file)
      << text.substr(0, text.find("[", text.find("log_residual")) + 1) << text.substr(comma + 2);
  try {
    load_collectives(directory_);
    ADD_FAILURE() << "a curve of 20 numbers was taken";
  } catch (const error& e) {
    EXPECT_THAT(e.describe(), HasSubstr("is not 21 numbers"));
    EXPECT_THAT(e.describe(), HasSubstr("collectives.toml:"));
  }
}

TEST(collective_observations, tables_of_nccl_times_are_read_and_bad_cells_named) {
  const auto table = csv_table::parse(
      "gpu,nccl_version,op,dtype,n_gpus,message_size_bytes,latency_us\n"
      "B200,2.27,all_reduce,fp16,8,1048576,30\n"
      "L40S,2.27,AllGather,int8,4,4096,20\n",
      "nccl.csv");
  ASSERT_TRUE(is_collective_table(table));
  EXPECT_FALSE(is_collective_table(csv_table::parse("gpu,op,m,n,k,latency_ms\n", "ops.csv")));
  collective_observations found;
  add_collectives(table, testing::known(), found);
  ASSERT_EQ(found.rows.size(), 2U);
  EXPECT_EQ(found.rows[0].kind, collective_kind::all_reduce);
  EXPECT_EQ(found.rows[0].ranks, 8);
  EXPECT_DOUBLE_EQ(found.rows[0].seconds, 30e-6);
  EXPECT_EQ(found.rows[0].links.inside, fabric::link::nvlink_switch);
  EXPECT_EQ(found.rows[1].links.inside, fabric::link::pcie);
  EXPECT_EQ(found.rows[1].precision, models::precision::int8);
  const auto refusal = [](const std::string& row) {
    collective_observations none;
    try {
      add_collectives(csv_table::parse("gpu,op,ranks,bytes,latency_us\n" + row + "\n", "nccl.csv"), testing::known(),
                      none);
    } catch (const error& e) {
      return e.describe();
    }
    return std::string("taken");
  };
  EXPECT_THAT(refusal("B2000,all_reduce,8,1024,9"), HasSubstr("nccl.csv:2"));
  EXPECT_THAT(refusal("B200,all_reduse,8,1024,9"), HasSubstr("is no collective"));
  EXPECT_THAT(refusal("B200,all_reduce,1,1024,9"), HasSubstr("no number of ranks"));
  EXPECT_THAT(refusal("B200,all_reduce,8,0,9"), HasSubstr("no size of a message"));
  EXPECT_THAT(refusal("B200,all_reduce,8,1024,-9"), HasSubstr("must be positive"));
}

results::run collective_run(std::int64_t ranks, const std::string& placement) {
  results::run run;
  run.started_at = "2026-11-26T00:00:00Z";
  for (int i = 0; i < 4; ++i) {
    results::gpu_environment gpu;
    gpu.index = i;
    gpu.name = "NVIDIA L40S";
    gpu.nvlinks = 0;
    run.environment.gpus.push_back(gpu);
  }
  results::measurement m;
  m.benchmark = "all_reduce";
  m.params = {{"bytes", std::int64_t{1 << 20}},
              {"ranks", ranks},
              {"type", "fp32"},
              {"operation", "sum"},
              {"placement", placement}};
  m.device = "gpu0";
  m.status = results::measurement_status::ok;
  m.time_ns.emplace();
  m.time_ns->median = 120e3;
  run.measurements.push_back(m);
  return run;
}

TEST(collective_observations, runs_give_what_was_measured_out_of_place_in_one_machine) {
  collective_observations found;
  add_collectives(collective_run(4, "out_of_place"), testing::known(), found);
  ASSERT_EQ(found.rows.size(), 1U);
  EXPECT_EQ(found.rows[0].links.gpu, "L40S");
  EXPECT_EQ(found.rows[0].precision, models::precision::fp32);
  EXPECT_DOUBLE_EQ(found.rows[0].seconds, 120e-6);
  add_collectives(collective_run(8, "out_of_place"), testing::known(), found);  // on two machines
  add_collectives(collective_run(4, "in_place"), testing::known(), found);
  auto split = collective_run(2, "out_of_place");  // two communicators at once
  split.measurements[0].params.emplace_back("groups", std::int64_t{2});
  add_collectives(split, testing::known(), found);
  EXPECT_EQ(found.rows.size(), 1U);
  EXPECT_EQ(found.passed_over, 3U);
}

}  // namespace
}  // namespace gpubench::predictor
