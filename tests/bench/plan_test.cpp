#include "bench/filter.hpp"
#include "bench/runner.hpp"
#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/scripted_benchmark.hpp"

namespace gpubench::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class plan : public testing::Test {
 protected:
  std::vector<std::string> running(const std::vector<planned_case>& planned) const {
    std::vector<std::string> names;
    for (const auto& each : planned) {
      if (!each.skip_reason) names.push_back(results::full_name(each.definition->name, each.params));
    }
    return names;
  }
  error refusal(const std::vector<benchmark_definition>& benchmarks, const run_request& request) const {
    try {
      plan_run(benchmarks, where, request);
    } catch (const error& refused) {
      return refused;
    }
    return error(error_kind::internal, "was not refused");
  }

  scripted_clock clock;
  results::environment environment;
  machine where{environment};
};

TEST_F(plan, takes_the_most_important_case_of_every_benchmark_first) {
  const std::vector benchmarks = {scripted_benchmark("copy", 2, clock), scripted_benchmark("gemm", 3, clock)};
  EXPECT_THAT(running(plan_run(benchmarks, where, {})),
              ElementsAre("copy/n:0", "gemm/n:0", "copy/n:1", "gemm/n:1", "gemm/n:2"));
}

TEST_F(plan, puts_benchmarks_that_share_memory_side_by_side) {
  std::vector benchmarks = {scripted_benchmark("a", 1, clock), scripted_benchmark("b", 1, clock),
                            scripted_benchmark("c", 1, clock)};
  benchmarks[0].memory_group = benchmarks[2].memory_group = "arrays";
  EXPECT_THAT(running(plan_run(benchmarks, where, {})), ElementsAre("a/n:0", "c/n:0", "b/n:0"));
}

TEST_F(plan, filters_by_regular_expression_on_the_full_name) {
  const std::vector benchmarks = {scripted_benchmark("copy", 2, clock), scripted_benchmark("gemm", 2, clock)};
  run_request request;
  request.filter = "^gemm.*:1$";
  EXPECT_THAT(running(plan_run(benchmarks, where, request)), ElementsAre("gemm/n:1"));
  request.filter = "-gemm";
  EXPECT_THAT(running(plan_run(benchmarks, where, request)), ElementsAre("copy/n:0", "copy/n:1"));
}

TEST_F(plan, refuses_a_filter_that_matches_nothing_and_names_the_nearest) {
  const std::vector benchmarks = {scripted_benchmark("stream_triad", 1, clock)};
  run_request request;
  request.filter = "stream_traid";
  const auto refused = refusal(benchmarks, request);
  EXPECT_EQ(refused.kind(), error_kind::usage);
  EXPECT_THAT(refused.hint(), HasSubstr("stream_triad"));
}

TEST_F(plan, says_when_only_another_suite_has_a_match) {
  auto only_full = scripted_benchmark("sweep", 1, clock);
  only_full.cases = [](suite s, const machine&) {
    return s == suite::full ? std::vector<results::parameters>{{}} : std::vector<results::parameters>{};
  };
  run_request request;
  request.filter = "sweep";
  EXPECT_THAT(refusal({only_full}, request).hint(), HasSubstr("--suite full"));
}

TEST_F(plan, refuses_a_malformed_filter) {
  run_request request;
  request.filter = "gemm(";
  EXPECT_EQ(refusal({scripted_benchmark("gemm", 1, clock)}, request).kind(), error_kind::usage);
}

TEST_F(plan, cuts_the_least_important_cases_of_the_longest_benchmark_first) {
  // Each case needs 1 s to prepare, 0.02 s to warm up and 0.1 s to sample: three fit in 3.4 s.
  const script one_second{seconds(1)};
  const std::vector benchmarks = {scripted_benchmark("conv", 5, clock, one_second),
                                  scripted_benchmark("gemm", 1, clock, one_second)};
  run_request request;
  request.budget = seconds(3.4);
  const auto planned = plan_run(benchmarks, where, request);
  EXPECT_EQ(planned.size(), 6U);
  EXPECT_THAT(running(planned), ElementsAre("conv/n:0", "gemm/n:0", "conv/n:1"));
  EXPECT_EQ(planned.back().skip_reason, "cut to fit the budget of 3.40 s");
}

TEST_F(plan, gives_up_the_dearest_benchmark_when_not_all_can_stay) {
  const std::vector benchmarks = {scripted_benchmark("cheap", 1, clock, {seconds(1)}),
                                  scripted_benchmark("dear", 1, clock, {seconds(2)})};
  run_request request;
  request.budget = seconds(3);
  EXPECT_THAT(running(plan_run(benchmarks, where, request)), ElementsAre("cheap/n:0"));
}

TEST_F(plan, refuses_a_budget_too_small_for_a_single_case_and_says_what_is_enough) {
  const std::vector benchmarks = {scripted_benchmark("gemm", 2, clock, {seconds(1)})};
  run_request request;
  request.budget = seconds(0.5);
  const auto refused = refusal(benchmarks, request);
  EXPECT_EQ(refused.kind(), error_kind::usage);
  EXPECT_THAT(refused.hint(), HasSubstr("1.12 s is enough for the shortest case"));
}

TEST_F(plan, keeps_what_cannot_run_here_with_its_reason) {
  auto needs_amx = scripted_benchmark("gemm_bf16", 1, clock);
  needs_amx.unavailable = [](const results::parameters&, const machine&) { return "needs AMX"; };
  const std::vector benchmarks = {needs_amx};
  const auto planned = plan_run(benchmarks, where, {});
  ASSERT_EQ(planned.size(), 1U);
  EXPECT_EQ(planned[0].skip_reason, "needs AMX");
  EXPECT_EQ(list_names(planned), "");
}

TEST_F(plan, lists_one_name_a_line) {
  const std::vector benchmarks = {scripted_benchmark("gemm", 2, clock)};
  EXPECT_EQ(list_names(plan_run(benchmarks, where, {})), "gemm/n:0\ngemm/n:1\n");
}

TEST_F(plan, keeps_applications_to_their_own_suite_and_the_full_one) {
  auto simulation = scripted_benchmark("simulation", 1, clock);
  simulation.application = true;
  const std::vector benchmarks = {scripted_benchmark("gemm", 1, clock), simulation};
  const auto of_suite = [&](suite s) {
    run_request request;
    request.suite = s;
    return list_names(plan_run(benchmarks, where, request));
  };
  EXPECT_EQ(of_suite(suite::quick), "gemm/n:0\n");
  EXPECT_EQ(of_suite(suite::standard), "gemm/n:0\n");
  EXPECT_EQ(of_suite(suite::apps), "simulation/n:0\n");
  EXPECT_EQ(of_suite(suite::full), "gemm/n:0\nsimulation/n:0\n");
}

TEST(suites, have_names_and_budgets) {
  EXPECT_EQ(parse_suite("quick"), suite::quick);
  EXPECT_EQ(parse_suite("Quick"), std::nullopt);
  EXPECT_EQ(default_budget(suite::quick), seconds(60));
  EXPECT_EQ(default_budget(suite::standard), seconds(300));
  EXPECT_EQ(default_budget(suite::full), std::nullopt);
}

TEST(registry, refuses_a_second_benchmark_of_one_name_and_device) {
  scripted_clock clock;
  auto definition = scripted_benchmark("registered_by_a_test", 1, clock);
  register_benchmark(definition);
  EXPECT_THROW(register_benchmark(definition), error);
  definition.device = "gpu0";
  EXPECT_NO_THROW(register_benchmark(definition));
  definition.name.clear();
  EXPECT_THROW(register_benchmark(definition), error);
}

}  // namespace
}  // namespace gpubench::bench
