#include "core/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>

#include "cost/checkpoint.hpp"
#include "cost/interruption.hpp"
#include "cost/spot_simulation.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::cost {
namespace {

constexpr double minute = 60, hour = 3600;

/// Expected wall time of `work_seconds` in such intervals, exponential losses, `restart_seconds` after each:
/// M e^(R/M) (e^((tau + delta)/M) - 1) T / tau. Source: Daly 2006, equation 13.
double expected_wall_seconds(double work_seconds, double mtbf_seconds, double checkpoint_seconds,
                             double restart_seconds, double interval_seconds) {
  return mtbf_seconds * std::exp(restart_seconds / mtbf_seconds) *
         std::expm1((interval_seconds + checkpoint_seconds) / mtbf_seconds) * work_seconds / interval_seconds;
}

TEST(checkpoint, daly_s_published_intervals) {
  // Delta 5 min, R 10 min; Daly 2006 gives 117, 57 and 9.1 minutes.
  EXPECT_NEAR(daly_interval(24 * hour, 5 * minute) / minute, 117, 0.5);
  EXPECT_NEAR(daly_interval(6 * hour, 5 * minute) / minute, 57, 0.5);
  EXPECT_NEAR(daly_interval(15 * minute, 5 * minute) / minute, 9.1, 0.05);
  EXPECT_DOUBLE_EQ(daly_interval(2 * minute, 5 * minute), 2 * minute) << "delta over 2 M";
}

TEST(checkpoint, young_s_interval_by_hand) {
  EXPECT_DOUBLE_EQ(young_interval(24 * hour, 5 * minute), 120 * minute);  // sqrt(2 x 5 x 1440) min
}

TEST(checkpoint, daly_s_interval_is_where_the_expected_time_is_least) {
  for (const double mtbf : {24 * hour, 6 * hour, 1 * hour}) {
    const double best = daly_interval(mtbf, 5 * minute);
    const auto wall = [&](double interval) {
      return expected_wall_seconds(500 * hour, mtbf, 5 * minute, 10 * minute, interval);
    };
    EXPECT_LT(wall(best), wall(best * 0.9));
    EXPECT_LT(wall(best), wall(best * 1.1));
    EXPECT_LE(wall(best), wall(young_interval(mtbf, 5 * minute)));
  }
}

double mean_wall(const std::vector<spot_run>& runs) {
  return std::accumulate(runs.begin(), runs.end(), 0.0,
                         [](double sum, const spot_run& run) { return sum + run.wall_seconds; }) /
         static_cast<double>(runs.size());
}

spot_job training(double interval, double checkpoint = 5 * minute, double restart = 10 * minute) {
  spot_job job;
  job.checkpoint_seconds = checkpoint;
  job.interval_seconds = interval;
  job.restart_seconds = restart;
  return job;
}

TEST(spot_simulation, its_mean_is_daly_s_closed_form) {
  for (const double mtbf : {24 * hour, 6 * hour, 1 * hour}) {
    const double interval = daly_interval(mtbf, 5 * minute);
    const double work = interval * 200;  // many intervals, so that the last one without a checkpoint hardly counts
    const auto runs = simulate_spot(training(interval), {mtbf, 0, "", false}, std::vector<double>(4000, work), 7);
    const double expected = expected_wall_seconds(work, mtbf, 5 * minute, 10 * minute, interval);
    EXPECT_NEAR(mean_wall(runs) / expected, 1, 0.01) << mtbf;
  }
}

TEST(spot_simulation, a_group_of_nodes_is_lost_as_often_as_its_nodes_together) {
  const auto work = std::vector<double>(2000, 50 * hour);
  spot_job eight = training(hour);
  eight.nodes = 8;
  const double group = mean_wall(simulate_spot(eight, {80 * hour, 0, "", false}, work, 1));
  const double one = mean_wall(simulate_spot(training(hour), {10 * hour, 0, "", false}, work, 1));
  EXPECT_DOUBLE_EQ(group, one);
}

TEST(spot_simulation, accounts_for_every_billed_second) {
  const auto runs = simulate_spot(training(hour), {5 * hour, 0, "", false}, std::vector<double>(500, 40 * hour), 3);
  for (const spot_run& run : runs) {
    EXPECT_NEAR(run.wall_seconds, run.spot_seconds, 1e-6) << "nothing is waited for";
    EXPECT_NEAR(run.spot_seconds, 40 * hour + run.checkpoint_seconds + run.lost_seconds, 1e-6);
  }
}

TEST(spot_simulation, without_losses_takes_the_work_and_its_checkpoints) {
  spot_job job = training(hour);
  job.startup_seconds = 100;
  const auto run = simulate_spot(job, {1e15, 0, "", false}, {10 * hour}, 1).front();
  EXPECT_NEAR(run.wall_seconds, 100 + 10 * hour + 9 * 5 * minute, 1e-6) << "none after the last stretch";
  EXPECT_EQ(run.interruptions, 0);
}

TEST(spot_simulation, same_seed_same_runs_and_another_seed_others) {
  const auto play = [](std::uint64_t seed) {
    return mean_wall(
        simulate_spot(training(hour), {5 * hour, hour, "", false}, std::vector<double>(50, 40 * hour), seed));
  };
  EXPECT_EQ(play(1), play(1));
  EXPECT_NE(play(1), play(2));
}

TEST(spot_simulation, waiting_is_not_billed_and_a_replacement_takes_its_time) {
  const auto work = std::vector<double>(2000, 40 * hour);
  const auto at_once = simulate_spot(training(hour), {5 * hour, 0, "", false}, work, 5);
  const auto later = simulate_spot(training(hour), {5 * hour, hour, "", false}, work, 5);
  EXPECT_GT(mean_wall(later), mean_wall(at_once) + 5 * hour) << "some eight losses of an hour each";
  for (const spot_run& run : later) EXPECT_LE(run.spot_seconds, run.wall_seconds + 1e-6);
}

TEST(spot_simulation, on_demand_bridges_what_spot_leaves_open) {
  const auto work = std::vector<double>(1000, 40 * hour);
  const interruption_rate scarce{5 * hour, 5 * hour, "", false};
  spot_job waits = training(hour), bridges = waits;
  bridges.fallback = spot_fallback::when_unavailable;
  const auto waiting = simulate_spot(waits, scarce, work, 5), bridged = simulate_spot(bridges, scarce, work, 5);
  EXPECT_LT(mean_wall(bridged), 0.75 * mean_wall(waiting));
  for (const spot_run& run : waiting) EXPECT_EQ(run.on_demand_seconds, 0);
  for (const spot_run& run : bridged) EXPECT_NEAR(run.wall_seconds, run.spot_seconds + run.on_demand_seconds, 1e-6);
}

TEST(spot_simulation, falling_back_in_time_keeps_the_deadline) {
  const auto work = std::vector<double>(1000, 40 * hour);
  const interruption_rate scarce{5 * hour, 2 * hour, "", false};
  spot_job waits = training(hour);
  waits.deadline_seconds = 60 * hour;
  spot_job careful = waits;
  careful.fallback = spot_fallback::before_deadline;
  const auto kept = [&](const spot_job& job) {
    const auto runs = simulate_spot(job, scarce, work, 5);
    return std::count_if(runs.begin(), runs.end(), [](const spot_run& r) { return r.wall_seconds <= 60 * hour; });
  };
  EXPECT_EQ(kept(careful), 1000);
  EXPECT_LT(kept(waits), 800);
}

TEST(spot_simulation, falling_back_in_time_never_misses_a_deadline_that_on_demand_keeps) {
  // Checkpoints over days eat slack; losses at the worst moment, long restarts and scarce spot too.
  int left_spot_alive = 0;
  for (const double checkpoint : {0.0, 1 * minute, 20 * minute}) {
    for (const double restart : {1 * minute, 40 * minute}) {
      for (const double interval : {0.0, 30 * minute, 5 * hour}) {
        spot_job job = training(interval, checkpoint, restart);
        job.fallback = spot_fallback::before_deadline;
        job.startup_seconds = 10 * minute;
        for (const double slack : {0.0, 30 * minute, 3 * hour, 12 * hour}) {
          job.deadline_seconds = 40 * hour + job.startup_seconds + slack;
          for (const double up : {2 * hour, 20 * hour, 1e9}) {
            for (const spot_run& run :
                 simulate_spot(job, {up, hour, "", false}, std::vector<double>(50, 40 * hour), 11)) {
              EXPECT_LE(run.wall_seconds, *job.deadline_seconds + 1e-6)
                  << checkpoint << " " << restart << " " << interval << " " << slack << " " << up;
              left_spot_alive += run.interruptions == 0 && run.spot_seconds > 0 && run.on_demand_seconds > 0 ? 1 : 0;
            }
          }
        }
      }
    }
  }
  EXPECT_GT(left_spot_alive, 0) << "checkpoints alone can use up the slack";
}

TEST(spot_simulation, enough_slack_leaves_a_calm_job_on_spot) {
  spot_job job = training(hour);
  job.fallback = spot_fallback::before_deadline;
  // 10 h of work, 9 checkpoints of 5 min, and for the last hour's loss an hour and a restart of 10 min.
  job.deadline_seconds = 10 * hour + 9 * 5 * minute + hour + 10 * minute;
  EXPECT_EQ(simulate_spot(job, {1e15, 0, "", false}, {10 * hour}, 1).front().on_demand_seconds, 0);
  *job.deadline_seconds -= minute;
  // A loss at the end of the ninth hour, 65 minutes after the eighth checkpoint, would be a minute too much.
  const spot_run run = simulate_spot(job, {1e15, 0, "", false}, {10 * hour}, 1).front();
  EXPECT_NEAR(run.on_demand_seconds, 2 * hour + 10 * minute, 1e-6);
  EXPECT_NEAR(run.wall_seconds, 10 * hour + 8 * 5 * minute + 10 * minute, 1e-6);
}

TEST(spot_simulation, a_job_that_cannot_get_on_never_ends) {
  const auto run =
      simulate_spot(training(10 * hour, 5 * minute, 10 * minute), {5 * minute, 0, "", false}, {20 * hour}, 1);
  EXPECT_FALSE(run.front().ended());
}

availability_trace trace_of(std::vector<int> available, double step = 600) {
  availability_trace trace;
  trace.name = "trace.csv";
  trace.step_seconds = step;
  trace.available = std::move(available);
  return trace;
}

TEST(availability, gives_stretches_and_repeats) {
  const auto trace = trace_of({2, 2, 0, 1}, 10);
  const availability one(trace, 1), two(trace, 2);
  EXPECT_TRUE(one.at(5).up);
  EXPECT_DOUBLE_EQ(one.at(5).until_seconds, 20);
  EXPECT_FALSE(one.at(25).up);
  EXPECT_TRUE(one.at(30).up);
  EXPECT_DOUBLE_EQ(one.at(45).until_seconds, 60) << "the next round";
  EXPECT_FALSE(two.at(35).up) << "one is not enough for two";
  EXPECT_FALSE(availability(trace, 3).ever_up());
  EXPECT_DOUBLE_EQ(one.mean_up_seconds(), 30) << "10 s at the end and 20 s at the start are one stretch";
  EXPECT_DOUBLE_EQ(two.mean_up_seconds(), 20);
  EXPECT_TRUE(std::isinf(availability(trace_of({1, 1}), 1).mean_up_seconds()));
}

TEST(spot_simulation, on_a_trace_costs_its_gaps) {
  // Half of the time nothing is there: work that loses nothing takes twice as long.
  const auto half = trace_of({4, 0}, hour);
  spot_job job;
  const auto runs = simulate_spot(job, half, trace_correlation::correlated, std::vector<double>(200, 100 * hour), 1);
  EXPECT_NEAR(mean_wall(runs) / hour, 199.5, 1);
}

TEST(spot_simulation, independent_pools_are_lost_more_often_than_one_shared) {
  std::vector<int> history(1000, 4);
  for (std::size_t i = 0; i < history.size(); i += 20) history[i] = 0;
  const auto trace = trace_of(history);
  spot_job four;
  four.nodes = 4;
  const std::vector<double> work(300, 20 * hour);
  const double shared = mean_wall(simulate_spot(four, trace, trace_correlation::correlated, work, 1));
  const double apart = mean_wall(simulate_spot(four, trace, trace_correlation::independent, work, 1));
  EXPECT_NEAR(shared / (20 * hour), 20.0 / 19, 0.02);
  EXPECT_NEAR(apart / (20 * hour), std::pow(20.0 / 19, 4), 0.03) << "up where all four are: 0.95^4 of the time";
  EXPECT_THROW(simulate_spot(training(hour), trace_of({0, 0}), trace_correlation::correlated, work, 1), error);
}

TEST(interruption, a_month_s_share_gives_the_hazard) {
  // 1 - e^(-730 h / M) = 0.05
  EXPECT_NEAR(1 - std::exp(-730 * hour / mean_up_seconds_of(0.05)), 0.05, 1e-12);
}

TEST(interruption, takes_the_nearest_figure_and_says_which) {
  profiles::catalogue known;
  const auto row = [&](const char* region, const char* kind, std::optional<double> low, std::optional<double> high,
                       std::optional<double> hours) {
    profiles::spot_interruption r;
    r.provider = "acme";
    r.instance_type = "a1";
    r.region = region;
    r.kind = kind;
    r.monthly_low_fraction = low;
    r.monthly_high_fraction = high;
    r.mean_hours_between_preemptions = hours;
    r.origin = {"advisor", "2025-06-28", "", {}};
    known.spot_interruptions.push_back(r);
  };
  EXPECT_TRUE(interruption_of(known, "acme", "a1", "east", {}).assumed);
  row("west", "vendor band", 0.2, {}, {});
  EXPECT_DOUBLE_EQ(interruption_of(known, "acme", "a1", "east", {}).mean_up_seconds,
                   mean_up_seconds_of(open_band_fraction));
  row("east", "vendor band", 0.05, 0.1, {});
  EXPECT_DOUBLE_EQ(interruption_of(known, "acme", "a1", "east", {}).mean_up_seconds, mean_up_seconds_of(0.1));
  row("east", "measured availability trace", {}, {}, 1);
  EXPECT_DOUBLE_EQ(interruption_of(known, "acme", "a1", "east", {}).mean_up_seconds, mean_up_seconds_of(0.1))
      << "probes of availability are no lives of instances";
  row("west", "measured preemption trace", {}, {}, 3);
  known.spot_interruptions.back().availability_fraction = 0.75;
  const auto traced = interruption_of(known, "acme", "a1", "east", {});
  EXPECT_DOUBLE_EQ(traced.mean_up_seconds, 3 * hour);
  EXPECT_DOUBLE_EQ(traced.mean_down_seconds, 1 * hour);
  EXPECT_NE(traced.basis.find("advisor"), std::string::npos);
  EXPECT_DOUBLE_EQ(interruption_of(known, "acme", "a1", "east", 0.5).mean_up_seconds, mean_up_seconds_of(0.5));
}

class trace_file : public ::testing::Test {
 protected:
  std::string write(const std::string& content) { return folder_.write("trace.csv", content).string(); }
  void refuse(const std::string& content, const std::string& says) {
    try {
      load_availability_trace(write(content));
      FAIL() << "accepted: " << content;
    } catch (const error& refused) {
      EXPECT_EQ(refused.kind(), error_kind::input);
      EXPECT_NE(refused.describe().find(says), std::string::npos) << refused.describe();
    }
  }

 private:
  temporary_folder folder_;
};

TEST_F(trace_file, is_read) {
  const auto trace = load_availability_trace(write("time_seconds,available\n0,4\n300,0\n600,2\n"));
  EXPECT_DOUBLE_EQ(trace.step_seconds, 300);
  EXPECT_EQ(trace.available, (std::vector<int>{4, 0, 2}));
  EXPECT_DOUBLE_EQ(trace.duration_seconds(), 900);
}

TEST_F(trace_file, that_is_wrong_is_refused_with_its_place) {
  refuse("time_ms,available\n0,4\n300,0\n", "time_seconds");
  refuse("time_seconds,available\n0,4\n", "two rows");
  refuse("time_seconds,available\n0,4\n300,1\n200,1\n", ":4:1: time 200 does not come after 300");
  refuse("time_seconds,available\n0,4\n300,1\n1200,1\n", ":4:1: 900 s after");
  refuse("time_seconds,available\n0,4\n300,-1\n", ":3:5: -1 is not a number of instances");
  refuse("time_seconds,available\n0,4\n300,0.5\n", "0.5 is not");
  refuse("time_seconds,available\n0,0\n300,0\n", "nothing is ever available");
  refuse("time_seconds,available\n0,4\n300,\n", "available");
}

TEST(availability, a_stretch_that_is_up_at_the_end_and_at_the_start_is_one) {
  // Up in [0, 20), down in [20, 30), up in [30, 40), round after round: up from 30 to 60 without a loss at 40.
  availability_trace trace;
  trace.step_seconds = 10;
  trace.available = {2, 2, 0, 1};
  const availability pool(trace, 1);
  EXPECT_TRUE(pool.at(35).up);
  EXPECT_EQ(pool.at(35).until_seconds, 60);
  EXPECT_EQ(pool.at(45).until_seconds, 60);
  EXPECT_EQ(pool.at(65).until_seconds, 70);
  EXPECT_FALSE(pool.at(65).up);
  EXPECT_EQ(pool.mean_up_seconds(), 30);
}

}  // namespace
}  // namespace gpubench::cost
