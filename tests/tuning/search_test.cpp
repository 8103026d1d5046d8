#include "tuning/search.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tuning/dimensions.hpp"

namespace gpubench::tuning {
namespace {

/// A stand-in whose times are known: each launch is off by 1 % as a whole, its samples by another 0.5 %.
class scripted final : public measurer {
 public:
  explicit scripted(std::uint64_t seed = 1) : random_(seed) {}

  double launch_deviation = 0.01;
  std::function<double(const setting&)> factor = [](const setting&) { return 1.0; };
  std::function<std::string(const setting&)> problem = [](const setting&) { return std::string(); };
  std::function<bool(const setting&)> is_wrong = [](const setting&) { return false; };
  std::function<bool(const setting&)> hangs = [](const setting&) { return false; };
  setting set_before;  ///< by the launcher
  std::vector<setting> launched;

  trial measure(const setting& variables, double limit_seconds) override {
    launched.push_back(variables);
    if (hangs(variables)) return {std::nullopt, "it hung", limit_seconds};
    trial one{std::nullopt, problem(variables), 10};
    if (!one.problem.empty()) return one;
    one.run.emplace();
    one.run->id = fmt::format("launch-{}", launched.size());
    one.run->tool_version = "0.1.0";
    one.run->environment.variables = set_before;
    for (const auto& [name, value] : variables) one.run->environment.variables[name] = value;
    const double offset = std::exp(noise(launch_deviation)) * factor(variables);
    for (const std::int64_t bytes : {std::int64_t{1024}, std::int64_t{1048576}}) {
      auto& m = one.run->measurements.emplace_back();
      m.benchmark = "all_reduce";
      m.params = {{"bytes", bytes}};
      m.backend = "host";
      m.device = "cpu";
      for (int i = 0; i < 30; ++i) m.samples_ns.push_back(static_cast<double>(bytes) * offset * std::exp(noise(0.005)));
      if (is_wrong(variables)) {
        m.status = results::measurement_status::failed;
        m.reason = "wrong result on rank 1";
      }
      results::complete(m);
    }
    return one;
  }

 private:
  double noise(double deviation) { return std::normal_distribution<double>(0, deviation)(random_); }
  std::mt19937_64 random_;
};

const std::vector<dimension> two_dimensions{
    {"algorithm", {{{"NCCL_ALGO", "Ring"}}, {{"NCCL_ALGO", "Tree"}}, {{"NCCL_ALGO", "NVLS"}}}},
    {"protocol", {{{"NCCL_PROTO", "LL"}}, {{"NCCL_PROTO", "Simple"}}}}};

bool has(const setting& variables, const std::string& name, const std::string& value) {
  const auto found = variables.find(name);
  return found != variables.end() && found->second == value;
}

TEST(search, the_best_of_each_dimension_is_found_confirmed_and_kept_with_its_gain) {
  scripted launches;
  launches.factor = [](const setting& s) {
    return (has(s, "NCCL_ALGO", "Tree") ? 0.8 : 1.0) * (has(s, "NCCL_PROTO", "LL") ? 0.9 : 1.0);
  };
  const auto found = search(launches, two_dimensions, {});
  EXPECT_TRUE(found.keeps);
  EXPECT_EQ(found.candidate, (setting{{"NCCL_ALGO", "Tree"}, {"NCCL_PROTO", "LL"}}));
  ASSERT_TRUE(found.confirmation);
  for (const auto& row : found.confirmation->rows) {
    EXPECT_EQ(row.outcome, comparison::verdict::faster);
    EXPECT_NEAR(row.change.value(), -0.28, 0.02);
    EXPECT_LT(row.change_interval.value().high, -0.25);
  }
  EXPECT_EQ(found.end, search_end::all_tried);
}

TEST(search, the_confirmation_has_none_of_the_launches_of_the_search) {
  scripted launches;
  launches.factor = [](const setting& s) { return has(s, "NCCL_ALGO", "Ring") ? 0.8 : 1.0; };
  const search_options options;
  const auto found = search(launches, two_dimensions, options);
  ASSERT_TRUE(found.confirmation);
  EXPECT_EQ(found.confirmation->base_runs, options.confirming_launches);
  EXPECT_EQ(found.confirmation->fresh_runs, options.confirming_launches);
  // The last launches, own choice and candidate in turn, each first as often as the other.
  const std::size_t first = launches.launched.size() - 2 * options.confirming_launches;
  for (std::size_t i = first; i < launches.launched.size(); i += 2)
    EXPECT_NE(launches.launched[i].empty(), launches.launched[i + 1].empty());
  EXPECT_TRUE(launches.launched[first].empty());
  EXPECT_FALSE(launches.launched[first + 2].empty());
}

// All choices are equal, and of so many the luckiest looks better than it is.
TEST(search, where_all_choices_are_equal_none_is_kept) {
  dimension many{"algorithm", {}};
  for (int i = 0; i < 20; ++i) many.choices.push_back({{"NCCL_ALGO", std::to_string(i)}});
  int candidates = 0, kept = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    scripted launches(seed);
    launches.launch_deviation = 0.03;
    search_options options;
    options.budget_seconds = 1e6;
    const auto found = search(launches, {many}, options);
    candidates += found.candidate.empty() ? 0 : 1;
    kept += found.keeps ? 1 : 0;
  }
  EXPECT_GT(candidates, 30);  // the test would prove nothing otherwise
  EXPECT_LE(kept, 2);
}

TEST(search, a_gain_below_the_threshold_is_not_kept) {
  scripted launches;
  launches.launch_deviation = 0.0005;
  launches.factor = [](const setting& s) { return has(s, "NCCL_ALGO", "Tree") ? 0.985 : 1.0; };
  const auto found = search(launches, two_dimensions, {});
  EXPECT_EQ(found.candidate, (setting{{"NCCL_ALGO", "Tree"}}));
  ASSERT_TRUE(found.confirmation);
  EXPECT_FALSE(found.keeps);
}

TEST(search, a_setting_that_fails_or_computes_wrongly_is_named_and_never_kept) {
  scripted launches;
  launches.factor = [](const setting& s) { return s.empty() ? 1.0 : 0.5; };
  launches.problem = [](const setting& s) { return has(s, "NCCL_ALGO", "NVLS") ? "no NVLS here" : ""; };
  launches.is_wrong = [](const setting& s) { return has(s, "NCCL_ALGO", "Tree"); };
  const auto found = search(launches, {two_dimensions.front()}, {});
  EXPECT_EQ(found.candidate, (setting{{"NCCL_ALGO", "Ring"}}));
  ASSERT_EQ(found.tried.size(), 3U);
  EXPECT_THAT(found.tried[1].problem, testing::HasSubstr("wrong result on rank 1"));
  EXPECT_EQ(found.tried[2].problem, "no NVLS here");
  EXPECT_FALSE(found.tried[1].change);
  EXPECT_TRUE(found.keeps);
}

TEST(search, a_candidate_that_fails_in_the_confirmation_is_not_kept) {
  scripted launches;
  launches.factor = [](const setting& s) { return s.empty() ? 1.0 : 0.5; };
  launches.problem = [&](const setting& s) { return !s.empty() && launches.launched.size() > 12 ? "hung" : ""; };
  const auto found = search(launches, {two_dimensions.back()}, {});
  EXPECT_FALSE(found.candidate.empty());
  EXPECT_FALSE(found.keeps);
  EXPECT_EQ(found.tried.back().problem, "hung");
}

/// All but the own choice take another time at each of the two sizes, and vary more there from launch to launch.
class one_sided final : public measurer {
 public:
  double factor_of_small = 1, deviation_of_small = 0, factor_of_large = 1;

  trial measure(const setting& variables, double limit_seconds) override {
    auto one = inner_.measure(variables, limit_seconds);
    if (variables.empty()) return one;
    const double luck = std::exp(deviation_of_small * launch_[next_++ % std::size(launch_)]);
    for (auto& m : one.run->measurements) {
      const bool is_small = m.params == results::parameters{{"bytes", std::int64_t{1024}}};
      for (double& sample : m.samples_ns) sample *= is_small ? factor_of_small * luck : factor_of_large;
      results::complete(m);
    }
    return one;
  }

 private:
  scripted inner_;
  static constexpr double launch_[] = {-1.2, 1.3, 0.4, -0.5, 1.0, -1.0};
  std::size_t next_ = 0;
};

comparison::verdict outcome_at(const search_result& found, std::string_view bytes) {
  for (const auto& row : found.confirmation.value().rows)
    if (row.key.name.find(bytes) != std::string::npos) return row.outcome;
  return comparison::verdict::missing;
}

TEST(search, a_setting_that_is_slower_in_one_case_is_not_kept) {
  one_sided launches;
  launches.factor_of_small = 1.2;
  launches.factor_of_large = 0.5;
  const auto found = search(launches, {two_dimensions.back()}, {});
  EXPECT_EQ(outcome_at(found, "1024"), comparison::verdict::slower);
  EXPECT_FALSE(found.keeps);
  EXPECT_THAT(found.reason, testing::HasSubstr("is slower: all_reduce"));
}

TEST(search, a_setting_that_may_be_slower_in_one_case_is_not_kept) {
  one_sided launches;
  launches.factor_of_small = 1.05;
  launches.deviation_of_small = 0.08;
  launches.factor_of_large = 0.8;
  const auto found = search(launches, {two_dimensions.back()}, {});
  EXPECT_EQ(outcome_at(found, "1024"), comparison::verdict::ambiguous);
  EXPECT_EQ(outcome_at(found, "1048576"), comparison::verdict::faster);
  EXPECT_FALSE(found.keeps);
  EXPECT_THAT(found.reason, testing::AllOf(testing::HasSubstr("may be slower: all_reduce"), testing::HasSubstr("1024"),
                                           testing::Not(testing::HasSubstr("1048576"))));
}

TEST(search, a_case_that_is_at_worst_as_fast_forbids_nothing) {
  one_sided launches;
  launches.factor_of_small = 0.985;
  launches.deviation_of_small = 0.03;
  launches.factor_of_large = 0.8;
  const auto found = search(launches, {two_dimensions.back()}, {});
  EXPECT_EQ(outcome_at(found, "1024"), comparison::verdict::ambiguous);
  EXPECT_TRUE(found.keeps) << found.reason;
  EXPECT_EQ(found.reason, "");
}

TEST(search, choices_that_hang_leave_time_for_the_others_and_their_confirmation) {
  dimension interfaces{"interface", {}};
  for (const char* name : {"=eth0", "=eth1", "=eth2"}) interfaces.choices.push_back({{"NCCL_SOCKET_IFNAME", name}});
  scripted launches;
  launches.hangs = [](const setting& s) { return s.count("NCCL_SOCKET_IFNAME") > 0; };
  launches.factor = [](const setting& s) { return has(s, "NCCL_ALGO", "Tree") ? 0.8 : 1.0; };
  const auto found = search(launches, {interfaces, two_dimensions.front()}, {});
  EXPECT_EQ(found.end, search_end::all_tried);
  EXPECT_EQ(found.candidate, (setting{{"NCCL_ALGO", "Tree"}}));
  EXPECT_TRUE(found.keeps) << found.reason;
  EXPECT_LE(found.seconds, search_options().budget_seconds);
}

TEST(search, no_launch_is_given_more_than_the_limit) {
  scripted launches;
  launches.hangs = [](const setting& s) { return !s.empty(); };
  search_options options;
  options.launch_limit_seconds = 12;
  const auto found = search(launches, {two_dimensions.back()}, options);
  const double of_own_choice = 10.0 * static_cast<double>(options.first_launches);
  EXPECT_DOUBLE_EQ(found.seconds, of_own_choice + 2 * 12);
}

TEST(search, the_budget_holds_and_leaves_time_for_the_confirmation) {
  dimension many{"channels", {}};
  for (int i = 0; i < 100; ++i) many.choices.push_back({{"NCCL_MAX_NCHANNELS", std::to_string(i)}});
  scripted launches;
  launches.factor = [](const setting& s) { return s.empty() ? 1.0 : 0.7; };
  search_options options;
  options.budget_seconds = 400;  // 40 launches of 10 s
  const auto found = search(launches, {many}, options);
  EXPECT_EQ(found.end, search_end::out_of_budget);
  EXPECT_LE(found.seconds, 400);
  EXPECT_EQ(found.launches, launches.launched.size());
  EXPECT_TRUE(found.keeps);
}

TEST(search, a_choice_without_time_for_its_second_look_counts_by_the_first) {
  scripted launches;
  launches.factor = [](const setting& s) { return has(s, "NCCL_ALGO", "Ring") ? 0.7 : 1.0; };
  search_options options;
  // Launches of 10 s: three of the own choice, one of the first choice, and twelve to confirm it.
  options.budget_seconds = 165;
  const auto found = search(launches, two_dimensions, options);
  EXPECT_EQ(found.end, search_end::out_of_budget);
  ASSERT_EQ(found.tried.size(), 1U);
  EXPECT_EQ(found.tried.front().launches, 1U);
  EXPECT_NEAR(found.tried.front().change.value(), -0.3, 0.05);
  EXPECT_EQ(found.candidate, (setting{{"NCCL_ALGO", "Ring"}}));
  EXPECT_TRUE(found.keeps) << found.reason;
}

TEST(search, what_has_an_effect_under_some_algorithms_only_is_tried_on_top_of_those) {
  dimension sizes{"segment size", {{{"SEGMENT", "16384"}}}, {{"NCCL_ALGO", {"Tree", "NVLS"}}}};
  for (const char* best : {"Tree", "Ring"}) {
    scripted launches;
    launches.factor = [&](const setting& s) { return has(s, "NCCL_ALGO", best) ? 0.8 : 1.0; };
    const auto found = search(launches, {two_dimensions.front(), sizes}, {});
    const bool tries = found.tried.back().dimension == "segment size";
    EXPECT_EQ(tries, best == std::string("Tree")) << best;
    EXPECT_EQ(has(found.tried.back().variables, "SEGMENT", "16384"), tries);
    EXPECT_EQ(found.left_out, tries ? std::vector<std::string>() : std::vector<std::string>{"segment size"});
  }
}

TEST(search, what_the_own_choice_runs_under_counts_as_chosen) {
  const dimension sizes{"segment size", {{{"SEGMENT", "16384"}}}, {{"NCCL_ALGO", {"Tree"}}}};
  scripted launches;
  launches.set_before = {{"NCCL_ALGO", "Tree"}};
  EXPECT_EQ(search(launches, {sizes}, {}).tried.size(), 1U);
  launches.set_before = {{"NCCL_ALGO", "Ring"}};
  EXPECT_EQ(search(launches, {sizes}, {}).left_out, std::vector<std::string>{"segment size"});
}

TEST(search, an_interruption_ends_it_without_a_verdict) {
  scripted launches;
  launches.factor = [](const setting& s) { return s.empty() ? 1.0 : 0.5; };
  search_options options;
  options.interrupted = [&] { return launches.launched.size() >= 5; };
  const auto found = search(launches, two_dimensions, options);
  EXPECT_EQ(found.end, search_end::interrupted);
  EXPECT_FALSE(found.keeps);
  EXPECT_EQ(found.launches, 5U);
}

TEST(search, without_the_own_choice_there_is_nothing_to_compare_with) {
  scripted launches;
  launches.problem = [](const setting&) { return "no NVIDIA driver"; };
  try {
    search(launches, two_dimensions, {});
    FAIL() << "nothing was said";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::environment);
    EXPECT_THAT(e.what(), testing::HasSubstr("no NVIDIA driver"));
  }
}

}  // namespace
}  // namespace gpubench::tuning
