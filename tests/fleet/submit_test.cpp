#include "fleet/submit.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleet/record.hpp"
#include "tests/fleet/submitting.hpp"

namespace gpubench::fleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(submitting, hands_over_every_task_once) {
  auto what = opened();
  submit_all(what, note());
  submit_all(what, note());
  auto later = opened();
  submit_all(later, note());
  EXPECT_THAT(told, ElementsAre("submitted night-3f9a12c4-p5-48xlarge-1"));
  EXPECT_THAT(engine.taken.at("night-3f9a12c4-p5-48xlarge-1").tasks, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(later.submitted.submissions.front().id, "id of night-3f9a12c4-p5-48xlarge-1");
}

TEST_F(submitting, what_a_copy_of_its_folder_handed_over_is_not_handed_over_again) {
  auto what = opened();
  auto copy = opened();
  submit_all(what, note());
  submit_all(copy, note());
  EXPECT_THAT(told, ElementsAre("submitted night-3f9a12c4-p5-48xlarge-1", "of a copy night-3f9a12c4-p5-48xlarge-1"));
  EXPECT_THAT(engine.tried, ElementsAre("night-3f9a12c4-p5-48xlarge-1"));
  const auto later = opened();
  EXPECT_EQ(later.submitted.submissions.front().id, "id of night-3f9a12c4-p5-48xlarge-1");
  EXPECT_EQ(later.submitted.submissions.front().submitted_at, "") << "nobody noted here when that was";
  // Likewise of what is done again.
  submit_again(what, {{"p5-48xlarge", {1}}}, note());
  submit_again(copy, {{"p5-48xlarge", {1}}}, note());
  EXPECT_EQ(engine.tried.size(), 2U);
}

TEST_F(submitting, killed_before_the_id_was_noted_it_finds_what_the_engine_has) {
  engine.dies_after = true;
  auto what = opened();
  EXPECT_THROW(submit_all(what, note()), scripted_engine::killed);
  engine.dies_after = false;
  auto later = opened();
  EXPECT_EQ(later.submitted.submissions.front().id, "");
  submit_all(later, note());
  EXPECT_THAT(told, ElementsAre("found night-3f9a12c4-p5-48xlarge-1"));
  EXPECT_EQ(engine.taken.size(), 1U);
}

TEST_F(submitting, refused_it_is_called_again_with_the_same_key) {
  engine.fails_before = true;
  auto what = opened();
  EXPECT_THROW(submit_all(what, note()), error);
  engine.fails_before = false;
  auto later = opened();
  EXPECT_TRUE(later.submitted.submissions.front().refused);
  submit_all(later, note());
  EXPECT_THAT(told, ElementsAre("submitted night-3f9a12c4-p5-48xlarge-1"));
  EXPECT_EQ(engine.taken.size(), 1U);
  EXPECT_EQ(later.submitted.submissions.size(), 1U);
}

TEST_F(submitting, killed_after_a_refusal_it_is_no_longer_the_refused_one) {
  engine.fails_before = true;
  auto what = opened();
  what.submitted.submissions.clear();
  EXPECT_THROW(submit_all(what, note()), error);
  auto first = opened();
  first.submitted.submissions.front().submitted_at = "2026-11-27T00:00:00Z";
  engine.fails_before = false;
  engine.dies_after = true;
  EXPECT_THROW(submit_all(first, note()), scripted_engine::killed);
  const auto left = opened().submitted.submissions.front();
  EXPECT_FALSE(left.refused);
  EXPECT_GT(left.submitted_at, "2026-11-27T00:00:00Z") << "the time of the last call";
}

TEST_F(submitting, tasks_apart_have_a_key_each) {
  engine.apart = true;
  auto what = opened();
  submit_all(what, note());
  EXPECT_EQ(told.size(), 4U);
  EXPECT_THAT(engine.taken.at("night-3f9a12c4-p5-48xlarge-3").tasks, ElementsAre(2));
}

TEST_F(submitting, a_host_that_is_down_keeps_no_other_from_its_task) {
  engine.apart = true;
  engine.refused = {"night-3f9a12c4-p5-48xlarge-2"};
  auto what = opened();
  EXPECT_THROW(submit_all(what, note()), error);
  EXPECT_EQ(engine.taken.size(), 3U);
  engine.refused.clear();
  auto later = opened();
  submit_all(later, note());
  EXPECT_EQ(engine.taken.size(), 4U);
  EXPECT_EQ(told.back(), "submitted night-3f9a12c4-p5-48xlarge-2");
}

TEST_F(submitting, nothing_is_handed_over_where_results_of_another_campaign_lie) {
  auto what = opened();
  what.of.results = made.path() / "shared";
  const auto lies_there = [&](const std::filesystem::path& results, const std::string& campaign, int task) {
    const task_files files(results, "p5-48xlarge", task);
    std::filesystem::create_directories(files.folder);
    save_record(files.record, {campaign, "p5-48xlarge", task, "node1", 1, "2026-11-22T10:10:00Z", {}, {}, {}});
    return files;
  };
  lies_there(what.of.results, what.of.id, 0);  // of a task by hand
  for (const auto& results : {what.of.results, made.path() / "results"}) {
    const auto files = lies_there(results, "other-00000000", 3);
    try {
      submit_all(what, note());
      ADD_FAILURE() << "it was handed over";
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::input);
      EXPECT_EQ(e.where().file, files.record.string());
      EXPECT_THAT(e.what(), testing::HasSubstr("in campaign other-00000000, not of task 3 of p5-48xlarge in night-"));
      EXPECT_THAT(e.hint(), testing::HasSubstr(files.folder.string()));
    }
    write_file_atomically(files.record, "{");
    EXPECT_THROW(submit_all(what, note()), error) << "its node does not understand it";
    EXPECT_THAT(engine.tried, IsEmpty());
    std::filesystem::remove(files.record);
  }
  submit_all(what, note());
  EXPECT_THAT(told, ElementsAre("submitted night-3f9a12c4-p5-48xlarge-1"));
  // What was handed over is collect's to tell.
  lies_there(what.of.results, "other-00000000", 3);
  submit_all(what, note());
  EXPECT_EQ(told.size(), 1U);
}

/// Eight hosts of which those of tasks 2 to 5 are down.
class submitting_to_dead_hosts : public submitting {
 protected:
  submitting_to_dead_hosts() {
    engine.apart = true;
    for (int task = 2; task < 6; ++task) engine.refused.insert(key_of(task));
  }
  static std::string key_of(int task) { return "night-3f9a12c4-p5-48xlarge-" + std::to_string(task + 1); }

  /// @return what the failure says
  std::string submit() {
    auto what = opened(8);
    engine.tried.clear();
    try {
      submit_all(what, note());
    } catch (const error& e) {
      return e.what();
    }
    ADD_FAILURE() << "nothing failed";
    return "";
  }
  std::set<int> taken() const {
    std::set<int> tasks;
    for (const auto& [key, one] : engine.taken) tasks.insert(one.tasks.front());
    return tasks;
  }
};

TEST_F(submitting_to_dead_hosts, all_others_have_their_tasks_at_the_first_call) {
  engine.hosts_apart = true;
  EXPECT_EQ(submit(), "out of quota; not handed over: p5-48xlarge 2-5");
  EXPECT_THAT(taken(), ElementsAre(0, 1, 6, 7));
  EXPECT_EQ(submit(), "out of quota; not handed over: p5-48xlarge 2-5");
  EXPECT_THAT(engine.tried, ElementsAre(key_of(2), key_of(3), key_of(4), key_of(5)));
}

TEST_F(submitting_to_dead_hosts, a_service_that_fails_three_times_is_left_and_what_is_new_has_its_turn_first) {
  EXPECT_EQ(submit(), "out of quota; not handed over: p5-48xlarge 2-4; not tried after that: p5-48xlarge 5-7");
  EXPECT_THAT(taken(), ElementsAre(0, 1));
  EXPECT_EQ(submit(), "out of quota; not handed over: p5-48xlarge 2-5");
  EXPECT_THAT(taken(), ElementsAre(0, 1, 6, 7));
  EXPECT_EQ(engine.tried.front(), key_of(5)) << "the first that was not tried before";
}

TEST_F(submitting, why_a_task_was_not_handed_over_stays_known_until_it_is) {
  engine.apart = true;
  engine.refused = {"night-3f9a12c4-p5-48xlarge-2"};
  auto what = opened();
  EXPECT_THROW(submit_all(what, note()), error);
  EXPECT_EQ(opened().submitted.submissions[1].problem, "out of quota");
  EXPECT_EQ(opened().submitted.submissions[0].problem, "");
  engine.refused.clear();
  auto later = opened();
  submit_all(later, note());
  EXPECT_EQ(opened().submitted.submissions[1].problem, "");
}

TEST_F(submitting, each_host_has_its_own_reason) {
  engine.apart = engine.hosts_apart = true;
  engine.refused = {"night-3f9a12c4-p5-48xlarge-1", "night-3f9a12c4-p5-48xlarge-3", "night-3f9a12c4-p5-48xlarge-4"};
  engine.why = {{"night-3f9a12c4-p5-48xlarge-3", "connection refused"}};
  auto what = opened();
  what.of.jobs.front().hosts = {"a", "b", "c", "d"};
  try {
    submit_all(what, note());
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_STREQ(e.what(),
                 "out of quota; not handed over: p5-48xlarge 0,3 (a, d); connection refused; not handed over: "
                 "p5-48xlarge 2 (c)");
  }
}

TEST_F(submitting, again_it_has_another_key_and_only_the_tasks_named) {
  auto what = opened();
  submit_all(what, note());
  submit_again(what, {{"p5-48xlarge", {1, 3}}}, note());
  EXPECT_THAT(engine.taken.at("night-3f9a12c4-p5-48xlarge-2").tasks, ElementsAre(1, 3));
  EXPECT_EQ(what.submitted.last_of("p5-48xlarge", 3)->key, "night-3f9a12c4-p5-48xlarge-2");
  EXPECT_EQ(what.submitted.last_of("p5-48xlarge", 2)->key, "night-3f9a12c4-p5-48xlarge-1");
}

TEST_F(submitting, of_several_that_were_begun_of_a_task_only_the_last_is_completed) {
  auto what = opened();
  const auto key = [](int number) { return "night-3f9a12c4-p5-48xlarge-" + std::to_string(number); };
  const auto begun = [&](int number, std::vector<int> tasks, const std::string& id) {
    what.submitted.submissions.push_back(
        {"p5-48xlarge", std::move(tasks), key(number), id, "2026-11-27T00:00:00Z", id.empty()});
  };
  begun(1, {0, 1, 2, 3}, "17");
  begun(2, {1}, "");
  begun(3, {1, 2, 3}, "");
  begun(4, {2}, "18");
  submit_all(what, note());
  EXPECT_THAT(told, ElementsAre("submitted " + key(3)));
  EXPECT_THAT(engine.taken.at(key(3)).tasks, ElementsAre(1, 3)) << "2 is with the engine";
  EXPECT_THAT(opened().submitted.submissions[2].tasks, ElementsAre(1, 3));
}

TEST_F(submitting, an_entry_that_was_taken_out_of_the_state_gives_no_key_away) {
  engine.apart = true;
  auto what = opened();
  submit_all(what, note());
  what.submitted.submissions.erase(what.submitted.submissions.begin());
  submit_all(what, note());
  EXPECT_EQ(told.back(), "submitted night-3f9a12c4-p5-48xlarge-5");
  EXPECT_EQ(engine.taken.size(), 5U);
}

TEST_F(submitting, without_its_manifests_nothing_is_submitted) {
  std::filesystem::remove(made.path() / "all.txt");
  auto what = opened();
  try {
    submit_all(what, note());
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_NE(e.describe().find("all.txt"), std::string::npos) << e.describe();
  }
  EXPECT_THAT(told, IsEmpty());
  EXPECT_THAT(opened().submitted.submissions, IsEmpty());
}

TEST_F(submitting, tasks_follow_the_others_of_their_campaign) {
  engine.goes_to = {{"context", "lab"}};
  engine.dies_after = true;
  auto what = opened();
  EXPECT_THROW(submit_all(what, note()), scripted_engine::killed);
  engine.dies_after = false;
  engine.goes_to = {{"context", "prod"}};
  auto later = opened();
  EXPECT_EQ(later.submitted.submissions.front().place, (engine_place{{"context", "lab"}}));
  submit_all(later, note());
  submit_again(later, {{"p5-48xlarge", {2}}}, note());
  EXPECT_EQ(opened().submitted.submissions.back().place, (engine_place{{"context", "lab"}}));
}

TEST_F(submitting, what_was_refused_may_go_elsewhere) {
  engine.goes_to = {{"context", "lab"}};
  engine.fails_before = true;
  auto what = opened();
  EXPECT_THROW(submit_all(what, note()), error);
  engine.fails_before = false;
  engine.goes_to = {{"context", "prod"}};
  auto later = opened();
  submit_all(later, note());
  EXPECT_EQ(later.submitted.submissions.front().place, (engine_place{{"context", "prod"}}));
}

TEST_F(submitting, without_its_state_nothing_is_known_and_nothing_handed_over) {
  auto what = opened();
  submit_all(what, note());
  const auto file = made.path() / state_file_name;
  write_file_atomically(file, "{\"schema\": \"gpubench.fl");
  const auto refused = [&](const char* why) {
    try {
      static_cast<void>(opened());
      ADD_FAILURE() << why;
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::input);
      EXPECT_NE(e.hint().find("bring it back"), std::string::npos) << e.describe();
    }
  };
  refused("it is cut");
  std::filesystem::remove(file);
  refused("it is gone");
}

TEST_F(submitting, a_state_of_another_campaign_is_refused) {
  auto what = opened();
  submit_all(what, note());
  auto other = sample_campaign();
  other.id = "day-2";
  EXPECT_THROW(load_state(made.path(), other), error);
}

TEST_F(submitting, a_state_that_tells_of_what_the_campaign_has_not_is_refused_at_its_place) {
  const auto refused = [&](const submission& one, const char* path, const char* why) {
    save_state(made.path(), {sample_campaign().id, {one}});
    try {
      static_cast<void>(load_state(made.path(), sample_campaign()));
      ADD_FAILURE() << why;
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::input);
      EXPECT_GT(e.where().line, 0U);
      EXPECT_NE(e.describe().find(path), std::string::npos) << e.describe();
      EXPECT_NE(e.describe().find(why), std::string::npos) << e.describe();
    }
  };
  const submission right{"p5-48xlarge", {0, 3}, "key", "id", "2026-11-22T10:00:00Z"};
  save_state(made.path(), {sample_campaign().id, {right}});
  EXPECT_EQ(load_state(made.path(), sample_campaign()).submissions, std::vector{right});
  auto wrong = right;
  wrong.job = "g6";
  refused(wrong, "submissions[0].job", "has no such job");
  wrong = right;
  wrong.tasks = {0, 4};
  refused(wrong, "submissions[0].tasks[1]", "has 4 tasks");
  wrong.tasks = {1, 1};
  refused(wrong, "submissions[0].tasks[1]", "is 1 twice");
  wrong = right;
  wrong.submitted_at = "yesterday";
  refused(wrong, "submissions[0].submitted_at", "'yesterday', no time in UTC");
}

TEST_F(submitting, one_command_at_a_time) {
  const auto first = lock_state(made.path());
  EXPECT_THROW(lock_state(made.path()), error);
}

}  // namespace
}  // namespace gpubench::fleet
