#include "core/error.hpp"

#include <gtest/gtest.h>

#include "cost/billing.hpp"
#include "cost/capacity_block.hpp"
#include "cost/commitment.hpp"
#include "cost/discount.hpp"
#include "cost/own_hardware.hpp"

namespace gpubench::cost {
namespace {

profiles::billing_rule rule(double granularity, std::optional<double> minimum = {}) {
  profiles::billing_rule r;
  r.granularity_seconds = granularity;
  r.minimum_seconds = minimum;
  return r;
}

TEST(billing, rounds_up_to_granules_and_to_the_minimum) {
  EXPECT_DOUBLE_EQ(billed_seconds(rule(1, 60), 12), 60);
  EXPECT_DOUBLE_EQ(billed_seconds(rule(1, 60), 61.2), 62);
  EXPECT_DOUBLE_EQ(billed_seconds(rule(60, 60), 61), 120);
  EXPECT_DOUBLE_EQ(billed_seconds(rule(3600), 3601), 7200);
  EXPECT_DOUBLE_EQ(billed_seconds(rule(3600), 3600), 3600);
  EXPECT_DOUBLE_EQ(billed_seconds(rule(1, 60), 0), 0) << "what is never started is not billed";
}

TEST(billing, of_more_time_is_never_less) {
  for (const double granularity : {1.0, 60.0, 3600.0}) {
    double last = 0;
    for (double used = 1; used < 1e6; used *= 1.7) {
      const double billed = billed_seconds(rule(granularity, 60), used);
      EXPECT_GE(billed, used);
      EXPECT_GE(billed, last);
      last = billed;
    }
  }
}

// 8,760 h at 10 an hour on demand; 43,800 at once and 2 an hour: an hour of the term costs 5 + 2 = 7.
TEST(commitment, effective_price_and_break_even_by_hand) {
  const commitment deal{8760, 43'800, 2};
  EXPECT_DOUBLE_EQ(deal.effective_per_hour(), 7);
  EXPECT_DOUBLE_EQ(break_even_utilisation(deal, 10), 0.7);
  EXPECT_DOUBLE_EQ(*break_even_months(deal, 10), 43'800 / (730.0 * 8));  // 7.5 months
  EXPECT_DOUBLE_EQ(deal.effective_per_hour() / 0.7, 10) << "at the break-even an hour in use costs what on demand does";
}

TEST(commitment, that_never_pays_has_no_month) {
  EXPECT_FALSE(break_even_months({8760, 1000, 11}, 10).has_value()) << "an hour of it costs more";
  EXPECT_FALSE(break_even_months({8760, 200'000, 2}, 10).has_value()) << "it ends first";
  EXPECT_GT(break_even_utilisation({8760, 200'000, 2}, 10), 1);
}

TEST(commitment, payment_options_share_one_effective_price) {
  for (const auto option : {payment_option::no_upfront, payment_option::partial_upfront, payment_option::all_upfront}) {
    EXPECT_NEAR(commitment_of(2.5, 3 * hours_per_year, option).effective_per_hour(), 2.5, 1e-12);
  }
  EXPECT_DOUBLE_EQ(commitment_of(2.5, 8760, payment_option::all_upfront).upfront, 21'900);
  EXPECT_DOUBLE_EQ(commitment_of(2.5, 8760, payment_option::partial_upfront).upfront, 10'950);
  EXPECT_DOUBLE_EQ(commitment_of(2.5, 8760, payment_option::partial_upfront).per_hour, 1.25);
  EXPECT_DOUBLE_EQ(*break_even_months(commitment_of(2.5, 8760, payment_option::no_upfront), 4), 0);
}

// 60,000 less 5,000 over 4 years at 60 % are 55,000 / 21,024 h; 1.2 kW x 1.4 x 0.25 and 4,000 / 5,256 h run on.
TEST(own_hardware, as_a_commitment_costs_the_same_hour_and_pays_back_by_hand) {
  own_hardware machine;
  machine.purchase = 60'000;
  machine.resale = 5'000;
  machine.amortisation_years = 4;
  machine.power_watts = 1'200;
  machine.pue = 1.4;
  machine.energy_price_per_kwh = 0.25;
  machine.staff_per_year = 4'000;
  machine.utilisation = 0.6;
  const commitment deal = as_commitment(machine);
  EXPECT_DOUBLE_EQ(deal.term_hours, 21'024);
  EXPECT_DOUBLE_EQ(deal.upfront, 55'000);
  EXPECT_NEAR(deal.per_hour, 0.42 + 4'000 / 5'256.0, 1e-12);
  EXPECT_NEAR(deal.effective_per_hour(), hour_of(machine).total(), 1e-12);
  EXPECT_NEAR(*break_even_months(deal, 6), 55'000 / (730 * (6 - deal.per_hour)), 1e-9);  // 15.6 months of work
  // Never switched off, its staff is spread over all hours.
  const commitment always_on = kept_running(machine);
  EXPECT_DOUBLE_EQ(always_on.term_hours, 35'040);
  EXPECT_DOUBLE_EQ(always_on.upfront, 55'000);
  EXPECT_NEAR(always_on.per_hour, 0.42 + 4'000 / 8'760.0, 1e-12);
}

TEST(commitment, terms_are_read_as_catalogues_write_them) {
  const auto reserved = parse_commitment_term("3yr standard RI, partial upfront");
  EXPECT_EQ(reserved.years, 3);
  EXPECT_EQ(reserved.payment, payment_option::partial_upfront);
  EXPECT_FALSE(reserved.is_capacity_block);
  const auto block = parse_commitment_term("Capacity Block for ML (fixed dates, all upfront)");
  EXPECT_TRUE(block.is_capacity_block);
  EXPECT_FALSE(block.window_hours.has_value());
  EXPECT_EQ(parse_commitment_term("capacity block, 48 h").window_hours, 48);
  EXPECT_EQ(parse_commitment_term("capacity block, 2 days").window_hours, 48);
  EXPECT_FALSE(parse_commitment_term("our deal").years.has_value());
}

TEST(capacity_block, is_the_shortest_sold_that_holds_the_job) {
  constexpr double hour = 3600;
  EXPECT_EQ(capacity_block_hours({}, 3 * hour), 24);
  EXPECT_EQ(capacity_block_hours({}, 24 * hour), 24);
  EXPECT_EQ(capacity_block_hours({}, 25 * hour), 48);
  EXPECT_EQ(capacity_block_hours({}, 15 * 24 * hour), 21 * 24);
  EXPECT_FALSE(capacity_block_hours({}, 183 * 24 * hour).has_value());
  EXPECT_EQ(capacity_block_hours({48}, 30 * hour), 48);
  EXPECT_FALSE(capacity_block_hours({48}, 49 * hour).has_value());
}

// 87,600 over 5 years at half use: 87,600 / (5 x 4,380) = 4 an hour; 4 kW x 1.5 x 0.25 = 1.5; 8,760 / 4,380 = 2.
TEST(own_hardware, an_hour_of_work_by_hand) {
  const auto hour = hour_of({100'000, 12'400, 5, 4000, 1.5, 0.25, 8760, 0.5});
  EXPECT_DOUBLE_EQ(hour.capital, 4);
  EXPECT_DOUBLE_EQ(hour.energy, 1.5);
  EXPECT_DOUBLE_EQ(hour.staff, 2);
  EXPECT_DOUBLE_EQ(hour.total(), 7.5);
}

TEST(own_hardware, refuses_what_no_machine_is) {
  const own_hardware good{1000, 0, 4, 300, 1.2, 0.3, 0, 1};
  const auto with = [&](auto change) {
    own_hardware machine = good;
    change(machine);
    return machine;
  };
  EXPECT_NO_THROW(hour_of(good));
  EXPECT_THROW(hour_of(with([](auto& m) { m.utilisation = 0; })), error);
  EXPECT_THROW(hour_of(with([](auto& m) { m.utilisation = 1.1; })), error);
  EXPECT_THROW(hour_of(with([](auto& m) { m.pue = 0.9; })), error);
  EXPECT_THROW(hour_of(with([](auto& m) { m.amortisation_years = 0; })), error);
  EXPECT_THROW(hour_of(with([](auto& m) { m.resale = 2000; })), error);
  EXPECT_THROW(hour_of(with([](auto& m) { m.power_watts = -1; })), error);
}

TEST(discount, is_read_and_lowers_what_it_matches) {
  EXPECT_EQ(parse_discount("aws=0.12").provider, "aws");
  EXPECT_DOUBLE_EQ(parse_discount("aws=12%").fraction, 0.12);
  EXPECT_EQ(parse_discount("aws:on-demand=0.1").model, profiles::price_model::on_demand);
  for (const char* wrong : {"aws", "=0.1", "aws=", "aws=0", "aws=1", "aws=-0.1", "aws=x", "aws:free=0.1"})
    EXPECT_THROW(parse_discount(wrong), error) << wrong;

  profiles::catalogue known;
  profiles::price one;
  one.provider = "aws";
  one.amount_per_hour = 10;
  known.prices = {one, one};
  known.prices[1].model = profiles::price_model::spot;
  apply_discounts({parse_discount("aws=0.1"), parse_discount("aws:spot=0.5")}, known);
  EXPECT_DOUBLE_EQ(known.prices[0].amount_per_hour, 9);
  EXPECT_DOUBLE_EQ(known.prices[1].amount_per_hour, 4.5);
  EXPECT_THROW(apply_discounts({parse_discount("awz=0.1")}, known), error);
}

}  // namespace
}  // namespace gpubench::cost
