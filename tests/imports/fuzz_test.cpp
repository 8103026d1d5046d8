// Seeded mutations of the fixtures: whatever a file holds, an importer gives a run that can be written and read back,
// or refuses it as wrong input. Never another error, never a crash.
#include <array>
#include <filesystem>
#include <random>
#include <vector>

#include "import_fixture.hpp"
#include "imports/column_mapping.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::imports {
namespace {

constexpr int mutations_of_a_file = 400;

class mutator {
 public:
  explicit mutator(unsigned seed) : random_(seed) {}

  std::string operator()(std::string text) {
    const auto changes = 1 + below(4);
    for (std::size_t i = 0; i < changes; ++i) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }

  void change(std::string& text) {
    static const std::array<std::string, 20> pieces{"\"",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    ",",
                                                    ":",
                                                    "\n",
                                                    "-1",
                                                    "1e400",
                                                    "NaN",
                                                    "null",
                                                    "9223372036854775808",
                                                    "0",
                                                    "<script>alert(1)</script>",
                                                    "=HYPERLINK(\"http://x\")",
                                                    "\xFF",
                                                    std::string(1, '\0'),
                                                    "N/A",
                                                    "-"};
    if (text.empty()) return;
    const auto at = below(text.size());
    switch (below(7)) {
      case 0:
        text.resize(at);
        break;
      case 1:
        text.erase(at, 1 + below(20));
        break;
      case 2:
        text.insert(at, pieces[below(pieces.size())]);
        break;
      case 3:
        text[at] = static_cast<char>(below(256));
        break;
      case 4:
        text.insert(at, text.substr(below(text.size()), 1 + below(60)));
        break;
      case 5:
        replace_number(text, at, pieces[below(pieces.size())]);
        break;
      default:
        erase_line(text, at);
    }
  }

  static void replace_number(std::string& text, std::size_t at, const std::string& by) {
    const auto begin = text.find_first_of("0123456789", at);
    if (begin == std::string::npos) return;
    const auto end = std::min(text.find_first_not_of("0123456789.eE+-", begin), text.size());
    text.replace(begin, end - begin, by);
  }

  static void erase_line(std::string& text, std::size_t at) {
    const auto before = text.rfind('\n', at);
    const auto begin = before == std::string::npos ? 0 : before + 1;
    const auto end = std::min(text.find('\n', at), text.size() - 1);
    if (begin <= end) text.erase(begin, end - begin + 1);
  }

  std::mt19937 random_;
};

struct outcome {
  int runs = 0, refusals = 0;
};

// One mutated file, with those before it of the same machine, through everything that an import does with it.
void try_files(const std::string& format, const std::vector<std::filesystem::path>& files, const std::string& text,
               const import_options& options, outcome& count) {
  const auto name = files.back().filename().string();
  try {
    const auto result = import_files(format, files, options, "2026-11-26T12:00:00Z");
    EXPECT_EQ(result.places.size(), result.run.measurements.size()) << text;
    for (const auto& place : result.places) EXPECT_FALSE(place().file.empty()) << text;
    const auto written = results::to_json(result.run).dump();
    EXPECT_EQ(results::to_json(results::run_from_json(json::parse(written), name)).dump(), written) << text;
    ++count.runs;
  } catch (const error& e) {
    EXPECT_TRUE(e.kind() == error_kind::input) << e.describe() << "\n" << text;
    ++count.refusals;
  } catch (const std::exception& e) {
    ADD_FAILURE() << name << ": " << e.what() << "\n" << text;
  }
}

struct fuzzed_file {
  const char* name;
  const char* format;
};

class Fuzz : public testing::TestWithParam<fuzzed_file> {};

TEST_P(Fuzz, AMutatedFileIsAValidRunOrAnInputError) {
  const auto& [name, format] = GetParam();
  import_options options;
  if (std::string(format) == "csv") options.mapping = data_file("measured.toml");
  const auto original = read_file(data_file(name));
  const temporary_folder folder;
  const std::string samples = "nvbench.json-bin";  // the folder that nvbench.json names
  std::filesystem::copy(data_file(samples), folder.path() / samples, std::filesystem::copy_options::recursive);
  outcome count;
  mutator mutate(20261126);
  for (int i = 0; i < mutations_of_a_file && !HasFailure(); ++i) {
    const auto text = mutate(original);
    const auto mutated = folder.write(name, text);
    // Some beside the file that it was: both may say the same of their machine, or contradict each other.
    constexpr int beside_another = 4;
    std::vector<std::filesystem::path> files{mutated};
    if (i % beside_another == 0) files.insert(files.begin(), data_file(name));
    try_files(format, files, text, options, count);
    std::filesystem::remove(mutated);  // a file that is written over is flushed to the disk by some file systems
  }
  // Mutations that all pass or all fail would show nothing.
  EXPECT_GT(count.runs, mutations_of_a_file / 50);
  EXPECT_GT(count.refusals, mutations_of_a_file / 50);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, Fuzz,
    testing::Values(fuzzed_file{"nccl_tests.txt", "nccl-tests"}, fuzzed_file{"nccl_tests.json", "nccl-tests"},
                    fuzzed_file{"nvbandwidth.txt", "nvbandwidth"}, fuzzed_file{"nvbandwidth.json", "nvbandwidth"},
                    fuzzed_file{"nvbench.json", "nvbench"}, fuzzed_file{"google_benchmark.json", "google-benchmark"},
                    fuzzed_file{"babelstream.txt", "babelstream"}, fuzzed_file{"babelstream.csv", "babelstream"},
                    fuzzed_file{"superbench.jsonl", "superbench"}, fuzzed_file{"dcgm.json", "dcgm"},
                    fuzzed_file{"dcgm_3.json", "dcgm"}, fuzzed_file{"llama_bench.json", "llama-bench"},
                    fuzzed_file{"llama_bench.jsonl", "llama-bench"}, fuzzed_file{"llama_bench.csv", "llama-bench"},
                    fuzzed_file{"measured.csv", "csv"}),
    [](const auto& one) {
      std::string name = one.param.name;
      for (char& c : name)
        if (c == '.') c = '_';
      return name;
    });

TEST(FuzzMapping, AMutatedMappingIsReadOrRefusedAsInput) {
  const auto original = read_file(data_file("measured.toml"));
  const temporary_folder folder;
  mutator mutate(7);
  int refused = 0;
  for (int i = 0; i < mutations_of_a_file; ++i) {
    const auto path = folder.write("mapping.toml", mutate(original));
    try {
      load_column_mapping(path);
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::input) << e.describe();
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace gpubench::imports
