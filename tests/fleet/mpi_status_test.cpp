#include "fleet/mpi_status.hpp"

#include "core/units.hpp"

#include <gtest/gtest.h>

#include "tests/fleet/sample_campaign.hpp"

namespace gpubench::fleet {
namespace {

/// Of a task that was handed over at 10:00:00.
class mpi_status : public testing::Test {
 protected:
  mpi_status() { of.jobs[0].hosts = {"a", "b", "c", "d"}; }
  task_status said_at(const char* time) const {
    const std::chrono::seconds since(static_cast<long long>(*parse_utc_seconds(time)));
    return status_of(answer, of, last, 3, std::chrono::system_clock::time_point(since));
  }
  void has_record(const std::string& started_at, std::optional<int> exit_code) {
    answer.says.asked_at = "2026-11-22T10:00:20Z";
    answer.says.record = task_record{of.id, last.job, 3, "d", 1, started_at, {}, exit_code, {}};
    if (exit_code) answer.says.record->finished_at = "2026-11-22T10:00:10Z";
  }

  const submission last{"p5-48xlarge", {3}, "key", "a", "2026-11-22T10:00:00Z"};
  campaign of = sample_campaign();
  host_answer answer;
};

TEST_F(mpi_status, of_a_host_that_is_not_reached_nothing_is_known_and_nothing_done_again) {
  answer.problem = "not reached: Connection refused";
  const auto status = said_at("2026-11-22T10:00:20Z");
  EXPECT_EQ(status.state, task_state::unknown);
  EXPECT_TRUE(status.is_out_of_reach);
  EXPECT_FALSE(status.can_be_repeated);
  EXPECT_EQ(status.reason, "not reached: Connection refused");
  EXPECT_EQ(status.node, "d");
}

TEST_F(mpi_status, a_host_that_refuses_to_tell_was_reached) {
  answer.problem = "does not answer: error: 3.record.json: is no JSON";
  answer.is_refused = true;
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").state, task_state::unknown);
  EXPECT_FALSE(said_at("2026-11-22T10:00:20Z").is_out_of_reach);
}

TEST_F(mpi_status, what_another_campaign_left_is_not_the_tasks_own) {
  has_record("2026-11-22T10:00:05Z", 0);
  answer.says.record->campaign = "day-1";
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").state, task_state::failed);
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").reason,
            "in /shared/night/results/p5-48xlarge there lies what campaign day-1 measured: it was not begun");
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").ended_at, std::nullopt);
}

TEST_F(mpi_status, what_was_just_handed_over_has_a_minute_to_begin) {
  EXPECT_EQ(said_at("2026-11-22T10:00:06Z").state, task_state::waiting);
  EXPECT_EQ(said_at("2026-11-22T10:00:06Z").reason, "handed over 6 s ago, and not begun yet");
  EXPECT_EQ(said_at("2026-11-22T09:59:58Z").reason, "handed over 0 s ago, and not begun yet") << "a clock was set back";
  EXPECT_EQ(said_at("2026-11-22T10:01:00Z").state, task_state::failed);
  EXPECT_EQ(said_at("2026-11-22T10:01:00Z").reason,
            "it was not begun: see /shared/night/results/p5-48xlarge/3.log there");
  answer.says.running = true;
  EXPECT_EQ(said_at("2026-11-22T10:00:06Z").state, task_state::running);
}

TEST_F(mpi_status, how_an_earlier_start_ended_is_not_the_end_of_one_that_is_to_begin) {
  for (const auto exit_code : {std::optional(9), std::optional<int>()}) {
    has_record("2026-11-22T09:00:00Z", exit_code);
    EXPECT_EQ(said_at("2026-11-22T10:00:20Z").state, task_state::waiting);
    EXPECT_EQ(said_at("2026-11-22T10:02:00Z").state, task_state::failed);
  }
  has_record("2026-11-22T09:00:00Z", 0);
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").state, task_state::ended) << "what is done is not done again";
}

TEST_F(mpi_status, what_has_begun_since_and_failed_is_told_at_once) {
  has_record("2026-11-22T10:00:05Z", 9);
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").state, task_state::failed);
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").reason, "it ended with exit code 9");
  has_record("2026-11-22T10:00:05Z", std::nullopt);
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").reason, "it is gone, and did not end");
  // By a clock that is half an hour ahead.
  has_record("2026-11-22T10:30:04Z", 9);
  answer.node_ahead = std::chrono::minutes(30);
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").state, task_state::failed);
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").started_at, "2026-11-22T10:00:04Z");
  has_record("2026-11-22T10:20:00Z", 9);
  EXPECT_EQ(said_at("2026-11-22T10:00:20Z").state, task_state::waiting);
}

}  // namespace
}  // namespace gpubench::fleet
