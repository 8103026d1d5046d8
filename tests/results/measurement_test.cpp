#include "results/measurement.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/results/sample_run.hpp"

namespace gpubench::results {
namespace {

TEST(measurement, is_named_as_google_benchmark_names_it) {
  EXPECT_EQ(full_name("gemm_fp32", {{"m", std::int64_t{1024}}, {"n", std::int64_t{1024}}, {"k", std::int64_t{1024}}}),
            "gemm_fp32/m:1024/n:1024/k:1024");
  EXPECT_EQ(full_name("triad", {}), "triad");
  EXPECT_EQ(full_name(sample_measurement(8)), "gemm_fp32/m:8/n:8/k:8/layout:row");
  EXPECT_EQ(to_string(sample_measurement(8).params), "m=8 n=8 k=8 layout=row");
  EXPECT_EQ(to_string(parameters{}), "");
}

TEST(measurement, names_its_phase_unless_it_is_the_normal_one) {
  auto m = sample_measurement(8);
  m.phase = measurement_phase::soak;
  EXPECT_EQ(full_name(m), "gemm_fp32/m:8/n:8/k:8/layout:row/phase:soak");
  EXPECT_EQ(full_name("triad", {}, measurement_phase::burst), "triad/phase:burst");
  EXPECT_EQ(full_name("triad", {}, measurement_phase::normal), "triad");
}

TEST(measurement, finds_integer_parameters_only) {
  const auto m = sample_measurement(8);
  EXPECT_EQ(integer_parameter(m.params, "n"), 8);
  EXPECT_FALSE(integer_parameter(m.params, "layout"));
  EXPECT_FALSE(integer_parameter(m.params, "x"));
}

TEST(complete, derives_rates_at_the_median) {
  measurement m;
  m.work = {2000.0, 500.0, std::nullopt, ""};
  m.samples_ns = {90, 100, 400};
  complete(m);
  EXPECT_DOUBLE_EQ(m.time_ns->median, 100);
  EXPECT_DOUBLE_EQ(*m.rate.flop_per_second, 2e10);
  EXPECT_DOUBLE_EQ(*m.rate.bytes_per_second, 5e9);
  EXPECT_FALSE(m.rate.items_per_second);
}

TEST(complete, derives_the_bus_bandwidth_of_a_collective) {
  measurement m;
  m.work.bytes = 1000;
  m.work.bus_bytes = 1750;  // all-reduce over eight: 2 x 7 / 8
  m.samples_ns = {100};
  complete(m);
  EXPECT_DOUBLE_EQ(*m.rate.bytes_per_second, 1e10);
  EXPECT_DOUBLE_EQ(*m.rate.busbw_bytes_per_second, 1.75e10);
}

TEST(complete, leaves_absent_what_has_no_samples_or_no_time) {
  auto m = sample_measurement();
  m.samples_ns.clear();
  complete(m);
  EXPECT_FALSE(m.time_ns);
  EXPECT_EQ(m.rate, rates{});
  m.samples_ns = {0, 0};
  complete(m);
  EXPECT_EQ(m.time_ns->median, 0);
  EXPECT_EQ(m.rate, rates{});
}

TEST(defect_of, finds_none_in_sound_measurements) {
  EXPECT_FALSE(defect_of(sample_measurement()));
  EXPECT_FALSE(defect_of(sample_without_time(measurement_status::skipped)));
}

TEST(defect_of, a_failed_measurement_keeps_its_samples_without_rates) {
  auto m = sample_measurement();
  m.status = measurement_status::failed;
  m.reason = "wrong result";
  EXPECT_EQ(defect_of(m), "rates are given, but the status is not ok");
  m.rate = {};
  EXPECT_FALSE(defect_of(m));
}

TEST(defect_of, names_what_contradicts) {
  auto m = sample_measurement();
  m.samples_ns[2] = -1;
  EXPECT_EQ(defect_of(m), "samples_ns[2] is -1, not a time");
  m.samples_ns[2] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(defect_of(m), "samples_ns[2] is nan, not a time");
  m = sample_measurement();
  m.samples_ns.push_back(1000);
  EXPECT_EQ(defect_of(m), "time_ns.n is 7, but there are 8 samples");
  m = sample_measurement();
  m.time_ns->max = 2000;
  EXPECT_EQ(defect_of(m), "time_ns.max is 2000, but the samples give 1002");
  m = sample_measurement();
  m.time_ns->median_interval.reset();
  EXPECT_EQ(defect_of(m), "time_ns.median_interval.low is unknown, but the samples give 999.1");
  m = sample_measurement();
  *m.rate.flop_per_second *= 1.01;
  EXPECT_EQ(defect_of(m), "rates do not follow from work and median time");
  m = sample_collective();
  EXPECT_FALSE(defect_of(m));
  *m.rate.busbw_bytes_per_second *= 2;
  EXPECT_EQ(defect_of(m), "rates do not follow from work and median time");
  m = sample_collective();
  m.host_ns.pop_back();
  EXPECT_EQ(defect_of(m), "host_ns has 2 values, but there are 3 samples");
  m = sample_collective();
  m.clock_samples_hertz[1] = -1;
  EXPECT_EQ(defect_of(m), "clock_samples_hertz[1] is -1, below 0 or not finite");
  m = sample_collective();
  m.telemetry.throttled_samples = {{3}};
  EXPECT_EQ(defect_of(m), "telemetry.throttled_samples names sample 3, but there are 3");
  m = sample_measurement();
  m.time_ns.reset();
  EXPECT_EQ(defect_of(m), "time_ns is null, but there are samples");
  m.samples_ns.clear();
  EXPECT_EQ(defect_of(m), "samples_ns is empty, but the status is ok");
}

TEST(verification, of_a_result_that_is_not_a_number_fails) {
  EXPECT_FALSE((verification{"c", std::numeric_limits<double>::quiet_NaN(), 1}.passed()));
  EXPECT_TRUE((verification{"c", 1, 1}.passed()));
}

}  // namespace
}  // namespace gpubench::results
