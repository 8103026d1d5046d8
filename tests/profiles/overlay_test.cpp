#include "core/units.hpp"
#include "profiles/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profiles/data_directory.hpp"

namespace gpubench::profiles {
namespace {

const price* price_of(const catalogue& all, const char* provider, const char* type, price_model model) {
  for (const auto* cost : all.prices_of(*all.find_instance(provider, type)))
    if (cost->model == model) return cost;
  return nullptr;
}

TEST(overlay, replaces_rows_of_the_same_key_and_adds_others) {
  const temporary_folder own;
  own.write("gpus.csv",
            "name,vendor,memory_gib,source,date\nL4,NVIDIA,25,measured,2026-11\nMyGPU,Me,10,measured,2026\n");
  const auto all = load_catalogue(test::shipped(), {own.path()});
  EXPECT_EQ(all.gpus.size(), 56u);
  EXPECT_DOUBLE_EQ(all.gpu("L4").memory_bytes, 25 * gib);
  EXPECT_EQ(all.gpu("L4").origin.source, "measured");
  EXPECT_DOUBLE_EQ(all.gpu("mygpu").memory_bytes, 10 * gib);
}

TEST(overlay, brings_a_machine_of_ones_own) {
  const temporary_folder own;
  own.write("instances.csv",
            "provider,instance_type,gpu,gpu_count,vcpus,host_memory_gib,source,date\n"
            "onprem,rack-7,NVIDIA A100-SXM4-80GB,4,128,1024,inventory,2026-10-01\n");
  own.write("prices.csv",
            "provider,instance_type,region,price_model,amount_per_hour,currency,source,date\n"
            "onprem,rack-7,cellar,on_demand,3.1,EUR,finance,2026-10\n");
  const auto all = load_catalogue(test::shipped(), {own.path()});
  const auto& rack = all.require_instance("rack-7");
  EXPECT_EQ(rack.provider, "onprem");
  EXPECT_EQ(rack.gpu, "A100-SXM4-80GB");
  EXPECT_DOUBLE_EQ(*rack.gpu_memory_bytes, 80 * gib);  // left empty in the file: that of the part
  ASSERT_EQ(all.prices_of(rack).size(), 1u);
  EXPECT_EQ(all.prices_of(rack)[0]->currency, "EUR");
}

TEST(overlay, discounts_the_prices_that_a_row_matches) {
  const temporary_folder own;
  own.write("discounts.csv",
            "provider,instance_type,price_model,discount_fraction,source,date\n"
            "aws,p5.*,on_demand,0.2,contract 7,2026-10-01\n"
            "aws,p5\\.48xlarge,on_demand,0.5,contract 8,2026-10-02\n");
  const auto plain = load_catalogue(test::shipped());
  const auto reduced = load_catalogue(test::shipped(), {own.path()});
  const auto amount = [](const catalogue& all, const char* type, price_model model) {
    return price_of(all, "aws", type, model)->amount_per_hour;
  };
  EXPECT_DOUBLE_EQ(amount(plain, "p5.48xlarge", price_model::on_demand), 55.04);
  EXPECT_DOUBLE_EQ(amount(reduced, "p5.48xlarge", price_model::on_demand), 27.52);  // the last row counts
  EXPECT_NEAR(amount(reduced, "p5.4xlarge", price_model::on_demand), 6.88 * 0.8, 1e-12);
  EXPECT_DOUBLE_EQ(amount(reduced, "p5.48xlarge", price_model::spot), 19.4933);  // spot is not meant
  EXPECT_DOUBLE_EQ(amount(reduced, "p4d.24xlarge", price_model::on_demand), 21.957642);
  EXPECT_THAT(price_of(reduced, "aws", "p5.48xlarge", price_model::on_demand)->origin.note,
              testing::HasSubstr("50 % below the list price: contract 8, 2026-10-02"));
}

TEST(exchange_rates, are_dated) {
  const auto all = load_catalogue(test::shipped());
  EXPECT_DOUBLE_EQ(all.rates.of("CNY", "2024-12").units_per_usd, 7.2807);
  EXPECT_DOUBLE_EQ(all.rates.of("CNY", "2024-12-10").units_per_usd, 7.2807);
  EXPECT_DOUBLE_EQ(all.rates.of("CNY", "2019").units_per_usd, 7.2807);  // the nearest that there is
  EXPECT_DOUBLE_EQ(all.rates.of("CNY").units_per_usd, 6.7758);
  EXPECT_EQ(all.rates.of("CNY").date, "2026-06");
  EXPECT_DOUBLE_EQ(all.rates.to_usd(67.758, "CNY"), 10);
  EXPECT_DOUBLE_EQ(all.rates.to_usd(3, "USD"), 3);
  EXPECT_THROW(all.rates.of("XYZ"), error);
}

TEST(exchange_rates, of_the_user_win) {
  auto all = load_catalogue(test::shipped());
  all.rates.set("CNY", {8, "2020-01-01", "mine"});
  EXPECT_DOUBLE_EQ(all.rates.of("CNY").units_per_usd, 8);
  EXPECT_DOUBLE_EQ(all.rates.of("CNY", "2024-12").units_per_usd, 8);
  EXPECT_DOUBLE_EQ(all.rates.all().at("CNY").units_per_usd, 8);

  const temporary_folder own;
  own.write("exchange_rates.csv", "currency,units_per_usd,source,date\nCNY,7.5,bank,2025-01-01\n");
  const auto overlaid = load_catalogue(test::shipped(), {own.path()});
  EXPECT_DOUBLE_EQ(overlaid.rates.of("CNY").units_per_usd, 7.5);
  EXPECT_DOUBLE_EQ(overlaid.rates.of("CNY", "2026-06").units_per_usd, 7.5);
}

}  // namespace
}  // namespace gpubench::profiles
