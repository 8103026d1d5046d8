#include "fleet/slurm_queue.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench::fleet {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// As squeue of Slurm 22.05 printed it.
constexpr const char* squeue_said =
    "1|0|COMPLETED|node1|None|1795748994|1795748996|0|0|night-1\n"
    "1|2|FAILED|node2|NonZeroExitCode|1795748994|1795748996|2304|0|night-1\n"
    "1|3|PENDING||Priority|N/A|N/A|0|0|night-1\n"
    "1|4|RUNNING|node3|None|1795748994|1795752594|0|0|night-1\n"
    "1|5|OUT_OF_MEMORY|node4|OutOfMemory|1795748994|1795748999|9|2|night-1\n";

TEST(squeue, tells_state_node_reason_and_times) {
  const auto tasks = parse_squeue(squeue_said);
  ASSERT_EQ(tasks.size(), 5U);
  const auto done = status_of(tasks[0], "a");
  EXPECT_EQ(done.state, task_state::ended);
  EXPECT_EQ(tasks[0].name, "night-1");
  EXPECT_EQ(done.node, "node1");
  EXPECT_EQ(done.reason, "");
  EXPECT_EQ(done.started_at, "2026-11-27T03:09:54Z");
  EXPECT_EQ(done.ended_at, "2026-11-27T03:09:56Z");
  const auto failed = status_of(tasks[1], "a");
  EXPECT_EQ(failed.index, 2);
  EXPECT_EQ(failed.state, task_state::failed);
  EXPECT_EQ(failed.reason, "FAILED, NonZeroExitCode, exit code 9");
  const auto waits = status_of(tasks[2], "a");
  EXPECT_EQ(waits.state, task_state::waiting);
  EXPECT_EQ(waits.reason, "Priority");
  EXPECT_FALSE(waits.started_at);
  const auto runs = status_of(tasks[3], "a");
  EXPECT_EQ(runs.state, task_state::running);
  EXPECT_FALSE(runs.ended_at) << "only foreseen";
  EXPECT_EQ(status_of(tasks[4], "a").reason, "OUT_OF_MEMORY, OutOfMemory, signal 9");
  EXPECT_TRUE(status_of(tasks[4], "a").restarted);
  EXPECT_FALSE(done.restarted);
}

TEST(squeue, is_asked_of_hidden_partitions_and_of_the_cluster_alone_that_has_the_jobs) {
  const auto words = squeue_words({"night-1"});
  EXPECT_THAT(words, Contains("--all"));
  EXPECT_THAT(words, Contains("--unset=SLURM_CLUSTERS"));
  EXPECT_THAT(words, Not(Contains(HasSubstr("--clusters"))));
  EXPECT_THAT(squeue_words({"night-1"}, "east"), Contains("--clusters=east"));
  EXPECT_THAT(sacct_words({"night-1"}, "east"), Contains("--clusters=east"));
  EXPECT_EQ(parse_squeue("CLUSTER: east\n1|0|RUNNING|node1|None|N/A|N/A|0|0|night-1\n").size(), 1U);
}

TEST(squeue, a_job_that_another_cluster_of_the_federation_took_has_not_failed) {
  const auto status = status_of(parse_squeue("1|0|REVOKED||None|N/A|N/A|0|0|night-1").front(), "a");
  EXPECT_EQ(status.state, task_state::waiting);
  EXPECT_EQ(status.reason, "REVOKED");
}

TEST(squeue, a_job_that_was_held_after_it_ended_waits) {
  const auto status = status_of(parse_squeue("1|0|SPECIAL_EXIT||JobHeldUser|N/A|N/A|0|1|night-1").front(), "a");
  EXPECT_EQ(status.state, task_state::waiting);
  EXPECT_EQ(status.reason, "SPECIAL_EXIT, JobHeldUser");
}

TEST(squeue, lines_of_another_form_are_refused) {
  EXPECT_TRUE(parse_squeue("\n").empty());
  EXPECT_THROW(parse_squeue("1|0|COMPLETED\n"), error);
}

TEST(sacct, tells_of_jobs_that_the_controller_has_forgotten) {
  const auto tasks = parse_sacct(
      "17_3|CANCELLED by 1000|None assigned|Unknown|1795748996|0:0|night-1\n"
      "18|FAILED|node[1-2]|1795748994|1795748996|9:0|night-2\n");
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].id, "17");
  EXPECT_EQ(tasks[0].index, 3);
  EXPECT_EQ(tasks[1].name, "night-2");
  EXPECT_EQ(status_of(tasks[0], "a").state, task_state::failed);
  EXPECT_EQ(status_of(tasks[0], "a").reason, "CANCELLED");
  EXPECT_EQ(status_of(tasks[0], "a").node, "");
  EXPECT_EQ(tasks[1].index, std::nullopt) << "a job without an array";
  EXPECT_EQ(parse_sacct("14_[0-1]|CANCELLED by 0|None assigned|Unknown|Unknown|0:0|night-1\n").at(0).index,
            std::nullopt);
  EXPECT_EQ(status_of(tasks[1], "a").reason, "FAILED, exit code 9");
}

TEST(sacct, of_a_task_that_was_requeued_the_last_start_counts) {
  const auto tasks = parse_sacct(
      "17_3|NODE_FAIL|node1|1795748994|1795748996|0:0|night-1\n"
      "17_4|COMPLETED|node3|1795748994|1795748996|0:0|night-1\n"
      "17_3|COMPLETED|node2|1795749994|1795749996|0:0|night-1\n");
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].node, "node2");
  EXPECT_EQ(status_of(tasks[0], "a").state, task_state::ended);
  EXPECT_TRUE(status_of(tasks[0], "a").restarted);
  EXPECT_FALSE(status_of(tasks[1], "a").restarted);
}

TEST(scontrol, tells_how_long_jobs_are_remembered) {
  using std::chrono::seconds;
  EXPECT_EQ(
      parse_min_job_age("MessageTimeout          = 10 sec\nMinJobAge               = 300 sec\nMpiDefault = none\n"),
      seconds(300));
  EXPECT_EQ(parse_min_job_age("MinJobAge               = 0 sec\n"), seconds(0));
  EXPECT_FALSE(parse_min_job_age("MinJobAge = many\nOther = 3 sec\n"));
  EXPECT_FALSE(parse_min_job_age(""));
  EXPECT_EQ(parse_cluster_name("BOOT_TIME = now\nClusterName             = east\n"), "east");
  EXPECT_EQ(parse_cluster_name("MinJobAge = 3 sec\n"), "");
  EXPECT_FALSE(parse_min_job_age(""));
}

TEST(scontrol, tells_what_users_may_not_see_of_each_other) {
  EXPECT_EQ(parse_private_data("PrivateData             = accounts,jobs\n"),
            (std::set<std::string>{"accounts", "jobs"}));
  EXPECT_EQ(parse_private_data("PrivateData             = none\n"), (std::set<std::string>{"none"}));
  EXPECT_FALSE(parse_private_data("MinJobAge = 3 sec\n"));
}

TEST(sacct, is_asked_of_all_users) {
  EXPECT_THAT(sacct_words({"night-1"}), Contains("--allusers"));
}

TEST(squeue, a_state_that_is_not_known_is_said_as_it_is) {
  const auto status = status_of(parse_squeue("1|0|TELEPORTED||None|N/A|N/A|0|0|night-1").front(), "a");
  EXPECT_EQ(status.state, task_state::unknown);
  EXPECT_EQ(status.reason, "TELEPORTED, a state of Slurm that gpubench does not know");
  EXPECT_FALSE(status.can_be_repeated) << "it is there, and may go on";
}

}  // namespace
}  // namespace gpubench::fleet
