#include "fleet/call.hpp"

#include "core/encoding.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>

namespace gpubench::fleet {
namespace {

TEST(one_line, is_utf8_whatever_a_program_says) {
  EXPECT_EQ(one_line("error: caf\xe9.json\nis gone\n"), "error: caf?.json; is gone");
  EXPECT_EQ(one_line("caf\xc3\xa9"), "caf\xc3\xa9");
}

TEST(one_line, is_cut_between_characters) {
  for (const std::size_t before : {597U, 598U, 599U, 600U}) {
    const auto line = one_line(std::string(before, 'x') + "\xe2\x82\xac and more");
    EXPECT_EQ(line, std::string(before, 'x') + (before == 597 ? "\xe2\x82\xac" : "") + " ...");
    EXPECT_NO_THROW(require_utf8(line, "line"));
  }
}

TEST(refusal, names_the_program_and_not_a_word_that_is_given_to_it) {
  const process_result failed{1, "", "no"};
  const auto said = [&](const std::vector<std::string>& words) { return std::string(refusal(words, failed).what()); };
  EXPECT_EQ(said({"/campaigns/lr=3/nodes.sh", "0"}), "/campaigns/lr=3/nodes.sh failed with exit code 1: no");
  EXPECT_EQ(said({"env", "--unset=A", "B=c", "squeue", "--name=a"}), "squeue failed with exit code 1: no");
}

TEST(refusal, of_too_many_tasks_names_what_bounds_them) {
  const process_result failed{1, "", "sbatch: error: Batch job submission failed: Invalid job array specification"};
  EXPECT_NE(refusal({"sbatch", "--array=0-1999"}, failed).hint().find("MaxArraySize"), std::string::npos);
}

TEST(calling, a_program_that_hangs_is_left_and_named) {
  try {
    require_call({"env", "A=b", "sleep", "60"}, "", std::chrono::seconds(1));
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::environment);
    EXPECT_STREQ(e.what(), "sleep did not answer within 1 s");
    EXPECT_NE(e.hint().find("GPUBENCH_ENGINE_SECONDS"), std::string::npos);
  }
}

TEST(calling, how_long_programs_may_take_is_their_users_to_say) {
  const auto with = [](const char* text) {
    ::setenv("GPUBENCH_ENGINE_SECONDS", text, 1);
    const auto limit = asking_limit();
    ::unsetenv("GPUBENCH_ENGINE_SECONDS");
    return limit.count();
  };
  EXPECT_EQ(with("7"), 7);
  EXPECT_EQ(with("1000000000000"), 86400);
  for (const char* wrong : {"", "0", "-1", "soon"}) EXPECT_EQ(with(wrong), 120) << wrong;
  EXPECT_EQ(asking_limit().count(), 120);
  EXPECT_GT(handing_over_limit(), asking_limit());
}

TEST(calling, a_program_whose_path_has_an_equals_sign_is_that_program) {
  try {
    call({"/nowhere/lr=3/nodes.sh", "0"}, "");
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_NE(e.describe().find("lr=3/nodes.sh"), std::string::npos) << e.describe();
    EXPECT_EQ(e.describe().find("PATH"), std::string::npos) << e.describe();
  }
}

}  // namespace
}  // namespace gpubench::fleet
