#include <gmock/gmock.h>

#include "import_fixture.hpp"

namespace gpubench::imports {
namespace {

using testing::HasSubstr;

TEST(BabelStream, TextGivesTheBestRateAndNoBytesSinceItRoundsTheSize) {
  const auto run = import_data("babelstream.txt").run;
  const auto& m = find(run, "stream_triad/array_size:268.4 MB (=0.3 GB)", "gpu0");
  EXPECT_DOUBLE_EQ(*m.rate.bytes_per_second, 3221225.472e6);
  EXPECT_FALSE(m.work.bytes);
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.min, 250000);
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.mean, 260000);
  EXPECT_EQ(m.reported->time_ns.n, 99U);  // the first of 100 is dropped
  EXPECT_FALSE(m.reported->time_ns.median);
  EXPECT_THAT(m.warnings.at(0), HasSubstr("smallest time"));
  EXPECT_EQ(run.environment.gpus.at(0).name, "NVIDIA H100 80GB HBM3");
}

TEST(BabelStream, MebibytesAreConvertedByTheirHeader) {
  const auto content = read_text("babelstream", edited("babelstream.txt", "MBytes/sec  Min", "MiBytes/sec  Min"));
  EXPECT_DOUBLE_EQ(*content.measurements[1].rate.bytes_per_second, 3221225.472 * 1048576);
}

TEST(BabelStream, FloatsAreNotOurStream) {
  const auto content = read_text("babelstream", edited("babelstream.txt", "Precision: double", "Precision: float"));
  EXPECT_EQ(content.measurements[1].benchmark, "babelstream_triad");
}

TEST(BabelStream, CsvHasTheExactSizeAndSoTheBytesOfEachKernel) {
  import_options options;
  options.gpu = "H100";
  const auto run = import_data("babelstream.csv", options).run;
  const auto& triad = find(run, "stream_triad/array_bytes:268435456", "gpu0");
  EXPECT_DOUBLE_EQ(*triad.work.bytes, 3.0 * 268435456);
  EXPECT_DOUBLE_EQ(*find(run, "babelstream_nstream/array_bytes:268435456", "gpu0").work.bytes, 4.0 * 268435456);
  EXPECT_NEAR(*triad.work.bytes / *triad.reported->time_ns.min, *triad.rate.bytes_per_second / 1e9, 1e-6);
}

TEST(BabelStream, ExchangedPhasesAreLeftOutAndNamed) {
  for (const auto* name : {"babelstream.txt", "babelstream.csv"})
    EXPECT_TRUE(has_note(import_data(name).notes, "Init and Read are left out")) << name;
}

TEST(BabelStream, ACsvDoesNotSayTheDevice) {
  const auto result = import_data("babelstream.csv");
  EXPECT_EQ(result.run.measurements.front().device, "unknown");
  EXPECT_TRUE(has_note(result.notes, "--gpu NAME"));
}

TEST(BabelStream, ACellOfTheSecondTableIsPointedAtInTheWholeFile) {
  EXPECT_EQ(refusal_of([] { read_text("babelstream", edited("babelstream.csv", "0.00025,0.0003", "fast,0.0003")); }),
            "6:34: min_runtime 'fast' is not a number");
}

TEST(BabelStream, TheBackEndIsThatOfItsImplementation) {
  const auto backend = [](const std::string& implementation) {
    return read_text("babelstream",
                     edited("babelstream.txt", "Implementation: CUDA", "Implementation: " + implementation))
        .measurements.at(0)
        .backend;
  };
  EXPECT_EQ(backend("CUDA"), "cuda");
  EXPECT_EQ(backend("HIP"), "rocm");
  EXPECT_EQ(backend("SYCL2020 USM"), "sycl");
}

}  // namespace
}  // namespace gpubench::imports
