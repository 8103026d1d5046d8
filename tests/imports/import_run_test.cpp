#include <gmock/gmock.h>

#include <set>

#include "import_fixture.hpp"
#include "imports/stated_time.hpp"
#include "imports/units.hpp"

namespace gpubench::imports {
namespace {

using testing::HasSubstr;

const std::vector<std::pair<std::string, std::string>>& fixtures() {
  static const std::vector<std::pair<std::string, std::string>> all{{"nccl_tests.txt", "nccl-tests"},
                                                                    {"nccl_tests.json", "nccl-tests"},
                                                                    {"nvbandwidth.txt", "nvbandwidth"},
                                                                    {"nvbandwidth.json", "nvbandwidth"},
                                                                    {"nvbench.json", "nvbench"},
                                                                    {"google_benchmark.json", "google-benchmark"},
                                                                    {"babelstream.txt", "babelstream"},
                                                                    {"babelstream.csv", "babelstream"},
                                                                    {"superbench.jsonl", "superbench"},
                                                                    {"dcgm.json", "dcgm"},
                                                                    {"dcgm_3.json", "dcgm"},
                                                                    {"llama_bench.json", "llama-bench"},
                                                                    {"llama_bench.jsonl", "llama-bench"},
                                                                    {"llama_bench.csv", "llama-bench"}};
  return all;
}

TEST(Import, TellsEveryFormatFromItsContent) {
  for (const auto& [name, format] : fixtures())
    EXPECT_EQ(detect_importer(source_file::load(data_file(name))).name, format) << name;
}

TEST(Import, HasAFixtureForEveryFormatThatCanBeTold) {
  std::set<std::string> tested{"csv"}, registered;
  for (const auto& [name, format] : fixtures()) tested.insert(format);
  for (const auto& one : importers()) registered.insert(one.name);
  EXPECT_EQ(tested, registered);
}

TEST(Import, EveryRunIsReadBackAsItWasWritten) {
  for (const auto& [name, format] : fixtures()) {
    const auto run = import_data(name).run;
    EXPECT_EQ(results::run_from_json(results::to_json(run), name), run) << name;
  }
}

TEST(Import, NeverStatesAStatisticThatTheFileDoesNotHave) {
  for (const auto& [name, format] : fixtures()) {
    for (const auto& m : import_data(name).run.measurements) {
      EXPECT_EQ(m.time_ns.has_value(), !m.samples_ns.empty()) << name << ": " << results::full_name(m);
      EXPECT_FALSE(m.stopped_by) << name;
      EXPECT_FALSE(m.peak) << name;
    }
  }
}

TEST(Import, RefusesAContentThatTwoFormatsRecognize) {
  const auto text = read_file(data_file("nccl_tests.txt")) + read_file(data_file("nvbandwidth.txt"));
  EXPECT_THAT(refusal_of([&] { detect_importer(source_file("both.txt", text)); }),
              HasSubstr("could be of nccl-tests or of nvbandwidth"));
}

TEST(Import, TellsABrokenJsonFileByItsPlace) {
  EXPECT_THAT(refusal_of([] { detect_importer(source_file("broken.json", "{\n \"a\": [1, 2\n")); }),
              HasSubstr("the JSON text ends in the middle"));
  EXPECT_THAT(refusal_of([] { detect_importer(source_file("other.json", "{\"a\": 1,\n \"b\": 2}")); }),
              HasSubstr("of no format that can be told"));
}

TEST(Import, ATableThatStopsWithinItsLastNumberIsRefused) {
  import_options options;
  options.mapping = data_file("measured.toml");
  for (const auto& [format, name] :
       {std::pair("babelstream", "babelstream.csv"), {"llama-bench", "llama_bench.csv"}, {"csv", "measured.csv"}}) {
    const auto whole = read_file(data_file(name));
    EXPECT_NO_THROW(read_text(format, whole, options)) << name;
    EXPECT_THAT(refusal_of([&] { read_text(format, whole.substr(0, whole.size() - 1), options); }),
                HasSubstr(": the row stops without a line end: it may be cut off"))
        << name;
  }
}

TEST(Import, SeveralFilesOfOneMachineAreOneRun) {
  const auto result =
      import_files({}, {data_file("nvbandwidth.txt"), data_file("nccl_tests.txt")}, {}, "2026-11-26T12:00:00Z");
  EXPECT_EQ(result.run.environment.gpus.size(), 4U);
  ASSERT_EQ(result.run.provenance->sources.size(), 2U);
  EXPECT_EQ(results::tools_of(*result.run.provenance), "nvbandwidth v0.8, nccl-tests 2.17.6");
}

TEST(Import, FilesOfDifferentMachinesAreRefused) {
  EXPECT_THAT(
      refusal_of([] {
        import_files({}, {data_file("nccl_tests.txt"), data_file("nccl_tests.json")}, {}, "2026-11-26T12:00:00Z");
      }),
      HasSubstr("4:116: names GPU 0 NVIDIA L4, another file NVIDIA H100 80GB HBM3"));
}

TEST(Import, AMeasurementThatStandsTwiceIsNamed) {
  const auto result =
      import_files({}, {data_file("dcgm_3.json"), data_file("dcgm_3.json")}, {}, "2026-11-26T12:00:00Z");
  EXPECT_TRUE(has_note(result.notes, "stands more than once: dcgm_gpu_memory/category:Hardware on gpu0"));
}

TEST(Import, AnUnknownFormatIsRefusedWithTheNearestName) {
  try {
    find_importer("nccltests");
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::usage);
    EXPECT_EQ(e.hint(), "did you mean 'nccl-tests'?");
  }
}

TEST(StatedTime, OnlyATimeWithItsZoneIsUtc) {
  EXPECT_EQ(stated_utc("2026-03-01T12:30:00+01:00"), "2026-03-01T11:30:00Z");
  EXPECT_EQ(stated_utc("2025-12-31T23:30:00-05:30"), "2026-01-01T05:00:00Z");
  EXPECT_EQ(stated_utc("2024-02-29T00:00:00.123Z"), "2024-02-29T00:00:00Z");
  for (const auto* text : {"2026-03-01T12:30:00", "2026-03-01 12:30:00Z", "2026-02-30T12:30:00Z",
                           "2026-03-01T25:30:00Z", "2026-03-01T12:30:00+1:00", "yesterday", ""})
    EXPECT_FALSE(stated_utc(text)) << text;
}

TEST(Units, DecimalAndBinaryPrefixesAreTwoThings) {
  EXPECT_DOUBLE_EQ(find_unit("GB/s")->factor, 1e9);
  EXPECT_DOUBLE_EQ(find_unit("GiB/s")->factor, 1073741824.0);
  EXPECT_EQ(find_unit("gb/s"), nullptr) << "Gb/s would be bits";
  EXPECT_EQ(find_unit("Gb/s"), nullptr);
}

}  // namespace
}  // namespace gpubench::imports
