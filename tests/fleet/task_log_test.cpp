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

TEST_F(task_log, without_an_error_has_what_its_launcher_said) {
  const std::string ruler = std::string(74, '-') + "\n";
  const std::string slots = ruler +
                            "There are not enough slots available in the system to satisfy the 100\n"
                            "slots that were requested by the application:\n\n  gpubench\n\n"
                            "Either request fewer slots for your application, or make more slots\n" +
                            ruler;
  const std::string said_slots =
      "There are not enough slots available in the system to satisfy the 100 slots that were requested by the "
      "application; ";
  EXPECT_EQ(said(slots), said_slots + place());
  EXPECT_EQ(said("error: a\n" + slots), "error: a; " + place());
  const std::string daemons =
      ruler + "ORTE was unable to reliably start one or more daemons.\nThis usually is\n" + ruler;
  EXPECT_EQ(said(daemons), "ORTE was unable to reliably start one or more daemons. This usually is; " + place());
  // The program that failed knows better than the one that called it.
  EXPECT_EQ(said("ssh: Could not resolve hostname n2: Name or service not known\n" + daemons),
            "ssh: Could not resolve hostname n2: Name or service not known; " + place());
  EXPECT_EQ(said("me@n2: Permission denied (publickey).\n" + daemons),
            "me@n2: Permission denied (publickey).; " + place());
  EXPECT_EQ(said("Host key verification failed.\n" + daemons), "Host key verification failed.; " + place());
  EXPECT_EQ(said("srun: error: node1: task 0: Exited with exit code 137\n"
                 "slurmstepd: error: *** STEP 7.0 ON node1 CANCELLED DUE TO TIME LIMIT ***\n"),
            "slurmstepd: error: *** STEP 7.0 ON node1 CANCELLED DUE TO TIME LIMIT ***; " + place());
  EXPECT_EQ(said("a line\nslurmstepd-node1: error: *** STEP 7.0 ON node1 CANCELLED DUE TO TIME LIMIT ***\n"),
            "slurmstepd-node1: error: *** STEP 7.0 ON node1 CANCELLED DUE TO TIME LIMIT ***; " + place());
}

TEST_F(task_log, tells_a_signal_and_not_that_a_rank_ended) {
  const std::string ruler = std::string(74, '-') + "\n";
  const std::string ended =
      ruler + "Primary job  terminated normally, but 1 process returned\na non-zero exit code.\n" + ruler;
  EXPECT_EQ(
      said(ended + ruler + "mpirun noticed that process rank 1 on node n2 exited on signal 9 (Killed).\n" + ruler),
      "mpirun noticed that process rank 1 on node n2 exited on signal 9 (Killed).; " + place());
  EXPECT_EQ(said(ended), "Primary job  terminated normally, but 1 process returned a non-zero exit code.; " + place());
}

TEST_F(task_log, of_several_attempts_has_what_was_said_of_the_last) {
  EXPECT_EQ(said("ssh: first\nattempt 0 ended with exit code 1\nssh: second\nattempt 1 ended with exit code 1\n"),
            "ssh: second; " + place());
  EXPECT_EQ(said("ssh: first\nattempt 0 ended with exit code 1\nssh: goes on\n"), "ssh: goes on; " + place());
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
