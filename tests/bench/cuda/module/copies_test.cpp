#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/copy_plan.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/peer_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

constexpr std::int64_t mib = std::int64_t{1} << 20;

/// "1: 0->1" for each lane: who moves, from where, to where, and * where it is not counted; h is the host.
std::vector<std::string> texts(const std::vector<copy_lane>& lanes) {
  const auto place = [](int p) { return p == on_host ? std::string("h") : std::to_string(p); };
  std::vector<std::string> result;
  for (const auto& lane : lanes) {
    result.push_back(std::to_string(lane.device) + ": " + place(lane.source) + "->" + place(lane.destination) +
                     (lane.counted ? "" : "*"));
  }
  return result;
}

std::vector<std::string> lanes(copy_route route, bool opposed, int device, int peer = 0, int devices = 0) {
  return texts(lanes_of(route, opposed, device, peer, devices));
}

using strings = std::vector<std::string>;

TEST(copy_plan, host_routes) {
  EXPECT_EQ(lanes(copy_route::host_to_device, false, 2), (strings{"2: h->2"}));
  EXPECT_EQ(lanes(copy_route::device_to_host, false, 2), (strings{"2: 2->h"}));
  EXPECT_EQ(lanes(copy_route::host_to_device, true, 2), (strings{"2: h->2", "2: 2->h*"}));
  EXPECT_EQ(lanes(copy_route::device_to_host, true, 2), (strings{"2: 2->h", "2: h->2*"}));
  EXPECT_EQ(lanes(copy_route::host_two_way, false, 2), (strings{"2: h->2", "2: 2->h"}));
  EXPECT_EQ(lanes(copy_route::local, false, 2), (strings{"2: 2->2"}));
}

TEST(copy_plan, reads_are_moved_by_the_receiver_and_writes_by_the_sender) {
  EXPECT_EQ(lanes(copy_route::peer_read, false, 0, 1), (strings{"0: 1->0"}));
  EXPECT_EQ(lanes(copy_route::peer_write, false, 0, 1), (strings{"0: 0->1"}));
  EXPECT_EQ(lanes(copy_route::peer_read, true, 0, 1), (strings{"0: 1->0", "1: 0->1*"}));
  EXPECT_EQ(lanes(copy_route::peer_write, true, 0, 1), (strings{"0: 0->1", "1: 1->0*"}));
  EXPECT_EQ(lanes(copy_route::peer_two_way, false, 0, 1), (strings{"0: 0->1", "1: 1->0"}));
}

TEST(copy_plan, of_all_and_the_host_one_device_counts) {
  EXPECT_EQ(lanes(copy_route::all_to_host, false, 1, 0, 3), (strings{"1: 1->h", "0: 0->h*", "2: 2->h*"}));
  EXPECT_EQ(lanes(copy_route::host_to_all, true, 0, 0, 2), (strings{"0: h->0", "0: 0->h*", "1: h->1*", "1: 1->h*"}));
}

TEST(copy_plan, of_one_and_all_everything_counts) {
  EXPECT_EQ(lanes(copy_route::all_to_one_write, false, 1, 0, 3), (strings{"0: 0->1", "2: 2->1"}));
  EXPECT_EQ(lanes(copy_route::all_to_one_read, false, 1, 0, 3), (strings{"0: 1->0", "2: 1->2"}));
  EXPECT_EQ(lanes(copy_route::one_to_all_write, false, 1, 0, 3), (strings{"1: 1->0", "1: 1->2"}));
  EXPECT_EQ(lanes(copy_route::one_to_all_read, false, 1, 0, 3), (strings{"1: 0->1", "1: 2->1"}));
}

TEST(copy_plan, every_lane_is_moved_by_one_of_its_ends) {
  for (int route = 0; route <= static_cast<int>(copy_route::one_to_all_read); ++route) {
    const auto plan = lanes_of(static_cast<copy_route>(route), true, 1, 2, 4);
    ASSERT_FALSE(plan.empty());
    EXPECT_TRUE(plan.front().counted);
    for (const auto& lane : plan) {
      EXPECT_TRUE(lane.device == lane.source || lane.device == lane.destination) << route;
      EXPECT_NE(lane.device, on_host);
    }
  }
}

TEST(copy_plan, peers_are_all_others_and_the_next_one_first) {
  EXPECT_EQ(peers_of(2, 4), (std::vector<int>{3, 0, 1}));
  EXPECT_EQ(peers_of(0, 2), (std::vector<int>{1}));
  EXPECT_TRUE(peers_of(0, 1).empty());
}

TEST(copy_plan, buffers_are_counted_on_the_host_and_on_the_fullest_device) {
  const auto bidirectional = buffers_of(lanes_of(copy_route::host_to_device, true, 0, 0, 0));
  EXPECT_EQ(bidirectional.host, 2);
  EXPECT_EQ(bidirectional.device, 2);
  const auto local = buffers_of(lanes_of(copy_route::local, false, 0, 0, 0));
  EXPECT_EQ(local.host, 0);
  EXPECT_EQ(local.device, 2);
  EXPECT_EQ(buffers_of(lanes_of(copy_route::all_to_one_write, false, 0, 0, 8)).device, 7);
  EXPECT_EQ(buffers_of(lanes_of(copy_route::all_to_host, true, 0, 0, 8)).host, 16);
}

TEST(copy_plan, sizes_are_halved_until_they_fit) {
  const copy_buffers two{2, 1};
  EXPECT_EQ(fitting_bytes(512 * mib, two, -1, -1), 512 * mib);
  EXPECT_EQ(fitting_bytes(512 * mib, two, 1024.0 * mib, 512.0 * mib), 512 * mib);
  EXPECT_EQ(fitting_bytes(512 * mib, two, 1023.0 * mib, 512.0 * mib), 256 * mib);
  EXPECT_EQ(fitting_bytes(512 * mib, two, -1, 100.0 * mib), 64 * mib);
  EXPECT_EQ(fitting_bytes(512 * mib, two, 0, 0), 4096);
}

TEST(copy_plan, samples_last_milliseconds_within_the_launch_queue) {
  EXPECT_EQ(copies_per_sample(10e6), 1);
  EXPECT_EQ(copies_per_sample(1.3e6), 4);
  EXPECT_EQ(copies_per_sample(0.25e6), 20);
  EXPECT_EQ(copies_per_sample(2e3), 256);
  EXPECT_EQ(copies_per_sample(0), 1);
}

TEST(copy_plan, interference_outlasts_what_it_disturbs) {
  EXPECT_EQ(interfering_copies(1, 0, 0), 3);
  EXPECT_EQ(interfering_copies(16, 0, 0), 25);
  EXPECT_EQ(interfering_copies(16, 25, 1), 25);
  EXPECT_EQ(interfering_copies(16, 25, 0.5), 63);  // 1.25 x 25 / 0.5
  EXPECT_EQ(interfering_copies(256, 385, 0.1), 512);
}

TEST(copy_plan, coverage_is_the_overlap_with_the_measured_time) {
  const auto expect = [](const coverage& found, double share, double until) {
    EXPECT_DOUBLE_EQ(found.share, share);
    EXPECT_DOUBLE_EQ(found.until, until);
  };
  expect(coverage_of(0, 1e6, 1e6), 1, 1);
  expect(coverage_of(20e3, 3e6, 1e6), 1, 1);          // no delay
  expect(coverage_of(20e3, 3e6, 40e3), 0.5, 1);       // half of a short one
  expect(coverage_of(250e3, 1.25e6, 1e6), 0.75, 1);   // as long as the measured time, but late
  expect(coverage_of(250e3, 750e3, 1e6), 0.5, 0.75);  // and ended before it
  expect(coverage_of(0, 500e3, 1e6), 0.5, 0.5);       // ended at half of it
  expect(coverage_of(1.2e6, 1.8e6, 1e6), 0, 1);       // all after it
  expect(coverage_of(0, 0, 0), 0, 0);
}

TEST(copy_plan, kernels_that_run_together_share_the_multiprocessors) {
  EXPECT_EQ(copy_shapes(132, 1, 512 * mib).size(), 8u);
  for (const auto& shape : copy_shapes(132, 2, 512 * mib)) {
    EXPECT_EQ(shape.blocks, 66u);
    EXPECT_EQ(shape.threads, 512);
  }
  for (const int lanes_moved : {1, 2, 7, 200}) {
    for (const auto& shape : copy_shapes(132, lanes_moved, 4096)) {
      EXPECT_GE(shape.blocks, 1u);
      EXPECT_LE(shape.blocks, 1u);  // 256 vectors are one tile of 256 or 512 threads
    }
  }
}

TEST(peer_access, a_pair_is_two_devices_that_are_there) {
  EXPECT_THAT(no_pair(0, 1, 1).value_or(""), HasSubstr("takes two GPUs, and 1 can be seen"));
  EXPECT_THAT(no_pair(0, 4, 4).value_or(""), HasSubstr("no GPU 4 among 4"));
  EXPECT_THAT(no_pair(2, 2, 4).value_or(""), HasSubstr("no peer of itself"));
  EXPECT_FALSE(no_pair(0, 3, 4).has_value());
}

class copy_benchmarks : public ::testing::Test {
 protected:
  std::string reason(const std::string& name, const parameters& values) {
    return named(name).unavailable(values, h100).value_or("");
  }

  const device_properties h100 = described_device(9, 0, 80, 50, 132);
};

TEST_F(copy_benchmarks, have_the_names_of_nvbandwidth) {
  std::vector<std::string> names;
  for (const auto& b : registered_benchmarks()) names.emplace_back(b->description().name);
  EXPECT_THAT(names, IsSupersetOf({"host_to_device_memcpy_ce",
                                   "device_to_host_memcpy_ce",
                                   "host_to_device_bidirectional_memcpy_ce",
                                   "device_to_host_bidirectional_memcpy_ce",
                                   "device_to_device_memcpy_read_ce",
                                   "device_to_device_memcpy_write_ce",
                                   "device_to_device_bidirectional_memcpy_read_ce",
                                   "device_to_device_bidirectional_memcpy_write_ce",
                                   "all_to_host_memcpy_ce",
                                   "all_to_host_bidirectional_memcpy_ce",
                                   "host_to_all_memcpy_ce",
                                   "host_to_all_bidirectional_memcpy_ce",
                                   "all_to_one_write_ce",
                                   "all_to_one_read_ce",
                                   "one_to_all_write_ce",
                                   "one_to_all_read_ce",
                                   "host_to_device_memcpy_sm",
                                   "device_to_host_memcpy_sm",
                                   "host_to_device_bidirectional_memcpy_sm",
                                   "device_to_host_bidirectional_memcpy_sm",
                                   "device_to_device_memcpy_read_sm",
                                   "device_to_device_memcpy_write_sm",
                                   "device_to_device_bidirectional_memcpy_read_sm",
                                   "device_to_device_bidirectional_memcpy_write_sm",
                                   "all_to_host_memcpy_sm",
                                   "all_to_host_bidirectional_memcpy_sm",
                                   "host_to_all_memcpy_sm",
                                   "host_to_all_bidirectional_memcpy_sm",
                                   "all_to_one_write_sm",
                                   "all_to_one_read_sm",
                                   "one_to_all_write_sm",
                                   "one_to_all_read_sm",
                                   "host_device_latency_sm",
                                   "device_to_device_latency_sm",
                                   "device_local_copy"}));
}

TEST_F(copy_benchmarks, count_what_is_counted) {
  const auto bytes = [&](const char* name, const parameters& values) { return named(name).work(values).bytes; };
  const auto thousand = make_parameters({{"bytes", 1000}});
  EXPECT_EQ(bytes("host_to_device_memcpy_ce", thousand), 1000);
  EXPECT_EQ(bytes("host_to_device_bidirectional_memcpy_ce", thousand), 1000);
  EXPECT_EQ(bytes("host_device_two_way_memcpy_ce", thousand), 2000);
  EXPECT_EQ(bytes("device_local_copy", thousand), 2000);
  const auto pair = make_parameters({{"peer", 0}, {"bytes", 1000}});
  EXPECT_EQ(bytes("device_to_device_memcpy_read_ce", pair), 1000);
  EXPECT_EQ(bytes("device_to_device_bidirectional_memcpy_write_sm", pair), 1000);
  EXPECT_EQ(bytes("device_to_device_two_way_memcpy_ce", pair), 2000);
  const auto all = make_parameters({{"device", 0}, {"devices", 8}, {"bytes", 1000}});
  EXPECT_EQ(bytes("all_to_one_read_ce", all), 7000);
  EXPECT_EQ(bytes("one_to_all_write_sm", all), 7000);
  EXPECT_EQ(bytes("all_to_host_bidirectional_memcpy_ce", all), 1000);
  EXPECT_EQ(named("host_device_latency_sm").work({}).items, 1);
  EXPECT_EQ(named("host_to_device_copy_latency_ce").work(thousand).has_bytes, 0);
}

TEST_F(copy_benchmarks, are_held_against_the_link_that_they_use) {
  const auto peak = [&](const char* name) { return named(name).description().peak; };
  EXPECT_EQ(peak("host_to_device_memcpy_pageable"), GPUBENCH_MODULE_PEAK_HOST_LINK);
  EXPECT_EQ(peak("all_to_host_memcpy_ce"), GPUBENCH_MODULE_PEAK_HOST_LINK);
  EXPECT_EQ(peak("device_local_copy"), GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH);
  EXPECT_EQ(peak("device_to_device_memcpy_write_sm"), GPUBENCH_MODULE_PEAK_PEER_LINK);
  EXPECT_EQ(peak("one_to_all_read_ce"), GPUBENCH_MODULE_PEAK_PEER_LINK);
  EXPECT_EQ(peak("host_device_two_way_memcpy_ce"), GPUBENCH_MODULE_PEAK_NONE);
  EXPECT_EQ(named("all_to_one_read_ce").description().scope, GPUBENCH_MODULE_ALL_DEVICES);
  EXPECT_EQ(named("device_to_device_memcpy_read_ce").description().scope, GPUBENCH_MODULE_ONE_DEVICE);
}

TEST_F(copy_benchmarks, sweep_sizes_in_the_full_suite_only) {
  const auto& copy = named("host_to_device_memcpy_ce");
  EXPECT_EQ(copy.cases(GPUBENCH_MODULE_QUICK, h100).size(), 1u);
  EXPECT_EQ(copy.cases(GPUBENCH_MODULE_STANDARD, h100).size(), 1u);
  const auto swept = copy.cases(GPUBENCH_MODULE_FULL, h100);
  std::set<std::int64_t> sizes;
  for (const auto& values : swept) sizes.insert(positive_parameter(values, "bytes"));
  EXPECT_EQ(sizes.size(), swept.size());
  EXPECT_EQ(*sizes.begin(), 4096);
  EXPECT_GE(sizes.size(), 5u);  // fewer on a host of little memory
  for (const auto size : sizes) EXPECT_EQ(size % 16, 0);
}

TEST_F(copy_benchmarks, say_why_they_cannot_run) {
  EXPECT_THAT(reason("host_to_device_memcpy_ce", make_parameters({{"bytes", 24}})), HasSubstr("multiple of 16"));
  EXPECT_THAT(reason("device_local_copy", make_parameters({{"bytes", std::int64_t{40} << 30}})),
              HasSubstr("do not fit the device's memory"));
  EXPECT_THAT(reason("host_device_latency_sm", make_parameters({{"working_set_bytes", 128}})),
              HasSubstr("at least 256"));
  EXPECT_THAT(reason("host_to_device_copy_latency_ce", make_parameters({{"bytes", std::int64_t{1} << 30}})),
              HasSubstr("no latency"));
}

TEST_F(copy_benchmarks, with_fewer_than_two_devices_say_that_it_takes_two) {
  if (visible_devices() > 1) GTEST_SKIP() << "there are several";
  for (const char* name : {"device_to_device_memcpy_read_ce", "device_to_device_memcpy_write_sm", "all_to_one_write_ce",
                           "host_to_all_memcpy_ce", "device_to_device_latency_sm"}) {
    const auto cases = named(name).cases(GPUBENCH_MODULE_STANDARD, h100);
    ASSERT_FALSE(cases.empty()) << name;
    EXPECT_THAT(reason(name, cases[0]), HasSubstr("takes two GPUs")) << name;
  }
}

TEST_F(copy_benchmarks, name_every_device_that_they_use) {
  const auto used = [&](const char* name, const parameters& values) {
    std::vector<int> result;
    for (int other = 0; other < 4; ++other) {
      if (named(name).uses(values, h100, other)) result.push_back(other);
    }
    return result;
  };
  using devices = std::vector<int>;
  const auto with_peer = make_parameters({{"peer", 2}, {"bytes", 16}});
  EXPECT_EQ(used("host_to_device_memcpy_ce", make_parameters({{"bytes", 16}})), (devices{0}));
  EXPECT_EQ(used("device_to_device_memcpy_read_ce", with_peer), (devices{0, 2})) << "alone it moves from a peer";
  EXPECT_EQ(used("device_to_device_memcpy_write_sm", with_peer), (devices{0, 2}));
  EXPECT_EQ(used("all_to_one_write_ce", make_parameters({{"device", 1}, {"devices", 3}, {"bytes", 16}})),
            (devices{0, 1, 2}));
  EXPECT_EQ(used("device_to_device_latency_sm", make_parameters({{"peer", 3}, {"working_set_bytes", 256}})),
            (devices{0, 3}));
  EXPECT_EQ(used("host_device_latency_sm", make_parameters({{"working_set_bytes", 256}})), (devices{0}));
}

TEST_F(copy_benchmarks, refuse_missing_and_absurd_parameters) {
  EXPECT_THROW(named("device_local_copy").work({}), failure);
  EXPECT_THROW(named("device_local_copy").work(make_parameters({{"bytes", 0}})), failure);
  EXPECT_THROW(named("device_to_device_memcpy_read_ce").work(make_parameters({{"bytes", 16}, {"peer", -1}})), failure);
  EXPECT_THROW(index_parameter(make_parameters({{"peer", std::int64_t{1} << 40}}), "peer"), failure);
  EXPECT_EQ(index_parameter(make_parameters({{"peer", 0}}), "peer"), 0);
}

}  // namespace
}  // namespace gpubench::cuda
