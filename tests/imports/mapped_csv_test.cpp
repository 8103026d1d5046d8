#include <gmock/gmock.h>

#include "import_fixture.hpp"
#include "imports/column_mapping.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::imports {
namespace {

using testing::HasSubstr;

class MappedCsv : public testing::Test {
 protected:
  void SetUp() override { options_.mapping = data_file("measured.toml"); }

  std::string refusal_of_mapping(const std::string& from, const std::string& to) {
    const auto path = folder_.write("mapping.toml", edited("measured.toml", from, to));
    return refusal_of([&] { load_column_mapping(path); });
  }

  import_options options_;
  temporary_folder folder_;
};

TEST_F(MappedCsv, TheMappingSaysWhatDroveTheGpu) {
  EXPECT_EQ(import_data("measured.csv", options_, "csv").run.measurements.at(0).backend, "cuda");
  options_.mapping = folder_.write("mapping.toml", edited("measured.toml", "device =", "backend = \"ROCm\"\ndevice ="));
  EXPECT_EQ(import_data("measured.csv", options_, "csv").run.measurements.at(0).backend, "rocm");
}

TEST_F(MappedCsv, ColumnsGoWhereTheMappingSaysInTheUnitsThatItNames) {
  const auto run = import_data("measured.csv", options_, "csv").run;
  const auto& m = find(run, "gemm_fp16/m:4096/n:4096/k:4096", "gpu0");
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.median, 250000);
  EXPECT_EQ(m.reported->time_ns.n, 50U);
  EXPECT_DOUBLE_EQ(*m.rate.flop_per_second, 549.8e12);
  EXPECT_EQ(m.reported->values.at(0), (results::reported_value{"peak memory", 0.25, "GiB"}));
  EXPECT_FALSE(m.time_ns);
  EXPECT_EQ(run.environment.gpus.at(0).name, "NVIDIA H100 80GB HBM3");
}

TEST_F(MappedCsv, AnEmptyCellIsUnknownAndAnUnmappedColumnIsKeptAsText) {
  const auto result = import_data("measured.csv", options_, "csv");
  const auto& m = find(result.run, "gemm_fp16/m:8192/n:8192/k:8192", "gpu0");
  EXPECT_TRUE(m.reported->values.empty());
  EXPECT_EQ(m.method.at("note"), "=1+1");
  EXPECT_TRUE(has_note(result.notes, "kept as text: note"));
}

TEST_F(MappedCsv, ATableIsNeverReadWithoutAMapping) {
  EXPECT_THROW(import_data("measured.csv", {}, "csv"), error);
  EXPECT_THAT(refusal_of([] { import_data("measured.csv"); }), HasSubstr("of no format that can be told"));
}

TEST_F(MappedCsv, AWrongCellIsPointedAt) {
  EXPECT_EQ(refusal_of([&] { read_text("csv", edited("measured.csv", "250.0", "quick"), options_); }),
            "2:29: p50_us 'quick' is not a number");
  EXPECT_EQ(refusal_of([&] { read_text("csv", edited("measured.csv", "250.0", "-1"), options_); }),
            "2:29: p50_us is -1, below 0");
}

TEST_F(MappedCsv, AMappingWithAnUnknownKeyOrUnitIsRefusedAtItsPlace) {
  EXPECT_EQ(refusal_of_mapping("median =", "meddian ="), "14:11: key 'meddian' is not known in [time]");
  EXPECT_EQ(refusal_of_mapping("unit = \"TFLOP/s\"", "unit = \"GB/s\""),
            "19:47: unit 'GB/s' is not one for flop_per_second");
  EXPECT_EQ(refusal_of_mapping("tool_version", "version"), "2:11: key 'version' is not known here");
  EXPECT_EQ(refusal_of_mapping("tool = \"torch-benchmark\"\n", ""), "0:0: 'tool' is missing");
}

TEST_F(MappedCsv, AColumnThatTheTableLacksIsNamed) {
  EXPECT_THAT(refusal_of([&] { read_text("csv", edited("measured.csv", "p50_us", "p51_us"), options_); }),
              HasSubstr("column 'p50_us' is missing"));
}

}  // namespace
}  // namespace gpubench::imports
