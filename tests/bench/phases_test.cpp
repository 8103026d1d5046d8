#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/bench/scripted_benchmark.hpp"

namespace gpubench::bench {
namespace {

using results::measurement_phase;
using results::measurement_status;
using testing::ElementsAre;
using testing::HasSubstr;

class phases : public testing::Test {
 protected:
  phases() {
    request.clock = clock.function();
    request.phases = {measurement_phase::burst, measurement_phase::soak};
    request.rest = [this](seconds time) {
      rested += time;
      clock.advance(time);
    };
    events.on_measurement = [this](const results::measurement& m) { measured.push_back(m); };
    auto gemm = scripted_benchmark("gemm", 2, clock);
    gemm.peak = benchmark_definition::peak_kind::dense;
    benchmarks = {gemm, scripted_benchmark("latency", 1, clock)};
  }

  std::vector<planned_case> plan() const { return plan_run(benchmarks, where, request); }
  bool run() { return run_plan(plan(), where, request, events); }

  static std::vector<std::string> names(const std::vector<planned_case>& plan) {
    std::vector<std::string> all;
    for (const auto& planned : plan) all.push_back(full_name(planned) + (planned.skip_reason ? " skipped" : ""));
    return all;
  }

  scripted_clock clock;
  results::environment environment;
  machine where{environment};
  run_request request;
  run_events events;
  seconds rested{0};
  std::vector<benchmark_definition> benchmarks;
  std::vector<results::measurement> measured;
};

TEST_F(phases, are_planned_for_the_most_important_case_of_what_has_a_peak_under_load) {
  EXPECT_THAT(names(plan()),
              ElementsAre("gemm/n:0", "latency/n:0", "gemm/n:1", "gemm/n:0/phase:burst", "gemm/n:0/phase:soak"));
  EXPECT_EQ(list_names(plan()), "gemm/n:0\nlatency/n:0\ngemm/n:1\ngemm/n:0/phase:burst\ngemm/n:0/phase:soak\n");
}

TEST_F(phases, can_be_filtered_by_their_full_names) {
  request.filter = "n:1/phase:soak";
  EXPECT_THAT(names(plan()), ElementsAre("gemm/n:1/phase:soak"));
}

TEST_F(phases, are_not_planned_unless_asked_for) {
  request.phases.clear();
  EXPECT_THAT(names(plan()), ElementsAre("gemm/n:0", "latency/n:0", "gemm/n:1"));
}

TEST_F(phases, come_on_top_of_the_suites_budget) {
  request.soak_time = seconds(120);
  const auto all = plan();
  EXPECT_THAT(names(all), testing::Not(testing::Contains(HasSubstr("skipped"))));
  EXPECT_GT(effective_budget(request, all, where)->count(), 60 + 120);
  EXPECT_EQ(effective_budget(request, {}, where), seconds(60));
}

TEST_F(phases, are_cut_like_other_cases_from_a_budget_that_the_user_named) {
  request.budget = seconds(8);
  EXPECT_THAT(names(plan()), ElementsAre("gemm/n:0", "latency/n:0", "gemm/n:1 skipped", "gemm/n:0/phase:burst",
                                         "gemm/n:0/phase:soak skipped"));
  EXPECT_EQ(effective_budget(request, plan(), where), seconds(8));
}

TEST_F(phases, burst_rests_and_then_samples_for_an_instant) {
  request.filter = "phase:burst";
  EXPECT_TRUE(run());
  ASSERT_EQ(measured.size(), 1U);
  const auto& m = measured[0];
  EXPECT_EQ(m.phase, measurement_phase::burst);
  EXPECT_EQ(m.status, measurement_status::ok);
  EXPECT_NEAR(rested.count(), 5, 0.01);
  // 10 ms each, one of them to warm up: the interval is narrow at once, and nothing lasts beyond 0.2 s.
  EXPECT_LE(m.samples_ns.size(), 19U);
  EXPECT_GE(m.samples_ns.size(), 3U);
  EXPECT_EQ(m.method.at("burst"), "after 5.00 s without work");
}

TEST_F(phases, soak_loads_until_it_has_settled_and_keeps_only_the_samples_after) {
  request.filter = "phase:soak";
  const auto before = clock.now;
  EXPECT_TRUE(run());
  ASSERT_EQ(measured.size(), 1U);
  EXPECT_EQ(measured[0].phase, measurement_phase::soak);
  EXPECT_EQ(measured[0].samples_ns.size(), 10U);
  EXPECT_GE(seconds(clock.now - before).count(), 15);
  EXPECT_LE(seconds(clock.now - before).count(), 17);
  EXPECT_THAT(measured[0].method.at("soak"), HasSubstr("settled after 15.0 s"));
  EXPECT_EQ(rested.count(), 0);
}

TEST_F(phases, a_soak_that_does_not_settle_says_so) {
  request.filter = "phase:soak";
  request.soak_time = seconds(20);
  auto gemm = scripted_benchmark("gemm", 1, clock);
  gemm.peak = benchmark_definition::peak_kind::dense;
  gemm.prepare = [this](const results::parameters&, const machine&) -> std::unique_ptr<prepared_case> {
    class slowing : public prepared_case {
     public:
      explicit slowing(scripted_clock& clock) : clock_(clock) {}
      std::chrono::duration<double, std::nano> sample() override {
        clock_.advance(time_);
        return time_ *= 1.001;
      }
      results::verification verify() override { return {"nothing", 0, 0}; }

     private:
      scripted_clock& clock_;
      seconds time_{0.01};
    };
    return std::make_unique<slowing>(clock);
  };
  benchmarks = {gemm};
  run();
  ASSERT_EQ(measured.size(), 1U);
  EXPECT_THAT(measured[0].method.at("soak"), HasSubstr("not settled within 20"));
  EXPECT_THAT(measured[0].warnings, testing::Contains(HasSubstr("had not settled")));
}

TEST_F(phases, can_be_interrupted_while_they_rest_or_soak) {
  for (const char* filter : {"phase:burst", "phase:soak"}) {
    request.filter = filter;
    measured.clear();
    int asked = 0;
    request.interrupted = [&] { return ++asked > 4; };
    EXPECT_FALSE(run()) << filter;
    EXPECT_TRUE(measured.empty()) << filter;
  }
}

/// Notes what it is told.
class noting_watch : public device_watch {
 public:
  explicit noting_watch(std::vector<timed_window>& seen) : seen_(seen) {}
  void finish(results::measurement& m, const timed_window& timed) override {
    seen_.push_back(timed);
    m.telemetry.power_watts = 123;
  }

 private:
  std::vector<timed_window>& seen_;
};

TEST_F(phases, a_watch_is_told_when_each_kept_sample_was_taken) {
  std::vector<timed_window> seen;
  std::vector<std::string> devices;
  request.watch = [&](const std::string& device) {
    devices.push_back(device);
    return std::make_unique<noting_watch>(seen);
  };
  request.filter = "^gemm/n:0";
  run();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_THAT(devices, ElementsAre("cpu", "cpu", "cpu"));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].samples.size(), measured[i].samples_ns.size());
    for (const auto& sample : seen[i].samples) EXPECT_EQ(seconds(sample.end - sample.begin), seconds(0.01));
    EXPECT_EQ(measured[i].telemetry.power_watts, 123.0);
  }
  // A normal case's first work is its warm-up of 20 ms, a soak's lies 15 s before its samples.
  EXPECT_NEAR(seconds(seen[0].samples.front().begin - seen[0].first_work).count(), 0.02, 1e-6);
  EXPECT_GE(seconds(seen[2].samples.front().begin - seen[2].first_work).count(), 15);
}

TEST_F(phases, a_device_lost_on_the_way_costs_its_later_cases_and_no_others) {
  bool lost = false;
  script breaks;
  breaks.on_sample = [&] {
    lost = true;
    throw std::runtime_error("an illegal memory access");
  };
  auto first = scripted_benchmark("a", 2, clock, breaks);
  first.unavailable = [&](const results::parameters&, const machine&) -> std::optional<std::string> {
    if (lost) return "this GPU failed earlier";
    return std::nullopt;
  };
  benchmarks = {first, scripted_benchmark("b", 2, clock)};
  request.phases.clear();
  EXPECT_TRUE(run());
  ASSERT_EQ(measured.size(), 4U);
  EXPECT_EQ(measured[0].status, measurement_status::failed);
  EXPECT_EQ(measured[1].status, measurement_status::ok);
  EXPECT_EQ(measured[2].status, measurement_status::skipped);
  EXPECT_EQ(measured[2].reason, "this GPU failed earlier");
  EXPECT_EQ(measured[3].status, measurement_status::ok);
}

}  // namespace
}  // namespace gpubench::bench
