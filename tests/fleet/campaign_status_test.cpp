#include "fleet/campaign_status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleet/record.hpp"
#include "tests/fleet/sample_campaign.hpp"
#include "tests/fleet/scripted_engine.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {
namespace {

using testing::ElementsAre;

class campaign_status : public testing::Test {
 protected:
  campaign_status() {
    what.folder = made.path();
    what.of = sample_campaign();
    what.of.results = made.path() / "shared";
    what.runs_on = &engine;
    what.submitted.campaign = what.of.id;
  }
  void submit(const std::vector<int>& tasks, const std::string& key, const std::string& id = "17",
              const std::string& problem = "", bool refused = false) {
    what.submitted.submissions.push_back({name, tasks, key, id, "2026-11-22T10:00:00Z", refused, problem});
  }
  std::vector<std::string> reasons() const {
    std::vector<std::string> all;
    for (const auto& one : statuses_of(what)) all.push_back(one.reason);
    return all;
  }

  const std::string name = "p5-48xlarge";
  temporary_folder made;
  scripted_engine engine;
  opened_campaign what;
};

TEST_F(campaign_status, has_every_task_in_order_by_its_last_submission) {
  submit({0, 1, 2, 3}, "k-1");
  submit({1}, "k-2");
  engine.says[{name, 1}] = {name, 1, task_state::running, "node2", "", {}, {}};
  std::vector<int> tasks;
  for (const auto& one : statuses_of(what)) tasks.push_back(one.index);
  EXPECT_THAT(tasks, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(statuses_of(what)[1].state, task_state::running);
}

TEST_F(campaign_status, says_of_each_that_was_not_handed_over_why_and_where_to) {
  what.of.jobs.front().hosts = {"a", "b", "c", "d"};
  submit({0}, "k-1");
  submit({1}, "k-2", "", "connection refused", true);
  submit({2}, "k-2", "", "connection broke");
  submit({3}, "k-3", "");
  what.of.jobs.front().nodes = 5;
  what.of.jobs.front().hosts.push_back("e");
  EXPECT_THAT(reasons(),
              ElementsAre("", "handing it over failed: connection refused; gpubench fleet submit tries it again",
                          "it may have been handed over: connection broke; gpubench fleet submit finds out",
                          "submission k-3 was begun: gpubench fleet submit completes it", "not submitted yet"));
  EXPECT_EQ(statuses_of(what)[2].node, "c");
}

TEST_F(campaign_status, an_exit_code_that_is_not_known_is_not_taken_for_0) {
  submit({0, 1}, "k-1");
  task_record one{what.of.id, name, 0, "node1", 1, "2026-11-22T10:10:00Z", "2026-11-22T10:12:00Z", {}, {}};
  for (int task = 0; task < 2; ++task)
    engine.says[{name, task}] = {name, task, task_state::unknown, "", "forgotten", {}, {}};
  std::filesystem::create_directories(what.of.results / name);
  save_record(task_files(what.of.results, name, 0).record, one);
  one.index = 1;
  one.exit_code = 137;
  save_record(task_files(what.of.results, name, 1).record, one);
  const auto said = reasons();
  EXPECT_THAT(said[0], testing::HasSubstr("ended on node1 at 2026-11-22T10:12:00Z with an exit code that its record "
                                          "does not have"));
  EXPECT_THAT(said[1], testing::HasSubstr("ended on node1 at 2026-11-22T10:12:00Z by signal 9"));
}

TEST_F(campaign_status, of_a_task_that_the_engine_has_forgotten_its_record_tells) {
  submit({0, 1, 2, 3}, "k-1");
  for (int task = 0; task < 3; ++task)
    engine.says[{name, task}] = {name, task, task_state::unknown, "", "forgotten", {}, {}};
  const task_record ended{what.of.id, name, 0, "node1", 1, "2026-11-22T10:10:00Z", "2026-11-22T10:12:00Z", 0, {}};
  auto runs = ended;
  runs.index = 1;
  runs.finished_at.reset();
  runs.exit_code.reset();
  auto others = ended;
  others.index = 2;
  others.campaign = "day-1";
  std::filesystem::create_directories(what.of.results / name);
  for (const auto& one : {ended, runs, others}) save_record(task_files(what.of.results, name, one.index).record, one);
  EXPECT_THAT(
      reasons(),
      ElementsAre("forgotten; its record says that it ended on node1 at 2026-11-22T10:12:00Z with exit "
                  "code 0: gpubench fleet collect holds its result against that",
                  "forgotten; its record says that it began on node1 at 2026-11-22T10:10:00Z", "forgotten", ""));
}

TEST_F(campaign_status, a_task_whose_record_tells_its_end_is_not_out_of_reach) {
  submit({0, 1, 2}, "k-1");
  for (int task = 0; task < 3; ++task) {
    engine.says[{name, task}] = {name, task, task_state::unknown, "", "not reached", {}, {}};
    engine.says[{name, task}].is_out_of_reach = true;
  }
  const task_record ended{what.of.id, name, 0, "node1", 1, "2026-11-22T10:10:00Z", "2026-11-22T10:12:00Z", 0, {}};
  auto before = ended;
  before.index = 1;
  before.started_at = "2026-11-22T09:00:00Z";
  before.finished_at = "2026-11-22T09:02:00Z";
  std::filesystem::create_directories(what.of.results / name);
  for (const auto& one : {ended, before}) save_record(task_files(what.of.results, name, one.index).record, one);
  const auto all = statuses_of(what);
  EXPECT_FALSE(all[0].is_out_of_reach);
  EXPECT_TRUE(all[1].is_out_of_reach) << "that was an earlier start";
  EXPECT_TRUE(all[2].is_out_of_reach);
}

TEST_F(campaign_status, of_what_could_not_be_handed_over_its_record_tells_too) {
  submit({0}, "k-1", "", "connection lost");
  const task_record ended{what.of.id, name, 0, "node1", 1, "2026-11-22T10:10:00Z", "2026-11-22T10:12:00Z", 0, {}};
  std::filesystem::create_directories(what.of.results / name);
  save_record(task_files(what.of.results, name, 0).record, ended);
  EXPECT_THAT(reasons()[0],
              testing::HasSubstr("connection lost; gpubench fleet submit finds out; its record says that it "
                                 "ended on node1"));
}

}  // namespace
}  // namespace gpubench::fleet
