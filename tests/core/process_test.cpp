#include "core/process.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

TEST(process, leaves_both_streams_and_its_exit_code) {
  const process_result done = run_process({"sh", "-c", "echo one; echo two >&2; exit 3"});
  EXPECT_EQ(done.output, "one\n");
  EXPECT_EQ(done.errors, "two\n");
  EXPECT_EQ(done.exit_code, 3);
}

TEST(process, arguments_are_passed_as_they_are) {
  EXPECT_EQ(run_process({"printf", "%s", "a b; $HOME 'c'"}).output, "a b; $HOME 'c'");
}

TEST(process, more_than_a_pipe_holds_on_both_streams_is_read) {
  const process_result done =
      run_process({"sh", "-c", "head -c 300000 /dev/zero >&2; head -c 400000 /dev/zero; head -c 10 /dev/zero >&2"});
  EXPECT_EQ(done.output.size(), 400'000U);
  EXPECT_EQ(done.errors.size(), 300'010U);
}

TEST(process, a_signal_counts_128_and_its_number) {
  EXPECT_EQ(run_process({"sh", "-c", "kill -TERM $$"}).exit_code, 143);
}

TEST(process, what_hangs_is_killed_at_its_limit_also_where_others_hold_its_streams) {
  const auto before = std::chrono::steady_clock::now();
  const auto done = run_process({"sh", "-c", "echo begun; sleep 20 & wait"}, std::chrono::milliseconds(300));
  EXPECT_TRUE(done.timed_out);
  EXPECT_EQ(done.output, "begun\n");
  EXPECT_NE(done.exit_code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
  const auto whole = run_process({"echo", "one"}, std::chrono::seconds(60));
  EXPECT_FALSE(whole.timed_out);
  EXPECT_EQ(whole.output, "one\n");
}

TEST(process, what_is_not_there_is_an_error_of_the_environment) {
  EXPECT_TRUE(is_program("sh"));
  EXPECT_FALSE(is_program("no-such-program"));
  try {
    run_process({"no-such-program"});
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::environment);
  }
}

TEST(process, in_the_foreground_its_exit_code_is_left) {
  EXPECT_EQ(run_in_foreground({"sh", "-c", "exit 3"}), 3);
  EXPECT_THROW(run_in_foreground({"no-such-program"}), error);
}

TEST(process, signals_that_come_meanwhile_are_handed_on) {
  EXPECT_EQ(run_in_foreground({"sh", "-c", "trap 'exit 7' TERM; kill -TERM $PPID; sleep 5 >/dev/null 2>&1 & wait"}), 7);
}

}  // namespace
}  // namespace gpubench
