#include "fleet/slurm_jobs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleet/engine.hpp"
#include "tests/fleet/sample_campaign.hpp"

namespace gpubench::fleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::pair<std::string, std::vector<int>>> by_hand(const char* squeue_said,
                                                              const std::string& cluster = {}) {
  std::vector<std::pair<std::string, std::vector<int>>> all;
  for (const auto& one : slurm_jobs_by_hand(parse_squeue(squeue_said), sample_campaign().jobs.front(), cluster)) {
    EXPECT_EQ(one.key, "night");
    EXPECT_EQ(one.submitted_at, "");
    all.emplace_back(one.id, one.tasks);
  }
  return all;
}

TEST(slurm_jobs, by_hand_are_each_listed_in_the_order_of_their_numbers) {
  constexpr const char* said =
      "10|1|RUNNING|node1|None|N/A|N/A|0|0|night\n"
      "9|0|FAILED|node1|NonZeroExitCode|1795748994|1795748996|2304|0|night\n"
      "9|1|COMPLETED|node2|None|1795748994|1795748996|0|0|night\n"
      "10|7|RUNNING|node1|None|N/A|N/A|0|0|night\n";
  using testing::Pair;
  EXPECT_THAT(by_hand(said), ElementsAre(Pair("9", ElementsAre(0, 1)), Pair("10", ElementsAre(1))));
  EXPECT_THAT(by_hand(said, "east"), ElementsAre(Pair("9;east", testing::_), Pair("10;east", testing::_)));
  EXPECT_THAT(by_hand("11|N/A|RUNNING|node1|None|N/A|N/A|0|0|night\n"),
              ElementsAre(Pair("11", ElementsAre(0, 1, 2, 3))));
}

TEST(slurm_jobs, what_was_cancelled_before_it_began_is_none) {
  EXPECT_THAT(by_hand("9|N/A|CANCELLED||Priority|1795748994|1795748994|0|0|night\n"
                      "10|1|CANCELLED||None|1795748994|1795748994|0|0|night\n"),
              IsEmpty());
  EXPECT_EQ(by_hand("9|1|CANCELLED|node1|None|1795748994|1795748999|0|0|night\n").size(), 1U);
}

TEST(slurm_jobs, the_number_of_a_submission_tells_its_tasks_from_others_of_its_name) {
  const auto task = parse_squeue("10|1|RUNNING|node1|None|N/A|N/A|0|0|night\n").front();
  submission what;
  what.key = "night";
  EXPECT_TRUE(is_of(task, what));
  for (const char* id : {"10", "10;east", "night"}) {
    what.id = id;
    EXPECT_TRUE(is_of(task, what)) << id;
  }
  what.id = "9";
  EXPECT_FALSE(is_of(task, what));
  what.id = "10";
  what.key = "day";
  EXPECT_FALSE(is_of(task, what));
}

std::string refused(const char* squeue_said, std::vector<int> tasks, bool all) {
  submission what;
  what.key = "night-2";
  what.tasks = std::move(tasks);
  try {
    require_tasks_of(parse_squeue(squeue_said), what, all);
  } catch (const submission_refused& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_THAT(e.hint(), HasSubstr("go on in that folder"));
    return e.what();
  }
  return "";
}

TEST(slurm_jobs, with_other_tasks_under_a_key_are_of_a_copy) {
  constexpr const char* of_task_0 = "83|0|RUNNING|node1|None|N/A|N/A|0|0|night-2\n";
  EXPECT_EQ(refused(of_task_0, {1}, true),
            "a copy of this campaign's folder handed over task 0 under the key night-2, as Slurm's job 83, which here "
            "is of task 1");
  EXPECT_THAT(refused(of_task_0, {1}, false), HasSubstr("task 0"));
  EXPECT_THAT(refused(of_task_0, {0, 1}, true), HasSubstr("of tasks 0-1"));
  EXPECT_EQ(refused(of_task_0, {0, 1}, false), "") << "of its own Slurm may have forgotten one";
  EXPECT_EQ(refused(of_task_0, {0}, true), "");
  EXPECT_EQ(refused("83|N/A|CANCELLED||None|N/A|N/A|0|0|night-2\n", {0, 1}, true), "");
}

}  // namespace
}  // namespace gpubench::fleet
