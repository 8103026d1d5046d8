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

/// Variables that are unset for a script with this line.
std::vector<std::string> unset_for(const std::string& line) {
  submission what;
  what.tasks = {0, 2};
  what.key = "night-1";
  return sbatch_words(sample_campaign().jobs.front(), what, "a", "#!/bin/bash\n" + line + "\n");
}

TEST(sbatch, knows_variables_that_are_not_named_as_their_option) {
  for (const char* line : {"#SBATCH --mem=0", "#SBATCH --mem-per-cpu=1G"})
    for (const char* unset :
         {"--unset=SBATCH_MEM_PER_NODE", "--unset=SBATCH_MEM_PER_CPU", "--unset=SBATCH_MEM_PER_GPU"})
      EXPECT_THAT(unset_for(line), Contains(unset)) << line;
  EXPECT_THAT(unset_for("#SBATCH --requeue"), Contains("--unset=SBATCH_NO_REQUEUE"));
  EXPECT_THAT(unset_for("#SBATCH --no-requeue"), Contains("--unset=SBATCH_REQUEUE"));
}

TEST(sbatch, reads_a_script_as_sbatch_does) {
  for (const char* line :
       {"#SBATCH -t 10:00 -a 0-3%1", "#SBATCH -a0-3%1 -t10:00 # -p gold", "#SBATCH\t--time 10:00 -a 0-3%1",
        "#SBATCH --comment=\"a -p gold\" --time=10:00 --array 0-3%1"}) {
    EXPECT_THAT(unset_for(line), Contains("--unset=SBATCH_TIMELIMIT")) << line;
    EXPECT_THAT(unset_for(line), Contains("--array=0,2%1")) << line;
    EXPECT_THAT(unset_for(line), Not(Contains("--unset=SBATCH_PARTITION"))) << line;
  }
  EXPECT_THAT(unset_for("#SBATCH --exclusive -p gold"), Contains("--unset=SBATCH_PARTITION"));
  EXPECT_TRUE(names_clusters("#SBATCH -M east"));
  EXPECT_TRUE(names_clusters("#SBATCH --clusters=east"));
  EXPECT_FALSE(names_clusters("#SBATCH --mem=0\nsrun -M east"));
}

TEST(sbatch, of_many_tasks_has_ranges) {
  submission what;
  for (int task = 0; task < 2000; ++task)
    if (task != 7) what.tasks.push_back(task);
  what.key = "night-1";
  EXPECT_THAT(sbatch_words(sample_campaign().jobs.front(), what, "a", script), Contains("--array=0-6,8-1999%1"));
}

TEST(sbatch, of_a_collective_is_one_job) {
  auto job = sample_campaign().jobs.front();
  job.collective = true;
  submission what;
  what.tasks = {0};
  what.key = "night-1";
  EXPECT_THAT(sbatch_words(job, what, "a", ""), ElementsAre("env", "--unset=SBATCH_ARRAY_INX", "--unset=SBATCH_WAIT",
                                                            "sbatch", "--parsable", "--job-name=night-1", "a"));
}

TEST(sbatch, says_the_id_in_its_last_line) {
  EXPECT_EQ(sbatch_id("17\n"), "17");
  EXPECT_EQ(sbatch_id("17;east\n"), "17;east");
  EXPECT_EQ(sbatch_id("Welcome to cluster 9\nquota: 80 %\n20\n\n"), "20");
  for (const char* none : {"", "\n", "Welcome", "20\nGoodbye", "-3", "0", ";east"})
    EXPECT_FALSE(sbatch_id(none)) << none;
}

}  // namespace
}  // namespace gpubench::fleet
