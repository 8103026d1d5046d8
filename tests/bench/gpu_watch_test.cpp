#include "bench/gpu_watch.hpp"

#include "bench/clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <new>
#include <thread>

namespace gpubench::bench {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Gives what a function makes of the number of the reading.
class scripted_reader : public gpu_reader {
 public:
  explicit scripted_reader(std::function<gpu_reading(int)> script) : script_(std::move(script)) {}
  gpu_reading read(bool with_processes) override {
    auto reading = script_(count_++);
    reading.at = steady_now();
    if (with_processes) reading.other_processes = 1;
    return reading;
  }
  std::optional<double> max_sm_clock_hertz() override { return 2e9; }

 private:
  std::function<gpu_reading(int)> script_;
  int count_ = 0;
};

std::unique_ptr<device_watch> watch(std::function<gpu_reading(int)> script) {
  std::vector<std::unique_ptr<gpu_reader>> readers;
  readers.push_back(std::make_unique<scripted_reader>(std::move(script)));
  return watch_gpus(std::move(readers), {milliseconds(1), milliseconds(5)});
}

gpu_reading calm_reading() {
  gpu_reading reading;
  reading.sm_clock_hertz = 1.9e9;
  reading.power_watts = 100;
  reading.clock_reasons = 0;
  return reading;
}

/// One sample from now until the reader was asked `wanted` times.
timed_window sample_until(const std::atomic<int>& asked, int wanted) {
  timed_window timed;
  timed.first_work = steady_now();
  sample_window sample{steady_now(), {}, {}};
  while (asked < wanted) std::this_thread::sleep_for(milliseconds(1));
  sample.end = steady_now();
  timed.samples = {sample};
  return timed;
}

TEST(gpu_watch, an_exception_of_a_reader_ends_the_readings_only) {
  std::atomic<int> asked{0};
  auto watching = watch([&](int number) {
    ++asked;
    if (number == 2) throw std::bad_alloc();
    return calm_reading();
  });
  while (asked < 3) std::this_thread::sleep_for(milliseconds(1));
  results::measurement m;
  const auto before = steady_now();
  watching->finish(m, {});
  EXPECT_LT(steady_now() - before, std::chrono::seconds(4)) << "the thread says that it has ended";
  EXPECT_GE(asked, 4) << "read once more at the end";
}

TEST(gpu_watch, reads_while_the_work_is_timed) {
  std::atomic<int> asked{0};
  const auto watching = watch([&](int number) {
    ++asked;
    auto reading = calm_reading();
    if (number == 3) reading.clock_reasons = clock_reason::sw_power_cap;
    return reading;
  });
  results::measurement m;
  m.samples_ns = {1e6};
  watching->finish(m, sample_until(asked, 8));
  EXPECT_THAT(*m.telemetry.throttled_samples, ElementsAre(0U));
  EXPECT_THAT(m.telemetry.throttle_reasons, ElementsAre("sw_power_cap"));
  EXPECT_EQ(m.telemetry.power_watts, 100.0);
  EXPECT_EQ(m.telemetry.other_processes, 1);
  const int asked_in_all = asked;
  std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(asked, asked_in_all) << "nothing is read after the end";
}

TEST(gpu_watch, reads_before_and_after_work_of_no_length) {
  std::vector<std::unique_ptr<gpu_reader>> readers;
  readers.push_back(std::make_unique<scripted_reader>([](int) { return calm_reading(); }));
  const auto watching = watch_gpus(std::move(readers), {std::chrono::seconds(100), std::chrono::seconds(100)});
  results::measurement m;
  m.samples_ns = {1};
  watching->finish(m, {steady_now(), {{steady_now(), steady_now(), {}}}});
  EXPECT_EQ(m.telemetry.power_watts, 100.0);
  EXPECT_THAT(*m.telemetry.throttled_samples, IsEmpty());
}

TEST(gpu_watch, a_gpu_that_stops_answering_ends_it_quietly) {
  std::atomic<int> asked{0};
  const auto watching = watch([&](int number) {
    ++asked;
    return number < 3 ? calm_reading() : gpu_reading{};
  });
  const auto timed = sample_until(asked, 4);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(asked, 4);
  results::measurement m;
  m.samples_ns = {1};
  watching->finish(m, timed);
  EXPECT_THAT(m.warnings, ElementsAre(HasSubstr("other process")));
  EXPECT_EQ(m.telemetry.power_watts, 100.0);
}

TEST(gpu_watch, a_gpu_that_never_answers_leaves_everything_absent) {
  const auto watching = watch([](int) { return gpu_reading{}; });
  results::measurement m;
  m.samples_ns = {1};
  watching->finish(m, {steady_now(), {{steady_now(), steady_now(), {}}}});
  EXPECT_EQ(m.telemetry, results::telemetry{});
}

TEST(gpu_watch, without_finish_it_ends_too) {
  std::atomic<int> asked{0};
  watch([&](int) {
    ++asked;
    return calm_reading();
  }).reset();
  const int asked_in_all = asked;
  std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(asked, asked_in_all);
}

TEST(gpu_watch, needs_a_gpu) {
  EXPECT_EQ(watch_gpus({}), nullptr);
}

/// Sets environment variables for one test, with the stand-in for NVIDIA's library among them.
class nvml_watch : public testing::Test {
 protected:
  nvml_watch() { set("GPUBENCH_NVML_LIBRARY", GPUBENCH_FAKE_NVML); }
  ~nvml_watch() override {
    for (const auto& name : names_) unsetenv(name.c_str());
  }
  void set(const char* name, const char* value) {
    setenv(name, value, 1);
    names_.emplace_back(name);
  }

  static results::measurement measure(const std::string& device) {
    results::measurement m;
    m.samples_ns = {2e6};
    const auto watch = watch_through_nvml({{"gpu0", {"GPU-0000"}},
                                           {"gpu1", {"GPU-0001"}},
                                           {"gpu0-1", {"GPU-0000", "GPU-0001"}},
                                           {"slice", {"GPU-5"}},
                                           {"unknown", {"GPU-9999"}}});
    const auto watching = watch(device);
    if (!watching) return m;
    watching->finish(m, {steady_now(), {{steady_now(), steady_now(), {}}}});
    return m;
  }

 private:
  std::vector<std::string> names_;
};

TEST_F(nvml_watch, reads_the_gpu_of_that_uuid) {
  const auto t = measure("gpu0").telemetry;
  EXPECT_EQ(t.clock_hertz, 1.395e9);
  EXPECT_EQ(t.memory_clock_hertz, 1.593e9);
  EXPECT_EQ(t.power_watts, 321.5);
  EXPECT_EQ(t.power_limit_watts, 400.0);
  EXPECT_EQ(t.temperature_celsius, 65.0);
  EXPECT_EQ(t.memory_temperature_celsius, 71.0);
  EXPECT_EQ(t.pcie_generation, 3);
  EXPECT_FALSE(t.pcie_width.has_value());
  EXPECT_EQ(t.other_processes, 0);
  EXPECT_THAT(*t.throttled_samples, IsEmpty());
  EXPECT_EQ(measure("gpu1").telemetry.power_limit_watts, 250.0);
  EXPECT_EQ(measure("gpu0-1").telemetry.power_limit_watts, 650.0);
}

TEST_F(nvml_watch, names_the_reasons_by_either_name_of_the_function) {
  set("FAKE_NVML_REASONS", "0x24");
  EXPECT_THAT(measure("gpu0").telemetry.throttle_reasons, ElementsAre("sw_power_cap", "sw_thermal_slowdown"));
  set("FAKE_NVML_OLD_NAMES", "1");
  EXPECT_THAT(measure("gpu0").telemetry.throttle_reasons, ElementsAre("sw_power_cap", "sw_thermal_slowdown"));
}

TEST_F(nvml_watch, counts_other_processes) {
  set("FAKE_NVML_PROCESSES", "3");
  EXPECT_EQ(measure("gpu0").telemetry.other_processes, 2);
  set("FAKE_NVML_PROCESSES", "0");
  EXPECT_FALSE(measure("gpu0").telemetry.other_processes.has_value());
}

TEST_F(nvml_watch, a_lost_gpu_and_one_that_may_not_be_asked_leave_all_absent) {
  for (const char* status : {"15", "4"}) {
    set("FAKE_NVML_ERROR", status);
    EXPECT_EQ(measure("gpu0").telemetry, results::telemetry{}) << status;
  }
}

TEST_F(nvml_watch, of_a_slice_reads_the_gpu_that_it_is_part_of) {
  set("FAKE_NVML_MIG", "MIG-5");
  EXPECT_EQ(measure("slice").telemetry.power_watts, 321.5);
}

TEST_F(nvml_watch, what_nvml_does_not_know_is_not_watched) {
  EXPECT_EQ(measure("unknown").telemetry, results::telemetry{});
  EXPECT_EQ(measure("cpu").telemetry, results::telemetry{});
}

TEST(nvml_reader, compares_uuids_by_their_digits) {
  EXPECT_TRUE(same_uuid("GPU-12ab", "MIG-12ab"));
  EXPECT_TRUE(same_uuid("GPU-12ab", "GPU-12ab"));
  EXPECT_FALSE(same_uuid("GPU-12ab", "GPU-12ac"));
  EXPECT_FALSE(same_uuid("GPU-", "MIG-"));
}

}  // namespace
}  // namespace gpubench::bench
