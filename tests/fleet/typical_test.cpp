#include "fleet/typical.hpp"

#include "core/error.hpp"
#include "results/run.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {
namespace {

class typical : public testing::Test {
 protected:
  /// A node whose first benchmark takes so many times as long as usual, and its second.
  void add(const std::string& job, const std::string& node, double first, double second) {
    auto run = results::sample_run();
    run.measurements.clear();
    int size = 64;
    for (const double factor : {first, second}) {
      auto m = results::sample_measurement(size *= 2);
      m.samples_ns.assign(9, 1000 * size * factor);
      results::complete(m);
      run.measurements.push_back(m);
    }
    collected_task task;
    task.job = job;
    task.index = static_cast<int>(all.tasks.size());
    task.state = collected_state::measured;
    task.node = node;
    task.file = made.path() / (node + ".json");
    results::save_run(task.file, run);
    all.tasks.push_back(task);
  }
  std::string node_of(const std::vector<typical_task>& found, std::size_t i = 0) { return found.at(i).task->node; }

  temporary_folder made;
  collection all;
};

TEST_F(typical, is_the_node_in_the_middle) {
  add("a", "broken", 4, 5);
  add("a", "usual", 1, 1);
  add("a", "lucky", 0.8, 0.9);
  const auto found = typical_tasks(all);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(node_of(found), "usual");
  EXPECT_EQ(found[0].nodes, 3U);
}

TEST_F(typical, of_two_it_is_the_slower) {
  add("a", "fast", 1, 1);
  add("a", "slow", 1.1, 1.1);
  EXPECT_EQ(node_of(typical_tasks(all)), "slow");
}

TEST_F(typical, each_job_has_its_own_and_only_measured_nodes_count) {
  add("a", "one", 1, 1);
  add("b", "two", 1, 1);
  add("b", "three", 3, 3);
  all.tasks.back().state = collected_state::refused;
  const auto found = typical_tasks(all);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(node_of(found, 0), "one");
  EXPECT_EQ(node_of(found, 1), "two");
  EXPECT_EQ(found[1].nodes, 1U);
}

TEST_F(typical, a_node_that_lacks_a_device_that_most_have_does_not_speak_for_them) {
  add("a", "slow", 1.2, 1.2);
  add("a", "usual", 1.1, 1.1);
  add("a", "without", 1, 1);
  add("a", "lucky", 0.9, 0.9);
  for (auto& task : all.tasks) {
    auto run = results::load_run(task.file);
    run.measurements.back().device = "gpu0";
    if (task.node == "without") run.measurements.pop_back();
    results::save_run(task.file, run);
  }
  const auto found = typical_tasks(all);
  EXPECT_EQ(node_of(found), "usual");
  EXPECT_EQ(found[0].nodes, 3U);
  EXPECT_EQ(found[0].left_out, 1U);
}

TEST_F(typical, a_node_whose_budget_ended_before_a_benchmark_is_among_them) {
  add("a", "slow", 1.2, 1.2);
  add("a", "short", 1.1, 1.1);
  add("a", "lucky", 0.9, 0.9);
  auto run = results::load_run(all.tasks[1].file);
  run.measurements.pop_back();
  results::save_run(all.tasks[1].file, run);
  const auto found = typical_tasks(all);
  EXPECT_EQ(node_of(found), "short");
  EXPECT_EQ(found[0].nodes, 3U);
  EXPECT_EQ(found[0].left_out, 0U);
}

TEST_F(typical, a_node_that_was_measured_twice_counts_once_by_its_last_run) {
  add("a", "slow", 1.3, 1.3);
  add("a", "usual", 1.1, 1.1);
  add("a", "twice", 1, 1);
  add("a", "again", 1.2, 1.2);
  all.tasks.back().node = "twice";
  for (auto& task : all.tasks) task.head = results::run_head{"id", "quick", "2026-11-22T10:00:00Z", {}, {}, {}};
  all.tasks.back().head->started_at = "2026-11-22T11:00:00Z";
  const auto found = typical_tasks(all);
  EXPECT_EQ(found[0].nodes, 3U);
  EXPECT_EQ(found[0].task->index, 3) << "the last run of the node is in the middle";
}

TEST_F(typical, a_file_that_is_gone_is_an_error) {
  add("a", "one", 1, 1);
  add("a", "two", 1, 1);
  std::filesystem::remove(all.tasks[0].file);
  EXPECT_THROW(typical_tasks(all), error);
}

}  // namespace
}  // namespace gpubench::fleet
