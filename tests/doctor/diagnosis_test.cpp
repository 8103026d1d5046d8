#include "doctor/diagnosis.hpp"

#include "core/file.hpp"

#include <set>

#include "made_machine.hpp"

namespace gpubench::doctor {
namespace {

TEST(diagnosis, finds_nothing_on_a_healthy_machine) {
  const auto found = diagnose(healthy_machine(), shipped_compatibility());
  for (const auto& one : found.findings) ADD_FAILURE() << one.check << ": " << one.what;
  EXPECT_GE(found.count(check_state::passed), 25U);
}

TEST(diagnosis, says_of_every_check_that_could_not_look_why) {
  const auto found = diagnose(facts{}, shipped_compatibility());
  for (const auto& one : found.checks) EXPECT_EQ(one.state == check_state::not_checked, !one.reason.empty()) << one.id;
  EXPECT_GT(found.count(check_state::not_checked), 20U);
}

TEST(diagnosis, puts_errors_before_warnings_and_notes) {
  auto machine = healthy_machine();
  machine.machine.gpus[0].persistence_mode = false;
  machine.gpus.closed = {{2, "lost"}};
  machine.limits.open_files = process_limit{false, 1024};
  const auto found = diagnose(machine, shipped_compatibility());
  ASSERT_EQ(found.findings.size(), 3U);
  EXPECT_EQ(found.findings[0].check, "gpus-visible");
  EXPECT_EQ(found.findings[1].check, "persistence");
  EXPECT_EQ(found.findings[2].check, "ulimits");
  EXPECT_TRUE(found.has_errors());
}

TEST(diagnosis, has_checks_of_distinct_names_all_of_which_the_documentation_explains) {
  const auto page = read_file(std::filesystem::path(GPUBENCH_SOURCE_DIR) / "docs" / "doctor.md");
  std::set<std::string> names;
  for (const auto& one : all_checks()) {
    EXPECT_TRUE(names.insert(one.id).second) << one.id;
    EXPECT_NE(page.find("| `" + std::string(one.id) + "` |"), std::string::npos) << one.id;
  }
  EXPECT_GT(names.size(), 30U);
}

}  // namespace
}  // namespace gpubench::doctor
