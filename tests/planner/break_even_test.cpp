#include "planner/break_even.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cost/own_hardware.hpp"
#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using profiles::price_model;

const candidate* find(const recommendation& answer, const std::string& provider, price_model model) {
  const auto found = std::find_if(answer.ranked.begin(), answer.ranked.end(), [&](const candidate& c) {
    return c.instance->provider == provider && c.instance->type == "a1" && c.price->model == model;
  });
  return found == answer.ranked.end() ? nullptr : &*found;
}

/// acme a1 costs $3 an hour on demand, and $2 committed for a year, all paid at once.
TEST(break_even, of_a_commitment_is_its_price_over_on_demand_and_its_payment_over_what_an_hour_saves) {
  profiles::catalogue known = testing::small_catalogue();
  profiles::price year = testing::price_of(known.instances[0], 2.0, price_model::commitment);
  year.term = "1yr RI, all upfront";
  known.prices.push_back(year);
  known.index();
  constraints limits;
  limits.price_models = {price_model::on_demand, price_model::commitment};
  const recommendation answer =
      recommend(known, testing::shipped(), testing::resnet_training(), limits, {}, testing::on_2026_11_22());
  const candidate* bought = find(answer, "acme", price_model::commitment);
  ASSERT_NE(bought, nullptr);
  EXPECT_NEAR(bought->break_even_utilisation.value(), 2.0 / 3, 1e-12);
  EXPECT_NEAR(bought->break_even_months.value(), 2.0 * 8760 / (730 * 3), 1e-12);  // 8 months
  const std::vector<std::string> said = break_even_sentences(answer);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said.front().find("from 66.7 % of its hours on; what is paid at once is back after 8.00 months"),
            std::string::npos)
      << said.front();
}

TEST(break_even, without_an_upfront_payment_there_is_nothing_to_pay_back) {
  profiles::catalogue known = testing::small_catalogue();
  profiles::price year = testing::price_of(known.instances[0], 2.0, price_model::commitment);
  year.term = "1yr CUD, no upfront";
  known.prices.push_back(year);
  known.index();
  constraints limits;
  limits.price_models = {price_model::on_demand, price_model::commitment};
  const recommendation answer =
      recommend(known, testing::shipped(), testing::resnet_training(), limits, {}, testing::on_2026_11_22());
  EXPECT_FALSE(find(answer, "acme", price_model::commitment)->break_even_months.has_value());
}

/// A machine like acme a1 for $21,900 at half use, $0.5 an hour of work to run: against $3 an hour for the same work it
/// saves $2.5 in each of 365 hours a month.
TEST(break_even, of_a_machine_of_ones_own_is_against_the_cheapest_on_demand_at_the_same_work) {
  profiles::catalogue known = testing::small_catalogue();
  profiles::instance own = known.instances[0];
  own.provider = cost::own_provider;
  known.instances.push_back(own);
  cost::own_hardware bill;
  bill.purchase = 21'900;
  bill.utilisation = 0.5;
  bill.staff_per_year = 0.5 * 8760 * 0.5;
  known.prices.push_back(testing::price_of(own, cost::hour_of(bill).total(), price_model::on_demand));
  // Of the others only acme a1 is left.
  known.prices.erase(
      std::remove_if(known.prices.begin(), known.prices.end(),
                     [](const auto& p) { return p.instance_type != "a1" || p.model != price_model::on_demand; }),
      known.prices.end());
  known.index();
  constraints limits;
  limits.terms.own = bill;
  const recommendation answer =
      recommend(known, testing::shipped(), testing::resnet_training(), limits, {}, testing::on_2026_11_22());
  const candidate* mine = find(answer, cost::own_provider, price_model::on_demand);
  ASSERT_NE(mine, nullptr);
  EXPECT_NEAR(mine->break_even_months.value(), 21'900 / (730 * 0.5 * 2.5), 1e-9);  // 24 months
  ASSERT_EQ(break_even_sentences(answer).size(), 1U);
  EXPECT_NE(break_even_sentences(answer).front().find("after 24.0 months"), std::string::npos);
  limits.terms.own->staff_per_year = 3.5 * 8760 * 0.5;
  const recommendation dear =
      recommend(known, testing::shipped(), testing::resnet_training(), limits, {}, testing::on_2026_11_22());
  EXPECT_NE(break_even_sentences(dear).front().find("never pays"), std::string::npos);
}

}  // namespace
}  // namespace gpubench::planner
