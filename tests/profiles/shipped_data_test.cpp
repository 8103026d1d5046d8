#include "core/units.hpp"
#include "profiles/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/profiles/data_directory.hpp"

namespace gpubench::profiles {
namespace {

const catalogue& shipped_catalogue() {
  static const catalogue all = load_catalogue(test::shipped());
  return all;
}

TEST(shipped_data, has_no_finding) {
  std::string findings;
  for (const auto& finding : validate_catalogue(test::shipped())) findings += finding.describe() + "\n";
  EXPECT_EQ(findings, "");
}

TEST(shipped_data, is_complete) {
  const auto& all = shipped_catalogue();
  EXPECT_EQ(all.gpus.size(), 55u);
  EXPECT_EQ(all.cpus.size(), 63u);
  EXPECT_EQ(std::count_if(all.instances.begin(), all.instances.end(), [](const auto& i) { return i.has_gpu(); }), 340);
  EXPECT_EQ(std::count_if(all.instances.begin(), all.instances.end(), [](const auto& i) { return !i.has_gpu(); }), 168);
  EXPECT_EQ(all.prices.size(), 857u);
  EXPECT_EQ(all.spot_interruptions.size(), 206u);
  EXPECT_EQ(all.storage.size(), 70u);
  EXPECT_EQ(all.transfers.size(), 84u);
  EXPECT_EQ(all.rates.all().size(), 12u);
}

TEST(shipped_data, is_in_base_units) {
  const auto& all = shipped_catalogue();
  const auto& gpu = all.gpu("H100-SXM5-80GB");
  EXPECT_DOUBLE_EQ(gpu.memory_bytes, 80 * gib);
  EXPECT_DOUBLE_EQ(*gpu.memory_bandwidth_bytes_per_second, 3352e9);
  EXPECT_DOUBLE_EQ(*gpu.dense_peak(models::precision::bf16), 989.4e12);
  EXPECT_DOUBLE_EQ(*gpu.boost_clock_hertz, 1980e6);
  EXPECT_FALSE(gpu.dense_peak(models::precision::fp4));
  const auto* node = all.find_instance("aws", "p5.48xlarge");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->gpu_count, 8);
  EXPECT_DOUBLE_EQ(*node->network_bits_per_second, 3200e9);
  EXPECT_EQ(node->gpu_interconnect, interconnect::nvswitch);
}

TEST(shipped_data, holds_shares_of_a_gpu_and_cpu_only_instances) {
  const auto& all = shipped_catalogue();
  const auto* slice = all.find_instance("aws", "g6f.large");
  ASSERT_TRUE(slice);
  EXPECT_DOUBLE_EQ(slice->gpu_fraction, 0.125);
  EXPECT_DOUBLE_EQ(*slice->gpu_memory_bytes, 3 * gib);
  const auto* cpu_only = all.find_instance("aws", "c7i.48xlarge");
  ASSERT_TRUE(cpu_only);
  EXPECT_FALSE(cpu_only->has_gpu());
  EXPECT_EQ(cpu_only->cpu, "Xeon Platinum 8488C");
  EXPECT_EQ(cpu_only->gpu_count, 0);
}

TEST(shipped_data, keeps_the_currency_of_the_price_list) {
  const auto& all = shipped_catalogue();
  std::size_t yuan = 0;
  for (const auto& price : all.prices) {
    if (price.provider == "alibaba") {
      EXPECT_EQ(price.currency, "CNY") << price.instance_type;
    }
    yuan += price.currency == "CNY";
  }
  EXPECT_EQ(yuan, 75u);
  const auto* type = all.find_instance("alibaba", "ecs.gn5-c4g1.xlarge");
  ASSERT_TRUE(type);
  const auto prices = all.prices_of(*type);
  ASSERT_EQ(prices.size(), 1u);
  EXPECT_DOUBLE_EQ(prices[0]->amount_per_hour, 12.78);
  EXPECT_EQ(prices[0]->origin.date, "2024-12-31");
}

TEST(shipped_data, gives_spot_prices_their_own_date) {
  const auto& all = shipped_catalogue();
  const auto* type = all.find_instance("azure", "Standard_NC6s_v3");
  ASSERT_TRUE(type);
  const auto prices = all.prices_of(*type);
  ASSERT_EQ(prices.size(), 2u);
  EXPECT_EQ(prices[0]->model, price_model::on_demand);
  EXPECT_EQ(prices[0]->origin.date, "2026-06-18");
  EXPECT_EQ(prices[1]->model, price_model::spot);
  EXPECT_EQ(prices[1]->origin.date, "2023-12-08");
}

TEST(shipped_data, marks_commitments_that_are_no_price_list) {
  const auto& all = shipped_catalogue();
  std::size_t checked = 0, unchecked = 0;
  for (const auto& price : all.prices) {
    if (price.model != price_model::commitment) continue;
    EXPECT_FALSE(price.term.empty());
    ++(price.checked ? checked : unchecked);
    if (price.provider == "gcp") {
      EXPECT_TRUE(price.checked);
    }
  }
  EXPECT_EQ(checked, 104u);
  EXPECT_EQ(unchecked, 4u);
}

TEST(gpu_names, of_resellers_and_drivers_are_understood) {
  const auto& all = shipped_catalogue();
  const std::pair<const char*, const char*> pairs[] = {{"H100-SXM", "H100-SXM5-80GB"},
                                                       {"h100_sxm5_80gb", "H100-SXM5-80GB"},
                                                       {"NVIDIA H100 80GB HBM3", "H100-SXM5-80GB"},
                                                       {"A100-80GB", "A100-SXM4-80GB"},
                                                       {"A100-PCIE-40GB", "A100-PCIe-40GB"},
                                                       {"NVIDIA A100-SXM4-80GB", "A100-SXM4-80GB"},
                                                       {"NVIDIA A100 80GB PCIe", "A100-PCIe-80GB"},
                                                       {"NVIDIA H200", "H200-SXM-141GB"},
                                                       {"Tesla T4", "T4"},
                                                       {"Tesla V100-SXM2-16GB", "V100-SXM2-16GB"},
                                                       {"NVIDIA GeForce RTX 4090", "RTX 4090"},
                                                       {"NVIDIA L4", "L4"},
                                                       {"AMD Instinct MI300X", "MI300X"}};
  for (const auto& [alias, name] : pairs) {
    const auto* gpu = all.find_gpu(alias);
    ASSERT_TRUE(gpu) << alias;
    EXPECT_EQ(gpu->name, name);
  }
  EXPECT_EQ(all.find_gpu("Voodoo 2"), nullptr);
}

TEST(gpu_peak, of_fp64_is_the_tensor_rate_where_there_is_one) {
  const auto& all = shipped_catalogue();
  EXPECT_DOUBLE_EQ(all.gpu("H200-SXM-141GB").dense_peak(models::precision::fp64).value_or(0), 66.9e12);
  EXPECT_DOUBLE_EQ(all.gpu("MI250X").dense_peak(models::precision::fp64).value_or(0), 95.7e12);  // fp32 vector: 47.9
  EXPECT_DOUBLE_EQ(all.gpu("V100-SXM2-16GB").dense_peak(models::precision::fp64).value_or(0), 7.8e12);
}

TEST(look_ups, name_the_nearest_when_nothing_matches) {
  const auto& all = shipped_catalogue();
  try {
    all.gpu("H1000-SXM");
    FAIL() << "an unknown GPU was found";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::usage);
    EXPECT_THAT(e.hint(), testing::HasSubstr("H100-SXM"));
  }
  try {
    all.require_instance("p5.48xlrge");
    FAIL() << "an unknown instance was found";
  } catch (const error& e) {
    EXPECT_THAT(e.hint(), testing::HasSubstr("'p5.48xlarge'"));
  }
}

TEST(look_ups, take_a_provider_with_a_blank_or_a_colon) {
  const auto& all = shipped_catalogue();
  EXPECT_EQ(all.require_instance("aws p5.48xlarge").type, "p5.48xlarge");
  EXPECT_EQ(all.require_instance("aws:p5.48xlarge").type, "p5.48xlarge");
  EXPECT_EQ(all.require_instance("oci VM.Standard.E4.Flex (8 OCPU, 64 GB)").provider, "oci");
  EXPECT_EQ(all.require_instance("VM.Standard.E4.Flex (8 OCPU, 64 GB)").provider, "oci");
}

TEST(look_ups, ask_which_provider_is_meant) {
  const auto& all = shipped_catalogue();
  ASSERT_GT(all.find_instances("L40").size(), 1u);
  try {
    all.require_instance("L40");
    FAIL() << "an ambiguous name was taken";
  } catch (const error& e) {
    EXPECT_THAT(e.hint(), testing::HasSubstr("'hyperstack L40'"));
    EXPECT_THAT(e.hint(), testing::HasSubstr("'massedcompute L40'"));
  }
}

TEST(cpu_peak, is_clock_times_flop_per_cycle) {
  const auto* cpu = shipped_catalogue().find_cpu("Xeon Platinum 8488C");
  ASSERT_TRUE(cpu);
  // 3.2 GHz all-core turbo; 64 fp32 and 1,024 bf16 FLOP a cycle.
  EXPECT_DOUBLE_EQ(*cpu->core_peak_flop_per_second(models::precision::fp32), 204.8e9);
  EXPECT_DOUBLE_EQ(*cpu->core_peak_flop_per_second(models::precision::fp64), 102.4e9);
  EXPECT_DOUBLE_EQ(*cpu->core_peak_flop_per_second(models::precision::bf16), 3276.8e9);
  EXPECT_DOUBLE_EQ(*cpu->core_peak_flop_per_second(models::precision::int8), 6553.6e9);
  EXPECT_FALSE(cpu->core_peak_flop_per_second(models::precision::fp16));
  // No all-core clock is published for this part: the base clock of 2.25 GHz, 32 FLOP a cycle.
  const auto* rome = shipped_catalogue().find_cpu("EPYC 7742");
  ASSERT_TRUE(rome);
  EXPECT_DOUBLE_EQ(*rome->core_peak_flop_per_second(models::precision::fp32), 72e9);
  EXPECT_FALSE(rome->core_peak_flop_per_second(models::precision::bf16));
}

}  // namespace
}  // namespace gpubench::profiles
