#include "core/error.hpp"
#include "core/file.hpp"
#include "core/file_lock.hpp"
#include "core/units.hpp"
#include "results/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "fleet/collection_file.hpp"
#include "fleet/node_clocks.hpp"
#include "fleet/seen_results.hpp"
#include "tests/fleet/collecting.hpp"

namespace gpubench::fleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(collecting, what_ended_and_could_not_be_fetched_has_not_failed) {
  for (int task = 0; task < 3; ++task) std::filesystem::remove(files(task).record);
  for (int task = 0; task < 3; ++task) std::filesystem::remove(files(task).result);
  engine.says[{name, 1}] = {name, 1, task_state::failed, "node2", "exit code 9", {}, {}};
  engine.not_brought = {
      {{name, 0}, "rsync: disk full"}, {{name, 1}, "rsync: disk full"}, {{name, 3}, "rsync: disk full"}};
  const auto all = collected();
  EXPECT_EQ(all.tasks[0].state, collected_state::unknown);
  EXPECT_THAT(all.tasks[0].reason, HasSubstr("it ended, and what it left could not be fetched: rsync: disk full"));
  EXPECT_FALSE(all.tasks[0].can_be_repeated);
  EXPECT_EQ(all.tasks[1].state, collected_state::failed) << "whatever it left";
  EXPECT_EQ(all.tasks[1].reason, "exit code 9");
  EXPECT_EQ(all.tasks[2].state, collected_state::failed) << "it was fetched, and left nothing";
  EXPECT_TRUE(all.tasks[2].can_be_repeated);
  EXPECT_EQ(all.tasks[3].state, collected_state::measured) << "it was fetched before";
}

TEST_F(collecting, takes_what_every_node_measured) {
  const auto all = collected();
  EXPECT_EQ(all.count(collected_state::measured), 4U);
  EXPECT_EQ(all.tasks[2].node, "node3");
  EXPECT_EQ(all.tasks[2].file, files(2).result);
  EXPECT_EQ(all.tasks[2].head->id, "run-2");
  EXPECT_EQ(all.tasks[2].head->suite, "quick");
  EXPECT_THAT(all.notes, IsEmpty());
}

TEST_F(collecting, a_node_that_failed_has_the_engines_reason_and_the_others_count) {
  std::filesystem::remove(files(1).result);
  record(0, [](task_record&) {});
  save_record(files(1).record,
              {what.of.id, name, 1, "node2", 3, "2026-11-22T10:10:00Z", "2026-11-22T10:12:00Z", 9, {}});
  engine.says[{name, 1}] = {name, 1, task_state::failed, "node2", "FAILED, NonZeroExitCode", {}, {}};
  const auto all = collected();
  EXPECT_EQ(all.count(collected_state::measured), 3U);
  EXPECT_EQ(all.tasks[1].state, collected_state::failed);
  EXPECT_EQ(all.tasks[1].reason, "FAILED, NonZeroExitCode; the run ended on node2 with exit code 9, begun 3 times");
}

TEST_F(collecting, a_run_of_unknown_exit_code_has_not_succeeded) {
  record(1, [](task_record& one) { one.exit_code.reset(); });
  engine.says[{name, 1}] = {name, 1, task_state::ended, "node2", "", {}, {}};
  EXPECT_EQ(collected(1).state, collected_state::failed);
  EXPECT_EQ(collected(1).reason, "the run ended on node2 with an exit code that its record does not have");
}

TEST_F(collecting, a_node_that_was_lost_says_when_it_began) {
  record(1, [](task_record& one) {
    one.finished_at.reset();
    one.exit_code.reset();
    one.result.reset();
  });
  engine.says[{name, 1}] = {name, 1, task_state::failed, "node2", "NODE_FAIL", {}, {}};
  EXPECT_EQ(collected(1).reason, "NODE_FAIL; began on node2 at 2026-11-22T10:10:00Z and did not end");
}

TEST_F(collecting, what_still_waits_or_runs_is_no_failure) {
  for (const int task : {0, 1}) std::filesystem::remove_all(files(task).result);
  for (const int task : {0, 1}) std::filesystem::remove_all(files(task).record);
  engine.says[{name, 0}] = {name, 0, task_state::waiting, "", "Priority", {}, {}};
  engine.says[{name, 1}] = {name, 1, task_state::running, "node2", "", {}, {}};
  const auto all = collected();
  EXPECT_EQ(all.tasks[0].state, collected_state::waiting);
  EXPECT_EQ(all.tasks[0].reason, "Priority");
  EXPECT_EQ(all.tasks[1].state, collected_state::running);
  EXPECT_EQ(all.tasks[1].node, "node2");
}

TEST_F(collecting, nothing_left_by_a_task_that_ended_is_a_failure) {
  std::filesystem::remove(files(3).result);
  std::filesystem::remove(files(3).record);
  EXPECT_EQ(collected(3).state, collected_state::failed);
  what.submitted.submissions.front().tasks = {0, 1, 2};
  EXPECT_EQ(collected(3).state, collected_state::not_submitted);
}

TEST_F(collecting, a_result_of_another_run_is_named_and_refused) {
  std::filesystem::copy_file(files(0).result, files(1).result, std::filesystem::copy_options::overwrite_existing);
  const auto one = collected(1);
  EXPECT_EQ(one.state, collected_state::refused);
  EXPECT_THAT(one.reason, HasSubstr("1.json"));
  EXPECT_THAT(one.reason, HasSubstr("SHA-256 differs"));
  EXPECT_TRUE(one.can_be_repeated) << "its node finds another file than it wrote, and measures again";
  std::filesystem::copy_file(files(0).record, files(1).record, std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(collected(1).reason, HasSubstr("is of task 0"));
  EXPECT_FALSE(collected(1).can_be_repeated) << "its node refuses to go on there";
  record(1, [](task_record& other) { other.campaign = "day-2"; });
  EXPECT_THAT(collected(1).reason, HasSubstr("in campaign day-2"));
  // Another start would be refused on its node in the same way.
  EXPECT_EQ(collected(1).state, collected_state::foreign);
  std::filesystem::remove(files(1).record);
  EXPECT_THAT(collected(1).reason, HasSubstr("no record"));
  EXPECT_TRUE(collected(1).can_be_repeated) << "its node keeps that beside, and measures";
  EXPECT_EQ(collected().count(collected_state::measured), 3U);
}

TEST_F(collecting, another_suite_or_another_file_is_refused) {
  what.of.jobs[0].command = {"run", "--suite", "standard"};
  EXPECT_THAT(collected(0).reason, HasSubstr("is of the suite quick, and standard was asked for"));
  EXPECT_FALSE(collected(0).can_be_repeated) << "its node takes it for done";
  what.of.jobs[0].command = {"run"};
  std::ofstream(files(0).result) << R"({"schema": "gpubench.fleet/1"})";
  record(0, [](task_record&) {});
  EXPECT_EQ(collected(0).state, collected_state::refused);
  std::ofstream(files(1).record) << "{";
  EXPECT_EQ(collected(1).state, collected_state::refused);
  EXPECT_FALSE(collected(1).can_be_repeated) << "its node does not understand it either";
}

TEST_F(collecting, a_run_that_was_cut_short_does_not_count) {
  auto run = results::load_run(files(0).result);
  run.finished_at.reset();
  results::save_run(files(0).result, run);
  record(0, [](task_record& one) { one.exit_code = 130; });
  EXPECT_EQ(collected(0).state, collected_state::failed);
  EXPECT_THAT(collected(0).reason, HasSubstr("ended on node1 by signal 2"));
  record(0, [](task_record&) {});
  EXPECT_THAT(collected(0).reason, HasSubstr("before its run was whole"));
}

TEST_F(collecting, a_run_in_which_a_measurement_failed_counts_and_says_so) {
  record(0, [](task_record& one) { one.exit_code = 3; });
  EXPECT_EQ(collected(0).state, collected_state::measured);
  EXPECT_EQ(collected(0).reason, "some of its measurements failed");
}

TEST_F(collecting, bytes_that_are_no_utf8_end_no_collection) {
  std::filesystem::remove(files(1).record);
  std::filesystem::remove(files(1).result);
  write_file_atomically(files(1).log, "error: caf\xe9.json: cannot be read\n");
  engine.says[{name, 1}] = {name, 1, task_state::failed, "node2", "r\xe9seau", {}, {}};
  save_collection(made.path(), collected());
  EXPECT_THAT(load_collection(made.path()).tasks[1].reason, HasSubstr("error: caf?.json"));
  what.submitted.submissions.front().problem = "r\xe9seau";
  EXPECT_NO_THROW(save_state(made.path(), what.submitted));
  EXPECT_EQ(load_state(made.path(), what.of).submissions.size(), 1U);
}

TEST_F(collecting, nobody_else_collects_at_the_same_time) {
  const auto held = file_lock::try_take(made.path() / ".collect.lock");
  EXPECT_THROW(collected(), error);
}

TEST_F(collecting, a_node_without_its_gpus_is_refused_and_says_what_it_had) {
  auto run = results::load_run(files(1).result);
  run.environment.gpus.resize(7);
  results::save_run(files(1).result, run);
  record(1, [](task_record&) {});
  EXPECT_EQ(collected(1).state, collected_state::refused);
  EXPECT_THAT(collected(1).reason, HasSubstr("was measured with 7 GPUs, and 8 were asked for"));
  EXPECT_EQ(collected(0).head->gpus.size(), 8U);
  what.of.jobs[0].command = {"run", "--backend", "host", "--suite", "quick"};
  EXPECT_EQ(collected(1).state, collected_state::measured);
  what.of.jobs[0].command = {"run", "--suite", "quick"};
  // CUDA shows a process one slice.
  what.of.jobs[0].gpu_resource = "nvidia.com/mig-3g.40gb";
  run.environment.gpus.resize(1);
  run.environment.gpus[0].name = "NVIDIA H100 80GB HBM3 MIG 3g.40gb";
  results::save_run(files(1).result, run);
  record(1, [](task_record&) {});
  EXPECT_EQ(collected(1).state, collected_state::measured);
  run.environment.gpus.clear();
  results::save_run(files(1).result, run);
  record(1, [](task_record&) {});
  EXPECT_THAT(collected(1).reason, HasSubstr("0 GPUs, and one was asked for"));
}

TEST_F(collecting, a_node_of_another_instance_type_is_refused_though_its_run_says_what_it_was_told) {
  what.of.jobs[0].instance_type = "p5.48xlarge";
  record(0, [](task_record& one) { one.instance_type = "p5.48xlarge"; });
  record(1, [](task_record& one) { one.instance_type = "p5.4xlarge"; });
  EXPECT_EQ(collected(0).state, collected_state::measured);
  EXPECT_THAT(collected(1).reason, HasSubstr("on p5.4xlarge, as its node's firmware says, and p5.48xlarge was asked"));
  EXPECT_FALSE(collected(1).can_be_repeated) << "its node takes it for done";
  EXPECT_EQ(collected(2).state, collected_state::measured) << "nothing is known";
  // Of a collective on Kubernetes the record is its launcher's, which may be on any node.
  what.of.jobs[0].collective = true;
  what.of.jobs[0].nodes = what.of.jobs[0].gpus_per_node = 1;  // as the run file, which tells of no other ranks
  record(0, [](task_record& one) { one.instance_type = "m5.large"; });
  EXPECT_EQ(collected(0).state, collected_state::refused);
  what.of.engine = "kubernetes";
  EXPECT_EQ(collected(0).state, collected_state::measured);
}

TEST_F(collecting, a_collective_of_other_ranks_or_nodes_than_its_job_has_is_refused) {
  auto& job = what.of.jobs[0];
  job.collective = true;
  job.command = {"collective"};
  job.ranks_per_node = 1;
  const auto reason_with = [&](const std::vector<std::string>& nodes) {
    auto run = results::load_run(files(0).result);
    run.ranks.clear();
    for (std::size_t rank = 0; rank < nodes.size(); ++rank) {
      run.ranks.emplace_back();
      run.ranks.back().rank = static_cast<int>(rank);
      run.ranks.back().node = nodes[rank];
    }
    results::save_run(files(0).result, run);
    record(0, [](task_record&) {});
    const auto task = collected(0);
    EXPECT_EQ(task.state, task.reason.empty() ? collected_state::measured : collected_state::refused);
    EXPECT_FALSE(can_be_done_again(task)) << "its node takes it for done";
    return task.reason;
  };
  EXPECT_EQ(reason_with({"a", "b", "c", "d"}), "");
  EXPECT_THAT(reason_with({"a", "b"}), HasSubstr("was measured by 2 ranks, and 4 were asked for"));
  EXPECT_THAT(reason_with({}), HasSubstr("was measured by 1 rank, and 4 were asked for"));
  EXPECT_THAT(reason_with({"a", "b", "b", "a"}), HasSubstr("was measured on 2 nodes (a, b), and 4 were asked for"));
}

TEST_F(collecting, a_node_with_another_gpu_is_refused) {
  for (const char* product : {"NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-80GB-HBM3-SHARED"}) {
    what.of.jobs[0].gpu_product = product;
    EXPECT_EQ(collected(0).state, collected_state::measured) << product;
  }
  what.of.jobs[0].gpu_product = "NVIDIA-H10";
  EXPECT_EQ(collected(0).state, collected_state::refused) << "another product, whose name begins alike";
  what.of.jobs[0].gpu_product = "NVIDIA-H200";
  EXPECT_THAT(collected(0).reason, HasSubstr("was measured on NVIDIA H100 80GB HBM3, and NVIDIA-H200 was asked for"));
}

TEST_F(collecting, a_whole_gpu_or_another_slice_is_no_slice_that_was_asked_for) {
  what.of.jobs[0].gpus_per_node = 1;
  const auto reason_of = [&](const char* gpu, const char* resource) {
    auto run = results::load_run(files(0).result);
    run.environment.gpus.resize(1);
    run.environment.gpus[0].name = gpu;
    results::save_run(files(0).result, run);
    record(0, [](task_record&) {});
    what.of.jobs[0].gpu_resource = resource;
    return collected(0).reason;
  };
  EXPECT_EQ(reason_of("NVIDIA H100 80GB HBM3 MIG 1g.10gb", "nvidia.com/mig-1g.10gb"), "");
  EXPECT_EQ(reason_of("NVIDIA H100 80GB HBM3 MIG 1g.10gb+me", "nvidia.com/mig-1g.10gb.me"), "");
  EXPECT_THAT(reason_of("NVIDIA H100 80GB HBM3", "nvidia.com/mig-1g.10gb"),
              HasSubstr("was measured on NVIDIA H100 80GB HBM3, and its slice 1g.10gb was asked for"));
  EXPECT_THAT(reason_of("NVIDIA H100 80GB HBM3 MIG 3g.40gb", "nvidia.com/mig-1g.10gb"), HasSubstr("slice 1g.10gb"));
}

TEST_F(collecting, an_engine_that_tells_all_at_once_bounds_the_clocks_of_measured_tasks_too) {
  what.submitted.submissions.clear();
  for (int task = 0; task < 4; ++task)
    what.submitted.submissions.push_back({name, {task}, "k-" + std::to_string(task), "17", submitted_at});
  engine.says[{name, 0}] = {name, 0, task_state::ended, "node1", "", "2026-11-22T10:11:00Z", "2026-11-22T10:13:00Z"};
  EXPECT_THAT(collected().notes, IsEmpty());
  engine.at_once = true;
  EXPECT_THAT(collected().notes, ElementsAre(HasSubstr("the clock of node1 is at least 60.0 s behind")));
}

TEST_F(collecting, a_clock_that_differs_is_named_with_its_node) {
  record(1, [](task_record& one) {
    one.started_at = "2026-11-22T12:29:50Z";
    one.finished_at = "2026-11-22T12:30:00Z";
  });
  record(2, [](task_record& one) { one.started_at = "2026-11-22T09:50:00Z"; });
  EXPECT_THAT(collected().notes, ElementsAre(HasSubstr("the clock of node2 is at least 90.0 min ahead of"),
                                             HasSubstr("the clock of node3 is at least 10.0 min behind")));
}

TEST_F(collecting, a_clock_that_two_tasks_show_is_named_once_with_the_greater_difference) {
  for (const int task : {1, 2})
    record(task, [&](task_record& one) {
      one.node = "node2";
      one.started_at = "2026-11-22T12:29:50Z";
      one.finished_at = task == 1 ? "2026-11-22T12:30:00Z" : "2026-11-22T12:40:00Z";
    });
  const auto notes = collected().notes;
  EXPECT_EQ(std::count_if(notes.begin(), notes.end(),
                          [](const std::string& note) { return note.find("the clock of") != std::string::npos; }),
            1);
  EXPECT_THAT(notes, Contains(HasSubstr("the clock of node2 is at least 100 min ahead of")));
}

TEST_F(collecting, the_engines_times_bound_a_clock_closer) {
  engine.says[{name, 0}] = {name, 0, task_state::ended, "node1", "", "2026-11-22T10:11:00Z", "2026-11-22T10:13:00Z"};
  EXPECT_THAT(collected().notes, ElementsAre(HasSubstr("the clock of node1 is at least 60.0 s behind")));
  // Of a task that was submitted twice they may be of the other time.
  what.submitted.submissions.push_back({name, {0}, "k-2", "18", "2026-11-22T10:30:00Z"});
  EXPECT_THAT(collected().notes, IsEmpty());
}

TEST_F(collecting, the_engines_times_bound_no_clock_where_they_may_be_of_another_start) {
  // Submitted again by hand under another name, of which the engine's first job tells nothing.
  engine.says[{name, 0}] = {name, 0, task_state::failed, "node1", "", "2026-11-22T10:01:00Z", "2026-11-22T10:02:00Z"};
  EXPECT_THAT(collected().notes, ElementsAre(HasSubstr("the clock of node1 is at least 10.0 min ahead of")));
  record(0, [](task_record& one) { one.starts = 2; });
  EXPECT_THAT(collected().notes, IsEmpty());
  EXPECT_EQ(collected(0).starts, 2);
  record(0, [](task_record& one) { one.node = "node9"; });
  EXPECT_THAT(collected().notes, IsEmpty()) << "the engine tells of another node";
  // By hand it may have been submitted more than once, of which the engine need not know any more.
  record(0, [](task_record&) {});
  what.submitted.submissions.front().submitted_at.clear();
  EXPECT_THAT(collected().notes, IsEmpty());
}

TEST_F(collecting, what_still_runs_of_an_earlier_submission_is_not_done_again_for_the_end_of_a_later) {
  std::filesystem::remove(files(0).result);
  std::filesystem::remove(files(0).record);
  what.submitted.submissions.push_back({name, {0}, "k-2", "18", "2026-11-22T10:30:00Z"});
  int asked = 0;
  engine.when_asked = [&] {
    engine.says[{name, 0}] = {name, 0, asked++ == 0 ? task_state::running : task_state::failed, "node1", "", {}, {}};
  };
  EXPECT_EQ(collected(0).state, collected_state::running);
}

TEST_F(collecting, the_last_start_of_a_task_bounds_no_clock) {
  engine.at_once = true;
  engine.says[{name, 0}] = {name, 0, task_state::ended, "node1", "", "2026-11-22T10:30:00Z", "2026-11-22T10:31:00Z"};
  EXPECT_THAT(collected().notes, ElementsAre(HasSubstr("the clock of node1 is at least 20.0 min behind")));
  engine.says[{name, 0}].restarted = true;
  EXPECT_THAT(collected().notes, IsEmpty()) << "its record is of the start before";
}

TEST_F(collecting, a_task_that_failed_has_its_log_and_the_last_error_in_it) {
  std::filesystem::remove(files(1).result);
  std::filesystem::remove(files(1).record);
  engine.says[{name, 1}] = {name, 1, task_state::failed, "node2", "exit code 2", {}, {}};
  write_file_atomically(files(1).log, "error: the first\nerror: no such option\n  hint: gpubench run --help\n");
  EXPECT_EQ(collected(1).reason,
            "exit code 2; error: no such option (gpubench run --help); see " + files(1).log.string());
}

TEST_F(collecting, what_was_not_handed_over_has_its_host_and_reason) {
  engine.apart = true;
  what.of.jobs.front().hosts = {"a", "b", "c", "d"};
  what.submitted.submissions = {{name, {0, 1, 2}, "k-1", "17", submitted_at},
                                {name, {3}, "k-2", "", submitted_at, true, "connection refused"}};
  std::filesystem::remove(files(3).result);
  std::filesystem::remove(files(3).record);
  const auto task = collected(3);
  EXPECT_EQ(task.state, collected_state::not_submitted);
  EXPECT_EQ(task.node, "d");
  EXPECT_EQ(task.reason, "connection refused");
}

TEST_F(collecting, a_failure_of_an_earlier_submission_says_nothing_of_one_that_may_be_on_its_way) {
  for (const int task : {0, 1}) std::filesystem::remove(files(task).result);
  record(2, [](task_record&) {});
  std::filesystem::remove(files(0).record);
  save_record(files(1).record,
              {what.of.id, name, 1, "node2", 1, "2026-11-22T10:10:00Z", "2026-11-22T10:12:00Z", 9, {}});
  for (const int task : {0, 1}) engine.says[{name, task}] = {name, task, task_state::failed, "", "NODE_FAIL", {}, {}};
  what.submitted.submissions.push_back({name, {0, 1}, "k-2", "", submitted_at, false, "out of quota"});
  const auto all = collected();
  for (const int task : {0, 1}) {
    EXPECT_EQ(all.tasks[task].state, collected_state::not_submitted);
    EXPECT_FALSE(can_be_done_again(all.tasks[task]));
  }
  EXPECT_EQ(all.tasks[0].reason, "out of quota");
  EXPECT_EQ(all.tasks[1].reason, "out of quota; the run ended on node2 with exit code 9");
  EXPECT_EQ(all.tasks[2].state, collected_state::measured);
}

TEST_F(collecting, a_node_that_measured_twice_is_named) {
  record(1, [](task_record& one) { one.node = "node1"; });
  EXPECT_THAT(collected().notes, ElementsAre(HasSubstr("node1 was measured 2 times, by tasks 0, 1 of p5-48xlarge")));
}

TEST_F(collecting, its_file_holds_all_of_it) {
  std::filesystem::remove(files(3).record);
  auto all = collected();
  all.notes = {"a note"};
  all.engine_problem = "none really";
  EXPECT_EQ(collection_from_json(to_json(all), "collection.json"), all);
  EXPECT_THROW(load_collection(made.path()), error);
  save_collection(made.path(), all);
  EXPECT_EQ(load_collection(made.path()), all);
}

TEST_F(collecting, its_file_names_run_files_from_its_own_folder) {
  const auto all = collected();
  save_collection(made.path(), all);
  const auto stored = [&] { return parse_json(read_file(made.path() / collection_file_name), "collection"); };
  EXPECT_EQ(stored().at("tasks")[2].at("run").at("file"), "results/" + name + "/2.json");
  EXPECT_EQ(load_collection(made.path()), all);
  // Elsewhere, as on a file system of the engine's own: whole.
  auto elsewhere = all;
  elsewhere.tasks[2].file = made.path().parent_path() / "other" / "2.json";
  save_collection(made.path(), elsewhere);
  EXPECT_EQ(stored().at("tasks")[2].at("run").at("file"), elsewhere.tasks[2].file.string());
}

TEST(clock_skew, is_nothing_within_the_bounds_and_their_tolerance) {
  const std::string from = "2026-11-22T10:00:00Z", to = "2026-11-22T11:00:00Z";
  EXPECT_FALSE(clock_skew_seconds("2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z", from, to));
  EXPECT_FALSE(clock_skew_seconds("2026-11-22T09:59:55Z", "2026-11-22T11:00:05Z", from, to));
  EXPECT_EQ(clock_skew_seconds("2026-11-22T09:59:54Z", std::nullopt, from, to), -6);
  EXPECT_EQ(clock_skew_seconds("2026-11-22T10:30:00Z", "2026-11-22T11:00:06Z", from, to), 6);
  EXPECT_EQ(clock_skew_seconds("2026-11-22T11:30:00Z", std::nullopt, from, to), 1800);
  EXPECT_FALSE(clock_skew_seconds(std::nullopt, std::nullopt, from, to));
}

}  // namespace
}  // namespace gpubench::fleet
