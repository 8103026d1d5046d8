#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "monitoring/gpu_source.hpp"
#include "monitoring/host_source.hpp"
#include "monitoring/sampler.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::monitoring {
namespace {

/// The stand-in's variables, removed at the end.
class scripted_nvml : public testing::Test {
 protected:
  void SetUp() override { set("GPUBENCH_NVML_LIBRARY", GPUBENCH_FAKE_NVML); }
  void TearDown() override {
    for (const auto& name : names_) unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    names_.push_back(name);
  }
  temporary_folder folder_;
  std::filesystem::path lost_ = folder_.path() / "lost";

 private:
  std::vector<std::string> names_;
};

std::string label(const point& of, const std::string& key) {
  for (const auto& [name, value] : of.labels)
    if (name == key) return value;
  return {};
}

std::optional<double> value_of(const sample& in, metric_id id, const std::string& uuid, const std::string& key = "",
                               const std::string& of_key = "") {
  for (const auto& each : in.points)
    if (each.id == id && label(each, "uuid") == uuid && (key.empty() || label(each, key) == of_key)) return each.value;
  return std::nullopt;
}

TEST_F(scripted_nvml, a_gpu_tells_what_it_does) {
  gpu_source gpus;
  sample now;
  gpus.read(now);
  EXPECT_EQ(gpus.status(), "3 GPUs");
  EXPECT_EQ(value_of(now, metric_id::gpu_up, "GPU-0000"), 1);
  EXPECT_EQ(value_of(now, metric_id::gpu_utilization, "GPU-0000"), 0.37);
  EXPECT_EQ(value_of(now, metric_id::gpu_power, "GPU-0000"), 321.5);
  EXPECT_EQ(value_of(now, metric_id::gpu_energy, "GPU-0000"), 5000);
  EXPECT_EQ(value_of(now, metric_id::gpu_memory_total, "GPU-0000"), 85899345920.0);
  EXPECT_EQ(value_of(now, metric_id::gpu_ecc_corrected, "GPU-0000"), 3);
  EXPECT_EQ(value_of(now, metric_id::gpu_rows_remapped, "GPU-0000", "cause", "corrected"), 1);
  EXPECT_EQ(value_of(now, metric_id::gpu_info, "GPU-0000", "driver_version", "550.54.15"), 1);
  EXPECT_EQ(value_of(now, metric_id::gpu_tensor_active, "GPU-0000"), std::nullopt) << "no counters before Hopper";
}

TEST_F(scripted_nvml, a_gpu_that_may_not_be_opened_is_down) {
  gpu_source gpus;
  sample now;
  gpus.read(now);
  EXPECT_EQ(value_of(now, metric_id::gpu_up, "", "gpu", "2"), 0);
}

TEST_F(scripted_nvml, a_lost_gpu_is_down_without_values_and_comes_back) {
  set("FAKE_NVML_LOST_FILE", lost_.string());
  gpu_source gpus;
  std::ofstream(lost_) << "lost";
  sample lost;
  gpus.read(lost);
  EXPECT_EQ(value_of(lost, metric_id::gpu_up, "GPU-0000"), 0);
  EXPECT_EQ(value_of(lost, metric_id::gpu_power, "GPU-0000"), std::nullopt);
  EXPECT_EQ(value_of(lost, metric_id::gpu_memory_total, "GPU-0000"), std::nullopt);
  std::filesystem::remove(lost_);
  sample back;
  gpus.read(back);
  EXPECT_EQ(value_of(back, metric_id::gpu_up, "GPU-0000"), 1);
}

TEST_F(scripted_nvml, a_driver_that_was_unloaded_is_down_with_its_gpus) {
  set("FAKE_NVML_GONE_FILE", lost_.string());
  sampler source;
  EXPECT_EQ(value_of(source.take(), metric_id::exporter_nvml_up, ""), 1);
  std::ofstream(lost_) << "gone";
  const auto gone = source.take();
  EXPECT_EQ(value_of(gone, metric_id::exporter_nvml_up, ""), 0);
  EXPECT_EQ(value_of(gone, metric_id::gpu_up, "GPU-0000"), 0);
  EXPECT_EQ(value_of(gone, metric_id::gpu_up, "GPU-0001"), 0);
  EXPECT_TRUE(value_of(gone, metric_id::exporter_last_sample, "").has_value());
}

TEST_F(scripted_nvml, a_slowdown_is_told_by_reason_and_ends) {
  set("FAKE_NVML_REASONS", "0x20");
  gpu_source gpus;
  sample now;
  gpus.read(now);
  EXPECT_EQ(value_of(now, metric_id::gpu_clock_slowed, "GPU-0000", "reason", "sw_thermal_slowdown"), 1);
  EXPECT_EQ(value_of(now, metric_id::gpu_clock_slowed, "GPU-0000", "reason", "sw_power_cap"), 0);
}

TEST_F(scripted_nvml, counters_give_activity_from_the_second_look_on) {
  set("FAKE_NVML_GPM", "1");
  gpu_source gpus;
  sample first, second;
  gpus.read(first);
  gpus.read(second);
  EXPECT_EQ(value_of(first, metric_id::gpu_tensor_active, "GPU-0000"), std::nullopt);
  // The stand-in's figures are their numbers: 5 %, 10 %, 20 MiB/s.
  EXPECT_DOUBLE_EQ(value_of(second, metric_id::gpu_tensor_active, "GPU-0000").value(), 0.05);
  EXPECT_DOUBLE_EQ(value_of(second, metric_id::gpu_dram_active, "GPU-0000").value(), 0.10);
  EXPECT_DOUBLE_EQ(value_of(second, metric_id::gpu_pcie_transmit, "GPU-0000").value(), 20 * 1048576.0);
  EXPECT_EQ(value_of(second, metric_id::gpu_nvlink_receive, "GPU-0000"), std::nullopt) << "not supported";
}

TEST_F(scripted_nvml, a_slice_has_its_own_memory_and_activity) {
  set("FAKE_NVML_MIG", "MIG-5");
  set("FAKE_NVML_GPM", "1");
  gpu_source gpus;
  EXPECT_EQ(gpus.status(), "3 GPUs, 1 MIG slice");
  sample first, now;
  gpus.read(first);
  gpus.read(now);
  EXPECT_EQ(value_of(now, metric_id::gpu_up, "MIG-5", "slice", "1g.10gb"), 1);
  EXPECT_EQ(value_of(now, metric_id::gpu_up, "MIG-5", "gpu_instance", "9"), 1);
  EXPECT_TRUE(value_of(now, metric_id::gpu_graphics_engine_active, "MIG-5").has_value());
  EXPECT_EQ(value_of(now, metric_id::gpu_utilization, "MIG-5"), std::nullopt);
  EXPECT_EQ(value_of(now, metric_id::gpu_utilization, "GPU-0000"), std::nullopt) << "not supported in MIG mode";
}

TEST_F(scripted_nvml, a_driver_that_hangs_makes_gpus_down_and_holds_nobody_up) {
  const std::filesystem::path hang = folder_.path() / "hang";
  set("FAKE_NVML_HANG_FILE", hang.string());
  {
    periodic_sampler samples(std::chrono::milliseconds(100));
    ASSERT_NE(samples.next_after({}, std::chrono::seconds(5)), nullptr);
    std::ofstream(hang) << "hang";
    std::this_thread::sleep_for(std::chrono::milliseconds(5500));
    const auto now = samples.latest();
    ASSERT_NE(now, nullptr);
    EXPECT_EQ(value_of(*now, metric_id::gpu_up, "GPU-0000"), 0);
    EXPECT_EQ(value_of(*now, metric_id::exporter_nvml_up, ""), 0);
    EXPECT_TRUE(value_of(*now, metric_id::host_cpus, "").has_value());
    // Files are written on meanwhile, once a period.
    const auto next = samples.next_after({}, std::chrono::milliseconds(10));
    ASSERT_NE(next, nullptr);
    EXPECT_EQ(value_of(*next, metric_id::gpu_up, "GPU-0000"), 0);
    EXPECT_EQ(samples.next_after(std::chrono::system_clock::now(), std::chrono::milliseconds(10)), nullptr);
    std::filesystem::remove(hang);
  }
}

TEST_F(scripted_nvml, a_driver_that_hangs_at_the_first_sample_is_told_of_too) {
  const std::filesystem::path hang = folder_.path() / "hang";
  set("FAKE_NVML_HANG_FILE", hang.string());
  std::ofstream(hang) << "hang";
  {
    const periodic_sampler samples(std::chrono::milliseconds(100));
    EXPECT_EQ(samples.latest(), nullptr) << "it may still come";
    std::this_thread::sleep_for(std::chrono::milliseconds(5500));
    for (const auto& now : {samples.latest(), samples.next_after({}, std::chrono::milliseconds(10))}) {
      ASSERT_NE(now, nullptr);
      EXPECT_EQ(value_of(*now, metric_id::gpu_up, "GPU-0000"), 0);
      EXPECT_EQ(value_of(*now, metric_id::exporter_nvml_up, ""), 0);
      EXPECT_TRUE(value_of(*now, metric_id::host_cpus, "").has_value());
    }
    std::filesystem::remove(hang);
    // The sample that was waited for comes.
    for (int i = 0; i < 100 && value_of(*samples.latest(), metric_id::gpu_up, "GPU-0000") == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(value_of(*samples.latest(), metric_id::gpu_up, "GPU-0000"), 1);
  }
}

TEST_F(scripted_nvml, a_driver_that_hangs_before_it_names_its_gpus_is_told_of_too) {
  const std::filesystem::path hang = folder_.path() / "hang";
  set("FAKE_NVML_INIT_HANG_FILE", hang.string());
  std::ofstream(hang) << "hang";
  {
    const periodic_sampler samples(std::chrono::milliseconds(100));
    EXPECT_EQ(samples.status(), "the driver does not answer");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const auto now = samples.latest();
    ASSERT_NE(now, nullptr);
    EXPECT_EQ(value_of(*now, metric_id::exporter_nvml_up, ""), 0);
    EXPECT_EQ(value_of(*now, metric_id::gpu_up, "GPU-0000"), std::nullopt) << "nobody said that there is one";
    EXPECT_TRUE(value_of(*now, metric_id::host_cpus, "").has_value());
    std::filesystem::remove(hang);
    const auto is_up = [&] {
      const auto seen = samples.latest();
      return seen != nullptr && value_of(*seen, metric_id::gpu_up, "GPU-0000") == 1;
    };
    for (int i = 0; i < 100 && !is_up(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_TRUE(is_up());
    EXPECT_EQ(samples.status(), "3 GPUs");
  }
}

TEST(gpu_source, without_a_driver_says_why) {
  setenv("GPUBENCH_NVML_LIBRARY", "/nonexistent/libnvidia-ml.so.1", 1);
  gpu_source gpus;
  unsetenv("GPUBENCH_NVML_LIBRARY");
  EXPECT_FALSE(gpus.nvml_answers());
  EXPECT_NE(gpus.status().find("not found"), std::string::npos);
  sample now;
  gpus.read(now);
  EXPECT_TRUE(now.points.empty());
}

class recorded_host : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& content) { root_.write(path, content); }
  temporary_folder root_;
};

std::optional<double> of_host(const sample& in, metric_id id, const std::string& key = "", const std::string& is = "") {
  return value_of(in, id, "", key, is);
}

TEST_F(recorded_host, values_are_in_base_units) {
  write("proc/meminfo", "MemTotal:       1024 kB\nMemAvailable:    512 kB\n");
  write("proc/diskstats",
        "   8       0 sda 10 0 2000 5 20 0 4000 6 0 1500 11\n   8       1 sda1 10 0 2000 5 20 0 4000 6 0 1500 11\n");
  write("sys/block/sda/device/model", "disk");
  write("proc/net/dev",
        "Inter-|   Receive\n face |bytes\n    lo: 5 0 0 0 0 0 0 0 5 0 0 0 0 0 0 0\n  eth0: 100 1 0 0 0 0 0 0 200 2 0 0 "
        "0 0 0 0\n");
  write("proc/pressure/io", "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0 total=1\n");
  write("sys/fs/cgroup/cpu.stat", "usage_usec 3000000\nthrottled_usec 500000\n");
  write("sys/fs/cgroup/memory.current", "4096\n");
  const host_source host(root_.path().string());
  sample now;
  host.read(now);
  EXPECT_EQ(of_host(now, metric_id::host_memory_total), 1024 * 1024);
  EXPECT_EQ(of_host(now, metric_id::host_memory_available), 512 * 1024);
  EXPECT_EQ(of_host(now, metric_id::host_disk_read, "device", "sda"), 2000 * 512);
  EXPECT_EQ(of_host(now, metric_id::host_disk_written, "device", "sda"), 4000 * 512);
  EXPECT_EQ(of_host(now, metric_id::host_disk_busy, "device", "sda"), 1.5);
  EXPECT_EQ(of_host(now, metric_id::host_disk_read, "device", "sda1"), std::nullopt) << "a part of sda";
  EXPECT_EQ(of_host(now, metric_id::host_network_receive, "interface", "eth0"), 100);
  EXPECT_EQ(of_host(now, metric_id::host_network_transmit, "interface", "eth0"), 200);
  EXPECT_EQ(of_host(now, metric_id::host_network_receive, "interface", "lo"), std::nullopt);
  EXPECT_EQ(of_host(now, metric_id::host_pressure, "resource", "io"), 2.5);
  EXPECT_EQ(of_host(now, metric_id::cgroup_cpu_used), 3);
  EXPECT_EQ(of_host(now, metric_id::cgroup_cpu_throttled), 0.5);
  EXPECT_EQ(of_host(now, metric_id::cgroup_memory_used), 4096);
}

TEST_F(recorded_host, what_is_missing_or_malformed_is_absent) {
  write("proc/meminfo", "MemTotal: lots\n");
  write("proc/diskstats", "8 0 sda\n\n");
  write("proc/net/dev", "eth0:\nnonsense\n");
  const host_source host(root_.path().string());
  sample now;
  host.read(now);
  EXPECT_TRUE(now.points.empty());
}

}  // namespace
}  // namespace gpubench::monitoring
