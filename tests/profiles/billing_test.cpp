#include "profiles/billing.hpp"

#include <gtest/gtest.h>

#include "tests/profiles/data_directory.hpp"

namespace gpubench::profiles {
namespace {

TEST(billing, shipped_rules_are_read) {
  const auto rules = load_billing_rules(test::shipped());
  ASSERT_EQ(rules.count("aws"), 1U);
  EXPECT_EQ(rules.at("aws").granularity_seconds, 1);
  EXPECT_EQ(rules.at("aws").minimum_seconds, 60);
  EXPECT_FALSE(rules.at("azure").minimum_seconds.has_value()) << "an empty cell is no 0";
}

TEST(billing, an_overlay_replaces_and_adds) {
  const temporary_folder own;
  own.write("billing.csv",
            "provider,granularity_seconds,minimum_seconds,source,date\n"
            "aws,3600,3600,our contract,2026-11-01\nours,60,,inventory,2026-11-01\n");
  const auto rules = load_billing_rules(test::shipped(), {own.path()});
  EXPECT_EQ(rules.at("aws").granularity_seconds, 3600);
  EXPECT_EQ(rules.count("ours"), 1U);
  EXPECT_EQ(rules.count("gcp"), 1U);
}

TEST(billing, a_wrong_row_is_refused_with_its_place) {
  const temporary_folder own;
  own.write("billing.csv", "provider,granularity_seconds,source,date\naws,0,x,2026-11-01\n");
  try {
    load_billing_rules(own.path());
    FAIL() << "a granule of nothing was accepted";
  } catch (const error& refused) {
    EXPECT_EQ(refused.kind(), error_kind::input);
    EXPECT_EQ(refused.where().line, 2U);
  }
}

TEST(billing, a_folder_without_the_file_has_no_rules) {
  const temporary_folder own;
  EXPECT_TRUE(load_billing_rules(own.path()).empty());
}

}  // namespace
}  // namespace gpubench::profiles
