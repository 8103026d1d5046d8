#include <gmock/gmock.h>

#include <bit>
#include <cstdint>

#include "import_fixture.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::imports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Contradictions : public testing::Test {
 protected:
  import_result import(const std::string& format, const std::string& name, const std::string& text) {
    return import_files(format, {folder_.write(name, text)}, options_, "2026-11-26T12:00:00Z");
  }
  std::string refusal(const std::string& format, const std::string& name, const std::string& text) {
    return refusal_of([&] { import(format, name, text); });
  }

  import_options options_;
  temporary_folder folder_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string samples_of(float seconds) {
  std::string bytes;
  const auto bits = std::bit_cast<std::uint32_t>(seconds);
  for (int sample = 0; sample < 4; ++sample)
    for (int byte = 0; byte < 4; ++byte) bytes += static_cast<char>(bits >> (8 * byte) & 0xFF);
  return bytes;
}

TEST_F(Contradictions, TimesAThousandTimesTooLongUnderTheStatedRateAreRefused) {
  const auto row = std::string("Triad,100,33554432,8,3221225.472,");
  EXPECT_EQ(
      refusal("babelstream", "b.csv", edited("babelstream.csv", row + "0.00025,0.0003,0.00026", row + "0.25,0.3,0.26")),
      "6:22: stream_triad/array_bytes:268435456: 3,220,000,000,000 bytes/s are stated, but work over time gives "
      "3,220,000,000");
  // The text rounds its arrays, which tells a wrong unit all the same.
  EXPECT_THAT(
      refusal("babelstream", "b.txt", edited("babelstream.txt", "0.00025     0.00030     0.00026", "0.25 0.30 0.26")),
      HasSubstr("bytes/s are stated, but work over time gives"));
}

TEST_F(Contradictions, ARateOfAnotherUnitThanSamplesAndMeanTimeIsRefused) {
  auto text =
      edited("llama_bench.json", "\"avg_ns\": 50000000, \"stddev_ns\": 1000000", "\"avg_ns\": 50, \"stddev_ns\": 1");
  text = replaced(text, "[49000000, 50000000, 51000000]", "[49, 50, 51]");
  EXPECT_THAT(refusal("llama-bench", "l.json", text),
              HasSubstr("10,200 items/s are stated, but work over time gives 10,000,000,000"));
  text = edited("llama_bench.csv", "\"50000000\",\"1000000\"", "\"50\",\"1\"");
  EXPECT_THAT(refusal("llama-bench", "l.csv", text), HasSubstr("10,200 items/s are stated, but work over time gives"));
}

TEST_F(Contradictions, SamplesThatAreNotThoseOfTheStatedMeanAreRefused) {
  const auto text = read_file(data_file("nvbench.json"));
  for (const float seconds : {1.0F, 0.0F}) {
    folder_.write("nvbench.json-bin/0.bin", samples_of(seconds));
    EXPECT_THAT(refusal("nvbench", "nvbench.json", text),
                HasSubstr("time of 10,000 ns is stated, but the samples give"));
  }
  folder_.write("nvbench.json-bin/0.bin", samples_of(1e-5F));
  EXPECT_THAT(import("nvbench", "nvbench.json", text).run.measurements.at(0).warnings, IsEmpty());
}

TEST_F(Contradictions, SingleIterationsOfNcclAreHeldAgainstItsTimeAndItsBandwidth) {
  const std::string single = "\"times_us\":[98.0,100.0,100.0,104.0]", short_ones = "\"times_us\":[1.0,1.0,1.0,1.0]";
  const auto text = edited("nccl_tests.json", single, short_ones);
  EXPECT_THAT(refusal("nccl-tests", "n.json", text),
              HasSubstr("mean time of 100,000 ns is stated, but the samples give 1,000 ns"));
  EXPECT_THAT(refusal("nccl-tests", "n.json", replaced(text, "\"time\":100.000000", "\"time\":1.0")),
              HasSubstr("bytes/s are stated, but work over time gives"));
}

TEST_F(Contradictions, WhatIsBetweenTwoAndTenTimesApartIsWarnedOf) {
  const auto rated = [&](const char* rate) {
    const auto text = edited("llama_bench.json", "\"avg_ts\": 10240.0", std::string("\"avg_ts\": ") + rate);
    return import("llama-bench", "l.json", text).run.measurements.at(0).warnings;
  };
  EXPECT_THAT(rated("20000"), IsEmpty());
  EXPECT_THAT(rated("30000"), ElementsAre("30,000 items/s are stated, but work over time gives 10,400"));
  EXPECT_THAT(rated("3000"), ElementsAre("3,000 items/s are stated, but work over time gives 10,000"));
}

TEST_F(Contradictions, TheWorkThatATableStatesCounts) {
  const std::string mapping = R"(tool = "t"
benchmark = "scan"
[time]
mean = { column = "t", unit = "us" }
[rates]
bytes_per_second = { column = "gbs", unit = "GB/s" }
[work]
bytes = { column = "b", unit = "MB" }
)";
  options_.mapping = folder_.write("map.toml", mapping);
  EXPECT_THAT(import("csv", "t.csv", "t,gbs,b\n100,10,1\n").run.measurements.at(0).warnings, IsEmpty());
  for (const auto* unit : {"ns", "ms", "s"}) {
    options_.mapping =
        folder_.write("map.toml", replaced(mapping, "unit = \"us\"", std::string("unit = \"") + unit + "\""));
    EXPECT_THAT(refusal("csv", "t.csv", "t,gbs,b\n100,10,1\n"),
                HasSubstr("2:1: scan: 10,000,000,000 bytes/s are stated"));
  }
}

}  // namespace
}  // namespace gpubench::imports
