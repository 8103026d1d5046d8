#include "core/units.hpp"
#include "profiles/price_lists/difference.hpp"
#include "profiles/price_lists/format.hpp"
#include "profiles/price_lists/python_literal.hpp"
#include "profiles/price_lists/screening.hpp"
#include "profiles/price_lists/snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/profiles/data_directory.hpp"

namespace gpubench::profiles {
namespace {

using testing::HasSubstr;

const catalogue& shipped() {
  static const catalogue known = load_catalogue(test::shipped());
  return known;
}

price_list read(const std::string& format, const std::filesystem::path& file, const std::string& provider = "") {
  price_list list;
  find_price_list_format(format).read(file, {provider, "USD", &shipped()}, list);
  return list;
}

screened_list screened(const std::string& format, const std::filesystem::path& file, const std::string& provider = "",
                       const std::string& date = "2026-11-25") {
  return screen(read(format, file, provider), shipped(), {{file.string(), {"test", date, "", {}}}});
}

const price* find(const screened_list& list, const std::string& type, price_model model,
                  const std::string& region = "") {
  for (const auto& cost : list.prices)
    if (cost.instance_type == type && cost.model == model && (region.empty() || cost.region == region)) return &cost;
  return nullptr;
}

std::string reason(const screened_list& list, std::size_t line) {
  for (const auto& one : list.refused)
    if (one.position.line == line) return one.reason;
  return "";
}

const std::string aws_head =
    "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone,"
    "Arch\n";
std::string h100s(const std::string& price, const std::string& spot, const std::string& zone = "use1-az1") {
  return "p5.48xlarge,H100,8,192,2048,\"{'Gpus': [{'Name': 'H100', 'Manufacturer': 'NVIDIA', 'Count': 8, 'MemoryInfo': "
         "{'SizeInMiB': 81920}}], 'TotalGpuMemoryInMiB': 655360}\"," +
         price + "," + spot + ",us-east-1," + zone + ",x86_64\n";
}

TEST(price_list_formats, are_those_of_the_documentation) {
  std::vector<std::string> names;
  for (const auto& format : price_list_formats()) names.push_back(format.name);
  EXPECT_THAT(names, testing::ElementsAre("gpuhunt", "opencost", "skypilot", "vantage"));
  EXPECT_THROW(find_price_list_format("skypilott"), error);
}

TEST(python_literal, reads_what_repr_writes) {
  const auto value = detail::parse_python_literal(
      R"({'Gpus': [{'Name': "A's", 'Count': 8.0, 'Spot': None, 'Ok': True}], 'Sizes': (1, -2e3)})", {"f", 1, 1});
  EXPECT_EQ(value["Gpus"][0]["Name"], "A's");
  EXPECT_EQ(value["Gpus"][0]["Count"], 8.0);
  EXPECT_TRUE(value["Gpus"][0]["Spot"].is_null());
  EXPECT_EQ(value["Gpus"][0]["Ok"], true);
  EXPECT_EQ(value["Sizes"][1], -2000.0);
}

TEST(python_literal, refuses_what_is_none) {
  for (const auto* text : {"", "{", "{'a'", "{'a': }", "{1: 2}", "{'a': 1} x", "{'a': 1, 'a': 2}", "{'a': 1e400}",
                           "'open", "[1 2]", "'\\x41'", "__import__('os')"})
    EXPECT_THROW(detail::parse_python_literal(text, {"f", 1, 1}), error) << text;
  EXPECT_THROW(detail::parse_python_literal(std::string(100'000, '['), {"f", 1, 1}), error);
}

TEST(skypilot, reads_columns_by_name_and_takes_the_provider_from_the_folder) {
  const temporary_folder here;
  const auto file =
      here.write("lambda/vms.csv",
                 "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice\r\n"
                 "gpu_8x_a100,A100,8.0,124.0,1800.0,10.32,us-east-1,\"{'gpus': [{'name': 'A100', 'memoryinfo': "
                 "{'sizeinmib': 40960}}], 'TotalGpuMemoryInMiB': 40960}\",\r\n");
  const auto list = read("skypilot", file);
  ASSERT_EQ(list.prices.size(), 1u);
  EXPECT_EQ(list.prices[0].provider, "lambda");
  EXPECT_DOUBLE_EQ(list.prices[0].amount_per_hour, 10.32);
  EXPECT_DOUBLE_EQ(*list.prices[0].gpu_memory_bytes, 40 * gib);
  EXPECT_EQ(list.prices[0].position.line, 2u);
  EXPECT_TRUE(list.refused.empty());
}

TEST(skypilot, needs_a_provider_where_the_file_does_not_tell) {
  const temporary_folder here;
  EXPECT_THROW(read("skypilot", here.write("list.csv", aws_head)), error);
}

TEST(price_list_readers, refuse_a_list_that_stops_within_its_last_number) {
  const temporary_folder here;
  const auto whole = aws_head + h100s("55.04", "22");
  ASSERT_EQ(whole.back(), '\n');
  try {
    read("skypilot", here.write("aws/vms.csv", whole.substr(0, whole.size() - 2)));
    FAIL() << "nothing was refused";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_EQ(e.where().line, 2u);
  }
}

TEST(skypilot, takes_nan_for_a_blank_and_names_a_row_without_price) {
  const temporary_folder here;
  const auto list =
      screened("skypilot", here.write("aws/vms.csv", aws_head + h100s("NaN", "") + h100s("55.04", "nan")));
  EXPECT_EQ(reason(list, 2), "the row has no price");
  ASSERT_EQ(list.prices.size(), 1u);
  EXPECT_DOUBLE_EQ(list.prices[0].amount_per_hour, 55.04);
}

TEST(skypilot, names_columns_that_it_does_not_know) {
  const temporary_folder here;
  const auto file = here.write(
      "aws/vms.csv",
      "InstanceType,AcceleratorName,AcceleratorCount,Price,Region,Discount\np5.48xlarge,H100,8,55.04,us-east-1,3\n");
  EXPECT_THAT(read("skypilot", file).unused_columns, testing::ElementsAre("Discount"));
}

TEST(skypilot, adds_accelerators_to_hosts_that_are_priced_apart) {
  const temporary_folder here;
  const std::string accelerator = "{'Gpus': [{'MemoryInfo': {'SizeInMiB': 40960}}]}";
  const auto file = here.write(
      "gcp/vms.csv",
      "InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice\n"
      "a2-highgpu-2g,24,170,,,,us-central1,us-central1-a,1.47895,0.59151\n"
      "a2-highgpu-2g,24,170,,,,us-east1,us-east1-b,1.47895,\n"
      "n9-unheard-of,8,30,,,,us-central1,us-central1-a,0.38,\n"
      ",,,A100,1," +
          accelerator + ",us-central1,us-central1-a,2.93391,1.1736\n");
  const auto list = screened("skypilot", file);
  const auto* on_demand = find(list, "a2-highgpu-2g", price_model::on_demand);
  ASSERT_NE(on_demand, nullptr);
  EXPECT_NEAR(on_demand->amount_per_hour, 1.47895 + 2 * 2.93391, 1e-9);
  EXPECT_NEAR(find(list, "a2-highgpu-2g", price_model::spot)->amount_per_hour, 0.59151 + 2 * 1.1736, 1e-9);
  EXPECT_THAT(reason(list, 3), HasSubstr("price of the host alone"));
  EXPECT_THAT(reason(list, 4), HasSubstr("the catalogue does not know"));
}

TEST(screening, keeps_the_cheapest_zone_and_says_so) {
  const temporary_folder here;
  const auto list =
      screened("skypilot", here.write("aws/vms.csv", aws_head + h100s("55.04", "22") + h100s("55.04", "19", "b")));
  const auto* spot = find(list, "p5.48xlarge", price_model::spot);
  ASSERT_NE(spot, nullptr);
  EXPECT_DOUBLE_EQ(spot->amount_per_hour, 19);
  EXPECT_EQ(spot->origin.note, "line 3; cheapest of 2 rows, 19 to 22 USD");
  EXPECT_TRUE(spot->checked);
  EXPECT_EQ(list.prices.size(), 2u);
  EXPECT_EQ(find(list, "p5.48xlarge", price_model::on_demand)->origin.date, "2026-11-25");
}

TEST(screening, refuses_zero_floors_outliers_and_spot_above_on_demand) {
  const temporary_folder here;
  const auto list = screened(
      "skypilot", here.write("aws/vms.csv", aws_head + h100s("0.0", "") + h100s("55.04", "0.08") + h100s("", "900") +
                                                h100s("", "70") + h100s("-3", "") + h100s("5.504", "")));
  EXPECT_EQ(reason(list, 2), "a price of zero: not priced yet");
  EXPECT_THAT(reason(list, 3), HasSubstr("floor of bids"));
  EXPECT_THAT(reason(list, 4), HasSubstr("outside of"));
  EXPECT_THAT(reason(list, 5), HasSubstr("above"));
  EXPECT_EQ(reason(list, 6), "a price below zero");
  EXPECT_THAT(reason(list, 7), HasSubstr("tenfold off the present price"));
}

TEST(screening, refuses_a_price_tenfold_off_the_present_one) {
  const temporary_folder here;
  const auto list = screened("skypilot", here.write("aws/vms.csv", aws_head + h100s("5.5", "")));
  EXPECT_THAT(reason(list, 2), HasSubstr("tenfold off the present price, 55.04 USD"));
  EXPECT_TRUE(list.prices.empty());
}

TEST(screening, refuses_a_b200_at_the_floor_of_bids_by_the_catalogue_alone) {
  const temporary_folder here;
  const auto list = screened(
      "gpuhunt", here.write("newcloud.csv",
                            "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot\n"
                            "b200-8,eu,0.08,192,2048,8,B200,180,True\nb200-1,eu,0.01,24,256,1,B200,180,False\n"));
  EXPECT_TRUE(list.prices.empty());
  EXPECT_THAT(reason(list, 2), HasSubstr("usually cost: a floor of bids"));
  EXPECT_THAT(reason(list, 3), HasSubstr("median for one B200"));
}

TEST(screening, does_not_plan_on_a_placeholder_of_a_tenth) {
  const temporary_folder here;
  const auto list = screened("skypilot", here.write("aws/vms.csv", aws_head + h100s("55.04", "5.504")));
  const auto* spot = find(list, "p5.48xlarge", price_model::spot);
  ASSERT_NE(spot, nullptr);
  EXPECT_FALSE(spot->checked);
  EXPECT_THAT(spot->origin.note, HasSubstr("placeholder"));
}

TEST(screening, refuses_hardware_that_contradicts_the_catalogue) {
  const temporary_folder here;
  const std::string head = "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot\n";
  const auto list =
      screened("gpuhunt", here.write("aws.csv", head + "p5.48xlarge,us-east-1,55,192,2048,4,H100,80,False\n"
                                                       "p5.48xlarge,us-east-1,55,192,2048,8,H100,640,False\n"
                                                       "p5.48xlarge,us-east-1,55,192,2048,8,T4,80,False\n"
                                                       "x9.huge,us-east-1,8,192,2048,2,L4,48,False\n"
                                                       "x9.odd,us-east-1,8,192,2048,1,Voodoo2,12,False\n"
                                                       "x9.good,us-east-1,1.6,16,64,2,L4,24,False\n"));
  EXPECT_THAT(reason(list, 2), HasSubstr("lists 4 x H100, the catalogue has 8"));
  EXPECT_THAT(reason(list, 3), HasSubstr("is that of all 8 together"));
  EXPECT_THAT(reason(list, 4), HasSubstr("lists a T4"));
  EXPECT_THAT(reason(list, 5), HasSubstr("is that of all 2 together"));
  EXPECT_THAT(reason(list, 6), HasSubstr("'Voodoo2' is neither in gpus.csv"));
  ASSERT_EQ(list.new_types.size(), 1u);
  EXPECT_EQ(list.new_types[0].gpu, "L4");
  EXPECT_EQ(list.new_types[0].gpu_count, 2);
}

TEST(screening, finds_gpus_by_alias_and_by_memory) {
  const temporary_folder here;
  const auto list =
      screened("gpuhunt", here.write("newcloud.csv",
                                     "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot\n"
                                     "a,eu,1.5,16,64,1,A100,80,False\nb,eu,1.2,16,64,1,A100,40,False\n"
                                     "c,eu,0.5,16,64,1,RTXA6000,48,False\nd,eu,1.2,16,64,1,V100,32,False\n"));
  std::map<std::string, std::string> gpus;
  for (const auto& type : list.new_types) gpus[type.type] = type.gpu;
  EXPECT_EQ(gpus["a"], "A100-SXM4-80GB");
  EXPECT_EQ(gpus["b"], "A100-SXM4-40GB");
  EXPECT_EQ(gpus["c"], "RTX A6000");
  EXPECT_EQ(gpus["d"], "V100-SXM2-32GB");
}

TEST(screening, refuses_hostile_names_and_unknown_currencies) {
  const temporary_folder here;
  const std::string head = "instance_name,location,price,cpu,memory,gpu_count,gpu_name,spot\n";
  const auto file =
      here.write("newcloud.csv", head +
                                     "=cmd|' /C calc'!A0,eu,1,8,32,0,,False\n<script>,eu,1,8,32,0,,False\n"
                                     "ok,\"e\nu\",1,8,32,0,,False\n" +
                                     std::string(500, 'a') + ",eu,1,8,32,0,,False\n");
  EXPECT_TRUE(screened("gpuhunt", file).prices.empty());
  EXPECT_EQ(screened("gpuhunt", file).refused.size(), 4u);
  const auto list = screen(
      [&] {
        auto raw = read("gpuhunt", here.write("c.csv", head + "t,eu,1,8,32,0,,False\n"));
        raw.prices.at(0).currency = "XYZ";
        raw.prices.at(0).position.file = "f";
        return raw;
      }(),
      shipped(), {{"f", {"test", "2026", "", {}}}});
  EXPECT_THAT(list.refused.at(0).reason, HasSubstr("currency 'XYZ'"));
}

TEST(gpuhunt, refuses_tpus_and_unclear_rows_by_line) {
  const temporary_folder here;
  const auto list = read(
      "gpuhunt",
      here.write("gcp.csv",
                 "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,gpu_vendor\n"
                 "v5e,eu,1,8,32,1,tpu-v5e,16,False,\nt,eu,1,8,32,1,T4,16,perhaps,\nu,eu,1e400,8,32,1,T4,16,True,\n"));
  EXPECT_TRUE(list.prices.empty());
  ASSERT_EQ(list.refused.size(), 3u);
  EXPECT_THAT(list.refused[0].reason, HasSubstr("is no GPU"));
  EXPECT_THAT(list.refused[1].reason, HasSubstr("neither True nor False"));
  EXPECT_THAT(list.refused[2].reason, HasSubstr("not a finite number"));
  EXPECT_EQ(list.refused[2].position.line, 4u);
}

TEST(opencost, takes_nodes_leaves_disks_and_refuses_gpus_alone) {
  const temporary_folder here;
  const auto file =
      here.write("prices.csv",
                 "EndTimestamp,InstanceID,Region,AssetClass,InstanceIDField,InstanceType,MarketPriceHourly,Version\n"
                 "2027-01-01 00:00:00 UTC,n1,us-east-1,node,metadata.name,p5.48xlarge,55.04,v1\n"
                 ",d1,,pv,metadata.name,,0.1,v1\n,Quadro,,gpu,nvidia.com/gpu_type,,0.8,v1\n");
  const auto list = read("opencost", file, "aws");
  ASSERT_EQ(list.prices.size(), 1u);
  EXPECT_EQ(list.prices[0].instance_type, "p5.48xlarge");
  ASSERT_EQ(list.refused.size(), 1u);
  EXPECT_EQ(list.refused[0].position.line, 4u);
  EXPECT_THROW(read("opencost", file), error);
}

const std::string vantage_type = R"([{"instance_type": "g6.12xlarge", "vCPU": 48, "memory": 192.0, "GPU": 4.0,
 "GPU_model": "NVIDIA L4", "GPU_memory": 96, "pricing": {"us-east-1": {"linux": {"ondemand": "4.6016",
 "reserved": {"yrTerm1Standard.noUpfront": "2.9", "yrTerm3Savings.allUpfront": "1.9"}, "spot_avg": "2.07072",
 "spot_min": "1.9", "pct_savings_od": 55}, "mswin": {"ondemand": "9"}}, "us-west-2": {"linux": {"ondemand": "N/A"}}}},
 {"instance_type": "broken", "vCPU": 1, "pricing": {"r": {"linux": {"ondemand": "cheap"}}}}])";

TEST(vantage, reads_prices_that_are_texts_and_memory_that_is_a_total) {
  const temporary_folder here;
  const auto list = read("vantage", here.write("instances.json", vantage_type));
  ASSERT_EQ(list.prices.size(), 4u);
  EXPECT_EQ(list.prices[0].provider, "aws");
  EXPECT_DOUBLE_EQ(*list.prices[0].gpu_memory_bytes, 24 * gib);
  EXPECT_DOUBLE_EQ(list.prices[0].amount_per_hour, 4.6016);
  EXPECT_EQ(list.prices[1].model, price_model::spot);
  EXPECT_THAT(list.prices[1].doubt, HasSubstr("computed by the list"));  // 4.6016 * (1 - 0.55)
  EXPECT_EQ(list.prices[2].term, "1yr standard RI, no upfront");
  EXPECT_EQ(list.prices[3].term, "3yr savings plan, all upfront");
  ASSERT_EQ(list.refused.size(), 1u);
  EXPECT_EQ(list.refused[0].position.line, 5u);
  EXPECT_THAT(list.refused[0].reason, HasSubstr("\"cheap\" is not a number"));
}

TEST(vantage, refuses_bad_json_with_its_place) {
  const temporary_folder here;
  const auto position = [&](const std::string& text) {
    try {
      read("vantage", here.write("instances.json", text));
    } catch (const error& e) {
      return std::to_string(e.where().line) + ": " + e.what();
    }
    return std::string("read");
  };
  EXPECT_EQ(position("[\n{\"a\": 1,\n"), "3: the JSON text ends in the middle");
  EXPECT_EQ(position("[\n{\"a\": 1e400}]"), "2: number is too large");
  EXPECT_EQ(position("[\n{\"a\": 1,\n \"a\": 2}]"), "3: key 'a' stands twice in one object");
  EXPECT_EQ(position("{\"a\": 1}"), "1: the file is no list of instance types");
  EXPECT_EQ(position("[1]"), "1: an element of the list is no object");
  EXPECT_EQ(position("[{\"a\":" + std::string(100'000, '[')), "1: the JSON is nested too deep");
  EXPECT_EQ(position("[\n{\"a\": \"\xff\"}]"), "2: not valid JSON here");
}

TEST(price_list_readers, survive_damaged_files) {
  const temporary_folder here;
  const std::vector<std::pair<std::string, std::string>> sound{
      {"skypilot", aws_head + h100s("55.04", "19")},
      {"gpuhunt",
       "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot\nt,eu,1.5,8,32,1,T4,16,True\n"},
      {"opencost", "Region,AssetClass,InstanceType,MarketPriceHourly\nus-east-1,node,p5.48xlarge,55.04\n"},
      {"vantage", vantage_type}};
  std::mt19937_64 random(20261126);
  std::size_t refused = 0, read_on = 0;
  for (const auto& [format, text] : sound) {
    for (int i = 0; i < 400; ++i) {
      std::string damaged = text;
      for (std::uint64_t change = 0; change <= random() % 4; ++change) {
        const auto at = random() % damaged.size();
        switch (random() % 4) {
          case 0:
            damaged[at] = static_cast<char>(random() & 0xFF);
            break;
          case 1:
            damaged.erase(at, 1 + random() % 9);
            break;
          case 2:
            damaged.insert(at, std::string(1 + random() % 5, "\"{[,:\n\\9e"[random() % 9]));
            break;
          default:
            damaged.resize(std::max<std::size_t>(1, at));
            break;
        }
        if (damaged.empty()) damaged = "x";
      }
      const auto file = here.write("f/vms.csv", damaged);
      try {
        const auto list = screened(format, file, "aws");
        for (const auto& cost : list.prices) EXPECT_GT(cost.amount_per_hour, 0);
        for (const auto& one : list.refused) EXPECT_GT(one.position.line, 0u);
        ++read_on;
      } catch (const error& e) {
        EXPECT_EQ(e.kind(), error_kind::input) << e.what();
        EXPECT_EQ(e.where().file, file.string()) << e.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 100u);
  EXPECT_GT(read_on, 100u);
}

TEST(price_list_readers, refuse_packed_and_utf16_files) {
  const temporary_folder here;
  for (const std::string& content :
       {std::string("PK\x03\x04zip"), std::string("\xFF\xFEi\0", 4), std::string("a\0b", 3)})
    EXPECT_THROW(read("gpuhunt", here.write("x.csv", content)), error);
}

TEST(price_difference, tells_new_changed_unchanged_older_and_gone) {
  const temporary_folder here;
  const std::string head = "Region,AssetClass,InstanceType,MarketPriceHourly\n";
  const auto file = here.write("p.csv", head +
                                            "us-east-1,node,p5.48xlarge,66.048\nus-east-1,node,p4d.24xlarge,21.957642\n"
                                            "eu-west-9,node,p5.48xlarge,60\n");
  const auto list = screened("opencost", file, "aws");
  std::map<std::string, std::vector<price_change>> by_kind;
  for (const auto& change : compare(list, shipped())) by_kind[std::string(to_string(change.kind))].push_back(change);
  ASSERT_EQ(by_kind["changed"].size(), 1u);
  EXPECT_NEAR(*by_kind["changed"][0].change_fraction, 0.2, 1e-12);  // 55.04 to 66.048
  EXPECT_EQ(by_kind["unchanged"].size(), 1u);
  ASSERT_EQ(by_kind["new"].size(), 1u);
  EXPECT_EQ(by_kind["new"][0].after->region, "eu-west-9");
  for (const auto& change : by_kind["gone"]) {
    EXPECT_EQ(change.before->provider, "aws");
    EXPECT_EQ(change.before->region, "us-east-1");
    EXPECT_EQ(change.before->model, price_model::on_demand);
  }
  EXPECT_FALSE(by_kind["gone"].empty());
  const auto old = screened("opencost", file, "aws", "2020-01-01");
  std::size_t older = 0;
  for (const auto& change : compare(old, shipped())) older += change.kind == price_change_kind::older ? 1 : 0;
  EXPECT_EQ(older, 2u);
}

snapshot head_of(const std::string& sha) {
  snapshot head;
  head.format = "gpuhunt";
  head.date = "2026-11-25";
  head.made_at = "2026-11-26T00:00:00Z";
  head.tool_version = "1";
  head.providers = {"newcloud"};
  head.sources = {{"x/newcloud.csv", sha, "2026-11-25"}};
  return head;
}

TEST(price_snapshot, is_an_overlay_that_brings_its_own_types) {
  const temporary_folder here;
  const auto list =
      screened("gpuhunt", here.write("newcloud.csv",
                                     "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot\n"
                                     "two l4,eu,1.6,16,64,2,L4,24,False\n"));
  const auto folder = here.path() / "snapshots";
  const auto nothing = [](const auto&) {};
  const auto written = write_snapshot(folder, head_of("ab"), list, compare(list, shipped()), nothing);
  EXPECT_TRUE(written.is_new);
  const auto all = load_catalogue(test::shipped(), {written.path});
  const auto* type = all.find_instance("newcloud", "two l4");
  ASSERT_NE(type, nullptr);
  ASSERT_EQ(all.prices_of(*type).size(), 1u);
  EXPECT_DOUBLE_EQ(all.prices_of(*type)[0]->amount_per_hour, 1.6);
  EXPECT_EQ(all.prices_of(*type)[0]->origin.date, "2026-11-25");

  EXPECT_FALSE(write_snapshot(folder, head_of("ab"), list, compare(list, shipped()), nothing).is_new);
  const auto listed = list_snapshots(folder);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].defect, "");
  EXPECT_EQ(listed[0].content->prices, 1u);
  EXPECT_EQ(listed[0].content->new_types, 1u);
}

TEST(price_snapshot, tells_that_it_was_altered) {
  const temporary_folder here;
  const auto list = screened("opencost",
                             here.write("p.csv",
                                        "Region,AssetClass,InstanceType,MarketPriceHourly\n"
                                        "us-east-1,node,p5.48xlarge,60\n"),
                             "aws");
  const auto written =
      write_snapshot(here.path() / "s", head_of("cd"), list, compare(list, shipped()), [](const auto&) {});
  const auto prices = written.path / "prices.csv";
  std::ofstream(prices, std::ios::app) << "\n";
  EXPECT_EQ(list_snapshots(here.path() / "s").at(0).defect, "prices.csv was altered");
  std::ofstream(written.path / "snapshot.toml") << "schema = 7";
  EXPECT_NE(list_snapshots(here.path() / "s").at(0).defect, "");
}

TEST(price_snapshot, leaves_nothing_when_it_is_refused) {
  const temporary_folder here;
  const auto list = screened("opencost",
                             here.write("p.csv",
                                        "Region,AssetClass,InstanceType,MarketPriceHourly\n"
                                        "us-east-1,node,p5.48xlarge,60\n"),
                             "aws");
  const auto refuse_it = [](const auto&) { throw error(error_kind::input, "no"); };
  EXPECT_THROW(write_snapshot(here.path() / "s", head_of("ef"), list, compare(list, shipped()), refuse_it), error);
  EXPECT_TRUE(std::filesystem::is_empty(here.path() / "s"));
}

}  // namespace
}  // namespace gpubench::profiles
