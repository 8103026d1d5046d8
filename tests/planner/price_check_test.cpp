#include "planner/price_check.hpp"

#include "core/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

profiles::price dated(const std::string& date, profiles::price_model model = profiles::price_model::on_demand) {
  profiles::price offer;
  offer.model = model;
  offer.origin.date = date;
  return offer;
}

TEST(price_check, takes_prices_of_the_day_and_before_and_none_of_later_days) {
  const constraints limits;
  price_check at(limits, testing::on_2026_11_22());
  const profiles::instance type;
  EXPECT_EQ(at.problem(type, dated("2026-11-22")).detail, "");
  EXPECT_EQ(at.age_days(dated("2026-11-22")), 0);
  EXPECT_EQ(at.age_days(dated("2026-11-12")), 10);
  const rejection later = at.problem(type, dated("2026-11-23"));
  EXPECT_EQ(later.reason, rejection_reason::later_price);
  EXPECT_NE(later.detail.find("2026-11-23, after the day"), std::string::npos) << later.detail;
}

TEST(price_check, spot_prices_grow_too_old_sooner_than_list_prices) {
  const constraints limits;
  price_check at(limits, testing::on_2026_11_22());
  const profiles::instance type;
  EXPECT_EQ(at.problem(type, dated("2025-06-01")).detail, "");
  EXPECT_EQ(at.problem(type, dated("2025-06-01", profiles::price_model::spot)).reason, rejection_reason::old_price);
  EXPECT_EQ(at.problem(type, dated("2023-06-01")).reason, rejection_reason::old_price);
}

TEST(price_check, a_ranking_of_an_earlier_day_plans_on_no_later_price) {
  profiles::catalogue known = testing::small_catalogue();
  for (profiles::price& offer : known.prices) offer.origin.date = "2026-11-23";
  known.prices.front().origin.date = "2026-11-21";
  const recommendation answer =
      recommend(known, testing::shipped(), testing::resnet_training(), {}, {}, testing::on_2026_11_22());
  ASSERT_EQ(answer.ranked.size(), 1U);
  EXPECT_EQ(answer.ranked.front().price->origin.date, "2026-11-21");
  EXPECT_TRUE(std::any_of(answer.rejected.begin(), answer.rejected.end(), [](const rejection& r) {
    return r.detail.find("after the day of this answer") != std::string::npos;
  }));
}

}  // namespace
}  // namespace gpubench::planner
