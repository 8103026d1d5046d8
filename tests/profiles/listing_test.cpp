#include "profiles/listing.hpp"

#include "core/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/profiles/data_directory.hpp"

namespace gpubench::profiles {
namespace {

const catalogue& shipped_catalogue() {
  static const catalogue all = load_catalogue(test::shipped());
  return all;
}

TEST(listing, without_a_filter_is_everything) {
  EXPECT_EQ(list_instances(shipped_catalogue(), {}).size(), 508u);
  EXPECT_EQ(list_prices(shipped_catalogue(), {}).size(), 857u);
  EXPECT_EQ(list_gpus(shipped_catalogue(), {}).size(), 55u);
}

TEST(listing, narrows_by_provider_gpu_memory_and_name) {
  instance_filter filter;
  filter.providers = {"aws"};
  filter.gpu_pattern = "^h[12]00";
  filter.min_gpu_memory_bytes = 100 * gib;
  std::vector<std::string> names;
  for (const auto& listed : list_instances(shipped_catalogue(), filter)) names.push_back(listed.type->type);
  EXPECT_THAT(names, testing::UnorderedElementsAre("p5e.48xlarge", "p5en.48xlarge"));
  filter.name_pattern = "EN\\.";
  EXPECT_EQ(list_instances(shipped_catalogue(), filter).size(), 1u);
}

TEST(listing, compares_memory_per_gpu_and_not_per_instance) {
  instance_filter filter;
  filter.min_gpu_memory_bytes = 64 * gib;
  for (const auto& listed : list_instances(shipped_catalogue(), filter)) {
    ASSERT_TRUE(listed.type->has_gpu());
    EXPECT_GE(*listed.type->gpu_memory_bytes, 64 * gib) << listed.type->name();
  }
}

TEST(listing, converts_before_it_compares_prices) {
  instance_filter filter;
  filter.providers = {"alibaba"};
  filter.max_usd_per_hour = 2.0;
  const auto prices = list_prices(shipped_catalogue(), filter);
  // 12.78 CNY are 1.89 USD at the newest rate of 6.7758, 15.39 CNY are 2.27.
  const auto has = [&](const char* type) {
    return std::any_of(prices.begin(), prices.end(), [&](const auto* p) { return p->instance_type == type; });
  };
  EXPECT_TRUE(has("ecs.gn5-c4g1.xlarge"));
  EXPECT_FALSE(has("ecs.gn5-c8g1.2xlarge"));
}

TEST(listing, finds_the_cheapest_price_of_an_instance) {
  instance_filter filter;
  filter.name_pattern = "^p5\\.48xlarge$";
  const auto all = list_instances(shipped_catalogue(), filter);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].cheapest->model, price_model::spot);
  EXPECT_DOUBLE_EQ(*all[0].cheapest_usd_per_hour, 19.4933);
  filter.region = "us-east-2";
  EXPECT_DOUBLE_EQ(*list_instances(shipped_catalogue(), filter).at(0).cheapest_usd_per_hour, 39.33);
}

TEST(listing, keeps_instances_without_a_price_unless_a_price_is_asked_for) {
  instance_filter filter;
  filter.providers = {"coreweave"};
  EXPECT_EQ(list_instances(shipped_catalogue(), filter).size(), 8u);
  filter.max_usd_per_hour = 1000;
  EXPECT_TRUE(list_instances(shipped_catalogue(), filter).empty());
}

TEST(listing, of_gpus_can_ask_who_sells_them) {
  instance_filter filter;
  filter.providers = {"vultr"};
  std::vector<std::string> names;
  for (const auto* gpu : list_gpus(shipped_catalogue(), filter)) names.push_back(gpu->name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("A16", "A100-PCIe-80GB", "H100-SXM5-80GB", "MI300X"));
}

TEST(listing, refuses_unknown_names_and_malformed_patterns) {
  const auto hint_of = [](const instance_filter& filter) {
    try {
      list_instances(shipped_catalogue(), filter);
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::usage);
      return e.hint();
    }
    return std::string("nothing was refused");
  };
  instance_filter provider, region, pattern;
  provider.providers = {"azur"};
  region.region = "us-east1";
  pattern.gpu_pattern = "H100(";
  EXPECT_THAT(hint_of(provider), testing::HasSubstr("'azure'"));
  EXPECT_THAT(hint_of(region), testing::HasSubstr("'us-east-1'"));
  EXPECT_THAT(hint_of(pattern), testing::HasSubstr("literal bracket"));
}

}  // namespace
}  // namespace gpubench::profiles
