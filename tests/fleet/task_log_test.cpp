#include "fleet/task_log.hpp"

#include "core/file.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {
namespace {

class task_log : public testing::Test {
 protected:
  std::string said(const std::string& text) const { return last_error_in(made.write("0.log", text)); }
  std::string place() const { return "see " + (made.path() / "0.log").string(); }

  temporary_folder made;
};

TEST_F(task_log, has_the_last_error_with_its_own_hint) {
  EXPECT_EQ(said("error: a\n  hint: of a\nerror: b\nattempt 0 ended with exit code 2\n"), "error: b; " + place());
  EXPECT_EQ(said("error: a\n  hint: of a\n"), "error: a (of a); " + place());
}

TEST_F(task_log, without_an_error_is_named_alone) {
  EXPECT_EQ(said("Killed\n"), place());
  EXPECT_EQ(said(""), place());
}

TEST_F(task_log, that_is_long_is_read_from_its_end) {
  EXPECT_EQ(said("error: early\n" + std::string(200'000, 'x') + "\nerror: late\n"), "error: late; " + place());
}

TEST_F(task_log, that_is_missing_says_nothing) {
  EXPECT_EQ(last_error_in(made.path() / "none.log"), "");
  EXPECT_EQ(last_error_in(made.path()), "");
}

}  // namespace
}  // namespace gpubench::fleet
