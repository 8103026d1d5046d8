#include "fleet/slurm_place.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench::fleet {
namespace {

template <class Require>
void expect_refused(const Require& require, const engine_place& here, const engine_place& noted,
                    const std::string& says) {
  try {
    require(here, noted);
    ADD_FAILURE() << "not refused: " << says;
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_THAT(e.describe(), testing::HasSubstr(says));
  }
}

TEST(slurm_place, of_another_cluster_is_refused_and_of_another_user_where_it_is_to_submit) {
  const auto noted = slurm_place("east", "ann");
  EXPECT_NO_THROW(require_slurm_cluster(noted, noted));
  EXPECT_NO_THROW(require_slurm_user(noted, noted));
  EXPECT_NO_THROW(require_slurm_cluster(slurm_place("east", "bob"), noted));
  expect_refused(require_slurm_cluster, slurm_place("west", "ann"), noted,
                 "Slurm's cluster 'east', and this is cluster 'west'");
  expect_refused(require_slurm_user, slurm_place("east", "bob"), noted, "Slurm's user 'ann', and this is user 'bob'");
}

TEST(slurm_place, that_is_not_known_is_let_pass) {
  EXPECT_TRUE(slurm_place("", "").empty());
  EXPECT_NO_THROW(require_slurm_cluster(slurm_place("", "ann"), slurm_place("east", "ann")));
  EXPECT_NO_THROW(require_slurm_user(slurm_place("east", "ann"), slurm_place("", "ann")));
  EXPECT_NO_THROW(require_slurm_user(slurm_place("east", "ann"), {}));
}

TEST(slurm_place, jobs_of_others_are_hidden_where_the_cluster_says_so_or_nothing) {
  const auto ann = slurm_place("east", "ann"), bob = slurm_place("east", "bob");
  constexpr const char* open = "PrivateData             = none\n";
  EXPECT_FALSE(may_be_hidden(bob, ann, open));
  EXPECT_FALSE(may_be_hidden(bob, ann, "PrivateData             = accounts,usage\n"));
  for (const char* says : {"PrivateData             = accounts,jobs\n", "PrivateData = all\n", "", "Other = 1\n"}) {
    EXPECT_TRUE(may_be_hidden(bob, ann, says)) << says;
    EXPECT_FALSE(may_be_hidden(ann, ann, says)) << says;
  }
  EXPECT_FALSE(may_be_hidden(bob, {}, "")) << "of whom it is nobody knows";
}

}  // namespace
}  // namespace gpubench::fleet
