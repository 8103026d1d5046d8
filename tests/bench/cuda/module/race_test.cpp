#include "bench/cuda/module/race.hpp"

#include <gtest/gtest.h>

#include <map>

namespace gpubench::cuda {
namespace {

/// Times by contestant and run; the last is repeated.
struct script {
  std::vector<std::vector<double>> times;
  std::map<std::size_t, std::size_t> runs;

  std::vector<race_place> run(
      std::size_t kept = 1, const std::function<bool(double)>& out_of_time = [](double) { return false; }) {
    const auto time = [this](std::size_t i) -> std::optional<double> {
      const auto& own = times[i];
      if (own.empty()) return std::nullopt;
      return own[std::min(runs[i]++, own.size() - 1)];
    };
    return race(times.size(), time, time, out_of_time, kept);
  }
};

TEST(race, the_fastest_wins_and_the_slow_run_once) {
  script all{{{100}, {50}, {52}, {200}}, {}};
  const auto places = all.run();
  ASSERT_EQ(places.size(), 4u);
  EXPECT_EQ(places[0].contestant, 1u);
  EXPECT_EQ(places[0].time_ns, 50);
  EXPECT_EQ(places[1].contestant, 2u);
  EXPECT_EQ(all.runs[1], 4u);
  EXPECT_EQ(all.runs[3], 1u);
}

TEST(race, the_second_round_decides_between_near_ones) {
  script all{{{54}, {50}, {53, 47}}, {}};
  const auto places = all.run();
  EXPECT_EQ(places[0].contestant, 2u);
  EXPECT_EQ(places[0].time_ns, 47);
}

TEST(race, turns_count_and_not_what_came_before_the_clock_fell) {
  script all{{{40, 60, 60, 61}, {42, 50, 52, 90}}, {}};
  const auto places = all.run();
  EXPECT_EQ(places[0].contestant, 1u);
  EXPECT_EQ(places[0].time_ns, 52);
}

TEST(race, the_first_is_never_left_out_for_one_slow_run) {
  script all{{{90, 40}, {50}}, {}};
  EXPECT_EQ(all.run().front().contestant, 0u);
}

TEST(race, one_that_cannot_run_has_no_place) {
  script all{{{}, {70}, {}}, {}};
  const auto places = all.run();
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].contestant, 1u);
  EXPECT_EQ(all.runs[1], 1u);  // nobody to run against
  script none{{{}, {}}, {}};
  EXPECT_TRUE(none.run().empty());
}

TEST(race, out_of_time_still_times_one) {
  script all{{{}, {70}, {10}}, {}};
  const auto places = all.run(1, [](double) { return true; });
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].contestant, 1u);
}

TEST(race, the_second_round_has_its_own_share_of_the_time) {
  // A first round that is cut after two leaves time to run those two again.
  script all{{{70}, {69, 60}, {10}}, {}};
  const auto places = all.run(1, [&](double share) { return share < 1 && all.runs.size() == 2; });
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].contestant, 1u);
  EXPECT_EQ(places[0].time_ns, 60);
}

TEST(race, a_turn_that_was_begun_is_run_by_all) {
  // Each takes a fifth longer once it is looked at again; time is up within the first turn.
  script all{{{100, 120}, {101, 121}, {102, 122}, {103, 123}, {104, 124}}, {}};
  const auto places = all.run(1, [&](double share) { return share >= 1 && all.runs[0] > 1; });
  EXPECT_EQ(places[0].contestant, 0u);
  for (const auto& [contestant, runs] : all.runs) EXPECT_EQ(runs, 2u) << contestant;
}

TEST(race, at_most_five_near_ones_run_again) {
  script all{{std::vector<std::vector<double>>(20, {100})}, {}};
  all.run();
  std::size_t again = 0;
  for (const auto& [contestant, count] : all.runs) again += count > 1 ? 1 : 0;
  EXPECT_EQ(again, 5u);
}

TEST(race_alone, who_is_slower_at_its_own_clock_loses) {
  const std::map<std::size_t, double> alone{{4, 71.3}, {2, 65.5}, {7, 67.1}};
  std::vector<std::size_t> timed;
  const auto places = race_alone({{4, 60}, {2, 61}, {7, 65}, {1, 65.5}, {3, 90}}, [&](std::size_t i) {
    timed.push_back(i);
    return std::optional(alone.at(i));
  });
  EXPECT_EQ(timed, (std::vector<std::size_t>{4, 2, 7})) << "three at most";
  ASSERT_EQ(places.size(), 5u);
  EXPECT_EQ(places[0].contestant, 2u);
  EXPECT_EQ(places[0].time_ns, 65.5);
  EXPECT_EQ(places[1].contestant, 7u);
  EXPECT_EQ(places[2].contestant, 4u);
  EXPECT_EQ(places[3].contestant, 1u);
  EXPECT_EQ(places[4].contestant, 3u);
}

TEST(race_alone, the_far_behind_are_left_where_they_are) {
  int runs = 0;
  const auto places = race_alone({{0, 50}, {1, 56}}, [&](std::size_t) {
    ++runs;
    return std::optional(70.0);
  });
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(places[0].contestant, 0u);
  EXPECT_EQ(places[0].time_ns, 70);
}

TEST(race_alone, who_no_longer_runs_is_behind_those_that_do) {
  const auto places =
      race_alone({{0, 50}, {1, 51}}, [](std::size_t i) { return i == 0 ? std::nullopt : std::optional(60.0); });
  EXPECT_EQ(places[0].contestant, 1u);
  const auto none = race_alone({{0, 50}, {1, 51}, {2, 90}}, [](std::size_t) { return std::optional<double>(); });
  EXPECT_EQ(none[0].contestant, 2u) << "slower, and it ran";
  EXPECT_TRUE(race_alone({}, [](std::size_t) { return std::optional(1.0); }).empty());
}

}  // namespace
}  // namespace gpubench::cuda
