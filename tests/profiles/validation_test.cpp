#include "profiles/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profiles/data_directory.hpp"

namespace gpubench::profiles {
namespace {

using testing::HasSubstr;

const std::string gpu_head =
    "name,vendor,memory_gib,tf32_tflop_per_second,bf16_tflop_per_second,fp8_tflop_per_second,source,date\n";
const std::string instance_head =
    "provider,instance_type,gpu,gpu_count,gpu_fraction,gpu_memory_gib,cpu,vcpus,host_memory_gib,source,date\n";
const std::string price_head = "provider,instance_type,region,price_model,term,amount_per_hour,currency,source,date\n";

struct rule {
  const char* name;
  const char* file;
  std::string content;
  std::size_t line, column;
  const char* message;
  const char* hint;
};

void PrintTo(const rule& r, std::ostream* out) {
  *out << r.name;
}

class wrong_row : public testing::TestWithParam<rule> {};

TEST_P(wrong_row, is_one_finding_at_its_place) {
  const auto& r = GetParam();
  const temporary_folder overlay;
  const auto file = overlay.write(r.file, r.content);
  const auto findings = validate_catalogue(test::shipped(), {overlay.path()});
  ASSERT_EQ(findings.size(), 1u) << (findings.empty() ? "nothing found" : findings[1].describe());
  EXPECT_EQ(findings[0].kind(), error_kind::input);
  EXPECT_EQ(findings[0].where().file, file.string());
  EXPECT_EQ(findings[0].where().line, r.line);
  EXPECT_EQ(findings[0].where().column, r.column);
  EXPECT_THAT(findings[0].what(), HasSubstr(r.message));
  EXPECT_THAT(findings[0].hint(), HasSubstr(r.hint));
  EXPECT_THROW(load_catalogue(test::shipped(), {overlay.path()}), error);
}

INSTANTIATE_TEST_SUITE_P(
    catalogue, wrong_row,
    testing::Values(
        rule{"unknown_gpu", "instances.csv", instance_head + "me,a,T44,1,1,16,,4,16,s,2026\n", 2, 6,
             "GPU 'T44' is not in gpus.csv", "'T4'"},
        rule{"unknown_cpu", "instances.csv", instance_head + "me,a,,,,,EPYC 7743,4,16,s,2026\n", 2, 10,
             "CPU 'EPYC 7743' is not in cpus.csv", "'EPYC 7742'"},
        rule{"duplicate_instance", "instances.csv",
             instance_head + "me,a,,,,,,4,16,s,2026\nme,b,,,,,,4,16,s,2026\nme,A,,,,,,4,16,s,2026\n", 4, 4,
             "instance 'me A' stands twice in this file, first in line 2", "keep one"},
        rule{"missing_source", "instances.csv", instance_head + "me,a,,,,,,4,16,,2026\n", 2, 16, "source is empty", ""},
        rule{"missing_date", "instances.csv", instance_head + "me,a,,,,,,4,16,s,\n", 2, 18, "date is empty", ""},
        rule{"malformed_date", "instances.csv", instance_head + "me,a,,,,,,4,16,s,2026-13-01\n", 2, 18,
             "date '2026-13-01' is not a date", "YYYY-MM-DD"},
        rule{"absurd_memory", "gpus.csv", gpu_head + "G,X,80000,,,,s,2026\n", 2, 5, "memory_gib 80000 is outside",
             "unit"},
        rule{"zero_memory", "gpus.csv", gpu_head + "G,X,0,,,,s,2026\n", 2, 5, "memory_gib 0 is outside", "never 0"},
        rule{"not_a_number", "gpus.csv", gpu_head + "G,X,80GB,,,,s,2026\n", 2, 5, "'80GB' is not a number", "empty"},
        rule{"fp8_below_bf16", "gpus.csv", gpu_head + "G,X,80,,900,450,s,2026\n", 2, 13,
             "fp8 rate 450 TFLOP/s is below the bf16 rate 900 TFLOP/s", "dense"},
        rule{"bf16_below_tf32", "gpus.csv", gpu_head + "G,X,80,500,100,,s,2026\n", 2, 12, "bf16 rate 100", "dense"},
        rule{"zero_fraction", "instances.csv", instance_head + "me,a,T4,1,0,,,4,16,s,2026\n", 2, 11,
             "gpu_fraction 0 is not above 0", "MIG"},
        rule{"fraction_above_one", "instances.csv", instance_head + "me,a,T4,1,1.5,,,4,16,s,2026\n", 2, 11,
             "gpu_fraction 1.5", "MIG"},
        rule{"gpu_without_count", "instances.csv", instance_head + "me,a,T4,,,,,4,16,s,2026\n", 2, 9,
             "gpu_count of an instance with GPU 'T4' is not at least 1", ""},
        rule{"count_without_gpu", "instances.csv", instance_head + "me,a,,2,,,,4,16,s,2026\n", 2, 7,
             "gpu_count is 2 but no GPU is named", "CPU-only"},
        rule{"half_a_gpu", "instances.csv", instance_head + "me,a,T4,1.5,,,,4,16,s,2026\n", 2, 9,
             "gpu_count '1.5' is not a whole number", ""},
        rule{"share_above_part", "instances.csv", instance_head + "me,a,T4,4,1,64,,4,16,s,2026\n", 2, 13,
             "gpu_memory_gib 64 is more than the 16 GiB of a T4", "one GPU"},
        rule{"misspelt_column", "instances.csv", "provider,instance_type,vcpus,host_memory_gib,source,date,gpu_cuont\n",
             1, 1, "column 'gpu_cuont' is not known", "'gpu_count'"},
        rule{"missing_column", "instances.csv", "provider,instance_type,vcpus,source,date\n", 1, 1,
             "column 'host_memory_gib' is missing", ""},
        rule{"misspelt_file", "price.csv", "a\n", 0, 0, "not the name of a catalogue file", "'prices.csv'"},
        rule{"unknown_instance", "prices.csv", price_head + "aws,p5.48xlrge,r,spot,,20,USD,s,2026\n", 2, 5,
             "instance 'aws p5.48xlrge' is not in instances.csv", "p5.48xlarge"},
        rule{"zero_price", "prices.csv", price_head + "aws,p5en.48xlarge,r,spot,,0.00,USD,s,2026\n", 2, 27,
             "spot price 0.00 for aws p5en.48xlarge", "known defect"},
        rule{"monthly_price", "prices.csv", price_head + "aws,g6.xlarge,r,on_demand,,587.5,USD,s,2026\n", 2, 28,
             "price 587.5 USD (587.5 USD) an hour for aws g6.xlarge is outside", "one hour"},
        rule{"unknown_price_model", "prices.csv", price_head + "aws,g6.xlarge,r,on-demand,,0.8,USD,s,2026\n", 2, 17,
             "price_model 'on-demand' is not known", "'on_demand'"},
        rule{"commitment_without_term", "prices.csv", price_head + "aws,g6.xlarge,r,commitment,,0.5,USD,s,2026\n", 2,
             28, "needs its term", "1yr"},
        rule{"unknown_currency", "prices.csv", price_head + "aws,g6.xlarge,r,spot,,0.5,USB,s,2026\n", 2, 27,
             "currency 'USB' has no rate", "ISO 4217"},
        rule{"spot_above_on_demand", "prices.csv",
             price_head +
                 "aws,g6.xlarge,r,on_demand,,0.8,USD,s,2026-07-20\naws,g6.xlarge,r,spot,,0.9,USD,s,2026-07-20\n",
             3, 23, "spot price 0.9 of aws g6.xlarge is above the on-demand price 0.8", ""},
        rule{"discount_of_nothing", "discounts.csv",
             "provider,instance_type,price_model,discount_fraction,source,date\naws,p55.*,,0.2,contract,2026\n", 2, 5,
             "discount matches no price", "whole instance type"},
        rule{"malformed_pattern", "discounts.csv",
             "provider,instance_type,price_model,discount_fraction,source,date\naws,p5(,,0.2,contract,2026\n", 2, 5,
             "'p5(' is not a regular expression", ".*"},
        rule{"alias_of_nothing", "gpu_aliases.csv", "alias,name,source,date\nmine,T44,s,2026\n", 2, 6,
             "GPU 'T44' is not in gpus.csv", "'T4'"},
        rule{"tier_backwards", "transfer.csv",
             "provider,kind,region,destination,tier_from_gib,tier_to_gib,price_per_gib,currency,source,date\n"
             "me,egress,r,internet,100,10,0.1,USD,s,2026\n",
             2, 26, "the tier ends before it begins", ""}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(validation, goes_on_after_a_wrong_row) {
  const temporary_folder overlay;
  overlay.write("gpus.csv", gpu_head + "G,X,0,,900,450,,2026\nH,X,80,,900,1800,s,soon\n");
  const auto findings = validate_catalogue(test::shipped(), {overlay.path()});
  ASSERT_EQ(findings.size(), 4u);  // memory, source and rates of G in the order of the checks; the date of H
  EXPECT_EQ(findings[0].where().line, 2u);
  EXPECT_EQ(findings[3].where().line, 3u);
  EXPECT_EQ(findings[3].where().column, 20u);
}

TEST(validation, lets_real_oddities_pass) {
  const temporary_folder overlay;
  // CDNA 1 runs bf16 at half of fp16; int8 of the B300 is far below fp8; spot of another day may be above on demand.
  overlay.write(
      "gpus.csv",
      "name,vendor,memory_gib,fp16_tflop_per_second,bf16_tflop_per_second,fp8_tflop_per_second,"
      "int8_top_per_second,source,date\nodd,X,32,184.6,92.3,,184.6,s,2020\nodd2,X,288,2250,2250,4500,150,s,2025\n");
  overlay.write("prices.csv", price_head +
                                  "aws,g6.xlarge,r,on_demand,,0.8,USD,s,2026-07-20\n"
                                  "aws,g6.xlarge,r,spot,,0.9,USD,s,2026-07-21\n");
  EXPECT_TRUE(validate_catalogue(test::shipped(), {overlay.path()}).empty());
}

TEST(validation, refuses_a_directory_that_does_not_exist) {
  const auto findings = validate_catalogue(test::shipped(), {"/nonexistent/overlay"});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_THAT(findings[0].what(), HasSubstr("does not exist"));
}

}  // namespace
}  // namespace gpubench::profiles
