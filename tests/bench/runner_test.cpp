#include "bench/runner.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/memory_room.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <new>

#include "tests/bench/scripted_benchmark.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::bench {
namespace {

using results::measurement_status;
using testing::ElementsAre;
using testing::HasSubstr;

class runner : public testing::Test {
 protected:
  runner() {
    request.clock = clock.function();
    events.on_measurement = [this](const results::measurement& m) { measured.push_back(m); };
  }

  bool run(const std::vector<benchmark_definition>& benchmarks) {
    measured.clear();
    return run_plan(plan_run(benchmarks, where, request), where, request, events);
  }

  scripted_clock clock;
  results::environment environment;
  machine where{environment};
  run_request request;
  run_events events;
  std::vector<results::measurement> measured;
};

TEST_F(runner, hands_on_every_measurement_in_order_with_its_rates) {
  EXPECT_TRUE(run({scripted_benchmark("copy", 2, clock)}));
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_EQ(results::full_name(measured[0]), "copy/n:0");
  EXPECT_EQ(results::full_name(measured[1]), "copy/n:1");
  EXPECT_EQ(measured[0].status, measurement_status::ok);
  EXPECT_EQ(measured[0].time_ns->median, 1e7);
  EXPECT_DOUBLE_EQ(*measured[0].rate.flop_per_second, 1e8);   // 1e6 FLOP in 10 ms
  EXPECT_DOUBLE_EQ(*measured[0].rate.bytes_per_second, 1e9);  // 1e7 bytes in 10 ms
  EXPECT_EQ(measured[0].samples_ns.size(), 10U);
  EXPECT_EQ(measured[0].stopped_by, results::stop_reason::converged);
}

TEST_F(runner, can_run_more_than_once_in_a_process) {
  EXPECT_TRUE(run({scripted_benchmark("copy", 1, clock)}));
  EXPECT_TRUE(run({scripted_benchmark("gemm", 2, clock)}));
  EXPECT_EQ(measured.size(), 2U);
}

TEST_F(runner, holds_rates_against_the_peaks_of_the_device) {
  auto gemm = scripted_benchmark("gemm", 1, clock);
  gemm.peak = benchmark_definition::peak_kind::dense;
  auto copy = scripted_benchmark("copy", 1, clock);
  copy.peak = benchmark_definition::peak_kind::memory_bandwidth;
  request.peaks["cpu"].dense_flop_per_second[models::precision::fp32] = {4e8, "data sheet"};
  request.peaks["cpu"].memory_bytes_per_second = device_peaks::peak{2e9, "measured"};
  run({copy, gemm});
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_DOUBLE_EQ(measured[0].peak->fraction, 0.5);
  EXPECT_EQ(measured[0].peak->kind, "memory bandwidth");
  EXPECT_DOUBLE_EQ(measured[1].peak->fraction, 0.25);
  EXPECT_EQ(measured[1].peak->kind, "dense peak fp32");
  EXPECT_EQ(measured[1].peak->source, "data sheet");
}

TEST_F(runner, holds_links_against_the_rate_that_they_carry) {
  using peak_kind = benchmark_definition::peak_kind;
  auto copy = scripted_benchmark("a_copy", 1, clock);
  copy.peak = peak_kind::host_link;
  auto reduce = scripted_benchmark("b_reduce", 1, clock);
  reduce.peak = peak_kind::peer_link;
  reduce.work = [](const results::parameters&) {
    results::work_done work;
    work.bytes = 1e7;
    work.bus_bytes = 1.5e7;
    return work;
  };
  request.peaks["cpu"].host_link_bytes_per_second = device_peaks::peak{4e9, "PCIe"};
  request.peaks["cpu"].peer_link_bytes_per_second = device_peaks::peak{3e9, "NVLink"};
  run({copy, reduce});
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_DOUBLE_EQ(measured[0].peak->fraction, 0.25);
  EXPECT_EQ(measured[0].peak->kind, "host link bandwidth");
  EXPECT_DOUBLE_EQ(measured[1].peak->fraction, 0.5);  // 1.5e9 B/s of busbw, not 1e9 of algbw
  EXPECT_EQ(measured[1].peak->kind, "peer link bandwidth");
  EXPECT_EQ(measured[1].peak->source, "NVLink");
}

TEST_F(runner, says_why_there_is_no_reference) {
  auto gemm = scripted_benchmark("gemm", 1, clock);
  gemm.peak = benchmark_definition::peak_kind::dense;
  request.peaks["cpu"].no_reference = "a slice of unknown size";
  run({gemm, scripted_benchmark("plain", 1, clock)});
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_FALSE(measured[0].peak);
  EXPECT_EQ(measured[0].method.at("reference"), "none: a slice of unknown size");
  EXPECT_TRUE(measured[1].method.empty());
}

TEST_F(runner, keeps_the_details_of_the_samples_that_it_keeps) {
  script detailed;
  detailed.method = {{"cache_state", "cold"}};
  detailed.detail = [](int call) {
    sample_detail detail;
    detail.host_ns = 100 + call;
    if (call == 5) detail.clock_hertz = 1e9;
    return detail;
  };
  run({scripted_benchmark("a", 1, clock, detailed), scripted_benchmark("b", 1, clock)});
  ASSERT_EQ(measured.size(), 2U);
  // Two calls warm up, ten are kept.
  ASSERT_EQ(measured[0].host_ns.size(), 10U);
  EXPECT_EQ(measured[0].host_ns.front(), 102.0);
  EXPECT_EQ(measured[0].host_ns.back(), 111.0);
  ASSERT_EQ(measured[0].clock_samples_hertz.size(), 10U);
  EXPECT_EQ(measured[0].clock_samples_hertz[3], 1e9);
  EXPECT_FALSE(measured[0].clock_samples_hertz[4]);
  EXPECT_EQ(measured[0].method.at("cache_state"), "cold");
  EXPECT_TRUE(measured[1].host_ns.empty());
  EXPECT_TRUE(measured[1].clock_samples_hertz.empty());
}

TEST_F(runner, skips_what_turns_out_not_to_be_supported) {
  script unsupported;
  unsupported.on_prepare = [] { throw unsupported_case("the library has no engine for it"); };
  EXPECT_TRUE(run({scripted_benchmark("a", 1, clock, unsupported), scripted_benchmark("b", 1, clock)}));
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_EQ(measured[0].status, measurement_status::skipped);
  EXPECT_EQ(measured[0].reason, "the library has no engine for it");
  EXPECT_EQ(measured[1].status, measurement_status::ok);
}

TEST_F(runner, voids_the_rates_of_a_wrong_result_and_goes_on) {
  script wrong;
  wrong.error = 0.5;
  EXPECT_TRUE(run({scripted_benchmark("a_wrong", 1, clock, wrong), scripted_benchmark("right", 1, clock)}));
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_EQ(measured[0].status, measurement_status::failed);
  EXPECT_THAT(measured[0].reason, HasSubstr("wrong result: error 0.5 above the tolerance 0.1"));
  EXPECT_EQ(measured[0].rate.flop_per_second, std::nullopt);
  EXPECT_EQ(measured[0].peak, std::nullopt);
  EXPECT_FALSE(measured[0].samples_ns.empty());
  EXPECT_EQ(measured[1].status, measurement_status::ok);
}

TEST_F(runner, turns_exceptions_into_failed_measurements) {
  script throws_error, throws_memory, throws_late;
  throws_error.on_prepare = [] { throw error(error_kind::device, "no such device", "look again"); };
  throws_memory.on_prepare = [] { throw std::bad_alloc(); };
  throws_late.on_sample = [] { throw std::runtime_error("lost"); };
  EXPECT_TRUE(run({scripted_benchmark("a", 1, clock, throws_error), scripted_benchmark("b", 1, clock, throws_memory),
                   scripted_benchmark("c", 1, clock, throws_late), scripted_benchmark("d", 1, clock)}));
  ASSERT_EQ(measured.size(), 4U);
  EXPECT_EQ(measured[0].reason, "no such device (look again)");
  EXPECT_EQ(measured[1].reason, "not enough memory (" + hint_about_memory() + ")");
  EXPECT_EQ(measured[2].reason, "lost");
  EXPECT_EQ(measured[2].status, measurement_status::failed);
  EXPECT_EQ(measured[3].status, measurement_status::ok);
}

TEST_F(runner, reports_what_cannot_run_as_skipped) {
  auto needs_amx = scripted_benchmark("gemm_bf16", 1, clock);
  needs_amx.unavailable = [](const results::parameters&, const machine&) { return "needs AMX"; };
  run({needs_amx});
  ASSERT_EQ(measured.size(), 1U);
  EXPECT_EQ(measured[0].status, measurement_status::skipped);
  EXPECT_EQ(measured[0].reason, "needs AMX");
}

TEST_F(runner, ends_within_the_budget_even_when_cases_take_longer_than_they_said) {
  // Says nothing of the 2 s that each case takes to prepare: ten would take over 20 s.
  auto slow = scripted_benchmark("slow", 10, clock, {seconds(2)});
  slow.overhead = nullptr;
  request.budget = seconds(10);
  const auto start = clock.now;
  EXPECT_TRUE(run({slow}));
  EXPECT_LE(seconds(clock.now - start), seconds(10));
  ASSERT_EQ(measured.size(), 10U);
  EXPECT_EQ(measured.front().status, measurement_status::ok);
  EXPECT_EQ(measured.back().status, measurement_status::skipped);
  EXPECT_EQ(measured.back().reason, "cut to fit the budget of 10.0 s");
}

TEST_F(runner, gives_time_that_quick_cases_leave_to_slow_ones) {
  script slow;
  slow.sample = seconds(0.5);
  request.budget = seconds(6);
  run({scripted_benchmark("a", 1, clock), scripted_benchmark("b", 1, clock), scripted_benchmark("c", 1, clock),
       scripted_benchmark("slow", 1, clock, slow)});
  ASSERT_EQ(measured.size(), 4U);
  // A quarter of 6 s would be two samples; the others took 0.12 s each, which leaves 5.64 s.
  EXPECT_EQ(measured[3].samples_ns.size(), 10U);
}

TEST_F(runner, skips_a_case_whose_preparation_uses_up_the_budget) {
  auto endless = scripted_benchmark("endless", 1, clock, {seconds(30)});
  endless.overhead = nullptr;
  request.budget = seconds(10);
  run({endless});
  ASSERT_EQ(measured.size(), 1U);
  EXPECT_EQ(measured[0].status, measurement_status::skipped);
  EXPECT_EQ(measured[0].reason, "cut to fit the budget of 10.0 s: making ready took 30.0 s");
}

TEST_F(runner, keeps_the_samples_of_the_case_that_was_interrupted_and_runs_no_further_one) {
  int samples = 0;
  script counting;
  counting.on_sample = [&] { ++samples; };
  request.interrupted = [&] { return samples >= 15; };  // in the second case: each takes 2 + 10 samples
  EXPECT_FALSE(run({scripted_benchmark("copy", 4, clock, counting)}));
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_EQ(measured[1].stopped_by, results::stop_reason::interrupted);
  EXPECT_EQ(measured[1].samples_ns.size(), 1U);
}

TEST_F(runner, passes_on_what_an_event_throws) {
  events.on_measurement = [](const results::measurement&) { throw error(error_kind::io, "disk full"); };
  EXPECT_THROW(run({scripted_benchmark("copy", 2, clock)}), error);
}

TEST_F(runner, announces_each_case) {
  std::vector<std::string> names;
  events.on_start = [&](const progress& now) {
    names.push_back(now.current);
    EXPECT_EQ(now.total, 2U);
    EXPECT_GE(now.remaining.count(), 0);
  };
  run({scripted_benchmark("copy", 2, clock)});
  EXPECT_THAT(names, ElementsAre("copy/n:0", "copy/n:1"));
}

TEST_F(runner, releases_kept_memory_before_another_group_and_at_the_end) {
  std::vector<std::string> log;
  script noting;
  noting.on_prepare = [&] { log.push_back("prepare"); };
  auto a = scripted_benchmark("a", 1, clock, noting);
  auto b = scripted_benchmark("b", 1, clock, noting);
  auto c = scripted_benchmark("c", 1, clock, noting);
  a.memory_group = b.memory_group = "arrays";
  a.release = b.release = [&] { log.push_back("release"); };
  run({a, b, c});
  EXPECT_THAT(log, ElementsAre("prepare", "prepare", "release", "prepare"));
}

TEST_F(runner, writes_google_benchmarks_own_file) {
  const temporary_folder folder;
  const auto path = folder.path() / "run.json";
  request.google_benchmark_out = path.string();
  run({scripted_benchmark("copy", 1, clock)});
  const auto document = load_json(path);
  ASSERT_EQ(document["benchmarks"].size(), 1U);
  const auto& entry = document["benchmarks"][0];
  EXPECT_THAT(entry["name"].get<std::string>(), HasSubstr("copy/n:0"));
  EXPECT_EQ(entry["iterations"], 1);
  EXPECT_DOUBLE_EQ(entry["flop_per_second"].get<double>(), 1e8);
}

TEST_F(runner, refuses_an_unwritable_file_before_measuring) {
  request.google_benchmark_out = "/no/such/folder/out.json";
  EXPECT_THROW(run({scripted_benchmark("copy", 1, clock)}), error);
  EXPECT_TRUE(measured.empty());
}

}  // namespace
}  // namespace gpubench::bench
