#include <gmock/gmock.h>

#include "import_fixture.hpp"

namespace gpubench::imports {
namespace {

using testing::HasSubstr;

TEST(Nvbandwidth, TextTablesBecomeOneMeasurementForEachPair) {
  const auto run = import_data("nvbandwidth.txt").run;
  EXPECT_DOUBLE_EQ(*find(run, "host_to_device_memcpy_ce", "gpu1").rate.bytes_per_second, 54.75e9);
  EXPECT_DOUBLE_EQ(*find(run, "device_to_device_memcpy_read_ce/peer:1", "gpu0").rate.bytes_per_second, 396.5e9);
  EXPECT_DOUBLE_EQ(*find(run, "device_to_device_memcpy_read_ce/peer:0", "gpu1").rate.bytes_per_second, 397.25e9);
  for (const auto& m : run.measurements) {
    EXPECT_TRUE(m.samples_ns.empty());
    EXPECT_FALSE(results::typical_time_ns(m)) << "no time is stated";
  }
}

TEST(Nvbandwidth, ALatencyIsAValueInItsOwnUnit) {
  const auto m = find(import_data("nvbandwidth.txt").run, "nvbandwidth_host_device_latency_sm", "gpu0");
  ASSERT_EQ(m.reported->values.size(), 1U);
  EXPECT_EQ(m.reported->values[0], (results::reported_value{"latency", 812.5, "ns"}));
  EXPECT_EQ(m.rate, results::rates{});
}

TEST(Nvbandwidth, ALocalCopyCountsBytesOnceAndSoHasAnotherNameThanOurs) {
  const auto run = import_data("nvbandwidth.txt").run;
  EXPECT_DOUBLE_EQ(*find(run, "nvbandwidth_device_local_copy", "gpu0").rate.bytes_per_second, 1435e9);
}

TEST(Nvbandwidth, AWaivedTestIsSkippedWithItsReason) {
  const auto m =
      find(import_data("nvbandwidth.txt").run, "nvbandwidth_multinode_device_to_device_memcpy_read_ce", "gpu");
  EXPECT_EQ(m.status, results::measurement_status::skipped);
  EXPECT_EQ(m.reason, "Waived: needs more than one node");
}

TEST(Nvbandwidth, TheHeadNamesVersionsAndGpusWithoutBusAddress) {
  const auto run = import_data("nvbandwidth.txt").run;
  EXPECT_EQ(run.provenance->sources.front().tool_version, "v0.8");
  EXPECT_EQ(run.environment.gpu_driver_version, "570.86.15");
  EXPECT_EQ(run.environment.libraries.at("cuda"), "12.8");
  ASSERT_EQ(run.environment.gpus.size(), 2U);
  EXPECT_EQ(run.environment.gpus[1].name, "NVIDIA H100 80GB HBM3");
}

TEST(Nvbandwidth, ARowCutShortIsRefusedAtItsPlace) {
  EXPECT_THAT(
      refusal_of([] { read_text("nvbandwidth", edited("nvbandwidth.txt", " 0     55.25     54.75", " 0     55.25")); }),
      HasSubstr("15:8: row has 1 values for 2 devices"));
}

TEST(Nvbandwidth, AMatrixWithoutAllOfItsRowsIsRefused) {
  const auto whole = read_file(data_file("nvbandwidth.txt"));
  EXPECT_EQ(refusal_of([&] { read_text("nvbandwidth", whole.substr(0, 554)); }),
            "21:0: device_to_device_memcpy_read_ce: 1 rows for 2 devices");
  EXPECT_EQ(refusal_of([] { read_text("nvbandwidth", edited("nvbandwidth.txt", " 1    397.25       N/A\n", "")); }),
            "21:0: device_to_device_memcpy_read_ce: 1 rows for 2 devices");
  EXPECT_EQ(refusal_of([] { read_text("nvbandwidth", edited("nvbandwidth.txt", " 0     55.25     54.75\n", "")); }),
            "14:0: host_to_device_memcpy_ce: 0 rows for 2 devices");
}

TEST(Nvbandwidth, ASumThatIsNotThatOfTheValuesIsRefused) {
  EXPECT_EQ(refusal_of([] { read_text("nvbandwidth", edited("nvbandwidth.txt", "793.75", "396.50")); }),
            "25:37: a sum of 396.50 is stated, but the values above give 793.75");
  EXPECT_NO_THROW(read_text("nvbandwidth", edited("nvbandwidth.txt", "793.75", "793.76"))) << "it is rounded";
  const auto whole = read_file(data_file("nvbandwidth.txt"));
  EXPECT_THAT(refusal_of([&] { read_text("nvbandwidth", whole.substr(0, whole.find("793.75") + 3)); }),
              HasSubstr("25:40: the row stops without a line end"));
}

TEST(Nvbandwidth, ATestsNameThatIsCutOffIsNoTest) {
  const auto whole = read_file(data_file("nvbandwidth.txt"));
  const auto named = whole.find("Running device_local_copy.");
  EXPECT_THAT(refusal_of([&] { read_text("nvbandwidth", whole.substr(0, named + 15)); }),
              HasSubstr("34:16: the row stops without a line end"));
  const auto content = read_text("nvbandwidth", whole.substr(0, named + 26));
  EXPECT_FALSE(content.is_complete) << "with its whole name it is one that the output ends in";
  EXPECT_EQ(content.measurements.back().benchmark, "nvbandwidth_device_local_copy");
}

TEST(Nvbandwidth, JsonTextsAreNumbersAndMergedTablesAreLeftOut) {
  const auto result = import_data("nvbandwidth.json");
  EXPECT_DOUBLE_EQ(*find(result.run, "device_to_host_memcpy_ce", "gpu1").rate.bytes_per_second, 54.25e9);
  EXPECT_TRUE(has_note(result.notes, "left out device_to_device_bidirectional_memcpy_read_ce: 4 rows for 2 GPUs"));
  EXPECT_TRUE(has_note(result.notes, "testcases[].cov"));
  EXPECT_EQ(find(result.run, "host_to_device_memcpy_sm", "gpu").status, results::measurement_status::skipped);
  EXPECT_EQ(find(result.run, "device_to_host_memcpy_sm", "gpu").status, results::measurement_status::failed);
}

TEST(Nvbandwidth, TheUserNamesTheGpusThatJsonLeavesOut) {
  import_options options;
  options.gpu = "NVIDIA L4";
  const auto run = import_data("nvbandwidth.json", options).run;
  ASSERT_EQ(run.environment.gpus.size(), 2U);
  EXPECT_EQ(run.environment.gpus[1].index, 1);
  EXPECT_EQ(run.environment.gpus[1].name, "NVIDIA L4");
}

TEST(Nvbandwidth, AWrongValueIsPointedAtByLine) {
  EXPECT_EQ(refusal_of([] { read_text("nvbandwidth", edited("nvbandwidth.json", "\"54.25\"", "\"fast\"")); }),
            "9:42: nvbandwidth.testcases[0].bandwidth_matrix[0][1] is 'fast', neither a number from 0 on nor N/A");
}

}  // namespace
}  // namespace gpubench::imports
