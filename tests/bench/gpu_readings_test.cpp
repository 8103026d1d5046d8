#include "bench/gpu_readings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace gpubench::bench {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

gpu_reading reading_at(int ms, std::uint64_t reasons = 0) {
  gpu_reading reading;
  reading.at = milliseconds(ms);
  reading.sm_clock_hertz = 1.4e9;
  reading.memory_clock_hertz = 1.6e9;
  reading.power_watts = 300;
  reading.power_limit_watts = 400;
  reading.temperature_celsius = 60;
  reading.clock_reasons = reasons;
  reading.pcie_generation = 4;
  reading.pcie_width = 16;
  return reading;
}

/// Samples of 10 ms, one every 20 ms from 100 ms on: [100, 110], [120, 130], ...
timed_window samples(int count) {
  timed_window timed;
  timed.first_work = milliseconds(60);
  for (int i = 0; i < count; ++i) timed.samples.push_back({milliseconds(100 + 20 * i), milliseconds(110 + 20 * i), {}});
  return timed;
}

results::measurement measured(int count) {
  results::measurement m;
  m.samples_ns.assign(static_cast<std::size_t>(count), 10e6);
  return m;
}

TEST(slowdown_names, leave_out_idling_and_clocks_that_someone_set) {
  using namespace clock_reason;
  EXPECT_THAT(slowdown_names(0), IsEmpty());
  EXPECT_THAT(slowdown_names(gpu_idle | applications_clocks_setting | display_clock_setting), IsEmpty());
  EXPECT_THAT(slowdown_names(sw_power_cap | gpu_idle), ElementsAre("sw_power_cap"));
  EXPECT_THAT(slowdown_names(sync_boost | sw_thermal_slowdown), ElementsAre("sync_boost", "sw_thermal_slowdown"));
}

TEST(slowdown_names, name_the_general_hardware_slowdown_only_where_nothing_more_exact_is_known) {
  using namespace clock_reason;
  EXPECT_THAT(slowdown_names(hw_slowdown), ElementsAre("hw_slowdown"));
  EXPECT_THAT(slowdown_names(hw_slowdown | hw_thermal_slowdown), ElementsAre("hw_thermal_slowdown"));
  EXPECT_THAT(slowdown_names(hw_slowdown | hw_power_brake_slowdown), ElementsAre("hw_power_brake_slowdown"));
}

TEST(other_processes, are_all_but_one_of_those_listed) {
  EXPECT_EQ(other_processes({}), std::nullopt);
  EXPECT_EQ(other_processes({7}), 0);
  EXPECT_EQ(other_processes({7, 9, 9, 11}), 2);
}

TEST(gpu_history, a_sample_is_throttled_when_a_reading_that_names_a_slowdown_speaks_for_part_of_it) {
  auto m = measured(4);  // [100,110] [120,130] [140,150] [160,170]
  // The reading at 125 speaks for 115 to 135, its neighbours for the rest.
  const gpu_history gpu{
      {reading_at(105), reading_at(125, clock_reason::sw_power_cap), reading_at(145), reading_at(165)}, 1.41e9};
  add_gpu_history(m, {gpu}, samples(4));
  ASSERT_TRUE(m.telemetry.throttled_samples.has_value());
  EXPECT_THAT(*m.telemetry.throttled_samples, ElementsAre(1U));
  EXPECT_EQ(m.telemetry.samples_by_throttle.at("sw_power_cap"), 1U);
  EXPECT_THAT(m.telemetry.throttle_reasons, ElementsAre("sw_power_cap"));
  EXPECT_THAT(m.warnings, ElementsAre("1 of 4 samples ran under: sw_power_cap"));
  EXPECT_DOUBLE_EQ(*m.telemetry.seconds_to_throttle, 0.065);
  EXPECT_EQ(m.samples_ns.size(), 4U);
}

TEST(gpu_history, a_reading_between_two_samples_counts_for_both_when_it_is_the_nearest) {
  auto m = measured(2);  // [100,110] [120,130]
  const gpu_history gpu{{reading_at(60), reading_at(115, clock_reason::sw_thermal_slowdown), reading_at(180)}, 1.41e9};
  add_gpu_history(m, {gpu}, samples(2));
  EXPECT_THAT(*m.telemetry.throttled_samples, ElementsAre(0U, 1U));
}

TEST(gpu_history, a_reading_does_not_speak_for_what_was_long_before_or_after) {
  auto m = measured(1);  // [100,110]
  const gpu_history gpu{{reading_at(105), reading_at(400, clock_reason::sw_power_cap)}, 1.41e9};
  add_gpu_history(m, {gpu}, samples(1));
  EXPECT_THAT(*m.telemetry.throttled_samples, IsEmpty());
  EXPECT_THAT(m.warnings, IsEmpty());
}

TEST(gpu_history, a_low_clock_of_its_own_is_a_class_where_no_reason_is_named) {
  auto m = measured(3);
  auto timed = samples(3);
  timed.samples[0].clock_hertz = 0.74e9;
  timed.samples[1].clock_hertz = 0.76e9;
  timed.samples[2].clock_hertz = 0.5e9;
  const gpu_history gpu{{reading_at(105), reading_at(125), reading_at(145, clock_reason::hw_slowdown)}, 1e9};
  add_gpu_history(m, {gpu}, timed);
  EXPECT_THAT(*m.telemetry.throttled_samples, ElementsAre(0U, 2U));
  EXPECT_EQ(m.telemetry.samples_by_throttle.at(low_clock_class), 1U);
  EXPECT_EQ(m.telemetry.samples_by_throttle.at("hw_slowdown"), 1U);
  EXPECT_THAT(m.warnings, ElementsAre(HasSubstr("2 of 3 samples ran under: clock below 75 % of maximum, hw_slowdown")));
}

TEST(gpu_history, a_sample_at_its_full_clock_was_not_slowed_down_whatever_the_driver_still_names) {
  auto m = measured(3);
  auto timed = samples(3);
  timed.samples[0].clock_hertz = 0.985e9;
  timed.samples[1].clock_hertz = 0.975e9;
  const auto capped = clock_reason::sw_power_cap;
  const gpu_history gpu{{reading_at(105, capped), reading_at(125, capped), reading_at(145, capped)}, 1e9};
  add_gpu_history(m, {gpu}, timed);
  EXPECT_THAT(*m.telemetry.throttled_samples, ElementsAre(1U, 2U));  // the last one's clock is not known
  auto of_two = measured(3);
  add_gpu_history(of_two, {gpu, gpu}, timed);
  EXPECT_EQ(of_two.telemetry.throttled_samples->size(), 3U);
}

TEST(gpu_history, an_idle_gpu_and_application_clocks_throttle_nothing) {
  auto m = measured(2);
  const auto reasons = clock_reason::gpu_idle | clock_reason::applications_clocks_setting;
  add_gpu_history(m, {{{reading_at(105, reasons), reading_at(125, reasons)}, 1.41e9}}, samples(2));
  EXPECT_THAT(*m.telemetry.throttled_samples, IsEmpty());
  EXPECT_FALSE(m.telemetry.seconds_to_throttle.has_value());
}

TEST(gpu_history, state_is_that_of_the_readings_over_the_samples) {
  auto m = measured(2);  // [100,110] [120,130]
  auto before = reading_at(0);
  before.power_watts = 50;
  before.temperature_celsius = 90;
  before.pcie_generation = 1;
  auto first = reading_at(101);
  auto second = reading_at(121);
  second.power_watts = 360;
  second.temperature_celsius = 63;
  second.memory_temperature_celsius = 70;
  add_gpu_history(m, {{{before, first, second}, 1.41e9}}, samples(2));
  const auto& t = m.telemetry;
  EXPECT_EQ(t.power_watts, 330.0);
  EXPECT_EQ(t.power_limit_watts, 400.0);
  EXPECT_EQ(t.temperature_celsius, 63.0);
  EXPECT_EQ(t.memory_temperature_celsius, 70.0);
  EXPECT_EQ(t.clock_hertz, 1.4e9);
  EXPECT_EQ(t.memory_clock_hertz, 1.6e9);
  EXPECT_EQ(t.pcie_generation, 4);
  EXPECT_EQ(t.pcie_width, 16);
  EXPECT_DOUBLE_EQ(*t.energy_joules, 330 * 0.02);
}

TEST(gpu_history, the_devices_own_clock_goes_before_the_drivers) {
  auto m = measured(1);
  m.telemetry.clock_hertz = 1.38e9;
  add_gpu_history(m, {{{reading_at(105)}, 1.41e9}}, samples(1));
  EXPECT_EQ(m.telemetry.clock_hertz, 1.38e9);
}

TEST(gpu_history, of_several_gpus_power_adds_up_and_each_can_throttle_a_sample) {
  auto m = measured(2);
  const gpu_history calm{{reading_at(105), reading_at(125)}, 1.41e9};
  const gpu_history hot{{reading_at(105), reading_at(125, clock_reason::hw_thermal_slowdown)}, 1.41e9};
  add_gpu_history(m, {calm, hot}, samples(2));
  EXPECT_EQ(m.telemetry.power_watts, 600.0);
  EXPECT_EQ(m.telemetry.power_limit_watts, 800.0);
  EXPECT_EQ(m.telemetry.clock_hertz, 1.4e9);
  EXPECT_THAT(*m.telemetry.throttled_samples, ElementsAre(1U));
}

TEST(gpu_history, what_was_not_read_stays_absent) {
  auto m = measured(2);
  add_gpu_history(m, {gpu_history{}}, samples(2));
  EXPECT_EQ(m.telemetry, results::telemetry{});
  EXPECT_THAT(m.warnings, IsEmpty());

  gpu_reading silent_about_reasons = reading_at(105);
  silent_about_reasons.clock_reasons.reset();
  add_gpu_history(m, {{{silent_about_reasons}, 1.41e9}}, samples(2));
  EXPECT_FALSE(m.telemetry.throttled_samples.has_value());
  EXPECT_EQ(m.telemetry.power_watts, 300.0);
}

TEST(gpu_history, other_processes_are_counted_at_their_most_with_a_warning) {
  auto m = measured(1);
  auto before = reading_at(0);
  before.other_processes = 2;
  auto after = reading_at(900);
  after.other_processes = 0;
  add_gpu_history(m, {{{before, reading_at(105), after}, 1.41e9}}, samples(1));
  EXPECT_EQ(m.telemetry.other_processes, 2);
  EXPECT_THAT(m.warnings, Contains(HasSubstr("2 other processes had the GPU open")));
}

TEST(gpu_history, without_samples_only_the_processes_are_told) {
  results::measurement m;
  auto reading = reading_at(105);
  reading.other_processes = 0;
  add_gpu_history(m, {{{reading}, 1.41e9}}, {});
  EXPECT_EQ(m.telemetry.other_processes, 0);
  EXPECT_FALSE(m.telemetry.power_watts.has_value());
}

}  // namespace
}  // namespace gpubench::bench
