#include "planner/calibration.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

namespace fs = std::filesystem;

/// The shipped file with one text replaced by another, in a folder of its own.
calibration load_changed(const std::string& from, const std::string& to) {
  std::ifstream in(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data/efficiency.toml");
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  const fs::path folder = fs::path(::testing::TempDir()) / "gpubench_calibration_test";
  fs::create_directories(folder);
  std::ofstream(folder / "efficiency.toml") << text;
  return calibration::load(folder);
}

void expect_refused(const std::string& from, const std::string& to, const std::string& part) {
  try {
    load_changed(from, to);
    FAIL() << "accepted: " << to;
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_GT(e.where().line, 0U);
    EXPECT_NE(std::string(e.describe()).find(part), std::string::npos) << e.describe();
  }
}

TEST(calibration, finds_the_most_specific_row_and_falls_back_to_any_device) {
  const calibration& known = testing::shipped();
  using models::precision;
  EXPECT_EQ(known.find("Hopper", false, "gemm", precision::bf16).device_family, "Hopper");
  EXPECT_EQ(known.find("Hopper", false, "gemm", precision::fp8).precision, "fp8");
  EXPECT_EQ(known.find("Ada Lovelace", false, "gemm", precision::bf16).device_family, "gpu");
  EXPECT_EQ(known.find("Ada Lovelace", false, "gemm", precision::fp32).precision, "fp32");
  EXPECT_EQ(known.find("Zen 4 (Genoa)", true, "gemm", precision::fp32).device_family, "cpu");
  EXPECT_FALSE(known.find("Zen 4 (Genoa)", true, "streaming", precision::fp32).calibrated);
}

TEST(calibration, every_row_has_a_source_and_a_plausible_interval) {
  for (const efficiency& row : testing::shipped().rows()) {
    EXPECT_FALSE(row.origin.source.empty());
    EXPECT_FALSE(row.origin.date.empty());
    EXPECT_LT(row.error_low, 1) << row.device_family << row.operator_kind;
    EXPECT_GT(row.error_high, 1) << row.device_family << row.operator_kind;
  }
}

TEST(calibration, refuses_wrong_rows_with_their_place) {
  expect_refused("compute_efficiency = 0.493", "compute_efficiency = 1.7", "compute_efficiency");
  expect_refused("operator_kind = \"gemm\"", "operator_kind = \"gem\"", "gemm");
  expect_refused("precision = \"fp32\"", "precision = \"fp33\"", "fp33");
  expect_refused("calibrated = true", "calibrated = 3", "calibrated");
  expect_refused("device_family = \"Volta\"", "device_family = \"Pascal\"", "second");
}

TEST(calibration, a_missing_file_is_an_io_error) {
  try {
    calibration::load("/nonexistent");
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::io);
  }
}

}  // namespace
}  // namespace gpubench::planner
