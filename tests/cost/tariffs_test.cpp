#include "core/units.hpp"

#include <gtest/gtest.h>

#include "cost/storage.hpp"
#include "cost/traffic.hpp"

namespace gpubench::cost {
namespace {

profiles::transfer_price tier(const char* provider, const char* kind, const char* region, double from,
                              std::optional<double> to, double price, const char* destination = "internet") {
  profiles::transfer_price t;
  t.provider = provider;
  t.kind = kind;
  t.region = region;
  t.destination = destination;
  t.tier_from_gib = from;
  t.tier_to_gib = to;
  t.price_per_gib = price;
  t.currency = "USD";
  t.origin.date = "2026-01-01";
  return t;
}

profiles::catalogue tariffs() {
  profiles::catalogue c;
  c.rates.add("USD", {1, "2026-01-01", "definition"});
  c.rates.add("EUR", {0.5, "2026-01-01", "test"});
  c.transfers = {tier("acme", "internet egress", "west", 100, 1000, 0.09, "China"),
                 tier("acme", "internet egress", "east", 0, 100, 0),
                 tier("acme", "internet egress", "east", 100, 1000, 0.09),
                 tier("acme", "internet egress", "east", 1000, {}, 0.05),
                 tier("acme", "inter-zone", "any", 0, {}, 0.01, "other zone")};
  profiles::storage_offer disk;
  disk.provider = "acme";
  disk.service = "disk";
  disk.kind = "block";
  disk.region = "east";
  disk.price_per_gib_month = 0.73;
  disk.included_mib_per_second = 125;
  disk.max_mib_per_second = 1000;
  disk.currency = "USD";
  c.storage.push_back(disk);
  disk.service = "fast";
  disk.region = "any";
  disk.currency = "EUR";
  disk.included_mib_per_second.reset();
  c.storage.push_back(disk);
  disk.kind = disk.service = "snapshot";
  disk.price_per_gib_month = 0.0365;
  disk.currency = "USD";
  c.storage.push_back(disk);
  return c;
}

TEST(traffic, tiers_are_cumulative) {
  const auto known = tariffs();
  const auto usd = [&](double gib_out) { return egress(known, "acme", "east", gib_out * gib)->usd; };
  EXPECT_DOUBLE_EQ(usd(100), 0);
  EXPECT_NEAR(usd(200), 9, 1e-9);
  EXPECT_NEAR(usd(1500), 900 * 0.09 + 500 * 0.05, 1e-9);
}

TEST(traffic, another_region_stands_in_and_is_said_to) {
  const auto known = tariffs();
  EXPECT_FALSE(egress(known, "acme", "east", gib)->other_region);
  EXPECT_TRUE(egress(known, "acme", "south", gib)->other_region);
  EXPECT_FALSE(inter_zone(known, "acme", "south", gib)->other_region) << "priced for every region";
  EXPECT_NEAR(inter_zone(known, "acme", "south", 50 * gib)->usd, 0.5, 1e-9);
}

TEST(traffic, without_a_tariff_has_no_price) {
  const auto known = tariffs();
  EXPECT_FALSE(egress(known, "bolt", "east", gib).has_value());
  EXPECT_FALSE(tiered_price({&known.transfers[1]}, 150).has_value()) << "no price for the last 50 GiB";
}

TEST(storage, costs_its_share_of_a_month) {
  const auto known = tariffs();
  const auto* disk = find_storage(known, "acme", "east", "");
  ASSERT_NE(disk, nullptr);
  EXPECT_EQ(disk->service, "disk");
  EXPECT_NEAR(stored(known, *disk, "east", 100 * gib, 10 * 3600)->usd, 1, 1e-9);  // 100 x 0.73 x 10 / 730
  const auto* fast = find_storage(known, "acme", "west", "fast");
  EXPECT_NEAR(stored(known, *fast, "west", 100 * gib, 10 * 3600)->usd, 2, 1e-9) << "0.5 EUR a USD";
  EXPECT_NEAR(snapshots(known, "acme", "east", 1000 * gib, 7300 * 3600.0)->usd, 365, 1e-9);
  EXPECT_EQ(find_storage(known, "bolt", "east", ""), nullptr);
  EXPECT_FALSE(snapshots(known, "bolt", "east", gib, 1).has_value());
}

TEST(storage, is_written_at_the_included_rate_else_at_its_most) {
  const auto known = tariffs();
  EXPECT_DOUBLE_EQ(*write_rate(known.storage[0]), 125 * mib);
  EXPECT_DOUBLE_EQ(*write_rate(known.storage[1]), 1000 * mib);
  EXPECT_FALSE(write_rate(profiles::storage_offer{}).has_value());
}

}  // namespace
}  // namespace gpubench::cost
