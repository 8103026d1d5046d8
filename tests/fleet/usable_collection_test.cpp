#include "fleet/usable_collection.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleet/campaign_file.hpp"
#include "fleet/collection_file.hpp"
#include "tests/fleet/collecting.hpp"

namespace gpubench::fleet {
namespace {

using testing::HasSubstr;

class using_a_collection : public collecting {
 protected:
  using_a_collection() { write_file_atomically(made.path() / campaign_file_name, campaign_manifest(what.of).text); }

  std::string problem() const {
    try {
      static_cast<void>(load_usable_collection(made.path()));
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::input);
      return e.what();
    }
    return {};
  }
  void append(int task) const {
    const auto& file = files(task).result;
    write_file_atomically(file, read_file(file) + " ");
  }
};

TEST_F(using_a_collection, it_is_what_was_collected) {
  const auto all = collected();
  save_collection(made.path(), all);
  EXPECT_EQ(load_usable_collection(made.path()), all);
  EXPECT_EQ(all.tasks[2].digest, digest_of_file(files(2).result));
}

TEST_F(using_a_collection, what_was_not_noted_is_held_against_the_record) {
  auto all = collected();
  for (auto& task : all.tasks) task.digest.reset();
  save_collection(made.path(), all);
  EXPECT_EQ(problem(), "");
  append(1);
  EXPECT_THAT(problem(), HasSubstr("1.json, of task 1 of p5-48xlarge, was changed since it was collected"));
  std::filesystem::remove(files(1).record);
  EXPECT_EQ(problem(), "") << "nobody knows what it was";
}

TEST_F(using_a_collection, a_record_that_was_written_anew_is_not_what_was_collected) {
  save_collection(made.path(), collected());
  append(1);
  record(1, [](task_record&) {});
  EXPECT_THAT(problem(), HasSubstr("was changed since"));
  save_collection(made.path(), collected());
  EXPECT_EQ(problem(), "");
}

TEST_F(using_a_collection, what_does_not_count_need_not_be_there) {
  record(1, [](task_record& one) { one.node = "node1"; });  // measured twice: the later counts
  const auto all = collected();
  save_collection(made.path(), all);
  const bool first_counts = all.tasks[0].head->started_at >= all.tasks[1].head->started_at;
  std::filesystem::remove(files(first_counts ? 1 : 0).result);
  EXPECT_EQ(problem(), "");
  std::filesystem::remove(files(first_counts ? 0 : 1).result);
  EXPECT_THAT(problem(), HasSubstr("is gone since it was collected"));
}

TEST_F(using_a_collection, a_measured_task_without_its_run_is_refused_at_its_place) {
  save_collection(made.path(), collected());
  const auto file = made.path() / collection_file_name;
  auto document = parse_json(read_file(file), "collection");
  document["tasks"][1]["run"] = nullptr;
  write_file_atomically(file, document.dump(2));
  EXPECT_EQ(problem(), "tasks[1].run is null, and its task is measured");
  document["tasks"][1].erase("run");
  write_file_atomically(file, document.dump(2));
  EXPECT_THAT(problem(), HasSubstr("tasks[1]"));
  document["tasks"][1]["state"] = "running";
  write_file_atomically(file, document.dump(2));
  EXPECT_EQ(problem(), "");
}

}  // namespace
}  // namespace gpubench::fleet
