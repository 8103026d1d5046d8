#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "predictor/operator_calibration.hpp"
#include "predictor/streaming.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::predictor {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class operator_calibration_file : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const { std::ofstream(directory_ / name) << text; }

  std::string refusal(const std::string& toml, const std::string& csv = {}) const {
    write(calibration_file, toml);
    if (!csv.empty()) write(points_file, csv);
    try {
      load_operator_calibration(directory_);
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::input) << e.describe();
      return e.describe();
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
  }

  temporary_folder made_;
  const fs::path& directory_ = made_.path();
};

const std::string points_header = "family,gpu,f1,f2,f3,f4,f5,f6,log_residual\n";
const std::string head =
    "[[family]]\nname = \"streaming\"\nsource = \"test\"\ndate = \"2026-11-01\"\n"
    "values = { memory_share = 0.9 }\n";
const std::string device = head +
                           "[[family.device]]\nname = \"T4\"\narchitecture = \"Turing\"\n"
                           "values = { memory_share = 0.8 }\n";

TEST_F(operator_calibration_file, keeps_what_was_saved) {
  operator_calibration known = uncalibrated();
  family_calibration& entry = known.families.find("streaming")->second;
  entry.origin.source = "C:\\tables, \"mine\"";
  entry.origin.date = "2026-11-02";
  entry.transfer = 0.25;
  entry.bands[0] = {0.875, 1.25, 0.0625, 17};
  calibrated_device d;
  d.name = "T4";
  d.architecture = "Turing";
  d.fit = {{0.8125, 0.5, 4e-5, 0.5}, 123, 0.125, 0.0625};
  d.points = {{{20, 1.5, 32}, 0.25F}, {{21, 0, 0}, -0.125F}};
  entry.devices = {d};
  save_operator_calibration(directory_, known);

  const operator_calibration again = load_operator_calibration(directory_);
  const family_calibration& read = again.of(streaming_family);
  EXPECT_EQ(read.origin.source, entry.origin.source);
  EXPECT_EQ(read.origin.date, "2026-11-02");
  EXPECT_DOUBLE_EQ(read.transfer, 0.25);
  EXPECT_DOUBLE_EQ(read.bands[0].low, 0.875);
  EXPECT_DOUBLE_EQ(read.bands[0].high, 1.25);
  EXPECT_EQ(read.bands[0].rows, 17U);
  ASSERT_EQ(read.devices.size(), 1U);
  EXPECT_EQ(read.devices[0].name, "T4");
  EXPECT_EQ(read.devices[0].architecture, "Turing");
  EXPECT_EQ(read.devices[0].fit.values, d.fit.values);
  EXPECT_EQ(read.devices[0].fit.rows, 123U);
  ASSERT_EQ(read.devices[0].points.size(), 2U);
  EXPECT_EQ(read.devices[0].points[0].at, d.points[0].at);
  EXPECT_EQ(read.devices[0].points[1].log_residual, -0.125F);
  EXPECT_FALSE(read.devices[0].surface.empty());
  EXPECT_FALSE(read.mean_surface.empty());
  // Families without measurements keep their typical values.
  EXPECT_EQ(again.families.size(), operator_families().size());
}

TEST_F(operator_calibration_file, names_with_commas_and_quotes_survive) {
  operator_calibration known = uncalibrated();
  family_calibration& entry = known.families.find("streaming")->second;
  entry.origin = {};
  entry.origin.source = "test";
  entry.origin.date = "2026-11-02";
  calibrated_device d;
  d.name = "Card \"A\", 16 GB";
  d.architecture = "None";
  d.fit.values = entry.all;
  d.points = {{{20}, 0.25F}};
  entry.devices = {d};
  save_operator_calibration(directory_, known);
  EXPECT_NE(load_operator_calibration(directory_).of(streaming_family).find(d.name), nullptr);
}

TEST_F(operator_calibration_file, the_shipped_one_loads_and_has_points) {
  const auto known = load_operator_calibration(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data");
  int calibrated = 0;
  for (const auto& [name, family] : known.families) {
    calibrated += family.devices.empty() ? 0 : 1;
    for (const residual_band& band : family.bands) EXPECT_TRUE(band.low <= 1 && band.high >= 1) << name;
  }
  EXPECT_GT(calibrated, 4);
}

TEST_F(operator_calibration_file, unknown_families_and_coefficients_name_the_nearest_and_the_line) {
  EXPECT_THAT(refusal("[[family]]\nname = \"streeming\"\n"),
              AllOf(HasSubstr("operators.toml:1"), HasSubstr("did you mean 'streaming'")));
  EXPECT_THAT(
      refusal("[[family]]\nname = \"streaming\"\nsource = \"x\"\ndate = \"y\"\nvalues = { memory_shere = 1 }\n"),
      AllOf(HasSubstr("operators.toml:5"), HasSubstr("did you mean 'memory_share'")));
}

TEST_F(operator_calibration_file, values_are_positive_numbers) {
  for (const char* wrong : {"0", "-1", "\"much\"", "nan", "inf"}) {
    EXPECT_THAT(refusal("[[family]]\nname = \"streaming\"\nsource = \"x\"\ndate = \"y\"\nvalues = { memory_share = " +
                        std::string(wrong) + " }\n"),
                HasSubstr("'memory_share' is not a positive number"));
  }
  EXPECT_THAT(refusal("[[family]]\nname = \"streaming\"\nsource = \"x\"\ndate = \"y\"\n"),
              HasSubstr("'values' is missing"));
  EXPECT_THAT(refusal(head + "transfer = 1.5\n"), HasSubstr("'transfer' is not between 0 and 1"));
  EXPECT_THAT(refusal(head + "transfer = \"all\"\n"), HasSubstr("'transfer' is not between 0 and 1"));
}

TEST_F(operator_calibration_file, bands_are_in_order_and_of_a_known_nearness) {
  EXPECT_THAT(refusal(head + "[[family.band]]\nnearness = \"devise\"\nlow = 0.5\nhigh = 2\n"),
              HasSubstr("did you mean 'device'"));
  EXPECT_THAT(refusal(head + "[[family.band]]\nnearness = \"device\"\nlow = 0.5\n"), HasSubstr("'high' is missing"));
  EXPECT_THAT(refusal(head + "[[family.band]]\nnearness = \"device\"\nlow = 2\nhigh = 0.5\n"),
              AllOf(HasSubstr("operators.toml:6"), HasSubstr("'low' is above 'high'")));
}

TEST_F(operator_calibration_file, what_should_be_tables_and_is_not_is_refused) {
  EXPECT_THAT(refusal("family = [1, 2]\n"), HasSubstr("is not a table"));
  EXPECT_THAT(refusal(head + "band = [1]\n"), HasSubstr("is not a table"));
  EXPECT_THAT(refusal(head + "device = [\"T4\"]\n"), HasSubstr("is not a table"));
}

TEST_F(operator_calibration_file, points_belong_to_a_device_of_a_family) {
  EXPECT_THAT(refusal(device, points_header + "streaming,T4,20,,,,,,0.1\nnothing,T4,20,,,,,,0.1\n"),
              AllOf(HasSubstr("operator_points.csv:3"), HasSubstr("no family 'nothing'")));
  EXPECT_THAT(refusal(device, points_header + "streaming,P4,20,,,,,,0.1\n"),
              AllOf(HasSubstr("operator_points.csv:2"), HasSubstr("'P4' has no fit")));
  EXPECT_THAT(refusal(device, points_header + "streaming,T4,20,,,,,,many\n"), HasSubstr("operator_points.csv:2"));
  EXPECT_THAT(refusal(device, "family,gpu\nstreaming,T4\n"), HasSubstr("f1"));
}

TEST_F(operator_calibration_file, coefficients_are_kept_within_the_family_s_bounds) {
  write(calibration_file,
        "[[family]]\nname = \"streaming\"\nsource = \"x\"\ndate = \"y\"\nvalues = { memory_share = 9 }\n");
  const operator_calibration known = load_operator_calibration(directory_);
  EXPECT_EQ(known.of(streaming_family).all[0], streaming_family.coefficients[0].high);
  EXPECT_EQ(known.of(streaming_family).all[1], streaming_family.coefficients[1].typical);
}

TEST_F(operator_calibration_file, a_missing_file_is_named) {
  try {
    load_operator_calibration(directory_);
    ADD_FAILURE() << "loaded nothing";
  } catch (const error& e) {
    EXPECT_THAT(e.describe(), HasSubstr("operators.toml"));
  }
}

}  // namespace
}  // namespace gpubench::predictor
