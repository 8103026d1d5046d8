// What collecting makes of results, records and engines that cannot be seen or asked: nothing of it is paid for again.
#include "core/error.hpp"
#include "core/file.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "fleet/collection_file.hpp"
#include "fleet/seen_results.hpp"
#include "tests/fleet/collecting.hpp"

namespace gpubench::fleet {
namespace {

using testing::HasSubstr;

TEST_F(collecting, results_count_though_the_engine_cannot_be_asked) {
  std::filesystem::remove(files(3).record);
  std::filesystem::remove(files(3).result);
  engine.unreachable = true;
  const auto all = collected();
  EXPECT_EQ(all.engine_problem, "the engine does not answer");
  EXPECT_EQ(all.count(collected_state::measured), 3U);
  EXPECT_EQ(all.tasks[3].state, collected_state::unknown);
}

TEST_F(collecting, results_that_were_fetched_before_count_though_no_more_can_be) {
  std::filesystem::remove(files(3).record);
  std::filesystem::remove(files(3).result);
  engine.fetch_fails = error_kind::environment;
  const auto all = collected();
  EXPECT_EQ(all.engine_problem, "the results are out of reach");
  EXPECT_EQ(all.count(collected_state::measured), 3U);
  // It may have left a result: nobody shall pay for it twice.
  EXPECT_EQ(all.tasks[3].state, collected_state::unknown);
  EXPECT_THAT(all.tasks[3].reason, HasSubstr("was not fetched"));
  engine.fetch_fails = error_kind::io;
  EXPECT_THROW(collected(), error);
}

TEST_F(collecting, before_anything_is_handed_over_no_results_can_be_missed) {
  what.submitted.submissions.clear();
  engine.fetch_fails = error_kind::environment;
  EXPECT_EQ(collected().engine_problem, std::nullopt);
}

TEST_F(collecting, results_that_are_out_of_reach_leave_the_index_that_knows_more) {
  const auto all = collected();
  ASSERT_TRUE(save_unless_poorer(made.path(), all));
  auto poorer = all;
  poorer.tasks[1].state = collected_state::unknown;
  poorer.engine_problem = "the results are out of reach";
  EXPECT_FALSE(save_unless_poorer(made.path(), poorer));
  EXPECT_EQ(load_collection(made.path()), all);
  auto same = all;
  same.engine_problem = poorer.engine_problem;
  EXPECT_TRUE(save_unless_poorer(made.path(), same)) << "as much is known";
  poorer.engine_problem.reset();
  EXPECT_FALSE(save_unless_poorer(made.path(), poorer)) << "nobody knows what became of it";
  poorer.tasks[1].state = collected_state::running;
  EXPECT_TRUE(save_unless_poorer(made.path(), poorer)) << "it was begun again";
  poorer.campaign = "another";
  poorer.engine_problem = "the results are out of reach";
  poorer.tasks.clear();
  EXPECT_TRUE(save_unless_poorer(made.path(), poorer));
}

TEST_F(collecting, a_result_that_was_collected_and_left_nothing_is_not_paid_for_again) {
  save_collection(made.path(), collected());
  for (int task = 0; task < 3; ++task) std::filesystem::remove(files(task).record);
  for (int task = 0; task < 3; ++task) std::filesystem::remove(files(task).result);
  engine.says[{name, 1}] = {name, 1, task_state::failed, "node2", "exit code 9", {}, {}};
  std::ofstream(files(2).log) << "begun again\n";
  const auto all = collected();
  for (const std::size_t task : {0U, 1U}) {
    EXPECT_EQ(all.tasks[task].state, collected_state::unknown);
    EXPECT_FALSE(can_be_done_again(all.tasks[task]));
    EXPECT_THAT(all.tasks[task].reason, HasSubstr("is the file system of results mounted?"));
  }
  EXPECT_EQ(all.tasks[2].state, collected_state::failed) << "its log is there";
  EXPECT_FALSE(save_unless_poorer(made.path(), all));
  std::filesystem::remove(made.path() / collection_file_name);
  EXPECT_EQ(collected(0).state, collected_state::failed);
  EXPECT_TRUE(can_be_done_again(collected(0)));
}

TEST_F(collecting, what_the_engine_may_only_be_asked_for_in_vain_is_not_done_again) {
  std::filesystem::remove(files(0).record);
  std::filesystem::remove(files(0).result);
  record(1, [](task_record& one) { one.exit_code = 9; });
  for (const int task : {0, 1, 2}) {
    task_status said{name, task, task_state::unknown, "", "is this the cluster?", {}, {}};
    said.can_be_repeated = false;
    engine.says[{name, task}] = said;
  }
  const auto all = collected();
  EXPECT_EQ(all.tasks[0].state, collected_state::unknown);
  EXPECT_FALSE(can_be_done_again(all.tasks[0]));
  EXPECT_EQ(all.tasks[0].reason, "is this the cluster?");
  EXPECT_EQ(all.tasks[1].state, collected_state::failed) << "its record tells its end";
  EXPECT_TRUE(can_be_done_again(all.tasks[1]));
  EXPECT_EQ(all.tasks[2].state, collected_state::measured);
}

TEST_F(collecting, nothing_is_done_again_on_a_host_that_gives_no_answer) {
  std::filesystem::remove(files(0).record);
  std::filesystem::remove(files(0).result);
  record(1, [](task_record& one) { one.exit_code = 9; });
  std::filesystem::remove(files(2).record);
  for (int task = 0; task < 4; ++task) {
    task_status said{name, task, task_state::unknown, "", "not reached: Connection refused", {}, {}};
    said.can_be_repeated = false;
    said.is_out_of_reach = true;
    engine.says[{name, task}] = said;
  }
  engine.at_once = true;
  const auto all = collected();
  EXPECT_EQ(all.tasks[0].state, collected_state::unknown);
  EXPECT_EQ(all.tasks[0].reason, "not reached: Connection refused");
  EXPECT_EQ(all.tasks[1].state, collected_state::failed) << "its record tells its end";
  EXPECT_THAT(all.tasks[1].reason, HasSubstr("not reached: Connection refused; the run ended on node2"));
  EXPECT_EQ(all.tasks[2].state, collected_state::unknown);
  EXPECT_THAT(all.tasks[2].reason, HasSubstr("not reached: Connection refused; "));
  for (const auto& task : all.tasks) EXPECT_FALSE(can_be_done_again(task)) << task.index;
  EXPECT_EQ(all.tasks[3].state, collected_state::measured);
  EXPECT_EQ(all.count_out_of_reach(), 3U) << "a result that is here tells all";
  EXPECT_EQ(all.engine_problem, std::nullopt);
  save_collection(made.path(), all);
  EXPECT_EQ(load_collection(made.path()).count_out_of_reach(), 3U);
}

TEST_F(collecting, what_the_engine_may_hide_has_not_failed_whatever_its_record_tells) {
  std::filesystem::remove(files(0).record);
  std::filesystem::remove(files(0).result);
  record(1, [](task_record& one) { one.exit_code = 9; });
  record(2, [](task_record& one) { one.result = file_digest{1, std::string(64, '0')}; });
  for (const int task : {0, 1, 2, 3}) {
    task_status said{name, task, task_state::unknown, "", "it may be hidden", {}, {}};
    said.can_be_repeated = false;
    said.may_be_hidden = true;
    engine.says[{name, task}] = said;
  }
  const auto all = collected();
  for (const std::size_t task : {0U, 1U, 2U}) {
    EXPECT_EQ(all.tasks[task].state, collected_state::unknown) << task;
    EXPECT_FALSE(can_be_done_again(all.tasks[task]));
    EXPECT_THAT(all.tasks[task].reason, HasSubstr("it may be hidden"));
  }
  EXPECT_EQ(all.tasks[3].state, collected_state::measured);
}

TEST_F(collecting, how_an_earlier_start_ended_is_no_sign_of_the_last) {
  record(1, [](task_record& one) { one.exit_code = 9; });
  record(2, [](task_record& one) { one.result = file_digest{1, std::string(64, '0')}; });
  what.submitted.submissions.push_back({name, {1, 2}, what.of.id + "-" + name + "-2", "18", "2026-11-22T10:30:00Z"});
  for (const int task : {1, 2}) {
    task_status said{name, task, task_state::unknown, "", "is this the cluster?", {}, {}};
    said.can_be_repeated = false;
    engine.says[{name, task}] = said;
  }
  for (const std::size_t task : {1U, 2U}) {
    EXPECT_EQ(collected(task).state, collected_state::unknown) << task;
    EXPECT_FALSE(can_be_done_again(collected(task)));
    EXPECT_THAT(collected(task).reason, HasSubstr("is this the cluster?"));
  }
}

TEST_F(collecting, a_task_that_ends_between_fetching_and_asking_has_not_failed) {
  std::filesystem::remove(files(3).record);
  std::filesystem::remove(files(3).result);
  engine.when_asked = [&] { measure(3); };
  EXPECT_EQ(collected(3).state, collected_state::measured);
}

TEST_F(collecting, a_task_that_ends_while_files_are_copied_is_looked_at_again) {
  const auto result = read_file(files(3).result);
  write_file_atomically(files(3).result, "{\"of\": \"a minute before\"}");
  int copies = 0;
  engine.when_fetched = [&] {
    if (++copies == 2) write_file_atomically(files(3).result, result);
  };
  EXPECT_EQ(collected(3).state, collected_state::measured);
  EXPECT_EQ(copies, 2);
  engine.when_fetched = nullptr;
  std::filesystem::remove(files(3).result);
  const auto gone = collected(3);
  EXPECT_EQ(gone.state, collected_state::refused) << "it was not there the second time either";
  EXPECT_THAT(gone.reason, HasSubstr("is not there"));
  EXPECT_TRUE(can_be_done_again(gone));
}

TEST_F(collecting, what_differs_from_its_record_and_cannot_be_fetched_again_is_not_paid_for_again) {
  write_file_atomically(files(3).result, "{}");
  engine.not_brought = {{{name, 3}, "rsync: connection lost"}};
  EXPECT_EQ(collected(3).state, collected_state::unknown);
  EXPECT_FALSE(can_be_done_again(collected(3)));
  engine.not_brought.clear();
  EXPECT_EQ(collected(3).state, collected_state::refused);
  engine.says[{name, 3}] = {name, 3, task_state::running, "node4", "", {}, {}};
  EXPECT_EQ(collected(3).state, collected_state::running) << "it was begun again";
}

TEST_F(collecting, what_is_refused_and_was_begun_again_is_not_begun_a_third_time) {
  std::filesystem::remove(files(2).record);
  EXPECT_EQ(collected(2).state, collected_state::refused);
  what.submitted.submissions.push_back({name, {2}, "k-2", "18", submitted_at});
  engine.says[{name, 2}] = {name, 2, task_state::waiting, "", "Priority", {}, {}};
  EXPECT_EQ(collected(2).state, collected_state::waiting);
  EXPECT_THAT(collected(2).reason, HasSubstr("Priority; there is a run file, but no record"));
}

TEST_F(collecting, what_cannot_be_read_may_be_a_result) {
  std::filesystem::remove(files(1).record);
  std::filesystem::create_symlink(files(1).record, files(1).record);  // ELOOP, as ESTALE of a file system that is away
  std::filesystem::remove(files(2).result);
  std::filesystem::create_directory(files(2).result);
  for (const std::size_t task : {1U, 2U}) {
    EXPECT_EQ(collected(task).state, collected_state::unknown);
    EXPECT_THAT(collected(task).reason, HasSubstr(task == 1 ? "cannot read" : "is not a regular file"));
    EXPECT_FALSE(can_be_done_again(collected(task)));
  }
}

TEST_F(collecting, where_nothing_can_have_been_left_no_file_system_need_be_seen) {
  std::filesystem::remove_all(what.of.results);
  engine.when_fetched = [] { throw no_trace_of_results(error_kind::environment, "is it mounted here?"); };
  for (int task = 0; task < 4; ++task) engine.says[{name, task}] = {name, task, task_state::failed, "", "", {}, {}};
  EXPECT_EQ(collected().engine_problem, std::nullopt);
  EXPECT_EQ(collected().count(collected_state::failed), 4U);
  engine.says.erase({name, 2});
  const auto all = collected();
  EXPECT_EQ(all.engine_problem, "is it mounted here?");
  EXPECT_EQ(all.tasks[2].state, collected_state::unknown);
}

}  // namespace
}  // namespace gpubench::fleet
