#include "fleet/slurm_place.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench::fleet {
namespace {

void expect_refused(const engine_place& here, const engine_place& noted, const std::string& says) {
  try {
    require_slurm_place(here, noted);
    ADD_FAILURE() << "not refused: " << says;
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_THAT(e.describe(), testing::HasSubstr(says));
  }
}

TEST(slurm_place, of_another_cluster_or_user_is_refused) {
  const auto noted = slurm_place("east", "ann");
  EXPECT_NO_THROW(require_slurm_place(noted, noted));
  expect_refused(slurm_place("west", "ann"), noted, "Slurm's cluster 'east', and this is cluster 'west'");
  expect_refused(slurm_place("east", "bob"), noted, "Slurm's user 'ann', and this is user 'bob'");
}

TEST(slurm_place, that_is_not_known_is_let_pass) {
  EXPECT_TRUE(slurm_place("", "").empty());
  EXPECT_NO_THROW(require_slurm_place(slurm_place("", "ann"), slurm_place("east", "ann")));
  EXPECT_NO_THROW(require_slurm_place(slurm_place("east", "ann"), slurm_place("", "ann")));
  EXPECT_NO_THROW(require_slurm_place(slurm_place("east", "ann"), {}));
}

}  // namespace
}  // namespace gpubench::fleet
