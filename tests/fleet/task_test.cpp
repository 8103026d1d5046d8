#include "fleet/task.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/file_lock.hpp"
#include "results/run.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {
namespace {

/// Tasks whose command is a script that counts its calls.
class task : public testing::Test {
 protected:
  task() { ::setenv("GPUBENCH_NODE", "node1", 1); }
  ~task() override { ::unsetenv("GPUBENCH_NODE"); }

  /// The script is given what a task adds as $1 and $2: "--run-file" or "--resume", and the file.
  task_order order(const std::string& script) const {
    return {
        "night-1", "a", 2, made.path(), {"sh", "-c", "echo \"$1\" >>" + calls_file().string() + "; " + script, "run"}};
  }
  std::filesystem::path calls_file() const { return made.path() / "calls"; }
  std::string calls() const { return std::filesystem::exists(calls_file()) ? read_file(calls_file()) : ""; }
  std::filesystem::path file(const char* name) const { return made.path() / "a" / name; }

  temporary_folder made;
};

TEST_F(task, leaves_a_record_beside_its_run_file) {
  const auto done = do_task(order("echo result >\"$2\""));
  EXPECT_FALSE(done.was_done);
  const auto record = load_record(file("2.record.json"));
  ASSERT_TRUE(record);
  EXPECT_EQ(*record, done.record);
  EXPECT_EQ(record->node, "node1");
  EXPECT_EQ(record->exit_code, 0);
  EXPECT_EQ(record->result, digest_of_file(file("2.json")));
  EXPECT_EQ(calls(), "--run-file\n");
}

TEST_F(task, tells_what_its_node_is) {
  auto what = order("true");
  what.instance_type = "p5.48xlarge";
  do_task(what);
  EXPECT_EQ(load_record(file("2.record.json"))->instance_type, "p5.48xlarge");
}

TEST_F(task, whose_names_lead_out_of_the_folder_is_refused) {
  for (const char* name : {"..", "../b", "a/b", ""}) {
    auto what = order("echo result >\"$2\"");
    what.job = name;
    EXPECT_THROW(do_task(what), error) << name;
    EXPECT_THROW(report_on(made.path(), name, 2), error) << name;
    what = order("echo result >\"$2\"");
    what.campaign = name;
    EXPECT_THROW(do_task(what), error) << name;
  }
  EXPECT_EQ(calls(), "");
}

TEST_F(task, that_is_done_is_not_done_again) {
  do_task(order("echo result >\"$2\""));
  EXPECT_TRUE(do_task(order("echo other >\"$2\"")).was_done);
  EXPECT_EQ(read_file(file("2.json")), "result\n");
  EXPECT_EQ(calls(), "--run-file\n");
}

TEST_F(task, with_failed_measurements_in_a_whole_run_is_done_wherever_it_is_started_again) {
  auto run = results::sample_run();
  results::save_run(made.path() / "whole.json", run);
  run.finished_at.reset();
  results::save_run(made.path() / "half.json", run);
  const auto leaving = [&](const char* name) {
    return order("cp " + (made.path() / name).string() + " \"$2\"; exit 3");
  };
  // Exit code 3 is that of a device that failed in the middle as well.
  EXPECT_FALSE(do_task(leaving("half.json")).is_done);
  EXPECT_TRUE(do_task(leaving("whole.json")).is_done);
  ::setenv("GPUBENCH_NODE", "node2", 1);
  const auto again = do_task(order("true"));
  EXPECT_TRUE(again.was_done);
  EXPECT_EQ(again.record.exit_code, 3);
  EXPECT_TRUE(results::load_run(file("2.json")).finished_at);
}

TEST_F(task, that_failed_is_done_again_and_counts_its_starts) {
  EXPECT_EQ(do_task(order("exit 9")).record.exit_code, 9);
  const auto record = load_record(file("2.record.json"));
  ASSERT_TRUE(record);
  EXPECT_FALSE(record->result);
  const auto again = do_task(order("echo result >\"$2\""));
  EXPECT_EQ(again.record.starts, 2);
  EXPECT_EQ(again.record.exit_code, 0);
}

TEST_F(task, a_signal_that_ends_it_is_recorded) {
  EXPECT_EQ(do_task(order("kill -KILL $$")).record.exit_code, 137);
}

TEST_F(task, a_run_that_was_cut_short_on_this_node_is_gone_on_with) {
  auto run = results::sample_run();
  run.finished_at.reset();
  results::save_run(made.path() / "half.json", run);
  const auto half = (made.path() / "half.json").string();
  EXPECT_EQ(do_task(order("cp " + half + " \"$2\"; exit 130")).record.exit_code, 130);
  do_task(order("true"));
  EXPECT_EQ(calls(), "--run-file\n--resume\n");
}

TEST_F(task, a_run_of_another_node_is_kept_beside_and_begun_anew) {
  auto run = results::sample_run();
  run.finished_at.reset();
  results::save_run(made.path() / "half.json", run);
  const auto half = (made.path() / "half.json").string();
  do_task(order("cp " + half + " \"$2\"; exit 130"));
  ::setenv("GPUBENCH_NODE", "node2", 1);
  do_task(order("echo result >\"$2\""));
  EXPECT_EQ(calls(), "--run-file\n--run-file\n");
  EXPECT_EQ(results::load_run(file("2.1-node1.json")), run);
  EXPECT_EQ(read_file(file("2.json")), "result\n");
}

TEST_F(task, a_result_that_was_changed_is_kept_beside_and_measured_again) {
  do_task(order("echo result >\"$2\""));
  std::ofstream(file("2.json")) << "better\n";
  do_task(order("echo again >\"$2\""));
  EXPECT_EQ(read_file(file("2.json")), "again\n");
  EXPECT_EQ(read_file(file("2.1-node1.json")), "better\n");
}

TEST_F(task, nobody_does_it_twice_at_a_time) {
  std::filesystem::create_directories(made.path() / "a");
  const auto held = file_lock::try_take(file("2.lock"));
  auto twice = order("true");
  twice.patience = std::chrono::milliseconds(100);
  try {
    do_task(twice);
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::io);
    EXPECT_NE(e.describe().find("by another process"), std::string::npos) << e.describe();
  }
  EXPECT_EQ(calls(), "");
}

TEST_F(task, waits_for_a_process_that_is_about_to_end) {
  std::filesystem::create_directories(made.path() / "a");
  auto held = file_lock::try_take(file("2.lock"));
  auto patient = order("echo result >\"$2\"");
  std::vector<std::string> told;
  patient.tell = [&](const std::string& what) {
    told.push_back(what);
    held.reset();
  };
  EXPECT_TRUE(do_task(patient).is_done);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("waiting for it"), std::string::npos);
}

TEST_F(task, tells_how_it_stands) {
  const auto nothing = report_on(made.path(), "a", 2);
  EXPECT_FALSE(nothing.running);
  EXPECT_FALSE(nothing.record);
  EXPECT_TRUE(nothing.asked_at) << "the node's clock";
  const auto done = do_task(order("exit 9"));
  const auto report = report_on(made.path(), "a", 2);
  EXPECT_FALSE(report.running);
  EXPECT_EQ(report.record, done.record);
  EXPECT_EQ(report_from_json(to_json(report), "host"), report);
  const auto held = file_lock::try_take(file("2.lock"));
  EXPECT_TRUE(report_on(made.path(), "a", 2).running);
}

TEST_F(task, a_folder_of_another_campaign_is_refused) {
  do_task(order("echo result >\"$2\""));
  auto other = order("echo other >\"$2\"");
  other.campaign = "day-2";
  try {
    do_task(other);
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_NE(e.describe().find("night-1"), std::string::npos) << e.describe();
  }
  EXPECT_EQ(read_file(file("2.json")), "result\n");
}

}  // namespace
}  // namespace gpubench::fleet
