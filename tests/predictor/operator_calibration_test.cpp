#include "predictor/operator_calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sample_gpus.hpp"
#include "synthetic_family.hpp"

namespace gpubench::predictor {
namespace {

calibrated_device device_with(const std::string& name, const std::string& architecture, std::vector<double> values) {
  calibrated_device d;
  d.name = name;
  d.architecture = architecture;
  d.fit.values = std::move(values);
  d.fit.rows = 100;
  return d;
}

family_calibration two_devices() {
  family_calibration known;
  known.family = "synthetic";
  known.all = {0.6, 6e-6};
  known.devices = {device_with("A100-SXM4-80GB", "Ampere", {0.9, 4e-6}), device_with("P4", "Pascal", {0.4, 9e-6})};
  return known;
}

TEST(operator_calibration, nearness_is_device_before_architecture_before_other) {
  const family_calibration known = two_devices();
  gpu_traits on = sample_a100();
  EXPECT_EQ(known.nearest_to(on), nearness::device);
  on.name = "A100-PCIe-40GB";
  EXPECT_EQ(known.nearest_to(on), nearness::architecture);
  on.architecture = "Grace Ampere";
  EXPECT_EQ(known.nearest_to(on), nearness::architecture) << "beside a Grace it is the same GPU";
  EXPECT_EQ(known.nearest_to(sample_t4()), nearness::other);
  EXPECT_EQ(family_calibration{}.nearest_to(on), nearness::other);
}

TEST(operator_calibration, a_measured_gpu_has_its_own_coefficients) {
  EXPECT_EQ(two_devices().coefficients_for(synthetic_family(), sample_a100()), (std::vector<double>{0.9, 4e-6}));
}

TEST(operator_calibration, others_are_weighted_by_likeness) {
  const auto t4 = two_devices().coefficients_for(synthetic_family(), sample_t4());
  // Turing 1.5 stands 1 from Ampere's 2.5 and 1.5 from Pascal's 0; "all" weighs a half.
  const double ampere = std::exp(-1.0), pascal = std::exp(-1.5);
  const auto mean = [&](double all, double a, double p) {
    return std::exp((0.5 * std::log(all) + ampere * std::log(a) + pascal * std::log(p)) / (0.5 + ampere + pascal));
  };
  EXPECT_NEAR(t4[0], mean(0.6, 0.9, 0.4), 1e-9);
  EXPECT_NEAR(t4[1], mean(6e-6, 4e-6, 9e-6), 1e-15);
}

TEST(operator_calibration, a_coefficient_of_the_host_is_the_lower_median_of_the_devices) {
  coefficient host[] = {synthetic_coefficients[0], synthetic_coefficients[1]};
  host[1].of_host = true;
  operator_family family = synthetic_family();
  family.coefficients = host;
  family_calibration known = two_devices();
  EXPECT_DOUBLE_EQ(known.coefficients_for(family, sample_t4())[1], 4e-6);
  known.devices.push_back(device_with("V100-PCIe-32GB", "Volta", {0.7, 7e-6}));
  EXPECT_DOUBLE_EQ(known.coefficients_for(family, sample_t4())[1], 7e-6);
  known.devices.clear();
  EXPECT_NEAR(known.coefficients_for(family, sample_t4())[1], 6e-6, 1e-15);
}

TEST(operator_calibration, a_shape_that_several_gpus_have_is_one_point_with_their_mean) {
  family_calibration known = two_devices();
  known.devices[0].points = {{{10}, 0.2F}, {{30}, 0.1F}};
  known.devices[1].points = {{{10}, -0.4F}};
  known.index();
  EXPECT_NEAR(known.mean_surface.at({10}).log_residual, -0.1, 1e-3);
  EXPECT_NEAR(known.devices[0].surface.at({10}).log_residual, 0.2, 1e-3);
  EXPECT_NEAR(known.devices[1].surface.at({10}).log_residual, -0.4, 1e-3);
}

TEST(operator_calibration, uncalibrated_has_every_family_at_its_typical_values) {
  const operator_calibration known = uncalibrated();
  EXPECT_EQ(known.families.size(), operator_families().size());
  for (const operator_family* family : operator_families()) {
    const family_calibration& entry = known.of(*family);
    ASSERT_EQ(entry.all.size(), family->coefficients.size());
    for (std::size_t i = 0; i < entry.all.size(); ++i) {
      const coefficient& c = family->coefficients[i];
      EXPECT_EQ(entry.all[i], c.typical);
      EXPECT_TRUE(0 < c.low && c.low <= c.typical && c.typical <= c.high && c.spread > 0) << family->name << c.name;
    }
    EXPECT_TRUE(entry.devices.empty());
  }
}

}  // namespace
}  // namespace gpubench::predictor
