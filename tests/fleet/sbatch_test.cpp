#include "fleet/sbatch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fleet/sample_campaign.hpp"

namespace gpubench::fleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* script = R"(#!/bin/bash
#SBATCH --array=0-3%1
#SBATCH --time=10:00
#SBATCH --gpus-per-node=8
#SBATCH --exclusive
srun --time=1 true
)";

TEST(sbatch, says_what_the_script_says_and_not_the_users_variables) {
  const auto job = sample_campaign().jobs.front();
  submission what;
  what.tasks = {1, 3};
  what.key = "night-1";
  const auto words = sbatch_words(job, what, "n/a.sbatch", script);
  for (const char* unset : {"--unset=SBATCH_TIMELIMIT", "--unset=SBATCH_ARRAY_INX", "--unset=SBATCH_GPUS_PER_NODE",
                            "--unset=SBATCH_EXCLUSIVE"})
    EXPECT_THAT(words, Contains(unset));
  EXPECT_THAT(words, Not(Contains(HasSubstr("PARTITION")))) << "the script leaves it to the user's own";
  EXPECT_THAT(words, Contains("--array=1,3%1")) << "of which an administrator wants one at a time";
  EXPECT_EQ(words.front(), "env");
  EXPECT_EQ(words.back(), "n/a.sbatch");
}

TEST(sbatch, of_a_collective_is_one_job) {
  auto job = sample_campaign().jobs.front();
  job.collective = true;
  submission what;
  what.tasks = {0};
  what.key = "night-1";
  EXPECT_THAT(sbatch_words(job, what, "a", ""), ElementsAre("env", "sbatch", "--parsable", "--job-name=night-1", "a"));
}

}  // namespace
}  // namespace gpubench::fleet
