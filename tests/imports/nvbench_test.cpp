#include <gmock/gmock.h>

#include "import_fixture.hpp"

namespace gpubench::imports {
namespace {

using testing::HasSubstr;

TEST(Nvbench, SamplesBesideTheFileAreReadAsFloatsInSeconds) {
  const auto run = import_data("nvbench.json").run;
  const auto& m = find(run, "nvbench:copy_sweep/Elements:1048576/T:I32", "gpu0");
  ASSERT_EQ(m.samples_ns.size(), 4U);
  EXPECT_NEAR(m.samples_ns[1], 12500, 1e-2);
  EXPECT_NEAR(m.time_ns->median, 10000, 1e-2);
  EXPECT_DOUBLE_EQ(*m.work.bytes, 8388608);  // 838.8608 GB/s for 10 µs
  EXPECT_NEAR(*m.rate.bytes_per_second, 838.8608e9, 1e6);
  EXPECT_EQ(m.reported->time_ns.n, 4U);
}

TEST(Nvbench, WithoutSamplesTheSummaryIsAllThereIsAndInfiniteNoiseIsUnknown) {
  const auto run = import_data("nvbench.json").run;
  const auto& m = find(run, "nvbench:copy_sweep/Elements:1048576/T:F32", "gpu0");
  EXPECT_TRUE(m.samples_ns.empty());
  EXPECT_FALSE(m.time_ns);
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.mean, 20000);
  EXPECT_FALSE(m.reported->time_ns.n);
  EXPECT_TRUE(m.reported->values.empty());
}

TEST(Nvbench, OtherSummariesKeepTheirTagAndTheUnitOfTheirHint) {
  const auto run = import_data("nvbench.json").run;
  const auto values = find(run, "nvbench:copy_sweep/Elements:1048576/T:I32", "gpu0").reported->values;
  EXPECT_THAT(values, testing::Contains(results::reported_value{"nv/cold/bw/global/utilization", 0.25, "fraction"}));
  EXPECT_THAT(values, testing::Contains(results::reported_value{"nv/cold/time/gpu/stdev/relative", 0.02, "fraction"}));
}

TEST(Nvbench, ASkippedStateKeepsItsReason) {
  const auto run = import_data("nvbench.json").run;
  EXPECT_EQ(find(run, "nvbench:copy_sweep/Elements:1048576/T:F64", "gpu0").reason, "too large");
}

TEST(Nvbench, TheDeviceIsDescribed) {
  const auto run = import_data("nvbench.json").run;
  ASSERT_EQ(run.environment.gpus.size(), 1U);
  EXPECT_EQ(run.environment.gpus[0].compute_capability, "9.0");
  EXPECT_EQ(run.environment.gpus[0].ecc, true);
  EXPECT_EQ(run.provenance->sources[0].tool_version, "0.1.0");
}

TEST(Nvbench, ASampleFileElsewhereOrOfAnotherLengthIsNotRead) {
  for (const std::string other : {"/etc/passwd", "../data/nvbench.json-bin/0.bin", "missing/0.bin"}) {
    const auto content = read_text("nvbench", edited("nvbench.json", "nvbench.json-bin/0.bin", other));
    EXPECT_TRUE(content.measurements[0].samples_ns.empty()) << other;
    EXPECT_TRUE(has_note(content.notes, "are left out")) << other;
  }
  const auto longer = edited("nvbench.json", "\"size\", \"type\": \"int64\", \"value\": \"4\"",
                             "\"size\", \"type\": \"int64\", \"value\": \"5\"");
  const auto content = read_text("nvbench", longer);
  EXPECT_TRUE(content.measurements[0].samples_ns.empty());
  EXPECT_TRUE(has_note(content.notes, "16 bytes do not hold 5 values"));
}

TEST(Nvbench, AWrongNumberIsPointedAtByLine) {
  EXPECT_THAT(refusal_of([] { read_text("nvbench", edited("nvbench.json", "\"1e-05\"", "\"soon\"")); }),
              HasSubstr("12:"));
}

}  // namespace
}  // namespace gpubench::imports
