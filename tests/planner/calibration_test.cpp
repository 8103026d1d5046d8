#include "planner/calibration.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/planner/sample_catalogue.hpp"
#include "tests/temporary_folder.hpp"

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
  const temporary_folder folder;
  folder.write("efficiency.toml", text);
  return calibration::load(folder.path());
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
  using models::precision;
  const auto row = [](const char* family, const char* type, double share) {
    return fmt::format(
        "[[efficiency]]\ndevice_family = \"{}\"\noperator_kind = \"gemm\"\nprecision = \"{}\"\ncompute_efficiency = "
        "{}\nmemory_efficiency = 0.5\noverhead_microseconds = 1\nerror_low = 0.5\nerror_high = 2\nsource = "
        "\"test\"\ndate = \"2026-01-01\"\n\n",
        family, type, share);
  };
  const calibration known =
      load_changed("[[efficiency]]", row("Zen 4", "any", 0.11) + row("Zen 4", "fp64", 0.12) + "[[efficiency]]");
  EXPECT_EQ(known.find("Zen 4", "gemm", precision::fp64).compute_efficiency, 0.12);
  EXPECT_EQ(known.find("Zen 4", "gemm", precision::bf16).compute_efficiency, 0.11) << "the family goes first";
  EXPECT_EQ(known.find("Zen 3", "gemm", precision::bf16).precision, "bf16");
  EXPECT_EQ(known.find("Zen 3", "gemm", precision::bf16).device_family, "cpu");
  EXPECT_EQ(known.find("Zen 3", "gemm", precision::fp32).precision, "any");
  EXPECT_FALSE(known.find("Zen 4", "streaming", precision::fp32).calibrated);
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
  expect_refused("compute_efficiency = 0.700", "compute_efficiency = 1.7", "compute_efficiency");
  expect_refused("operator_kind = \"gemm\"", "operator_kind = \"gem\"", "gemm");
  expect_refused("precision = \"bf16\"", "precision = \"bf17\"", "bf17");
  expect_refused("calibrated = false", "calibrated = 3", "calibrated");
  expect_refused("precision = \"bf16\"", "precision = \"any\"", "second");
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
