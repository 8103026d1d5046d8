#include "rightsizing/history.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "rightsizing/bound.hpp"
#include "rightsizing/prometheus_labels.hpp"
#include "rightsizing/summary.hpp"

namespace gpubench::rightsizing {
namespace {

history one_device(std::map<signal, series> signals) {
  history all;
  all.step_seconds = 60;
  all.end_seconds = 600;
  device_history device;
  device.signals = std::move(signals);
  all.devices.push_back(std::move(device));
  return all;
}

TEST(settle, a_fraction_above_one_is_a_percentage) {
  auto all = one_device({{signal::gpu_utilization, {{0, 50}, {60, 100}}}});
  settle(all);
  EXPECT_DOUBLE_EQ(all.devices[0].signals[signal::gpu_utilization][0].value, 0.5);
  ASSERT_EQ(all.notes.size(), 1U);
}

TEST(settle, rounding_above_one_is_the_whole) {
  auto all = one_device({{signal::dram_active, {{0, 1.02}}}});
  settle(all);
  EXPECT_EQ(all.devices[0].signals[signal::dram_active][0].value, 1);
  EXPECT_TRUE(all.notes.empty());
}

TEST(settle, what_can_be_neither_is_dropped_with_a_note) {
  auto all = one_device({{signal::tensor_active, {{0, 5000}}}, {signal::gpu_utilization, {{0, 0.5}}}});
  settle(all);
  EXPECT_EQ(all.devices[0].find(signal::tensor_active), nullptr);
  ASSERT_EQ(all.notes.size(), 1U);
  EXPECT_NE(all.notes[0].find("1 of 1 observations left out"), std::string::npos);
}

TEST(settle, one_reading_that_cannot_be_is_left_out_and_does_not_change_the_unit) {
  for (const double broken : {2.55, 50.0, -1.0, -3e-2, 9.2e18, 4294967295.0}) {
    auto all = one_device({{signal::gpu_utilization, {{0, 0.6}, {60, broken}, {60, 0.7}, {120, 0}, {180, 0.65}}}});
    all.devices[0].host = "train1";
    all.devices[0].gpu = "3";
    settle(all);
    const auto& values = all.devices[0].signals[signal::gpu_utilization];
    ASSERT_EQ(values.size(), 4U) << broken;
    EXPECT_EQ(values[0].value, 0.6);
    EXPECT_EQ(values[1].value, 0.7) << "the other of that time counts";
    ASSERT_EQ(all.notes.size(), 1U);
    EXPECT_NE(all.notes[0].find("1 of 5 observations left out"), std::string::npos) << all.notes[0];
    EXPECT_NE(all.notes[0].find("1970-01-01T00:01:00Z (train1, GPU 3)"), std::string::npos) << all.notes[0];
  }
}

/// A hundred readings of which so many are busy.
series seldom_busy(double idle, double busy, int busy_readings) {
  series values;
  for (int i = 0; i < 100; ++i) values.push_back({60.0 * i, i % (100 / busy_readings) == 0 ? busy : idle});
  return values;
}

TEST(settle, per_cent_of_a_gpu_that_is_seldom_busy_are_per_cent) {
  for (const auto& [idle, busy, busy_readings] : {std::tuple(0.3, 85.0, 2),
                                                  {0.3, 85.0, 20},
                                                  {0.3, 85.0, 5},
                                                  {1.0, 100.0, 10},
                                                  {0.01, 12.0, 4},
                                                  {0.9, 43.0, 50}}) {
    auto all = one_device({{signal::engine_active, seldom_busy(idle, busy, busy_readings)}});
    settle(all);
    const auto& values = all.devices[0].signals[signal::engine_active];
    ASSERT_EQ(values.size(), 100U) << busy << " in " << busy_readings;
    EXPECT_DOUBLE_EQ(values[0].value, busy / 100);
    EXPECT_DOUBLE_EQ(values[1].value, idle / 100) << "no " << idle << " of the GPU";
    ASSERT_EQ(all.notes.size(), 1U);
    EXPECT_NE(all.notes[0].find("taken for per cent"), std::string::npos) << all.notes[0];
  }
}

TEST(settle, a_unit_that_cannot_be_told_is_said_and_its_signal_not_used) {
  for (const auto& [usual, odd, odd_readings] : {std::tuple(0.6, 2.55, 4), {0.3, 3.0, 10}, {0.9, 1.5, 2}}) {
    auto all = one_device(
        {{signal::engine_active, seldom_busy(usual, odd, odd_readings)}, {signal::gpu_utilization, {{0, 0.5}}}});
    settle(all);
    EXPECT_EQ(all.devices[0].find(signal::engine_active), nullptr) << odd;
    EXPECT_NE(all.devices[0].find(signal::gpu_utilization), nullptr) << "of another exporter";
    ASSERT_EQ(all.notes.size(), 1U);
    EXPECT_NE(all.notes[0].find("engine_active: not used, as its unit cannot be told"), std::string::npos)
        << all.notes[0];
  }
}

TEST(settle, cpus_of_a_host_are_a_fraction_whatever_is_above) {
  for (const auto& [above, readings] : {std::pair(1.5, 50), {12.0, 20}, {40.0, 100}}) {
    auto all =
        one_device({{signal::host_cpu, seldom_busy(0.5, above, readings)}, {signal::gpu_utilization, {{0, 0.5}}}});
    settle(all);
    for (const auto& each : all.devices[0].signals[signal::host_cpu]) EXPECT_EQ(each.value, 0.5) << above;
    EXPECT_EQ(all.devices[0].signals[signal::host_cpu].size(), 100U - readings);
    EXPECT_EQ(all.notes.size(), 1U);
  }
}

TEST(settle, a_hundredth_that_cannot_be_is_left_out_and_does_not_change_the_unit) {
  auto values = seldom_busy(0.6, 0.7, 10);
  for (int i = 100; i < 300; ++i) values.push_back({60.0 * i, i % 100 == 50 ? 50 : 0.65});
  auto all = one_device({{signal::engine_active, values}});
  settle(all);
  EXPECT_EQ(all.devices[0].signals[signal::engine_active].size(), 298U);
  EXPECT_EQ(all.devices[0].signals[signal::engine_active][1].value, 0.6);
}

TEST(settle, an_exporter_has_one_unit_for_all_that_it_counts_of_a_gpu) {
  auto all = one_device({{signal::engine_active, {{0, 90}, {60, 95}}},
                         {signal::tensor_active, {{0, 0.9}, {60, 0.8}}},
                         {signal::dram_active, {{0, 3}, {60, 0}}},
                         {signal::host_cpu, {{0, 0.5}, {60, 0.5}}}});
  settle(all);
  auto& signals = all.devices[0].signals;
  EXPECT_DOUBLE_EQ(signals[signal::engine_active][0].value, 0.9);
  EXPECT_DOUBLE_EQ(signals[signal::tensor_active][0].value, 0.009);
  EXPECT_DOUBLE_EQ(signals[signal::dram_active][0].value, 0.03);
  EXPECT_DOUBLE_EQ(signals[signal::host_cpu][0].value, 0.5) << "of another exporter";
}

TEST(settle, what_may_be_a_fraction_under_a_name_of_per_cent_is_questioned) {
  const auto notes_of = [](series values) {
    auto all = one_device({{signal::gpu_utilization, std::move(values)}});
    settle(all);
    return all.notes;
  };
  ASSERT_EQ(notes_of({{0, 0.0087}, {60, 0.0091}}).size(), 1U);
  EXPECT_NE(notes_of({{0, 0.0087}, {60, 0.0091}})[0].find("fractions for per cent"), std::string::npos);
  EXPECT_TRUE(notes_of({{0, 0.01}, {60, 0}}).empty()) << "whole per cent";
  EXPECT_TRUE(notes_of({{0, 0.0087}, {60, 0.5}}).empty());
}

TEST(settle, means_are_questioned_by_their_largest_readings_alone) {
  const auto notes_of = [](series peaks) {
    auto all = one_device({{signal::gpu_utilization, {{0, 0.0087}, {60, 0.0033}}}});
    all.are_means = true;
    all.devices[0].utilization_peaks = std::move(peaks);
    settle(all);
    return all.notes;
  };
  EXPECT_TRUE(notes_of({}).empty()) << "a mean of 0 % and 1 % lies between";
  EXPECT_TRUE(notes_of({{0, 0.01}, {60, 0.01}}).empty()) << "whole per cent";
  EXPECT_TRUE(notes_of({{0, 0.0312}, {60, 0.01}}).empty()) << "above 1 %";
  EXPECT_EQ(notes_of({{0, 0.0094}, {60, 0.01}}).size(), 1U);
}

TEST(settle, memory_that_no_gpu_has_is_left_out) {
  auto all = one_device({{signal::memory_used, {{0, 5e9}, {60, 9e18}, {120, 30e9}, {180, 6e9}}},
                         {signal::memory_total, {{0, 24e9}, {60, 24e9}, {120, 24e9}, {180, 24e9}}}});
  settle(all);
  const auto& used = all.devices[0].signals[signal::memory_used];
  ASSERT_EQ(used.size(), 2U) << "more than there is, too";
  EXPECT_EQ(used[1].value, 6e9);
  EXPECT_EQ(all.devices[0].signals[signal::memory_total][0].value, 24e9);
  EXPECT_EQ(all.notes.size(), 2U);
}

TEST(settle, memory_of_impossible_size_is_in_another_unit) {
  const double mib = 1048576;
  auto bytes_as_mib = one_device({{signal::memory_used, {{0, 6e9 * mib}}}, {signal::memory_total, {{0, 24e9 * mib}}}});
  settle(bytes_as_mib);
  EXPECT_DOUBLE_EQ(bytes_as_mib.devices[0].signals[signal::memory_total][0].value, 24e9);
  auto mib_as_bytes = one_device({{signal::memory_used, {{0, 100}}}, {signal::memory_total, {{0, 24576}}}});
  settle(mib_as_bytes);
  EXPECT_DOUBLE_EQ(mib_as_bytes.devices[0].signals[signal::memory_used][0].value, 100 * mib);
}

TEST(settle, observations_are_in_order_and_stand_once) {
  auto all = one_device({{signal::gpu_utilization, {{60, 0.2}, {0, 0.1}, {60, 0.7}}}});
  settle(all);
  const auto& values = all.devices[0].signals[signal::gpu_utilization];
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(values[0].value, 0.1);
  EXPECT_EQ(values[1].value, 0.7) << "the larger of two at one time";
}

TEST(settle, total_memory_is_what_is_used_and_free) {
  auto all =
      one_device({{signal::memory_used, {{0, 10e9}, {60, 11e9}}}, {signal::memory_free, {{0, 30e9}, {60, 29e9}}}});
  settle(all);
  EXPECT_DOUBLE_EQ(all.devices[0].find(signal::memory_total)->front().value, 40e9);
}

TEST(summary, means_are_over_the_busy_steps) {
  auto all = one_device({{signal::engine_active, {{0, 0.8}, {60, 0}, {120, 0.6}, {180, 0}}},
                         {signal::tensor_active, {{0, 0.4}, {60, 0}, {120, 0.2}, {180, 0}}},
                         {signal::gpu_utilization, {{0, 1}, {60, 1}, {120, 1}, {180, 1}}}});
  const auto of = summarize(all).front();
  EXPECT_TRUE(of.activity_is_engine) << "counters before nvidia-smi's figure";
  EXPECT_DOUBLE_EQ(of.activity->mean, 0.35);
  EXPECT_DOUBLE_EQ(*of.busy_time, 0.5);
  EXPECT_DOUBLE_EQ(*of.tensor_active, 0.3);
  EXPECT_EQ(of.dram_active, std::nullopt);
  EXPECT_EQ(of.idle_hours, std::nullopt) << "ten minutes are no week";
}

TEST(summary, a_gpu_was_seen_as_long_as_its_activity_and_not_as_its_host) {
  series of_host;
  for (int step = 0; step < 10; ++step) of_host.push_back({60.0 * step, 0.5});
  auto all = one_device({{signal::gpu_utilization, {{0, 0}, {60, 0}}},
                         {signal::memory_used, of_host},
                         {signal::host_cpu, of_host},
                         {signal::host_cores_used, of_host}});
  EXPECT_DOUBLE_EQ(summarize(all).front().covered, 0.2);
  EXPECT_DOUBLE_EQ(summarize(all).front().observed_seconds, 120);
  auto without_activity = one_device({{signal::memory_used, {{0, 1e9}}}, {signal::host_cpu, of_host}});
  EXPECT_DOUBLE_EQ(summarize(without_activity).front().observed_seconds, 60);
}

TEST(summary, memory_that_never_changes_is_a_reservation) {
  auto reserved = one_device({{signal::memory_used, {{0, 36e9}, {60, 36e9}}}, {signal::memory_total, {{0, 40e9}}}});
  EXPECT_TRUE(summarize(reserved).front().memory_is_reserved);
  auto working = one_device({{signal::memory_used, {{0, 30e9}, {60, 36e9}}}, {signal::memory_total, {{0, 40e9}}}});
  EXPECT_FALSE(summarize(working).front().memory_is_reserved);
}

device_summary active(double mean) {
  device_summary of;
  of.activity = spread{mean, mean, mean};
  of.busy_time = 1;
  return of;
}

TEST(bound, thresholds_are_of_what_can_be_reached) {
  auto of = active(0.95);
  of.tensor_active = 0.47;  // of 0.8: below 0.6
  of.dram_active = 0.1;
  EXPECT_NE(find_bound(of, nullptr).by, work_bound::compute);
  of.tensor_active = 0.49;
  EXPECT_EQ(find_bound(of, nullptr).by, work_bound::compute);
  of.dram_active = 0.65;
  EXPECT_EQ(find_bound(of, nullptr).by, work_bound::memory_bandwidth);
  of.tensor_active = 0.6;
  EXPECT_EQ(find_bound(of, nullptr).by, work_bound::mixed);
}

TEST(bound, vector_pipes_count_as_arithmetic) {
  auto of = active(0.95);
  of.tensor_active = 0;
  of.fp64_active = 0.7;
  of.dram_active = 0.2;
  const auto found = find_bound(of, nullptr);
  EXPECT_EQ(found.by, work_bound::compute);
  EXPECT_NE(found.reason.find("FP64"), std::string::npos);
}

TEST(bound, utilisation_alone_says_nothing_and_names_what_is_missing) {
  const auto found = find_bound(active(0.99), nullptr);
  EXPECT_EQ(found.by, work_bound::unknown);
  EXPECT_GE(found.missing.size(), 4U);
}

TEST(bound, a_host_that_is_used_up_binds_only_a_gpu_that_waits) {
  auto of = active(0.3);
  of.host_cpu = 0.95;
  EXPECT_EQ(find_bound(of, nullptr).by, work_bound::host);
  of.activity = spread{0.9, 0.9, 0.9};
  EXPECT_NE(find_bound(of, nullptr).by, work_bound::host);
}

TEST(bound, reserved_memory_is_no_evidence_of_need) {
  auto of = active(0.3);
  of.tensor_active = 0.05;
  of.dram_active = 0.05;
  of.memory_used_max_bytes = 39e9;
  of.memory_total_bytes = 40e9;
  EXPECT_EQ(find_bound(of, nullptr).by, work_bound::memory_size);
  of.memory_is_reserved = true;
  EXPECT_NE(find_bound(of, nullptr).by, work_bound::memory_size);
}

TEST(labels, owner_is_namespace_and_pod_without_generated_ends) {
  EXPECT_EQ(owner_of({{"exported_namespace", "vision"},
                      {"exported_pod", "serve-7d4b9c6f5d-x2k9q"},
                      {"pod", "dcgm-exporter-abcde"}},
                     ""),
            "vision/serve");
  EXPECT_EQ(owner_of({{"namespace", "gpu"}, {"pod", "dcgm-exporter-x2k9q"}}, ""), "") << "the exporter's own";
  EXPECT_EQ(owner_of({{"namespace", "ml"}, {"pod", "train-0"}}, ""), "ml/train");
  EXPECT_EQ(owner_of({{"team", "red"}, {"pod", "a"}}, "team"), "red");
}

TEST(labels, hosts_are_one_without_ports_and_domains) {
  gpu_identity gpu;
  gpu.host = "node1.example.com";
  gpu.instance = "10.0.0.7:9400";
  EXPECT_TRUE(is_on_host(gpu, "node1:9100"));
  EXPECT_TRUE(is_on_host(gpu, "10.0.0.7:9100"));
  EXPECT_FALSE(is_on_host(gpu, "10.0.0.77:9100"));
  EXPECT_FALSE(is_on_host(gpu, "node11"));
  EXPECT_FALSE(is_on_host(gpu, ""));
}

TEST(labels, slices_of_one_gpu_are_devices_of_their_own) {
  const auto first = identity_of({{"UUID", "GPU-1"}, {"GPU_I_ID", "7"}, {"GPU_I_PROFILE", "1g.5gb"}});
  const auto second = identity_of({{"UUID", "GPU-1"}, {"GPU_I_ID", "8"}, {"GPU_I_PROFILE", "1g.5gb"}});
  EXPECT_NE(first.key(), second.key());
  EXPECT_EQ(first.slice, "1g.5gb");
}

}  // namespace
}  // namespace gpubench::rightsizing
