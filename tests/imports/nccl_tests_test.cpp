#include <gmock/gmock.h>

#include "import_fixture.hpp"
#include "imports/collective_names.hpp"

namespace gpubench::imports {
namespace {

using testing::HasSubstr;

const std::string one_mib = "/ranks:4/type:fp32/operation:sum/placement:";

TEST(NcclTests, TextGivesOurNamesRatesIn10To9BytesAndMeansInNanoseconds) {
  const auto run = import_data("nccl_tests.txt").run;
  ASSERT_EQ(run.measurements.size(), 6U);
  const auto& m = find(run, "all_reduce/bytes:1048576" + one_mib + "out_of_place", "gpu0-3");
  EXPECT_EQ(m.status, results::measurement_status::ok);
  EXPECT_DOUBLE_EQ(*m.rate.bytes_per_second, 26.21e9);
  EXPECT_DOUBLE_EQ(*m.rate.busbw_bytes_per_second, 39.32e9);
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.mean, 40000);
  EXPECT_EQ(m.reported->time_ns.n, 20U);
  EXPECT_FALSE(m.reported->time_ns.median);
  EXPECT_FALSE(m.time_ns);
  EXPECT_DOUBLE_EQ(*m.work.bus_bytes, 1.5 * 1048576);  // 2 (4 - 1) / 4
  EXPECT_EQ(m.verification->error, 0);
  EXPECT_TRUE(m.warnings.empty());
}

TEST(NcclTests, ABandwidthRoundedToZeroIsUnknownAndAnUncheckedResultIsUnverified) {
  const auto run = import_data("nccl_tests.txt").run;
  const auto& small = find(run, "all_reduce/bytes:8" + one_mib + "out_of_place", "gpu0-3");
  EXPECT_EQ(small.status, results::measurement_status::ok);
  EXPECT_FALSE(small.rate.bytes_per_second);
  EXPECT_FALSE(find(run, "all_reduce/bytes:1048576" + one_mib + "in_place", "gpu0-3").verification);
}

TEST(NcclTests, WrongElementsFailTheMeasurementAndLeaveItNoRate) {
  const auto run = import_data("nccl_tests.txt").run;
  const auto& m = find(run, "all_reduce/bytes:1073741824" + one_mib + "in_place", "gpu0-3");
  EXPECT_EQ(m.status, results::measurement_status::failed);
  EXPECT_EQ(m.reason, "nccl-tests counted 3 wrong elements");
  EXPECT_EQ(m.rate, results::rates{});
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.mean, 4.1e6);
}

TEST(NcclTests, TheHeadNamesVersionsAndGpusAndNoHost) {
  const auto run = import_data("nccl_tests.txt").run;
  EXPECT_EQ(run.provenance->sources.front().tool_version, "2.17.6");
  EXPECT_EQ(run.environment.libraries.at("nccl"), "2.28.5");
  ASSERT_EQ(run.environment.gpus.size(), 4U);
  EXPECT_EQ(run.environment.gpus[3].index, 3);
  EXPECT_EQ(run.environment.gpus[3].name, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(results::to_json(run).dump().find("gpu-box-7"), std::string::npos);
}

TEST(NcclTests, SeveralHostsAreCountedAndNotNamed) {
  const auto content = read_text("nccl-tests", edited("nccl_tests.txt", "gpu-box-7 device  3", "gpu-box-8 device  0"));
  EXPECT_EQ(content.measurements.front().device, "gpu0-2 on 2 nodes");
  EXPECT_EQ(content.environment.gpus.size(), 3U);
}

TEST(NcclTests, RanksAreThoseOfOneCommunicatorWhereThereAreSeveral) {
  // NCCL_TESTS_SPLIT_MASK=0x1: two communicators of two ranks, whose busbw is size over time.
  auto text = edited("nccl_tests.txt", "39.32", "26.21");
  for (const char* rank : {"1", "3"})
    text = text.replace(text.find(std::string("Rank  ") + rank + " Group  0"), 16,
                        std::string("Rank  ") + rank + " Group  1");
  const auto content = read_text("nccl-tests", text);
  const auto& m = content.measurements.at(2);
  EXPECT_EQ(results::full_name(m),
            "all_reduce/bytes:1048576/ranks:2/groups:2/type:fp32/operation:sum/placement:out_of_place");
  EXPECT_DOUBLE_EQ(*m.work.bus_bytes, 1048576);
  EXPECT_TRUE(m.warnings.empty());
  EXPECT_EQ(m.device, "gpu0-3");
}

TEST(NcclTests, RanksOfUnlikeCommunicatorsAreNotKnown) {
  const auto content = read_text("nccl-tests", edited("nccl_tests.txt", "Rank  3 Group  0", "Rank  3 Group  1"));
  const auto& m = content.measurements.at(2);
  EXPECT_EQ(results::full_name(m), "all_reduce/bytes:1048576/groups:2/type:fp32/operation:sum/placement:out_of_place");
  EXPECT_FALSE(m.work.bus_bytes);
  EXPECT_TRUE(has_note(content.notes, "its 2 groups have different numbers of ranks"));
}

TEST(NcclTests, JsonsGroupsCountTheirOwnRanksAndOldTextsWithoutGroupsAreOne) {
  auto document = json::parse(read_file(data_file("nccl_tests.json")));
  auto& devices = document.contains("devices") ? document["devices"] : document["config"]["devices"];
  const auto before = devices;
  for (const auto& rank : before) {
    devices.push_back(rank);
    devices.back()["group"] = 7;
  }
  EXPECT_EQ(results::full_name(read_text("nccl-tests", document.dump()).measurements.front()),
            "all_gather/bytes:1048576/ranks:2/groups:2/type:fp16/placement:out_of_place");
  auto old = read_file(data_file("nccl_tests.txt"));
  for (auto at = old.find(" Group  0"); at != std::string::npos; at = old.find(" Group  0")) old.erase(at, 9);
  EXPECT_EQ(results::full_name(read_text("nccl-tests", old).measurements.at(2)),
            "all_reduce/bytes:1048576" + one_mib + "out_of_place");
}

TEST(NcclTests, OutputsBehindEachOtherHaveTheirOwnRanks) {
  const auto first = read_file(data_file("nccl_tests.txt"));
  auto second = first;
  for (auto at = second.find("all_reduce"); at != std::string::npos; at = second.find("all_reduce"))
    second.replace(at, 10, "all_gather");
  auto content = read_text("nccl-tests", first + second);
  ASSERT_EQ(content.measurements.size(), 12U);
  EXPECT_TRUE(content.is_complete);
  EXPECT_EQ(content.environment.gpus.size(), 4U);
  EXPECT_THAT(results::full_name(content.measurements.at(8)), HasSubstr("all_gather/bytes:1048576/ranks:4/"));

  // Of one that was cut short the file as a whole says so.
  content = read_text("nccl-tests", first.substr(0, first.find("# Out of bounds")) + second);
  EXPECT_FALSE(content.is_complete);
  EXPECT_TRUE(has_note(content.notes, "1 of 2 outputs end before nccl-tests' last lines"));

  auto other = second;
  other.replace(other.find("NVIDIA H100"), 11, "NVIDIA A100");
  try {
    read_text("nccl-tests", first + other);
    FAIL() << "two machines in one file";
  } catch (const error& e) {
    EXPECT_THAT(e.what(), HasSubstr("ran on NVIDIA A100 80GB HBM3, one before it on NVIDIA H100"));
    EXPECT_EQ(e.where().line, 25U);  // "# Using devices" of the second
  }
}

TEST(NcclTests, ATextCutShortKeepsWhatItHasAndSaysSo) {
  const auto text = read_file(data_file("nccl_tests.txt"));
  const auto content = read_text("nccl-tests", text.substr(0, text.find("  1073741824")));
  EXPECT_EQ(content.measurements.size(), 4U);
  EXPECT_FALSE(content.is_complete);
  EXPECT_TRUE(has_note(content.notes, "cut short"));
}

TEST(NcclTests, ARowCutShortIsRefusedAtItsPlace) {
  const auto text = read_file(data_file("nccl_tests.txt"));
  EXPECT_THAT(refusal_of([&] { read_text("nccl-tests", text.substr(0, text.find("262144     float") + 40)); }),
              HasSubstr("15:"));
}

TEST(NcclTests, AnotherUnitIsRefusedRatherThanConvertedByGuess) {
  EXPECT_EQ(refusal_of([] { read_text("nccl-tests", edited("nccl_tests.txt", "(GB/s)", "(Gb/s)")); }),
            "13:64: unit (Gb/s) is not one that nccl-tests is known to use");
}

TEST(NcclTests, ABusBandwidthThatDoesNotFollowIsWarnedOf) {
  const auto content = read_text("nccl-tests", edited("nccl_tests.txt", "39.32", "93.32"));
  EXPECT_THAT(content.measurements[2].warnings.at(0),
              HasSubstr("93.32 GB/s busbw, but size, ranks and time give 39.32"));
}

TEST(NcclTests, AnOldTextWithoutTheCollectivesNameNeedsIt) {
  const auto text = edited("nccl_tests.txt", "# Collective test starting: all_reduce_perf\n", "");
  EXPECT_EQ(refusal_of([&] { read_text("nccl-tests", text); }),
            "13:0: the file does not say which collective was measured");
  import_options options;
  options.benchmark = "reduce_scatter";
  EXPECT_EQ(read_text("nccl-tests", text, options).measurements.front().benchmark, "reduce_scatter");
}

TEST(NcclTests, PerIterationColumnsBecomeExtremesAndAFraction) {
  auto text = read_file(data_file("nccl_tests.txt"));
  const auto replace_all = [&](const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  text.resize(text.find("     1048576"));
  replace_all("#wrong", "#wrong i_min i_max i_p99 i_cv%");
  replace_all("20.00    0.00    0.00       0", "20.00 0.00 0.00 0 19.0 22.0 21.5 2.50");
  replace_all("19.50    0.00    0.00       0", "19.50 0.00 0.00 0 18.0 N/A 21.0 3.00");
  const auto content = read_text("nccl-tests", text);
  const auto& reported = *content.measurements.at(0).reported;
  EXPECT_DOUBLE_EQ(*reported.time_ns.min, 19000);
  EXPECT_DOUBLE_EQ(*reported.time_ns.max, 22000);
  EXPECT_DOUBLE_EQ(reported.values.at(1).value, 0.025);
  EXPECT_EQ(reported.values.at(1).unit, "fraction");
  EXPECT_FALSE(content.measurements.at(1).reported->time_ns.max);
}

TEST(NcclTests, JsonWithSingleIterationsKeepsThemAsSamples) {
  const auto result = import_data("nccl_tests.json");
  const auto& m = find(result.run, "all_gather/bytes:1048576/ranks:2/type:fp16/placement:out_of_place", "gpu0-1");
  EXPECT_EQ(m.samples_ns, (std::vector<double>{98000, 100000, 100000, 104000}));
  EXPECT_DOUBLE_EQ(m.time_ns->median, 100000);
  EXPECT_DOUBLE_EQ(*m.rate.busbw_bytes_per_second, 0.5 * 1048576 / 1e-4);
  EXPECT_EQ(m.reported->values.at(1).name, "bus_bw");
  const auto& in_place = find(result.run, "all_gather/bytes:1048576/ranks:2/type:fp16/placement:in_place", "gpu0-1");
  EXPECT_EQ(in_place.status, results::measurement_status::skipped);
  EXPECT_TRUE(has_note(result.notes, "results[].new_key"));
}

TEST(NcclTests, JsonsEnvironmentIsNeverTakenOver) {
  const auto text = results::to_json(import_data("nccl_tests.json").run).dump();
  EXPECT_EQ(text.find("do-not-import-me"), std::string::npos);
  EXPECT_EQ(text.find("someone"), std::string::npos);
}

TEST(NcclTests, ATimeWithoutZoneIsKeptAsStatedAndTheRunDatedByItsImport) {
  const auto run = import_data("nccl_tests.json").run;
  EXPECT_EQ(run.provenance->sources.front().measured_at, "2026-02-03 04:05:06");
  EXPECT_EQ(run.started_at, "2026-11-26T12:00:00Z");
}

TEST(NcclTests, BusFactorsAreThoseOfItsDocumentation) {
  EXPECT_DOUBLE_EQ(bus_factor(*find_collective("all_reduce_perf"), 8), 1.75);
  EXPECT_DOUBLE_EQ(bus_factor(*find_collective("/opt/bin/alltoall_perf"), 8), 0.875);
  EXPECT_DOUBLE_EQ(bus_factor(*find_collective("broadcast"), 8), 1);
  // Its source: the size is that of all ranks, the bandwidth that of all but one.
  EXPECT_DOUBLE_EQ(bus_factor(*find_collective("hypercube_perf"), 8), 0.875);
  EXPECT_FALSE(find_collective("all_reduce_perf2"));
}

TEST(NcclTests, VersionCodesAreReadInBothOfNcclsForms) {
  EXPECT_EQ(nccl_version(22805), "2.28.5");
  EXPECT_EQ(nccl_version(2708), "2.7.8");
}

}  // namespace
}  // namespace gpubench::imports
