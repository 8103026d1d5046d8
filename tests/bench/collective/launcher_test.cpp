#include "bench/collective/launcher.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace gpubench::collective {
namespace {

/// Without what the launcher of this test itself may have set.
class launcher : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "PMI_ID", "PALS_RANKID",
                                 "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "PALS_LOCAL_RANKID"})
      ::unsetenv(variable);
  }
};

TEST_F(launcher, is_known_by_what_it_leaves) {
  EXPECT_FALSE(started_by_launcher());
  ::setenv("OMPI_COMM_WORLD_RANK", "5", 1);
  ::setenv("OMPI_COMM_WORLD_LOCAL_RANK", "1", 1);
  EXPECT_TRUE(started_by_launcher());
  EXPECT_EQ(place_in_launch().rank, 5);
  EXPECT_EQ(place_in_launch().local_rank, 1);
}

TEST_F(launcher, may_tell_one_of_the_two_only) {
  ::setenv("PMI_RANK", "0", 1);
  EXPECT_TRUE(started_by_launcher());
  EXPECT_EQ(place_in_launch().rank, 0);
  EXPECT_FALSE(place_in_launch().local_rank.has_value());
}

}  // namespace
}  // namespace gpubench::collective
