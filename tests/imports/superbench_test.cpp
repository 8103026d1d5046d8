#include <gmock/gmock.h>

#include "import_fixture.hpp"

namespace gpubench::imports {
namespace {

using testing::HasSubstr;

TEST(SuperBench, CollectivesAreGroupedByOperationAndSize) {
  const auto run = import_data("superbench.jsonl").run;
  const auto& m = find(run, "all_reduce/bytes:8388608/variant:nvlink", "rank0");
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.mean, 100000);
  EXPECT_DOUBLE_EQ(*m.rate.bytes_per_second, 83.89e9);
  EXPECT_DOUBLE_EQ(*m.rate.busbw_bytes_per_second, 146.8e9);
  EXPECT_FALSE(m.work.bus_bytes) << "the number of ranks is not stated";
}

TEST(SuperBench, OtherMetricsHaveNoUnitSinceNoneIsStated) {
  const auto run = import_data("superbench.jsonl").run;
  const auto& m = find(run, "superbench:gemm-flops/metric:fp64_flops", "rank0");
  EXPECT_EQ(m.reported->values.at(0), (results::reported_value{"fp64_flops", 9031.6, std::nullopt}));
  EXPECT_EQ(m.rate, results::rates{});
}

TEST(SuperBench, AReturnCodeOtherThanZeroIsAFailure) {
  const auto run = import_data("superbench.jsonl").run;
  EXPECT_EQ(find(run, "superbench:mem-bw/metric:return_code", "node").status, results::measurement_status::failed);
  for (const auto& m : run.measurements) EXPECT_NE(m.benchmark, "superbench:ib-loopback") << "null is unknown";
}

TEST(SuperBench, OneOfSeveralNodesMustBeChosen) {
  const auto text =
      read_file(data_file("superbench.jsonl")) + R"({"node": "node-b", "gemm-flops/fp64_flops:0": 1.0})" + "\n";
  EXPECT_EQ(refusal_of([&] { read_text("superbench", text); }),
            "2:0: the file is of node 'node-b', the line before of 'node-a'");
  import_options options;
  options.node = "node-b";
  EXPECT_EQ(read_text("superbench", text, options).measurements.size(), 1U);
  options.node = "node-c";
  EXPECT_THAT(refusal_of([&] { read_text("superbench", text, options); }), HasSubstr("has no node 'node-c'"));
}

TEST(SuperBench, AWrongValueIsPointedAtInTheWholeFile) {
  const auto text = "\n" + edited("superbench.jsonl", "9031.6", "\"fast\"");
  EXPECT_EQ(refusal_of([&] { read_text("superbench", text); }).substr(0, 2), "2:");
}

TEST(SuperBench, EachMeasurementKnowsItsPlace) {
  const source_file file("summary.jsonl",
                         "\n{\"node\": \"a\",\"gemm-flops/fp64_flops:0\": 1.5, \"nccl-bw/allreduce_8_time:0\": 2,"
                         " \"mem-bw/return_code\": 1}\n");
  const auto content = find_importer("superbench").read(file, {});
  std::vector<std::string> places;
  for (std::size_t i = 0; i < content.measurements.size(); ++i)
    places.push_back(content.measurements[i].benchmark + " " + content.places.at(i)().to_string());
  EXPECT_THAT(places, testing::ElementsAre("superbench:gemm-flops summary.jsonl:2:14",
                                           "superbench:mem-bw summary.jsonl:2:79", "all_reduce summary.jsonl:2:46"));
}

}  // namespace
}  // namespace gpubench::imports
